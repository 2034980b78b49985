"""Contexts and environments in Python, and threads: the interpreter goes on while a rank waits."""

import os
import subprocess
import sys
import threading
import time
from typing import Any, Callable

import numpy as np
import pytest

import dtl
from ranks import WORLD, alone, everywhere, on_ranks


def test_leaving_the_block_closes_and_lets_exceptions_pass() -> None:
    with pytest.raises(ZeroDivisionError):
        with alone() as ctx:
            assert ctx.is_valid
            1 / 0
    assert not ctx.is_valid
    ctx.close()


def test_an_exception_may_leave_the_block_of_a_context_on_one_rank() -> None:
    def rank(ctx: dtl.Context) -> object:
        is_last = ctx.rank == ctx.size - 1
        with pytest.raises(KeyError if is_last else dtl.CommunicationError) as failure:
            with ctx.dup() as inner:
                if is_last:
                    raise KeyError("on purpose")
                dtl.barrier(inner)
        assert is_last or failure.value.rank == ctx.size - 1
        return dtl.allreduce(ctx, 1), "other contexts go on"

    assert on_ranks(3, rank) == [(3, "other contexts go on")] * 3


def test_an_exception_may_leave_the_block_of_a_context_of_all_processes() -> None:
    is_last = WORLD.rank == WORLD.size - 1
    with pytest.raises(KeyError if is_last else dtl.CommunicationError):
        with dtl.Context() as inner:
            if is_last:
                raise KeyError("on purpose")
            dtl.barrier(inner)
    assert dtl.allreduce(WORLD, 1) == WORLD.size


def test_ranks_that_do_not_check_get_the_same_numbers() -> None:
    with dtl.Context(check=False) as ctx:
        for count in (1, 10_000):
            np.testing.assert_array_equal(dtl.allreduce(ctx, np.ones(count)), np.full(count, float(ctx.size)))
    # The ranks still agree on whether they check.
    is_last = WORLD.rank == WORLD.size - 1
    if WORLD.size > 1:
        with pytest.raises(dtl.ContractError, match="check differs between ranks"):
            dtl.Context(check=not is_last)
    assert dtl.allreduce(WORLD, 1) == WORLD.size


def test_the_time_to_wait_is_that_of_the_context() -> None:
    with dtl.Context(timeout=2.5) as ctx:
        if WORLD.size > 1 and WORLD.rank == 0:
            with pytest.raises(TimeoutError, match="waited 2.5s for rank"):
                dtl.barrier(ctx)
        dtl.barrier(WORLD)
    for wrong in (0, -2.5, float("nan")):
        with pytest.raises(dtl.InvalidArgumentError, match="timeout is .*above 0"):
            dtl.Context(timeout=wrong)


def test_environments_are_counted_once() -> None:
    before = dtl.Environment.ref_count()
    with dtl.Environment() as env:
        assert dtl.Environment.ref_count() == before + 1
        ctx = env.make_world_context(device_id=None)
    assert dtl.Environment.ref_count() == before
    env.close()
    del env
    assert dtl.Environment.ref_count() == before
    assert ctx.size == WORLD.size, "contexts outlive the environment that made them"


def test_the_domain_is_what_connects_processes() -> None:
    assert dtl.Environment().domain == ("mpi" if WORLD.has_mpi else "single")
    assert repr(dtl.Environment()) == f"<dtl.Environment: {dtl.Environment().domain}>"


def test_split() -> None:
    def rank(ctx: dtl.Context) -> object:
        color = None if ctx.rank == 3 else ctx.rank % 2
        group = ctx.split(color, key=-ctx.rank)
        return None if group is None else (group.rank, group.size, dtl.allgather(group, ctx.rank).tolist())

    assert on_ranks(4, rank) == [(1, 2, [2, 0]), (0, 1, [1]), (0, 2, [2, 0]), None]


def test_a_split_may_leave_no_group() -> None:
    assert on_ranks(2, lambda ctx: ctx.split(dtl.UNDEFINED)) == [None, None]


@pytest.mark.parametrize("kind", [bool, np.bool_, int, np.int16])
def test_a_truth_value_is_a_color(kind: Callable[[bool], Any]) -> None:
    def rank(ctx: dtl.Context) -> object:
        group = ctx.split(kind(ctx.rank == 1))
        assert group is not None
        return dtl.allgather(group, ctx.rank).tolist()

    assert on_ranks(3, rank) == [[0, 2], [1], [0, 2]]


@pytest.mark.parametrize("wrong", [1.5, "red", np.array([1, 2]), 2**40])
def test_other_colors_are_refused_on_all_ranks(wrong: Any) -> None:
    def rank(ctx: dtl.Context) -> None:
        with pytest.raises((TypeError, dtl.DTLError), match="color is"):
            ctx.split(wrong if ctx.rank == 1 else 0)
        assert dtl.allreduce(ctx, 1) == 2

    on_ranks(2, rank)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_groups_are_ordered_by_key(size: int) -> None:
    def rank(ctx: dtl.Context) -> object:
        group = ctx.split(ctx.rank % 2, key=-ctx.rank)
        assert group is not None
        with group.dup() as copy:
            members = dtl.allgather(copy, ctx.rank).tolist()
        assert members[group.rank] == ctx.rank and group.size == len(members)
        return members

    groups = [[number for number in reversed(range(size)) if number % 2 == color] for color in (0, 1)]
    assert on_ranks(size, rank) == [groups[number % 2] for number in range(size)]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_nobody_leaves_a_barrier_before_all_have_come(size: int) -> None:
    def rank(ctx: dtl.Context) -> object:
        for call in (ctx.barrier, lambda: dtl.barrier(ctx)):
            time.sleep(0.02 * ctx.rank)
            come = time.time()
            call()
            left = time.time()
            # The clock of the machine, which all processes share.
            assert dtl.allreduce(ctx, come, op="max") <= dtl.allreduce(ctx, left, op="min")
        return None

    on_ranks(size, rank)


