"""Futures: values that are set later, by other threads or by requests, and all or the first of several."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from typing import Any, List

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks


class Anything:
    """Some object."""


def later(future: "dtl.Future[Any]", value: Any, seconds: float = 0.05) -> threading.Thread:
    """A thread that sets the future after a while."""

    def run() -> None:
        time.sleep(seconds)
        future.set(value)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_value_is_the_object_that_was_set() -> None:
    value = Anything()
    future: "dtl.Future[Anything]" = dtl.Future()
    assert not future.done() and not future.test() and "not over" in repr(future)
    future.set(value)
    assert future.done() and future.test() and repr(future) == "<dtl.Future: a value, over>"
    assert future.wait() is future.get() is future.result() is future.wait(timeout=0) is value


@pytest.mark.parametrize("value", [None, [], 3.5, np.arange(3)])
def test_any_object_is_a_value(value: Any) -> None:
    future = dtl.Future()
    future.set(value)
    assert future.wait() is value


def test_it_is_set_once() -> None:
    future = dtl.Future()
    future.set(1)
    with pytest.raises(dtl.DTLError, match="future.set: the future has a value already"):
        future.set(2)
    assert future.wait() == 1
    for made in [dtl.when_all([future]), dtl.when_any([future])]:
        with pytest.raises(dtl.DTLError, match="follows a request or other futures"):
            made.set(3)


def test_another_thread_sets_it_while_this_one_waits_without_the_interpreter_lock() -> None:
    future = dtl.Future()
    thread = later(future, "come")
    # The other thread needs the interpreter.
    assert future.wait(timeout=60) == "come"
    thread.join()


def test_many_threads_wait_for_one() -> None:
    future = dtl.Future()
    seen: List[Any] = []
    threads = [threading.Thread(target=lambda: seen.append(future.wait(60))) for _ in range(4)]
    for thread in threads:
        thread.start()
    future.set(7)
    for thread in threads:
        thread.join()
    assert seen == [7] * 4


def test_a_wait_that_is_too_long_leaves_it_as_it_is() -> None:
    future = dtl.Future()
    for made in [future, dtl.when_all([future]), dtl.when_any([future])]:
        start = time.monotonic()
        with pytest.raises(TimeoutError, match="not over after 30ms"):
            made.wait(timeout=0.03)
        assert 0.03 <= time.monotonic() - start < 30
    with pytest.raises(dtl.InvalidArgumentError, match="future.wait: timeout is -1"):
        future.wait(timeout=-1.5)
    future.set(1)
    assert future.wait() == 1


def test_when_all_has_the_values_in_order() -> None:
    futures = [dtl.Future() for _ in range(3)]
    everything = dtl.when_all(futures)
    assert "all of 3, not over" in repr(everything)
    for place in [2, 0, 1]:
        assert not everything.done()
        futures[place].set(place * 10)
    assert everything.done() and everything.wait() == [0, 10, 20]
    empty = dtl.when_all([])
    assert empty.done() and empty.wait() == []


def test_when_any_has_the_first_for_ever() -> None:
    futures = [dtl.Future() for _ in range(3)]
    first = dtl.when_any(futures)
    assert first.completed_index == 3 and not first.test()
    futures[2].set("c")
    assert first.wait() == (2, "c") and first.completed_index == 2
    futures[0].set("a")
    assert first.wait() == (2, "c") and first.completed_index == 2
    assert dtl.when_any(futures).wait() == (0, "a")
    with pytest.raises(dtl.InvalidArgumentError, match="when_any: there is no future"):
        dtl.when_any([])


def test_futures_of_futures() -> None:
    one, two, three = (dtl.Future() for _ in range(3))
    nested = dtl.when_all([dtl.when_any([one, two]), dtl.when_all([two, three])])
    later(two, 2).join()
    later(three, 3)
    assert nested.wait(60) == [(1, 2), [2, 3]]
    deep = one
    with pytest.raises(dtl.NotSupportedError, match="1000 times and more"):
        for _ in range(5000):
            deep = dtl.when_all([deep])


def test_lists_have_futures_and_requests() -> None:
    with pytest.raises(TypeError, match=r"when_all: futures\[1\]"):
        dtl.when_all([dtl.Future(), 3])  # type: ignore[list-item]
    with pytest.raises(dtl.InvalidArgumentError, match=r"when_all: futures\[0\] is no future"):
        dtl.when_all([None])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="must be a list or tuple"):
        dtl.when_any(dtl.Future())  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_requests_and_futures_together(size: int) -> None:
    def run(ctx: dtl.Context) -> Any:
        own = dtl.Future()
        requests = [dtl.iallreduce(ctx, np.full(length, 1.0 + ctx.rank)) for length in (1, 30_000)]
        together = dtl.when_all([*requests, own, dtl.ibarrier(ctx)])
        assert not together.test()
        own.set("own")
        first, second, third, fourth = together.wait(60)
        single = dtl.Future.of_request(dtl.iallreduce(ctx, 2.0))
        place, value = dtl.when_any([dtl.Future(), single]).wait(60)
        # What a request gives is the same each time.
        assert together.wait()[1] is second is requests[1].wait()
        return first.tolist(), float(second.sum()), third, fourth, place, value

    total = size * (size + 1) / 2
    assert on_ranks(size, run) == [([total], 30_000 * total, "own", None, 1, 2.0 * size)] * size


def test_the_error_of_one_says_which() -> None:
    def run(ctx: dtl.Context) -> None:
        done = dtl.Future()
        done.set(1)
        bad = dtl.iallreduce(ctx, np.ones(2 + ctx.rank))
        for made, text in [
            (dtl.when_all([done, bad, done]), "futures[1] has failed: iallreduce: count differs"),
            (dtl.when_any([bad]), "futures[0] has failed: iallreduce: count differs"),
            (dtl.when_all([dtl.when_any([bad])]), "futures[0] has failed: futures[0] has failed: iallreduce"),
            (dtl.Future.of_request(bad), "iallreduce: count differs"),
        ]:
            for _ in range(2):
                with pytest.raises(dtl.ContractError) as raised:
                    made.wait(60)
                assert str(raised.value).startswith(text)
            with pytest.raises(dtl.ContractError):
                made.test()
            assert made.done()
        assert dtl.when_any([done, bad]).wait() == (0, 1)

    on_ranks(2, run)


def test_a_context_that_is_closed_ends_what_follows_its_requests() -> None:
    def run(ctx: dtl.Context) -> str:
        own = ctx.dup()
        if ctx.rank == 0:
            waiting = dtl.when_all([dtl.ibarrier(own)])
            own.close()
            with pytest.raises(dtl.DTLError) as raised:
                waiting.wait(60)
            assert raised.value.status == dtl.Status.CANCELED
            text = str(raised.value)
            dtl.barrier(ctx)
            return text
        dtl.barrier(ctx)
        own.close()
        return ""

    text = on_ranks(2, run)[0]
    assert text.startswith("futures[0] has failed: ibarrier: its context was closed")


def test_asyncio() -> None:
    async def run() -> Any:
        one, two = dtl.Future(), dtl.Future()
        threads = [later(one, 1), later(two, 2, 0.1)]
        first = await dtl.when_any([two, one])
        everything = await asyncio.gather(dtl.when_all([one, two]), one)
        for thread in threads:
            thread.join()
        return first, everything

    assert asyncio.run(run()) == ((1, 1), [[1, 2], 1])


def test_await_of_requests_and_futures() -> None:
    async def run(ctx: dtl.Context) -> Any:
        return await dtl.when_all([dtl.iallreduce(ctx, 1), dtl.Future.of_request(dtl.ibarrier(ctx))])

    assert on_ranks(2, lambda ctx: asyncio.run(run(ctx))) == [[2, None]] * 2


def test_a_future_that_is_given_up_keeps_nothing() -> None:
    value = Anything()
    gone = weakref.ref(value)
    future = dtl.Future()
    future.set(value)
    together = dtl.when_all([future, dtl.Future()])
    del value, future
    gc.collect()
    assert gone() is not None
    del together
    gc.collect()
    assert gone() is None


def test_a_request_goes_on_when_its_future_is_given_up() -> None:
    def run(ctx: dtl.Context) -> float:
        out = np.zeros(20_000)
        dtl.when_all([dtl.iallreduce(ctx, np.ones(20_000), out=out)])
        gc.collect()
        dtl.barrier(ctx)
        dtl.ibarrier(ctx).wait()
        return float(out.sum())

    assert on_ranks(2, run) == [40_000.0] * 2


def test_annotations() -> None:
    assert dtl.Future[int] is not None
    with alone() as ctx:
        assert dtl.when_all((dtl.iallreduce(ctx, 3),)).wait() == [3]


UNSET = """
import dtl
try:
    dtl.when_all([dtl.Future()]).wait()
except dtl.TimeoutError as error:
    print(error)
"""


def test_what_nobody_sets_is_not_waited_for_without_end() -> None:
    environment = dict(os.environ, DTL_MPI="none", DTL_TIMEOUT="0.3")
    done = subprocess.run([sys.executable, "-c", UNSET], capture_output=True, text=True, env=environment, timeout=600)
    assert "the future is not over after 300ms" in done.stdout, done.stdout + done.stderr
