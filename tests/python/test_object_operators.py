"""Operators on Python objects, and what is divided among ranks as a sequence of objects."""

import functools
import math
import operator
from fractions import Fraction
from typing import Any, Callable, Dict, Tuple

import numpy as np
import pytest

import dtl
from ranks import on_ranks

RANKS = [1, 2, 4]

OPERATORS: Dict[str, Tuple[Callable[[int], Any], Callable[[int], Any]]] = {
    "sum": (lambda rank: [rank], lambda size: list(range(size))),
    "prod": (lambda rank: Fraction(1, rank + 2), lambda size: Fraction(1, math.factorial(size + 1))),
    "min": (lambda rank: f"{rank}", lambda size: "0"),
    "max": (lambda rank: (rank, "x"), lambda size: (size - 1, "x")),
    "land": (lambda rank: rank != 1, lambda size: size < 2),
    "lor": (lambda rank: rank == 1, lambda size: size > 1),
    "lxor": (lambda rank: rank in (0, 1), lambda size: size == 1),
    "band": (lambda rank: {rank, "all"}, lambda size: {"all"} if size > 1 else {0, "all"}),
    "bor": (lambda rank: {rank}, lambda size: set(range(size))),
    "bxor": (lambda rank: 1 << 70 | rank, lambda size: (size % 2) << 70 | functools.reduce(operator.xor, range(size))),
}
"""What each rank passes, and what all ranks together give."""

REDUCTIONS: Dict[str, Callable[[dtl.Context, Any, Any], Any]] = {
    "allreduce_object": dtl.allreduce_object,
    "reduce_object": dtl.reduce_object,
    "iallreduce_object": lambda ctx, obj, op: dtl.iallreduce_object(ctx, obj, op).wait(),
    "ireduce_object": lambda ctx, obj, op: dtl.ireduce_object(ctx, obj, op).wait(),
}


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_operators_have_the_names_that_they_have_for_arrays(size: int, name: str) -> None:
    def rank(ctx: dtl.Context) -> None:
        for op, (own, expected) in OPERATORS.items():
            for named in (op, dtl.ReduceOp(op)):
                given = REDUCTIONS[name](ctx, own(ctx.rank), named)
                assert given == (expected(size) if ctx.is_root or "all" in name else None), op

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("wrong", ["nonsense", "minloc", None, 3, b"sum", dtl.HaloBoundary.PERIODIC])
def test_what_is_no_operator_is_an_error_on_all_ranks(wrong: Any, name: str, size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        for own in (wrong, wrong if ctx.rank == size - 1 else "sum"):
            with pytest.raises(dtl.InvalidArgumentError, match=f"{name}: op is .*, which is no operator on objects. Pass"):
                REDUCTIONS[name](ctx, 1, own)
        assert dtl.allreduce_object(ctx, 1, "sum") == size

    on_ranks(size, rank)


@pytest.mark.parametrize("name", ["allreduce_object", "reduce_object"])
def test_operators_with_names_are_compared(name: str) -> None:
    def rank(ctx: dtl.Context) -> None:
        with pytest.raises(dtl.ContractError, match=f"{name}: op differs between ranks: rank 2 passes another than rank 1"):
            REDUCTIONS[name](ctx, 1, [operator.add, "sum", "max"][ctx.rank])
        assert REDUCTIONS[name](ctx, 1, [operator.add, "sum", "sum"][ctx.rank]) == (3 if ctx.is_root or "all" in name else None)

    on_ranks(3, rank)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("name", ["scatter_object", "iscatter_object", "alltoall_object", "ialltoall_object"])
def test_only_a_sequence_is_divided(name: str, size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        keys = [chr(ord("a") + number) for number in range(size)]
        wrong = [dict.fromkeys(keys), set(keys), frozenset(keys), dict.fromkeys(keys).values(), "".join(keys), bytes(size), iter(keys)]
        for objs in wrong:
            with pytest.raises(dtl.DTLError, match=f"{name}: rank .* cannot send its object: TypeError: .*pass a list"):
                outcome = getattr(dtl, name)(ctx, objs)
                outcome.wait() if name.startswith("i") else None
        for objs in (keys, tuple(keys), np.array(keys), range(size)):
            outcome = getattr(dtl, name)(ctx, objs)
            outcome = outcome.wait() if name.startswith("i") else outcome
            assert outcome == (objs[ctx.rank] if "scatter" in name else [objs[ctx.rank]] * size)

    on_ranks(size, rank)
