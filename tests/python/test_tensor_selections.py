"""Elements of tensors by their global indices, from any rank: `get` and `set` against NumPy's indexing."""

from typing import Any, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, failures_on_ranks, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "replicated"]
SHAPES = [(7,), (5, 4), (4, 1, 6), (3, 0, 2), (2, 3, 2, 3)]


def random_along(draw: np.random.Generator, extent: int) -> Any:
    """An index, or a slice, which may select nothing or go backwards."""
    if extent > 0 and draw.random() < 0.4:
        return int(draw.integers(-extent, extent))
    bounds = [None if draw.random() < 0.3 else int(draw.integers(-extent - 2, extent + 3)) for _ in range(2)]
    return slice(*bounds, draw.choice([None, 1, 2, 3, -1, -2]))


def random_key(draw: np.random.Generator, shape: Tuple[int, ...]) -> Any:
    """A key as a user may write it: not for every dimension, with an ellipsis or without, or no tuple at all."""
    keys = [random_along(draw, extent) for extent in shape]
    first = int(draw.integers(0, len(keys) + 1))
    last = int(draw.integers(first, len(keys) + 1))
    written: List[Any] = [keys, keys[:first], [*keys[:first], ..., *keys[last:]]][draw.integers(0, 3)]
    return written[0] if len(written) == 1 and draw.random() < 0.5 else tuple(written)


def made(ctx: dtl.Context, whole: np.ndarray, draw: np.random.Generator) -> Any:
    """A tensor with these elements, divided in some way."""
    tensor = dtl.DistributedTensor(
        ctx,
        whole.shape,
        whole.dtype,
        partition=[str(draw.choice(PARTITIONS)) for _ in whole.shape],
        grid=(0,) * whole.ndim,
        block_size=2,
    )
    tensor.from_global(whole if ctx.rank == 0 else None)
    return tensor


def same(found: Any, expected: Any) -> None:
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_get_gives_every_rank_what_numpy_gives(ranks: int, shape: Tuple[int, ...]) -> None:
    def program(ctx: dtl.Context) -> None:
        # Every rank draws the same.
        draw = np.random.default_rng(ranks)
        for dtype in ("float64", "bool", "complex64"):
            whole = np.asarray(draw.integers(0, 3, shape), dtype)
            tensor = made(ctx, whole, draw)
            for _ in range(25):
                key = random_key(draw, shape)
                same(tensor.get(key), whole[key])

    on_ranks(ranks, program)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_set_stores_what_numpy_stores(ranks: int, shape: Tuple[int, ...]) -> None:
    def program(ctx: dtl.Context) -> None:
        draw = np.random.default_rng(ranks)
        for round_ in range(4):
            whole = draw.integers(-99, 99, shape)
            tensor = made(ctx, whole, draw)
            for _ in range(10):
                key = random_key(draw, shape)
                selected = np.shape(whole[key])
                # What NumPy broadcasts: an extent of 1, fewer dimensions, or a number.
                extents = [extent if draw.random() < 0.7 else 1 for extent in selected]
                values = draw.integers(-99, 99, extents[int(draw.integers(0, len(extents) + 1)) :])
                tensor.set(key, values)
                whole[key] = values
                same(tensor.get(...), whole)
            tensor.set((), 7)
            same(tensor.get(()), np.full_like(whole, 7))

    on_ranks(ranks, program)


def test_elements_may_be_where_they_are_read_from() -> None:
    def program(ctx: dtl.Context) -> None:
        whole = np.arange(12.0).reshape(3, 4)
        tensor = made(ctx, whole, np.random.default_rng(0))
        tensor.set(..., tensor.get((slice(None, None, -1), slice(None, None, -1))))
        same(tensor.get(...), whole[::-1, ::-1])
        tensor.set(1, [1, 2, 3, 4.5])
        same(tensor.get(1), np.array([1, 2, 3, 4.5]))

    on_ranks(2, program)


def test_a_key_that_leaves_the_tensor_is_told_to_all() -> None:
    def get(ctx: dtl.Context) -> None:
        tensor = made(ctx, np.zeros((4, 3)), np.random.default_rng(0))
        tensor.get((0, 3 if ctx.rank == 1 else 2))

    for error in failures_on_ranks(2, get):
        assert isinstance(error, dtl.BoundsError) and isinstance(error, IndexError)
        assert "index[1] is 3, but there are 3 elements along dimension 1" in str(error)


@pytest.mark.parametrize("key", [(0, 0, 0), (..., 0, ...), (0, ..., 0, 0), (slice(None),) * 3])
def test_a_key_has_no_more_dimensions_than_the_tensor(key: Any) -> None:
    tensor = dtl.DistributedTensor(alone(), (4, 3))
    for access in (tensor.get, lambda key: tensor.set(key, 0)):
        with pytest.raises(IndexError, match="there are 2 dimensions"):
            access(key)


@pytest.mark.parametrize("key", [1.0, "a", None, True, (0, None), [0, 1], (0, [0, 1]), (0, True), ((0, 1), 0)])
def test_a_key_has_integers_and_slices(key: Any) -> None:
    with pytest.raises(TypeError, match="must be an integer"):
        dtl.DistributedTensor(alone(), (4, 3)).get(key)


def test_ranks_must_mean_the_same_elements() -> None:
    def get(ctx: dtl.Context) -> None:
        made(ctx, np.zeros((4, 3)), np.random.default_rng(0)).get((0, slice(0, ctx.rank)))

    for error in failures_on_ranks(2, get):
        assert isinstance(error, dtl.ContractError) and "count" in str(error)


def test_ranks_must_pass_the_same_values() -> None:
    def set_(ctx: dtl.Context) -> None:
        made(ctx, np.zeros((4, 3)), np.random.default_rng(0)).set(0, ctx.rank)

    for error in failures_on_ranks(2, set_):
        assert isinstance(error, dtl.ContractError) and "elements differ" in str(error)


@pytest.mark.parametrize(
    "values", [np.zeros(2), np.zeros((3, 1)), np.zeros((1, 2, 3)), np.zeros((2, 3), np.float32), [0.0, 1.0]]
)
def test_values_fit(values: Any) -> None:
    tensor = dtl.DistributedTensor(alone(), (4, 3), fill=5)
    for key in ((slice(2), slice(None)), (slice(1, None, -1), slice(None))):
        with pytest.raises(ValueError):
            tensor.set(key, values)
    assert (tensor.local_view() == 5).all()
