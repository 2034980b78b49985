"""Policies of a context: who is told of errors and what follows, and what holds of the order in which ranks are combined."""

import os
import subprocess
import sys
from typing import Any, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks


@pytest.mark.parametrize("size", [1, 2])
def test_a_handler_is_told_before_the_exception_comes(size: int) -> None:
    def rank(ctx: dtl.Context) -> Any:
        told: List[Tuple[int, str]] = []
        ctx.set_error_handler(lambda status, message: told.append((status, message)))
        assert ctx.error_policy == dtl.ERROR_POLICY_CALLBACK
        vec = dtl.DistributedVector(ctx, 5)
        assert vec.error_policy == dtl.ERROR_POLICY_CALLBACK, "containers have the policy of their context"
        with pytest.raises(dtl.InvalidArgumentError) as collective:
            dtl.reduce(ctx, 1.0, root=size)
        with pytest.raises(dtl.BoundsError) as local:
            vec.owner(5)
        with pytest.raises(dtl.InvalidArgumentError) as refused:
            dtl.allreduce(ctx, 1.0, op="summ")
        assert [text for _, text in told] == [str(e.value) for e in (collective, local, refused)]
        assert [status for status, _ in told] == [410, 401, 410]
        ctx.set_error_handler(None)
        assert vec.error_policy == ctx.error_policy == dtl.ERROR_POLICY_RETURN_STATUS
        with pytest.raises(dtl.BoundsError):
            vec.owner(5)
        assert len(told) == 3
        return [text for _, text in told]

    results = on_ranks(size, rank)
    assert all(result == results[0] for result in results), "the same texts on all ranks"


def test_contexts_made_from_one_take_its_handler_over() -> None:
    def rank(ctx: dtl.Context) -> int:
        told: List[str] = []
        ctx.set_error_handler(lambda status, message: told.append(message))
        with ctx.dup() as copy:
            ctx.set_error_handler()
            with pytest.raises(dtl.InvalidArgumentError):
                copy.split(-5)
            assert copy.error_policy == dtl.ERROR_POLICY_CALLBACK
        with pytest.raises(dtl.InvalidArgumentError):
            ctx.split(-5)
        return len(told)

    assert on_ranks(2, rank) == [1, 1]


def test_a_handler_may_call_dtl_and_is_not_told_of_its_own_errors() -> None:
    def rank(ctx: dtl.Context) -> Any:
        sums: List[float] = []

        def handler(status: int, message: str) -> None:
            with pytest.raises(dtl.InvalidArgumentError):
                dtl.reduce(ctx, 1.0, root=-7)
            sums.append(dtl.allreduce(ctx, 1.0))

        ctx.set_error_handler(handler)
        with pytest.raises(dtl.InvalidArgumentError, match="-5"):
            ctx.split(-5)
        return sums

    assert on_ranks(2, rank) == [[2.0], [2.0]]


def test_an_exception_of_the_handler_is_reported_and_the_error_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: List[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda problem: reported.append(problem.exc_value))
    with alone() as ctx:
        ctx.set_error_handler(lambda status, message: 1 / 0)
        with pytest.raises(dtl.InvalidArgumentError, match="-5"):
            ctx.split(-5)
    assert [type(problem) for problem in reported] == [ZeroDivisionError]


def test_the_handler_lives_as_long_as_it_is_set() -> None:
    class Handler:
        alive = 0

        def __init__(self) -> None:
            Handler.alive += 1

        def __del__(self) -> None:
            Handler.alive -= 1

        def __call__(self, status: int, message: str) -> None:
            pass

    ctx = alone()
    for _ in range(3):
        ctx.set_error_handler(Handler())
        assert Handler.alive == 1
    ctx.close()
    assert Handler.alive == 0
    assert ctx.error_policy == dtl.ERROR_POLICY_RETURN_STATUS


def test_policies_that_cannot_be() -> None:
    with alone() as ctx:
        with pytest.raises(dtl.ArgumentTypeError, match="handler is 3"):
            ctx.set_error_handler(3)  # type: ignore[arg-type]
        with pytest.raises(dtl.DTLError, match="set_error_handler") as caught:
            ctx.set_error_policy("callback")
        assert caught.value.status == 902
        with pytest.raises(dtl.InvalidArgumentError, match="9999"):
            ctx.set_error_policy(9999)
        ctx.set_error_handler(print)
        ctx.set_error_policy(dtl.ERROR_POLICY_RETURN_STATUS)
        assert ctx.error_policy == dtl.ErrorPolicy.RETURN_STATUS
        ctx.set_error_policy("callback")
        assert ctx.error_policy == dtl.ErrorPolicy.CALLBACK


def test_the_policy_that_ends_the_job() -> None:
    program = """
import dtl
with dtl.Environment().make_cpu_context() as ctx:
    ctx.set_error_policy("terminate")
    try:
        ctx.split(-5)
    finally:
        print("not reached", flush=True)
"""
    environment = {**os.environ, "DTL_MPI": "none"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=600)
    assert done.returncode == 1
    assert "color is -5" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("asked", [{}, {"determinism_mode": "deterministic"}, {"determinism_mode": 0}])
def test_what_holds_is_at_least_what_is_asked_for(asked: Any) -> None:
    ctx = dtl.Context(**asked)
    assert ctx.determinism_mode == dtl.DETERMINISM_DETERMINISTIC
    assert ctx.reduction_schedule_policy == dtl.REDUCTION_SCHEDULE_FIXED_TREE
    assert ctx.progress_ordering_policy == dtl.PROGRESS_ORDERING_RANK_ORDERED
    for name in ["determinism_mode", "reduction_schedule_policy", "progress_ordering_policy"]:
        with pytest.raises(dtl.InvalidArgumentError, match=f"{name} is 9999"):
            dtl.Context(**{name: 9999})


@pytest.mark.parametrize("count", [1, 1000, 300_000])
@pytest.mark.parametrize("op", ["sum", "prod"])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_reductions_have_the_bits_of_a_loop_over_the_ranks(size: int, op: str, count: int) -> None:
    # Numbers of very different size: another order of additions gives other bits.
    generator = np.random.default_rng(7)
    parts = generator.standard_normal((size, count)) * 10.0 ** generator.integers(-3, 4, (size, count))
    expected = parts[0].copy()
    for part in parts[1:]:
        expected = expected + part if op == "sum" else expected * part
    expected.flags.writeable = False

    def rank(ctx: dtl.Context) -> None:
        for repetition in range(3):
            result = dtl.allreduce(ctx, parts[ctx.rank], op=op)
            assert result.tobytes() == expected.tobytes(), f"repetition {repetition}"
        at_root = dtl.reduce(ctx, parts[ctx.rank], op=op, root=size - 1)
        assert at_root is None or at_root.tobytes() == expected.tobytes()

    on_ranks(size, rank)
