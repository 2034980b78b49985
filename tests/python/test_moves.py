"""Elements that move between ranks, in Python, against NumPy: redistribution, sizes, shapes, arrays of everything, copies."""

import itertools
from typing import Any, List

import numpy as np
import pytest

import dtl
from ranks import on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
LINES: List[Any] = [dtl.DistributedVector, dtl.DistributedArray]


def filled(line: Any) -> Any:
    """The container with the index of each element as its value."""
    line.from_numpy(line.global_indices().astype(line.dtype))
    return line


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("kind", LINES)
def test_elements_keep_their_indices(kind: Any, ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for old, new, size in itertools.product(PARTITIONS, PARTITIONS, [0, 1, 3, 17]):
            line = filled(kind(ctx, size, "float32", partition=old, block_size=2))
            line.redistribute(new, block_size=3)
            assert line.partition_policy.name.lower() == new
            np.testing.assert_array_equal(line.to_numpy(), line.global_indices(), err_msg=f"{old} to {new}")
            assert [line.owner(i) == ctx.rank for i in range(size)] == [line.is_local(i) for i in range(size)]

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_a_new_size_keeps_the_leading_elements(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for partition, (old, new) in itertools.product(PARTITIONS, [(5, 12), (12, 5), (0, 3), (4, 0), (6, 6)]):
            vec = filled(dtl.DistributedVector(ctx, old, "int64", partition=partition, block_size=2))
            vec.resize(new)
            indices = vec.global_indices()
            assert len(vec) == new
            np.testing.assert_array_equal(vec.to_numpy(), np.where(indices < old, indices, 0))
        with pytest.raises(dtl.InvalidArgumentError, match="size"):
            vec.resize(-1)

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("dtype", ["int8", "uint16", "float64", "complex128", "bool", "float16"])
def test_one_array_of_everything(dtype: str, ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        root = ranks - 1
        for partition in PARTITIONS:
            whole = (np.arange(11) % 7).astype(dtype)
            vec = dtl.DistributedVector(ctx, 11, dtype, partition=partition, block_size=2)
            vec.from_global(whole if ctx.rank == root else None, root=root)
            np.testing.assert_array_equal(vec.to_numpy(), whole[vec.global_indices()])
            gathered = vec.gather_to(0)
            assert (gathered is None) == (ctx.rank != 0)
            if gathered is not None:
                np.testing.assert_array_equal(gathered, whole)
                assert gathered.dtype == whole.dtype
            out = np.empty(11, dtype)
            assert vec.gather_to(root, out=out) is (out if ctx.rank == root else None)
            if ctx.rank == root:
                np.testing.assert_array_equal(out, whole)

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_what_does_not_fit_is_the_same_error_on_all_ranks(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 6)
        data = np.zeros(5) if ctx.is_root else None
        with pytest.raises(dtl.InvalidArgumentError, match=r"the array has the shape \[5\], but the container has \[6\]"):
            vec.from_global(data)
        with pytest.raises(dtl.InvalidArgumentError, match="float32"):
            vec.from_global(np.zeros(6, np.float32) if ctx.is_root else None)
        with pytest.raises(dtl.InvalidArgumentError, match="root passes no array"):
            vec.from_global(None)
        with pytest.raises(dtl.InvalidArgumentError, match="root"):
            vec.gather_to(ranks)
        with pytest.raises(dtl.InvalidArgumentError, match="block_size"):
            vec.redistribute("block_cyclic", block_size=0)
        if ranks > 1:
            with pytest.raises(dtl.ContractError, match="partition"):
                vec.redistribute("cyclic" if ctx.is_root else "hash")
        vec.from_global(np.arange(6.0) if ctx.is_root else None)
        np.testing.assert_array_equal(vec.to_numpy(), vec.global_indices())

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_the_copies_of_rank_0_win(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 5, partition="replicated")
        assert not vec.is_dirty() and vec.is_clean()
        if ctx.is_root:
            vec.from_numpy(np.arange(5.0))
            assert vec.is_dirty() == (ranks > 1)
        vec.sync()
        assert vec.is_clean()
        np.testing.assert_array_equal(vec.to_numpy(), np.arange(5.0))
        vec.fill(2.0)  # the same on every rank
        vec.sync()
        if ranks > 1:
            if ctx.rank == 1:
                vec.fill(7.0)
            with pytest.raises(dtl.DTLError, match="rank 1 wrote") as caught:
                vec.sync()
            assert caught.value.status == 701
        np.testing.assert_array_equal(vec.to_numpy(), np.full(5, 2.0))
        block = dtl.DistributedVector(ctx, 5, fill=1.0)
        assert not block.is_dirty()
        block.sync()

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_tensors_change_their_shape(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        whole = np.arange(48.0).reshape(4, 3, 4)
        for grid in (None, (0, 0, 0), (1, 1, 0)):
            tensor = dtl.DistributedTensor(ctx, whole.shape, grid=grid)
            tensor.from_global(whole if ctx.is_root else None)
            tensor.reshape((6, 8), redistribute=True)
            assert tensor.shape == (6, 8) and tensor.process_grid == (ranks, 1)
            np.testing.assert_array_equal(tensor.to_numpy(), np.array_split(whole.reshape(6, 8), ranks)[ctx.rank])
            gathered = tensor.gather_to(0)
            if gathered is not None:
                np.testing.assert_array_equal(gathered, whole.reshape(6, 8))
        tensor = dtl.DistributedTensor(ctx, (4, 6))
        tensor.reshape((4, 2, 3))
        assert tensor.local_shape[1:] == (2, 3)
        with pytest.raises(dtl.InvalidArgumentError, match="25 elements"):
            tensor.reshape((5, 5))
        if ranks > 1:
            with pytest.raises(dtl.InvalidArgumentError, match="redistribute"):
                tensor.reshape((3, 8))

    on_ranks(ranks, program)
