"""Several threads of a rank, each with a context of its own: what one of them waits for holds up no other."""

import threading
from typing import Any, Callable, List

import numpy as np
import pytest

import dtl
from ranks import on_ranks

THREADS = 4
CALLS = 60


def in_threads(work: Callable[[int], None]) -> None:
    """Runs `work` in some threads at once; fails as the first does that fails."""
    failures: List[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"


def drawn_calls(ctx: dtl.Context, seed: int) -> None:
    """Calls that all ranks draw alike, some of one element and some of many, against NumPy."""
    random = np.random.RandomState(seed)
    for _ in range(CALLS):
        count, kind, root = int(random.choice([1, 7, 3000, 40_000])), random.randint(5), int(random.randint(ctx.size))
        sent = random.randint(0, 100, (ctx.size, count))
        data: Any = sent[ctx.rank]
        if kind == 0:
            np.testing.assert_array_equal(dtl.allreduce(ctx, data), sent.sum(axis=0))
        elif kind == 1:
            np.testing.assert_array_equal(dtl.broadcast(ctx, data.copy(), root=root), sent[root])
        elif kind == 2:
            np.testing.assert_array_equal(dtl.allgather(ctx, data), sent)
        elif kind == 3:
            np.testing.assert_array_equal(dtl.scan(ctx, data), sent[: ctx.rank + 1].sum(axis=0))
        else:
            vec = dtl.DistributedVector(ctx, count, "int64", partition="cyclic")
            vec.from_numpy(sent[0][vec.global_indices()])
            assert vec.sum() == sent[0].sum()


@pytest.mark.parametrize("size", [2, 3])
def test_each_thread_has_a_context_of_its_own(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        contexts = [ctx.dup() for _ in range(THREADS)]
        in_threads(lambda number: drawn_calls(contexts[number], 17 * size + number))
        assert dtl.allreduce(ctx, 1) == size
        for copy in contexts:
            copy.close()

    on_ranks(size, rank)


def test_threads_make_contexts_of_their_own() -> None:
    def rank(ctx: dtl.Context) -> None:
        contexts = [ctx.dup() for _ in range(THREADS)]

        def work(number: int) -> None:
            # Each from its own context, so that no two threads of a rank call on the same one.
            for turn in range(3):
                with contexts[number].dup() as copy:
                    drawn_calls(copy, 100 * number + turn)

        in_threads(work)

    on_ranks(2, rank)


def test_a_thread_that_waits_for_long_holds_up_no_other() -> None:
    def rank(ctx: dtl.Context) -> None:
        slow, *others = [ctx.dup() for _ in range(THREADS)]
        may_end = threading.Event()
        ended = threading.Semaphore(0)

        def work(number: int) -> None:
            if number > 0:
                drawn_calls(others[number - 1], number)
                ended.release()
                return
            # The last rank comes to this only when the other threads of its process are done.
            if ctx.rank == ctx.size - 1:
                for _ in others:
                    assert ended.acquire(timeout=250)
                may_end.set()
            assert dtl.allreduce(slow, 1) == ctx.size

        in_threads(work)
        assert may_end.is_set() == (ctx.rank == ctx.size - 1)

    on_ranks(2, rank)
