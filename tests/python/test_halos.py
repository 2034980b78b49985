"""Halos in Python against numpy.pad: which elements stand around a rank's part, in one to three dimensions."""

import itertools
from typing import Any, Tuple

import numpy as np
import pytest

import dtl
from ranks import on_ranks

#: What numpy.pad calls each boundary.
PAD = {"periodic": "wrap", "reflect": "reflect", "constant": "constant"}


def padded_part(tensor: Any, whole: np.ndarray, width: int, boundary: str) -> np.ndarray:
    """This rank's part of an array and what stands around it."""
    options: Any = {"constant_values": -1} if boundary == "constant" else {}
    padded = np.pad(whole, width, mode=PAD[boundary], **options)
    for axis, (offset, extent) in enumerate(zip(tensor.local_offsets, tensor.local_shape)):
        padded = padded.take(np.arange(offset, offset + (extent + 2 * width if extent else 0)), axis=axis)
    return padded


@pytest.mark.parametrize("boundary", sorted(PAD))
@pytest.mark.parametrize("shape", [(9,), (5, 6), (4, 3, 5), (2, 2)])
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_ghosts_are_what_numpy_pads_with(ranks: int, shape: Tuple[int, ...], boundary: str) -> None:
    def program(ctx: dtl.Context) -> None:
        whole = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
        for width, grid in itertools.product([0, 1, 2], [None, (0,) * len(shape)]):
            if boundary == "reflect" and width > min(shape) - 1:
                continue  # old versions of NumPy differ there
            tensor = dtl.DistributedTensor(ctx, shape, grid=grid)
            tensor.from_global(whole if ctx.is_root else None)
            halo = tensor.halo(width, boundary=boundary, value=-1)
            halo.exchange()
            view = halo.local_view()
            np.testing.assert_array_equal(view, padded_part(tensor, whole, width, boundary))
            assert halo.local_shape == view.shape and halo.width == (width,) * len(shape)
            assert halo.lower_bounds == tuple(offset - width for offset in tensor.local_offsets)

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_the_container_may_be_written_between_begin_and_end(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 10)
        halo = vec.halo(1, "periodic")
        view, local = halo.local_view(), vec.local_view()
        indices = vec.global_indices()
        for step in range(3):
            local[:] = 10 * step + indices
            halo.begin()
            local[:] = -1
            np.testing.assert_array_equal(view[1:-1], 10 * step + indices)
            assert dtl.allreduce(ctx, 1) == ranks
            halo.end()
            np.testing.assert_array_equal(view[[0, -1]], 10 * step + (indices[[0, -1]] + [-1, 1]) % 10)
        with pytest.raises(dtl.DTLError, match="no exchange has begun"):
            halo.end()
        halo.begin()
        with pytest.raises(dtl.DTLError, match="has begun and not ended"):
            halo.begin()
        halo.end()

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_the_program_owns_ghosts_without_a_boundary(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 8, fill=1.0)
        halo = vec.halo(1)
        view = halo.local_view()
        view[:] = 5.0
        halo.exchange()
        first, last = vec.is_local(0), vec.is_local(7)
        np.testing.assert_array_equal(view[[0, -1]], [5.0 if first else 1.0, 5.0 if last else 1.0])

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_a_star_leaves_corners_alone(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        tensor = dtl.DistributedTensor(ctx, (8, 8), fill=1.0, grid=(0, 0))
        halo = tensor.halo((1, 2), "periodic", stencil=dtl.STENCIL_STAR)
        halo.exchange()
        expected = np.ones(halo.local_shape)
        for rows, columns in itertools.product([slice(0, 1), slice(-1, None)], [slice(0, 2), slice(-2, None)]):
            expected[rows, columns] = 0
        np.testing.assert_array_equal(halo.local_view(), expected)

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [2, 4])
def test_mistakes_are_the_same_error_on_all_ranks(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        cyclic = dtl.DistributedVector(ctx, 8, partition="cyclic")
        with pytest.raises(dtl.NotSupportedError, match="redistribute to block first"):
            cyclic.halo(1)
        vec = dtl.DistributedVector(ctx, 8)
        with pytest.raises(dtl.InvalidArgumentError, match="width has 2 entries"):
            vec.halo((1, 1))
        with pytest.raises(dtl.InvalidArgumentError, match="boundary"):
            vec.halo(1, "mirror")
        with pytest.raises(dtl.ContractError, match="width"):
            vec.halo(1 if ctx.is_root else 2)
        halo = vec.halo(1)
        with pytest.raises(dtl.DTLError, match="view"):
            vec.redistribute("cyclic")
        del halo
        vec.redistribute("cyclic")

    on_ranks(ranks, program)
