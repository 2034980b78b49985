"""Reductions of Python's integers give the right one or raise; those of arrays of fixed width wrap."""

import math
from typing import Any, Callable, List

import numpy as np
import pytest

import dtl
from ranks import failures_on_ranks, on_ranks

LARGE = 2**62

CALLS: List[Any] = [
    pytest.param(lambda ctx, number, op: dtl.allreduce(ctx, number, op=op), id="allreduce"),
    pytest.param(lambda ctx, number, op: dtl.reduce(ctx, number, op=op, root=1), id="reduce"),
    pytest.param(lambda ctx, number, op: dtl.scan(ctx, number, op=op), id="scan"),
    pytest.param(lambda ctx, number, op: dtl.iallreduce(ctx, number, op=op).wait(), id="iallreduce"),
    pytest.param(lambda ctx, number, op: dtl.exscan(ctx, number, op=op), id="exscan"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("number, op", [(LARGE, "sum"), (-LARGE - 1, "sum"), (2**63, "sum"), (2**22, "prod"), (-(2**22), "prod")])
def test_what_does_not_fit_raises_on_every_rank(call: Callable[..., Any], number: int, op: str) -> None:
    for failure in failures_on_ranks(4, lambda ctx: call(ctx, number, op)):
        assert isinstance(failure, OverflowError) and isinstance(failure, dtl.DTLError)
        assert "does not fit" in str(failure)


@pytest.mark.parametrize("numbers", [[2**61] * 3 + [2**61 - 1], [2**62, 2**62, -(2**62), -1], [2**64 - 1], [True] * 4])
def test_what_fits_is_right(numbers: List[int]) -> None:
    for total in on_ranks(len(numbers), lambda ctx: dtl.allreduce(ctx, numbers[ctx.rank])):
        assert type(total) is int and total == sum(numbers)


def test_products_with_zero_are_zero() -> None:
    for product in on_ranks(4, lambda ctx: dtl.allreduce(ctx, LARGE if ctx.rank else 0, op="prod")):
        assert product == math.prod([0, LARGE, LARGE, LARGE])


@pytest.mark.parametrize("number", [np.array(LARGE), np.array([LARGE]), np.int64(LARGE), [LARGE]])
def test_arrays_of_fixed_width_wrap(number: Any) -> None:
    for total in on_ranks(4, lambda ctx: dtl.allreduce(ctx, number)):
        assert int(np.ravel(total)[0]) == 0
