"""Ranks as threads: runs a function on every rank of a context, and compares what the ranks return."""

import threading
from typing import Any, Callable, List, Sequence

import numpy as np

import dtl


def on_ranks(size: int, function: Callable[[dtl.Context], Any], seconds: float = 60.0) -> List[Any]:
    """What `function` returns on each of `size` ranks; raises what it raised on the lowest rank that failed."""
    results: List[Any] = [None] * size
    failures: List[Any] = [None] * size

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
        thread.join(seconds)
    assert not any(thread.is_alive() for thread in threads), "a rank hangs"
    for failure in failures:
        if failure is not None:
            raise failure
    return results


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
    """Each result must be the expected one: arrays with equal shape, dtype and elements."""
    assert len(results) == len(expected)
    for result, wanted in zip(results, expected):
        if isinstance(wanted, np.ndarray):
            assert isinstance(result, np.ndarray)
            assert result.dtype == wanted.dtype
            assert result.shape == wanted.shape
            np.testing.assert_array_equal(result, wanted)
        else:
            assert type(result) is type(wanted)
            assert result == wanted
