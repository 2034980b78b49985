"""The smallest and largest values over all ranks and the ranks that have them, against NumPy's over what all ranks pass."""

from typing import Any, Callable, Tuple

import numpy as np
import pytest

import dtl
from ranks import on_ranks

RANKS = [1, 2, 4]

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
SHAPES = [(), (0,), (1,), (3, 4), (5, 0), (7_001,), (300, 1_000)]
SEARCHES = [(dtl.allreduce_minloc, np.argmin), (dtl.allreduce_maxloc, np.argmax)]


def values_of(rank: int, shape: Tuple[int, ...], dtype: str) -> np.ndarray:
    """Few different values, so that ranks tie, and some NaNs among floating-point numbers."""
    random = np.random.default_rng(1000 * rank + len(shape))
    values = random.integers(0, 5, shape).astype(dtype)
    if np.dtype(dtype).kind == "f":
        values = np.where(random.random(shape) < 0.1, np.array(np.nan, dtype), values).astype(dtype)
    return values


def expected(size: int, shape: Tuple[int, ...], dtype: str, place_of: Callable[..., Any]) -> Tuple[Any, Any]:
    """NumPy's first place along the ranks; its `argmin` and `argmax` give that of the first NaN where there is one."""
    stack = np.stack([values_of(rank, shape, dtype) for rank in range(size)])
    ranks = place_of(stack, axis=0)
    return np.take_along_axis(stack, np.expand_dims(ranks, 0), 0)[0], ranks


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, "bool"])
@pytest.mark.parametrize("search, place_of", SEARCHES)
def test_values_and_ranks_are_those_of_numpy(search: Any, place_of: Any, dtype: str, size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        for shape in SHAPES:
            values, ranks = search(ctx, values_of(ctx.rank, shape, dtype))
            right, places = expected(size, shape, dtype, place_of)
            assert np.shape(values) == np.shape(ranks) == shape
            assert np.asarray(values).dtype == dtype and np.asarray(ranks).dtype == np.int32
            np.testing.assert_array_equal(values, right)
            np.testing.assert_array_equal(ranks, places)

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize(
    "search, issue",
    [(dtl.allreduce_minloc, dtl.iallreduce_minloc), (dtl.allreduce_maxloc, dtl.iallreduce_maxloc)],
)
def test_requests_give_the_same_each_time(search: Any, issue: Any, size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        for shape in SHAPES:
            data = values_of(ctx.rank, shape, "float64")
            request = issue(ctx, data)
            right = search(ctx, data)
            for _ in range(2):
                found = request.wait()
                assert isinstance(found, tuple)
                np.testing.assert_array_equal(found[0], right[0])
                np.testing.assert_array_equal(found[1], right[1])

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
def test_out_is_filled_and_returned(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        data = values_of(ctx.rank, (3, 4), "float32")
        right, places = expected(size, (3, 4), "float32", np.argmin)
        out = (np.empty((3, 4), "float32"), np.empty((3, 4), "int32"))
        found = dtl.allreduce_minloc(ctx, data, out=out)
        assert found[0] is out[0] and found[1] is out[1]
        np.testing.assert_array_equal(out[0], right)
        np.testing.assert_array_equal(out[1], places)
        ranks = np.empty((3, 4), "int32")
        dtl.allreduce_minloc(ctx, data, out=(data, ranks))
        np.testing.assert_array_equal(data, right)
        np.testing.assert_array_equal(ranks, places)
        issued = dtl.iallreduce_maxloc(ctx, values_of(ctx.rank, (3, 4), "float32"), out=out).wait()
        assert issued[0] is out[0] and issued[1] is out[1]
        np.testing.assert_array_equal(out[1], expected(size, (3, 4), "float32", np.argmax)[1])

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
def test_strided_arrays_and_scalars(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        wide = np.arange(40.0).reshape(4, 10) * (-1) ** ctx.rank
        values, ranks = dtl.allreduce_maxloc(ctx, wide[::2, ::3])
        np.testing.assert_array_equal(values, np.abs(wide[::2, ::3]))
        np.testing.assert_array_equal(ranks, 0)
        value, rank = dtl.allreduce_maxloc(ctx, float(ctx.rank))
        assert (value, rank) == (size - 1.0, size - 1)
        assert type(value) is float and type(rank) is int
        assert dtl.allreduce_minloc(ctx, 3) == (3, 0)

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
def test_what_is_refused(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        search: Any = dtl.allreduce_minloc
        with pytest.raises(dtl.DTLError, match="complex128"):
            search(ctx, np.ones(3, "complex128"))
        with pytest.raises((TypeError, dtl.DTLError), match="out is .*must be a tuple of two NumPy arrays"):
            search(ctx, np.ones(3), out=np.empty(3))
        with pytest.raises(dtl.InvalidArgumentError, match="out.1. has elements of type int64, but the result has int32"):
            search(ctx, np.ones(3), out=(np.empty(3), np.empty(3, "int64")))
        with pytest.raises(dtl.DTLError, match="out.0. has the shape .2., but the result has .3."):
            search(ctx, np.ones(3), out=(np.empty(2), np.empty(3, "int32")))
        with pytest.raises((TypeError, dtl.DTLError), match="out.0. is None .*must be a NumPy array"):
            search(ctx, np.ones(3), out=(None, np.empty(3, "int32")))
        same = np.empty(3, "int32")
        with pytest.raises(dtl.InvalidArgumentError, match="share memory"):
            search(ctx, np.ones(3, "int32"), out=(same, same))
        for op in ["minloc", "maxloc"]:
            with pytest.raises(dtl.DTLError, match=f"call allreduce_{op}"):
                dtl.allreduce(ctx, np.ones(3), op=op)
        assert dtl.allreduce(ctx, 1) == size

    on_ranks(size, rank)