def test_dup_is_separate() -> None:
    def rank(ctx: dtl.Context) -> float:
        with ctx.dup() as copy:
            total = dtl.allreduce(copy, 1.0)
        return total + dtl.allreduce(ctx, 1.0)

    assert on_ranks(3, rank) == [6.0] * 3


def test_properties_are_policies() -> None:
    ctx = alone()
    assert ctx.determinism_mode is dtl.DETERMINISM_DETERMINISTIC or ctx.determinism_mode is dtl.DETERMINISM_THROUGHPUT
    vec = dtl.DistributedVector(ctx, 3, partition="cyclic", execution=dtl.EXEC_PAR)
    assert vec.partition_policy is dtl.PARTITION_CYCLIC
    assert vec.execution_policy is dtl.EXEC_PAR
    assert dtl.placement_available(dtl.PLACEMENT_HOST) and dtl.placement_available("host")


@pytest.mark.parametrize(
    "call", ["barrier", "allreduce", "reduce", "broadcast", "gather", "scatter", "allgather", "alltoall", "scan"]
)
def test_python_runs_while_a_rank_waits(call: str) -> None:
    first, second = dtl.Context.threads(2)

    def wait() -> None:
        if call == "barrier":
            dtl.barrier(first)
        else:
            getattr(dtl, call)(first, np.ones((2, 1)))

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    # If the waiting thread held the interpreter, this loop would not come to an end.
    deadline = time.monotonic() + 300
    turns = 0
    while turns < 1000 and time.monotonic() < deadline:
        time.sleep(0)
        turns += 1
    assert turns == 1000 and waiting.is_alive()
    if call == "barrier":
        dtl.barrier(second)
    else:
        getattr(dtl, call)(second, np.ones((2, 1)))
    waiting.join(300)
    assert not waiting.is_alive()


def test_a_rank_that_cannot_take_part_fails_on_all_ranks() -> None:
    def rank(ctx: dtl.Context) -> str:
        data = [1.0, "text"][ctx.rank]
        with pytest.raises(dtl.InvalidArgumentError, match="data is 'text'") as failure:
            dtl.allreduce(ctx, data)  # type: ignore[call-overload]
        assert failure.value.rank == 1
        assert dtl.allreduce(ctx, 1.0) == 2.0, "nothing has moved, so the context stays usable"
        return str(failure.value)

    texts = on_ranks(2, rank)
    assert texts[0] == texts[1]


def test_a_rank_whose_data_raises_fails_on_all_ranks() -> None:
    class Failing:
        def __array__(self, *_: object, **__: object) -> np.ndarray:
            raise LookupError("no such file")

    def rank(ctx: dtl.Context) -> str:
        try:
            dtl.allreduce(ctx, Failing() if ctx.rank else 1.0)  # type: ignore[call-overload]
        except Exception as failure:
            return f"{type(failure).__name__}: {failure}"
        return ""

    other, own = on_ranks(2, rank)
    assert own == "LookupError: no such file"
    assert other.startswith("CommunicationError: ") and "no such file" in other and "rank 1" in other


WAITS = """
import threading, time, dtl

def rank(ctx):
    with ctx:
        dtl.allreduce(ctx, 1)
        time.sleep(1 if ctx.rank == 1 else 0)
        dtl.barrier(ctx)

ranks = [threading.Thread(target=rank, args=(ctx,)) for ctx in dtl.Context.threads(3)]
[thread.start() for thread in ranks]
[thread.join() for thread in ranks]
"""


def test_a_rank_that_waits_long_says_for_whom() -> None:
    environment = dict(os.environ, DTL_MPI="none", DTL_REPORT_AFTER="0.3", DTL_TIMEOUT="30")
    done = subprocess.run([sys.executable, "-c", WAITS], capture_output=True, text=True, env=environment, timeout=600)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stderr.splitlines()) == [
        f"dtl: barrier: rank {rank} has been waiting 300ms for rank 1; the last call on this context that all ranks came "
        "to was number 1, allreduce. After 30s (DTL_TIMEOUT) it will be an error."
        for rank in (0, 2)
    ]


def test_whoever_closes_a_context_hears_of_messages_that_were_not_received(capfd: "pytest.CaptureFixture[str]") -> None:
    def rank(ctx: dtl.Context) -> None:
        with ctx.dup() as inner:
            if inner.rank == 0:
                dtl.send(inner, np.ones(3), dest=1, tag=4)
                dtl.send(inner, np.ones(5), dest=1, tag=5)
                dtl.send(inner, np.ones(7), dest=1, tag=6)
            else:
                assert dtl.recv(inner, source=0, tag=5).size == 5
            inner.barrier()
        inner.close()  # Which says nothing more.

    on_ranks(2, rank)
    own = [line for line in capfd.readouterr().err.splitlines() if "closes" in line]
    assert sum(everywhere(own), []) == [
        "dtl: rank 1 closes a context and has not received 2 messages, the first of them a message with tag 4 from rank 0."
    ]
