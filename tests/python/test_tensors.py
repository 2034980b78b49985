"""Tensors in Python, against NumPy: which elements a rank has, what its views are, how shapes are passed."""

import itertools
from typing import Any, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "replicated"]


def positions(partition: str, extent: int, parts: int, part: int, block: int) -> np.ndarray:
    """The indices along one dimension that a part has."""
    indices = np.arange(extent)
    if partition == "block":
        return np.array_split(indices, parts)[part]
    if partition == "cyclic":
        return indices[indices % parts == part]
    if partition == "block_cyclic":
        return indices[indices // block % parts == part]
    return indices


def local_part(whole: np.ndarray, partitions: List[str], grid: Tuple[int, ...], rank: int, block: int) -> np.ndarray:
    """The elements of `whole` that a rank has."""
    coordinates = np.unravel_index(rank, grid)
    chosen = [
        positions(partition, extent, parts, int(part), block)
        for partition, extent, parts, part in zip(partitions, whole.shape, grid, coordinates)
    ]
    return whole[np.ix_(*chosen)]


@pytest.mark.parametrize("shape", [(7,), (5, 3), (4, 1, 6), (2, 0, 3), (2, 3, 2, 2)])
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_each_rank_has_its_block(shape: Tuple[int, ...], ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        whole = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        for partitions in itertools.islice(itertools.product(PARTITIONS, repeat=len(shape)), 0, 40, 3):
            grid = dtl.DistributedTensor(ctx, shape, grid=(0,) * len(shape)).process_grid
            assert np.prod(grid) == ranks
            tensor = dtl.DistributedTensor(ctx, shape, "int64", partition=list(partitions), grid=grid, block_size=2)
            expected = local_part(whole, list(partitions), grid, ctx.rank, 2)
            assert tensor.shape == shape and tensor.ndim == len(shape)
            assert tensor.local_shape == expected.shape
            assert [policy.name.lower() for policy in tensor.partition_policies] == list(partitions)
            view = tensor.local_view()
            assert view.shape == expected.shape and view.flags.c_contiguous
            tensor.from_numpy(expected)
            np.testing.assert_array_equal(view, expected)
            np.testing.assert_array_equal(tensor.to_numpy(), expected)
            assert all(tensor.stride(d) * 8 == view.strides[d] for d in range(len(shape)) if view.size)
            if view.size:
                last = tuple(extent - 1 for extent in view.shape)
                assert tensor.get_local_nd(last) == expected[last] == tensor.get_local(view.size - 1)
                tensor.set_local_nd(last, -1)
                assert view[last] == -1
                tensor.set_local(0, -2)
                assert view.flat[0] == -2

    on_ranks(ranks, program)


def test_redistribution_keeps_elements() -> None:
    def program(ctx: dtl.Context) -> None:
        whole = np.arange(35, dtype=np.int32).reshape(5, 7)
        tensor = dtl.DistributedTensor(ctx, (5, 7), "int32")
        tensor.from_numpy(local_part(whole, ["block", "block"], (4, 1), ctx.rank, 1))
        for partitions, grid in [(["cyclic", "block"], (2, 2)), (["block", "block_cyclic"], (1, 4)), (["block"] * 2, (4, 1))]:
            tensor.redistribute(partitions, grid=grid, block_size=3)
            np.testing.assert_array_equal(tensor.local_view(), local_part(whole, partitions, grid, ctx.rank, 3))

    on_ranks(4, program)


def test_owners_are_those_of_the_parts() -> None:
    def program(ctx: dtl.Context) -> List[int]:
        tensor = dtl.DistributedTensor(ctx, (3, 4), partition=("cyclic", "block"), grid=(2, 2))
        return [tensor.owner(index) for index in np.ndindex(3, 4)]

    told = on_ranks(4, program)
    whole = np.arange(12).reshape(3, 4)
    for rank in range(4):
        own = local_part(whole, ["cyclic", "block"], (2, 2), rank, 1).ravel().tolist()
        assert [number for number, owner in enumerate(told[0]) if owner == rank] == own
    assert all(answer == told[0] for answer in told)


@pytest.mark.parametrize("shape", [4, (4,), [4], np.array([4]), np.int64(4)])
def test_a_shape_is_a_sequence_or_one_number(shape: Any) -> None:
    assert dtl.DistributedTensor(alone(), shape).shape == (4,)


@pytest.mark.parametrize(
    "shape, error, message",
    [
        ((), dtl.InvalidArgumentError, "0 dimensions"),
        ((1,) * 9, dtl.InvalidArgumentError, "9 dimensions"),
        ((2, -1), dtl.InvalidArgumentError, "shape is -1"),
        ((2, 1.5), TypeError, "1.5"),
        ("4", TypeError, "'4'"),
        ((2**40, 2**40), dtl.InvalidArgumentError, "shape"),
    ],
)
def test_what_is_no_shape_is_refused(shape: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        dtl.DistributedTensor(alone(), shape)


def test_ranks_must_agree_on_the_shape() -> None:
    def program(ctx: dtl.Context) -> None:
        with pytest.raises(dtl.CommunicationError, match="shape differs"):
            dtl.DistributedTensor(ctx, (3, 2 + ctx.rank))
        ctx.barrier()

    on_ranks(2, program)


def test_what_does_not_fit_the_dimensions_is_refused() -> None:
    tensor = dtl.DistributedTensor(alone(), (3, 2))
    with pytest.raises(dtl.InvalidArgumentError, match="grid"):
        dtl.DistributedTensor(alone(), (3, 2), grid=(2, 1))
    with pytest.raises(dtl.InvalidArgumentError, match="partition has 3"):
        dtl.DistributedTensor(alone(), (3, 2), partition=["block"] * 3)
    with pytest.raises(dtl.InvalidArgumentError, match="1 dimensions"):
        tensor.get_local_nd(1)
    with pytest.raises(dtl.BoundsError, match="along dimension 1"):
        tensor.get_local_nd((0, 2))
    with pytest.raises(dtl.BoundsError):
        tensor.dim(2)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("partition", ["block", "block_cyclic", ("cyclic", "block_cyclic")])
@pytest.mark.parametrize("block_size", [0, (1, 0), (0, 0)])
def test_no_block_is_empty(block_size: Any, partition: Any, size: int) -> None:
    """Also where one rank alone says so: every rank gets the error, and the context goes on."""

    def rank(ctx: dtl.Context) -> None:
        tensor = dtl.DistributedTensor(ctx, (4, 3))
        for own in (block_size, block_size if ctx.rank == size - 1 else 1):
            with pytest.raises(dtl.InvalidArgumentError, match=r"block_size is \[.*0.*\]; pass a number"):
                dtl.DistributedTensor(ctx, (4, 3), partition=partition, block_size=own)
            with pytest.raises(dtl.InvalidArgumentError, match=r"block_size is \[.*0.*\]; pass a number"):
                tensor.redistribute(partition, block_size=own)
        assert dtl.allreduce(ctx, 1) == size

    on_ranks(size, rank)
