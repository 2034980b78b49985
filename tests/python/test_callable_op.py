"""Reductions with a function in place of an operator, against the same function over the inputs of all ranks."""

from functools import reduce as fold
from typing import Any, List

import numpy as np
import pytest

import dtl
from ranks import on_ranks

RANKS = [1, 2, 4]


def affine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Maps x -> a[0] x + a[1], one after the other: associative, not commutative, and not element by element."""
    return np.stack([a[0] * b[0], a[1] * b[0] + b[1]])


def values(rank: int, count: int) -> np.ndarray:
    return np.stack([np.arange(count) % 3 + rank, np.arange(count) - rank]).astype(np.int64)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("count", [1, 5, 3000])
def test_functions_are_applied_in_the_order_of_ranks(size: int, count: int) -> None:
    inputs = [values(rank, count) for rank in range(size)]
    root = size - 1

    def rank(ctx: dtl.Context) -> List[Any]:
        mine = inputs[ctx.rank].copy()
        rows = np.stack([inputs[ctx.rank] + row for row in range(size)])
        out = np.empty_like(mine)
        assert dtl.scan(ctx, mine, op=affine, out=out) is out
        return [
            dtl.allreduce(ctx, mine, affine),
            dtl.reduce(ctx, mine, affine, root),
            out,
            dtl.exscan(ctx, mine, affine),
            dtl.reduce_scatter(ctx, rows, affine),
            dtl.allreduce(ctx, mine, affine, out=mine),
        ]

    for position, (all_, at_root, upto, below, part, same) in enumerate(on_ranks(size, rank)):
        np.testing.assert_array_equal(all_, fold(affine, inputs))
        np.testing.assert_array_equal(same, fold(affine, inputs))
        np.testing.assert_array_equal(upto, fold(affine, inputs[: position + 1]))
        np.testing.assert_array_equal(part, fold(affine, [array + position for array in inputs]))
        if position == root:
            np.testing.assert_array_equal(at_root, fold(affine, inputs))
        else:
            assert at_root is None
        if position == 0:
            assert below is None
        else:
            np.testing.assert_array_equal(below, fold(affine, inputs[:position]))


@pytest.mark.parametrize("size", RANKS)
def test_forms_that_do_not_block_give_the_same(size: int) -> None:
    inputs = [values(rank, 5) for rank in range(size)]
    root = size - 1

    def rank(ctx: dtl.Context) -> None:
        mine = inputs[ctx.rank]
        rows = np.stack([mine + row for row in range(size)])
        out = np.empty_like(mine)
        requests = [
            dtl.iallreduce(ctx, mine, affine),
            dtl.ireduce(ctx, mine, affine, root),
            dtl.iscan(ctx, mine, op=affine, out=out),
            dtl.iexscan(ctx, mine, affine),
            dtl.ireduce_scatter(ctx, rows, affine),
            dtl.iallreduce(ctx, ctx.rank + 1.5, lambda a, b: a * 10 + b),
        ]
        number = dtl.allreduce(ctx, ctx.rank + 1.5, lambda a, b: a * 10 + b)
        blocking = [
            dtl.allreduce(ctx, mine, affine),
            dtl.reduce(ctx, mine, affine, root),
            dtl.scan(ctx, mine, affine),
            dtl.exscan(ctx, mine, affine),
            dtl.reduce_scatter(ctx, rows, affine),
        ]
        *arrays, same = dtl.waitall(requests)
        assert arrays[2] is out and type(same) is float and same == number
        for got, wanted in zip(arrays, blocking):
            np.testing.assert_array_equal(got, wanted)

    on_ranks(size, rank)


@pytest.mark.parametrize("size", [2, 4])
def test_the_function_may_keep_and_change_what_it_gets(size: int) -> None:
    kept: List[np.ndarray] = []

    def greedy(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        kept.extend([a, b])
        a += b
        return a

    def rank(ctx: dtl.Context) -> Any:
        mine = np.full(1000, ctx.rank + 1.0)
        total = dtl.allreduce(ctx, mine, greedy)
        assert (mine == ctx.rank + 1).all()
        return total

    results = on_ranks(size, rank)
    for total in results:
        np.testing.assert_array_equal(total, np.full(1000, size * (size + 1) / 2))
    assert all((array == array[0]).all() and len(array) == 1000 for array in kept)


@pytest.mark.parametrize("size", RANKS)
def test_scalars_remain_scalars_and_ufuncs_are_functions(size: int) -> None:
    def rank(ctx: dtl.Context) -> List[Any]:
        return [
            dtl.allreduce(ctx, ctx.rank + 1.5, op=lambda a, b: a * 10 + b),
            dtl.allreduce(ctx, np.int16(ctx.rank), op=np.maximum),
            dtl.scan(ctx, ctx.rank, op=np.add),
        ]

    for position, (number, largest, upto) in enumerate(on_ranks(size, rank)):
        assert type(number) is float and number == fold(lambda a, b: a * 10 + b, [r + 1.5 for r in range(size)])
        assert type(largest) is np.int16 and largest == size - 1
        assert type(upto) is int and upto == position * (position + 1) // 2


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("name", ["allreduce", "scan"])
def test_what_the_function_raises_is_an_error_everywhere(size: int, name: str) -> None:
    def rank(ctx: dtl.Context) -> None:
        def fails(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            if ctx.rank == 1:
                raise ZeroDivisionError("no such thing")
            return a

        expected: Any = ZeroDivisionError if ctx.rank == 1 else dtl.CommunicationError
        with pytest.raises(expected, match="no such thing") as caught:
            getattr(dtl, name)(ctx, np.ones(3), op=fails)
        assert ctx.rank == 1 or (caught.value.rank == 1 and "the function that combines has failed" in str(caught.value))
        with pytest.raises(dtl.CommunicationError, match="ZeroDivisionError: no such thing") as caught:
            getattr(dtl, f"i{name}")(ctx, np.ones(3), op=fails).wait()
        assert caught.value.rank == 1 and caught.value.status is dtl.Status.REDUCE_FAILED
        assert dtl.allreduce(ctx, 1) == size, "the context is as before"

    on_ranks(size, rank)


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("wrong", [lambda a, b: a.astype("float32"), lambda a, b: a[1:], lambda a, b: None])
def test_results_of_another_dtype_or_shape_are_refused(size: int, wrong: Any) -> None:
    def rank(ctx: dtl.Context) -> None:
        expected: Any = ValueError if ctx.rank == 1 else dtl.CommunicationError
        with pytest.raises(expected, match="for two arrays of float64 of shape .3.. Return an array"):
            dtl.allreduce(ctx, np.ones(3), op=wrong)
        with pytest.raises(dtl.DTLError, match="out"):
            dtl.allreduce(ctx, np.ones(3), op=np.add, out=np.ones(4))

    on_ranks(size, rank)


@pytest.mark.parametrize("communicate", ["barrier", "reduction", "object", "message"])
def test_a_function_that_communicates_is_refused_at_once(communicate: str) -> None:
    ways = {
        "barrier": lambda ctx: ctx.barrier(),
        "reduction": lambda ctx: dtl.allreduce(ctx, 1),
        "object": lambda ctx: dtl.broadcast_object(ctx, {}),
        "message": lambda ctx: dtl.recv(ctx, 0),
    }

    def rank(ctx: dtl.Context) -> None:
        def func(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            with pytest.raises(dtl.DTLError, match="such a function may only compute") as caught:
                ways[communicate](ctx)
            assert caught.value.status is dtl.Status.INVALID_STATE
            ways[communicate](ctx)
            return a

        with pytest.raises(dtl.DTLError, match="such a function may only compute") as caught:
            dtl.allreduce(ctx, np.ones(3), op=func)
        assert isinstance(caught.value, dtl.CommunicationError) == (ctx.rank != 1)
        assert dtl.allreduce(ctx, 1) == 2, "the context is as before"

    on_ranks(2, rank)


@pytest.mark.parametrize("size", [2, 4])
def test_ranks_agree_on_what_they_call(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        with pytest.raises(dtl.ContractError):
            dtl.allreduce(ctx, np.ones(3), op="sum" if ctx.rank == 0 else np.add)
        with pytest.raises(dtl.ContractError):
            dtl.allreduce(ctx, np.ones(3 if ctx.rank == 0 else 4), op=np.add)
        with pytest.raises(dtl.ContractError, match="scan_func.*allreduce_func"):
            (dtl.scan if ctx.rank == 0 else dtl.allreduce)(ctx, np.ones(3), op=np.add)
        assert dtl.allreduce(ctx, 1) == size

    on_ranks(size, rank)
