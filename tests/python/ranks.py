"""Ranks for tests: runs a function on every rank of a context, and compares what the ranks return.

In a process that is alone, ranks are its threads. Where an MPI has started the tests on several processes, each process runs
all tests in the same order, the ranks of a test are the first of them, and what they return is brought to every process. So a
test reads the same, and fails everywhere if it fails anywhere.
"""

import os
import pickle
import threading
import traceback
from typing import Any, Callable, Dict, List, Optional, Sequence, Set

import numpy as np
import pytest

import dtl

WORLD = dtl.Context()

FEWEST = int(os.environ.get("DTL_FEWEST_RANKS", "1"))
"""What fewer ranks do, a smaller world has done."""

LINES = [dtl.DistributedVector, dtl.DistributedArray]
"""The containers of one dimension."""


def alone() -> dtl.Context:
    """A context of this process alone, whether or not there are others."""
    return dtl.Environment().make_cpu_context()


def on_ranks(size: int, function: Callable[[dtl.Context], Any]) -> List[Any]:
    """What `function` returns on each of `size` ranks; fails as the lowest rank does that failed."""
    SIZES.add(size)
    assert len(SIZES) == 1, f"one test is for one number of ranks, as a world runs it or leaves it, not for {SIZES}"
    return on_processes(size, function) if WORLD.has_mpi else on_threads(size, function)


def on_processes(size: int, function: Callable[[dtl.Context], Any]) -> List[Any]:
    if size > WORLD.size:
        pytest.skip(f"left to a larger world: {size} ranks, of which there are {WORLD.size}")
    if size < FEWEST:
        pytest.skip(f"done in a smaller world: {size} ranks")
    result: Any = None
    failure = ""
    try:
        group = first(size)
        if group is not None:
            with group.dup() as ctx:
                result = function(ctx)
    except BaseException:
        failure = traceback.format_exc()
    outcomes = everywhere((result, failure))[:size]
    failures = [f"rank {rank} of {size}:\n{failure}" for rank, (_, failure) in enumerate(outcomes) if failure]
    assert not failures, "\n".join(failures)
    return [result for result, _ in outcomes]


SIZES: Set[int] = set()
"""On how many ranks the test that is running has run functions."""

KEPT: Dict[int, Optional[dtl.Context]] = {}
"""The first processes of the world, by their number. Kept, because MPICH takes long to make communicators."""


def first(size: int) -> Optional[dtl.Context]:
    """The first processes of the world, if this is one of them."""
    if size not in KEPT:
        KEPT[size] = WORLD.split(0 if WORLD.rank < size else dtl.UNDEFINED)
    return KEPT[size]


def everywhere(value: Any) -> List[Any]:
    """What each process passes, on all of them."""
    data = np.frombuffer(pickle.dumps(value), np.uint8)
    longest = dtl.allreduce(WORLD, len(data), op="max")
    # What stands behind the end of a pickle is ignored.
    rows = dtl.allgather(WORLD, np.pad(data, (0, longest - len(data))))
    return [pickle.loads(row) for row in rows]


def on_threads(size: int, function: Callable[[dtl.Context], Any]) -> List[Any]:
    results: List[Any] = [None] * size
    failures: List[Optional[BaseException]] = [None] * size

    def run(ctx: dtl.Context) -> None:
        rank = ctx.rank
        try:
            with ctx:
                results[rank] = function(ctx)
        except BaseException as failure:
            failures[rank] = failure

    threads = [threading.Thread(target=run, args=(ctx,), daemon=True) for ctx in dtl.Context.threads(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a rank hangs"
    for failure in failures:
        if failure is not None:
            raise failure
    return results


def distributed(ctx: dtl.Context, values: Any, partition: str = "block", kind: Any = dtl.DistributedVector) -> Any:
    """A container of one dimension with these elements, of which each rank knows all."""
    made = kind(ctx, len(values), values.dtype, partition=partition, block_size=3)
    made.from_numpy(values[made.global_indices()])
    return made


def failures_on_ranks(size: int, function: Callable[[dtl.Context], Any]) -> List[BaseException]:
    """What `function` raises on each rank; it must raise on all of them."""

    def caught(ctx: dtl.Context) -> BaseException:
        try:
            result = function(ctx)
        except Exception as failure:
            return failure
        raise AssertionError(f"rank {ctx.rank} returned {result!r}")

    return on_ranks(size, caught)


def assert_results(results: Sequence[Any], expected: Sequence[Any]) -> None:
    """Each result must be the expected one: arrays with equal shape, dtype and elements, or tuples of them."""
    assert len(results) == len(expected)
    for result, wanted in zip(results, expected):
        if isinstance(wanted, tuple) and any(isinstance(part, np.ndarray) for part in wanted):
            assert isinstance(result, tuple)
            assert_results(result, wanted)
        elif isinstance(wanted, np.ndarray):
            assert isinstance(result, np.ndarray)
            assert result.dtype == wanted.dtype
            assert result.shape == wanted.shape
            np.testing.assert_array_equal(result, wanted)
        else:
            assert type(result) is type(wanted)
            assert result == wanted
