"""What containers of several dimensions share with NumPy's arrays: views, elements, arithmetic, reductions, pictures."""

from typing import Any

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks

CTX = alone()
SHAPE = (5, 4, 3)
LAYOUTS = [
    {},
    {"grid": (2, 2, 1)},
    {"grid": (0, 0, 0), "partition": "cyclic"},
    {"grid": (1, 4, 1), "partition": ("block", "hash", "block")},
    {"grid": (2, 1, 2), "partition": ("block_cyclic", "block", "replicated"), "block_size": 2},
    {"partition": "replicated"},
]


def whole(dtype: Any, seed: int) -> Any:
    return np.random.default_rng(seed).integers(1, 6, SHAPE).astype(dtype)


def indices(tensor: Any) -> Any:
    """The global indices that this rank has, found by asking for the owner of each element."""
    return [index for index in np.ndindex(*tensor.shape) if tensor.owner(index) == tensor.rank]


def distributed(ctx: dtl.Context, values: Any, layout: Any) -> Any:
    tensor = dtl.DistributedTensor(ctx, values.shape, values.dtype, **layout)
    local = [values[index] for index in indices(tensor)]
    tensor.from_numpy(np.array(local, values.dtype).reshape(tensor.local_shape))
    return tensor


def assert_is(tensor: Any, values: Any) -> None:
    assert isinstance(tensor, dtl.DistributedTensor)
    assert tensor.dtype == values.dtype
    assert tensor.local_view().ravel().tolist() == [values[index] for index in indices(tensor)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arithmetic(layout: Any) -> None:
    a, b = whole(np.float64, 1), whole(np.int32, 2)

    def rank(ctx: dtl.Context) -> None:
        v, w = distributed(ctx, a, layout), distributed(ctx, b, layout)
        assert_is(v + w, a + b)
        assert_is(1 - np.sqrt(v) * w, 1 - np.sqrt(a) * b)
        assert_is(v > w, a > b)
        v -= w
        assert_is(v, a - b)
        with pytest.raises(dtl.InvalidArgumentError, match="redistribute"):
            v + dtl.DistributedTensor(ctx, (5, 4, 4), **layout)

    on_ranks(4, rank)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_reductions_count_every_element_once(layout: Any) -> None:
    values = whole(np.int16, 3)

    def rank(ctx: dtl.Context) -> Any:
        tensor = distributed(ctx, values, layout)
        return tensor.sum(), tensor.min(), tensor.max(), tensor.mean(), (tensor > 5).any(), (tensor > 0).all()

    expected = (values.sum(), values.min(), values.max(), values.mean(), bool((values > 5).any()), True)
    assert on_ranks(4, rank) == [expected] * 4


@pytest.mark.parametrize("layout", LAYOUTS)
def test_elements(layout: Any) -> None:
    values = whole(np.int64, 4)

    def rank(ctx: dtl.Context) -> int:
        tensor = distributed(ctx, values, layout)
        here = 0
        for index in np.ndindex(*SHAPE):
            from_end = tuple(i - extent for i, extent in zip(index, SHAPE))
            if tensor.owner(index) == ctx.rank:
                assert tensor[index] == tensor[from_end] == values[index]
                tensor[from_end] = 0
                assert tensor[index] == 0
                here += 1
            else:
                with pytest.raises(dtl.BoundsError, match=f"on rank {tensor.owner(index)}"):
                    tensor[index]
        assert here == tensor.local_size and not tensor.local_view().any()
        for wrong in (0, (0, 0), (0, 0, 0, 0), (5, 0, 0), (0, -5, 0)):
            with pytest.raises(dtl.BoundsError):
                tensor[wrong]
        return here

    assert sum(on_ranks(4, rank)) >= values.size


def test_a_view_has_the_local_shape() -> None:
    def rank(ctx: dtl.Context) -> Any:
        tensor = dtl.DistributedTensor(ctx, (3, 0, 2), np.float32)
        view = dtl.DistributedTensor(ctx, SHAPE, np.float32, fill=1.5, grid=(0, 0, 1)).local_view()
        assert view.flags.c_contiguous and view.flags.writeable and (view == 1.5).all()
        return view.shape, tensor.local_view().shape

    assert on_ranks(4, rank) == [((3, 2, 3), (1, 0, 2))] * 2 + [((2, 2, 3), (1, 0, 2)), ((2, 2, 3), (0, 0, 2))]


def test_sizes_under_the_names_of_numpy() -> None:
    tensor, array = dtl.DistributedTensor(CTX, SHAPE, np.int16), np.zeros(SHAPE, np.int16)
    for name in ("shape", "ndim", "size", "itemsize", "nbytes", "dtype"):
        assert getattr(tensor, name) == getattr(array, name), name
    assert len(tensor) == len(array)


PICTURE = """\
shape (3, 4), int8, cyclic x block over 2 x 2 ranks
    0011
    2233
    0011
rank 0: (2, 2) elements from (0, 0) to (2, 1)
rank 1: (2, 2) elements from (0, 2) to (2, 3)
rank 2: (1, 2) elements from (1, 0) to (1, 1)
rank 3: (1, 2) elements from (1, 2) to (1, 3)
"""


def test_pictures() -> None:
    def rank(ctx: dtl.Context) -> Any:
        tensor = dtl.DistributedTensor(ctx, (3, 4), np.int8, grid=(2, 2), partition=("cyclic", "block"))
        return tensor.layout_text() + "\n", tensor._repr_html_().count("<rect "), repr(tensor)

    text, rectangles, described = on_ranks(4, rank)[3]
    assert text == PICTURE
    assert rectangles == 6
    head = PICTURE.splitlines()[0]
    assert described == f"<dtl.DistributedTensor: {head}, rank 3 has (1, 2)>"
