"""Where the elements of a vector are, for every partition, against NumPy; and that the parts make up the whole."""

import numpy as np
import pytest

import dtl
from ranks import on_ranks

BLOCK = 3
SIZES = [0, 1, 5, 64, 1001]


def owners(partition: str, size: int, ranks: int) -> np.ndarray:
    """The rank of each element, by the definition of the partition."""
    index = np.arange(size)
    if partition == "block":
        return np.repeat(np.arange(ranks), [len(part) for part in np.array_split(index, ranks)])
    return index // (BLOCK if partition == "block_cyclic" else 1) % ranks


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("partition", ["block", "cyclic", "block_cyclic", "hash"])
def test_every_element_is_where_it_belongs(partition: str, size: int, ranks: int) -> None:
    def rank(ctx: dtl.Context) -> object:
        vec = dtl.DistributedVector(ctx, size, "int64", partition=partition, block_size=BLOCK)
        vec.local_view()[:] = vec.global_indices()
        owner = [vec.owner(index) for index in range(size)]
        assert [vec.is_local(index) for index in range(size)] == [other == ctx.rank for other in owner]
        for local, index in enumerate(vec.local_view()):
            assert vec.to_local(int(index)) == local and vec.to_global(local) == index
        offset = vec.local_view()[0] if vec.local_size else size
        assert vec.local_offset == offset
        return vec.local_view().copy(), owner

    results = on_ranks(ranks, rank)
    np.testing.assert_array_equal(np.sort(np.concatenate([local for local, _ in results])), np.arange(size))
    for number, (local, owner) in enumerate(results):
        np.testing.assert_array_equal(local, np.flatnonzero(np.asarray(owner) == number))
        assert owner == results[0][1]
        if partition != "hash":
            np.testing.assert_array_equal(owner, owners(partition, size, ranks))


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("size", SIZES)
def test_a_replicated_vector_is_whole_on_every_rank(size: int, ranks: int) -> None:
    def rank(ctx: dtl.Context) -> object:
        vec = dtl.DistributedVector(ctx, size, "int64", fill=7, partition="replicated")
        assert vec.global_indices().tolist() == list(range(size))
        assert all(vec.is_local(index) for index in range(size))
        return vec.local_view().tolist()

    assert on_ranks(ranks, rank) == [[7] * size] * ranks
