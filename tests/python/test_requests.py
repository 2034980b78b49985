"""Operations that do not block, against the same operations of NumPy and against the forms that do."""

import asyncio
import gc
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, assert_results, failures_on_ranks, on_ranks

RANKS = [1, 2, 4]
LENGTHS = [0, 3, 400, 50_000]


def values(rank: int, length: int) -> np.ndarray:
    """Numbers that differ between ranks and elements."""
    return (np.arange(length) * 7 + rank * 3) % 11 - 5


def every(size: int, length: int) -> np.ndarray:
    """The numbers of all ranks, one row for each."""
    return np.stack([values(rank, length) for rank in range(size)])


def rows(rank: int, size: int, length: int) -> np.ndarray:
    """One row for each rank."""
    return values(rank, size * length).reshape(size, length)


def counts(rank: int, size: int) -> List[int]:
    """How many numbers a rank sends to each."""
    return [(rank + 2 * to) % 3 for to in range(size)]


Call = Callable[[dtl.Context, int], "dtl.Request[Any]"]
Oracle = Callable[[int, int, int], Any]

OPERATIONS: Dict[str, Tuple[Call, Oracle]] = {
    "ibarrier": (lambda ctx, length: dtl.ibarrier(ctx), lambda rank, size, length: None),
    "iallreduce": (
        lambda ctx, length: dtl.iallreduce(ctx, values(ctx.rank, length), op="max"),
        lambda rank, size, length: every(size, length).max(axis=0),
    ),
    "iallreduce_minloc": (
        lambda ctx, length: dtl.iallreduce_minloc(ctx, values(ctx.rank, length)),
        lambda rank, size, length: (every(size, length).min(axis=0), every(size, length).argmin(axis=0).astype(np.int32)),
    ),
    "iallreduce_maxloc": (
        lambda ctx, length: dtl.iallreduce_maxloc(ctx, values(ctx.rank, length)),
        lambda rank, size, length: (every(size, length).max(axis=0), every(size, length).argmax(axis=0).astype(np.int32)),
    ),
    "ireduce": (
        lambda ctx, length: dtl.ireduce(ctx, values(ctx.rank, length), root=ctx.size - 1),
        lambda rank, size, length: every(size, length).sum(axis=0) if rank == size - 1 else None,
    ),
    "ibroadcast": (
        lambda ctx, length: dtl.ibroadcast(ctx, values(0, length) if ctx.rank == 0 else None),
        lambda rank, size, length: values(0, length),
    ),
    "igather": (
        lambda ctx, length: dtl.igather(ctx, values(ctx.rank, length)),
        lambda rank, size, length: every(size, length) if rank == 0 else None,
    ),
    "iscatter": (
        lambda ctx, length: dtl.iscatter(ctx, rows(0, ctx.size, length) if ctx.rank == 0 else None),
        lambda rank, size, length: rows(0, size, length)[rank],
    ),
    "iallgather": (
        lambda ctx, length: dtl.iallgather(ctx, values(ctx.rank, length)),
        lambda rank, size, length: every(size, length),
    ),
    "ialltoall": (
        lambda ctx, length: dtl.ialltoall(ctx, rows(ctx.rank, ctx.size, length)),
        lambda rank, size, length: np.stack([rows(other, size, length)[rank] for other in range(size)]),
    ),
    "ireduce_scatter": (
        lambda ctx, length: dtl.ireduce_scatter(ctx, rows(ctx.rank, ctx.size, length)),
        lambda rank, size, length: sum(rows(other, size, length)[rank] for other in range(size)),
    ),
    "iscan": (
        lambda ctx, length: dtl.iscan(ctx, values(ctx.rank, length)),
        lambda rank, size, length: every(size, length)[: rank + 1].sum(axis=0),
    ),
    "iexscan": (
        lambda ctx, length: dtl.iexscan(ctx, values(ctx.rank, length)),
        lambda rank, size, length: every(size, length)[:rank].sum(axis=0),
    ),
    "igatherv": (
        lambda ctx, length: dtl.igatherv(ctx, values(ctx.rank, length + ctx.rank)),
        lambda rank, size, length: (
            np.concatenate([values(other, length + other) for other in range(size)]) if rank == 0 else None
        ),
    ),
    "iscatterv": (
        lambda ctx, length: dtl.iscatterv(
            ctx, values(0, sum(counts(0, ctx.size))) if ctx.rank == 0 else None, counts(0, ctx.size)
        ),
        lambda rank, size, length: np.split(values(0, sum(counts(0, size))), np.cumsum(counts(0, size))[:-1])[rank],
    ),
    "iallgatherv": (
        lambda ctx, length: dtl.iallgatherv(
            ctx, values(ctx.rank, length + ctx.rank), [length + rank for rank in range(ctx.size)]
        ),
        lambda rank, size, length: np.concatenate([values(other, length + other) for other in range(size)]),
    ),
    "ialltoallv": (
        lambda ctx, length: dtl.ialltoallv(
            ctx, values(ctx.rank, sum(counts(ctx.rank, ctx.size))), counts(ctx.rank, ctx.size)
        ),
        lambda rank, size, length: np.concatenate(
            [
                np.split(values(other, sum(counts(other, size))), np.cumsum(counts(other, size))[:-1])[rank]
                for other in range(size)
            ]
        ),
    ),
}


MESSAGES = {"send", "ssend", "recv", "sendrecv", "probe", "intergroup_send", "intergroup_recv"}
"""What `test_messages.py` and `test_roles.py` test; `iprobe` gives no request."""


def test_all_collectives_are_here() -> None:
    blocking = {name[1:] for name in OPERATIONS}
    # Those of objects are in test_objects.py.
    forms = {
        name for name in dtl.__all__ if name[0] == "i" and hasattr(dtl, name[1:]) and not name.endswith("_object")
    }
    assert {name[1:] for name in forms} >= blocking and blocking >= {name[1:] for name in forms} - MESSAGES


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_results(size: int, length: int, name: str) -> None:
    call, oracle = OPERATIONS[name]
    results = on_ranks(size, lambda ctx: call(ctx, length).wait())
    assert_results(results, [oracle(rank, size, length) for rank in range(size)])


@pytest.mark.parametrize("size", RANKS)
def test_all_at_once_in_any_order_and_between_calls_that_block(size: int) -> None:
    def run(ctx: dtl.Context) -> List[Any]:
        other = ctx.dup()
        requests = []
        for length in LENGTHS:
            for number, (call, _) in enumerate(OPERATIONS.values()):
                requests.append(call(ctx if number % 2 else other, length))
            assert dtl.allreduce(other, 1) == ctx.size
        order = range(len(requests)) if ctx.rank % 2 else reversed(range(len(requests)))
        results: Dict[int, Any] = {place: requests[place].wait() for place in order}
        other.close()
        return [results[place] for place in range(len(requests))]

    every_rank = on_ranks(size, run)
    wanted = [[oracle for length in LENGTHS for _, oracle in OPERATIONS.values()] for _ in range(size)]
    lengths = [length for length in LENGTHS for _ in OPERATIONS]
    for rank, results in enumerate(every_rank):
        assert_results(results, [oracle(rank, size, length) for oracle, length in zip(wanted[rank], lengths)])


def test_a_result_is_the_same_each_time() -> None:
    def run(ctx: dtl.Context) -> bool:
        request = dtl.iallreduce(ctx, np.arange(3.0))
        first = request.wait()
        assert request.done() and request.test()
        return first is request.wait() and first is request.result() and first is request.get()

    assert on_ranks(2, run) == [True, True]


def test_scalars_come_back_as_scalars() -> None:
    results = on_ranks(2, lambda ctx: dtl.iallreduce(ctx, 1.5).wait())
    assert results == [3.0, 3.0] and type(results[0]) is float
    results = on_ranks(2, lambda ctx: dtl.iallreduce(ctx, np.int32(2)).wait())
    assert results == [4, 4] and type(results[0]) is np.int32


def test_what_is_passed_is_kept_and_out_is_filled() -> None:
    def run(ctx: dtl.Context) -> bool:
        out = np.zeros(5000)
        # Every second element: what is not contiguous is copied.
        request = dtl.iallreduce(ctx, np.arange(10_000.0)[::2], out=out)
        gc.collect()
        assert request.wait() is out
        return bool((out == np.arange(0, 10_000.0, 2) * ctx.size).all())

    assert all(on_ranks(2, run))


@pytest.mark.parametrize("bad", ["readonly", "strided", "short"])
def test_an_out_that_cannot_be_written_fails_on_all_ranks(bad: str) -> None:
    def run(ctx: dtl.Context) -> None:
        out = np.zeros(4)
        if ctx.rank == 1:
            out = {"readonly": np.zeros(4), "strided": np.zeros(8)[::2], "short": np.zeros(3)}[bad]
            out.flags.writeable = bad != "readonly"
        dtl.iallreduce(ctx, np.ones(4), out=out).wait()

    failures = failures_on_ranks(2, run)
    assert len({str(failure) for failure in failures}) == 1
    assert str(failures[0]).startswith("iallreduce: out ") and "rank 1" in str(failures[0])


@pytest.mark.parametrize("size", [2, 4])
def test_errors_are_those_of_the_form_that_blocks(size: int) -> None:
    def mistakes(ctx: dtl.Context) -> List[Tuple[Any, ...]]:
        wrong = ctx.rank == ctx.size - 1
        return [
            ("allreduce", np.ones(5 if wrong else 4)),
            ("allreduce", np.ones(4, np.int32 if wrong else np.float64)),
            ("allreduce", np.ones(4), "no such operator" if wrong else "sum"),
            ("allreduce", object() if wrong else np.ones(4)),
            ("allreduce", np.ones(4), "band"),
            ("gather", np.ones(4), 99 if wrong else 0),
            ("alltoall", np.ones((ctx.size + wrong, 2))),
            ("allgatherv", np.ones(2), [3] * ctx.size if wrong else None),
        ]

    def run(ctx: dtl.Context) -> List[Tuple[str, str, str, str]]:
        found = []
        for name, *arguments in mistakes(ctx):
            with pytest.raises(dtl.DTLError) as blocking:
                getattr(dtl, name)(ctx, *arguments)
            request = getattr(dtl, "i" + name)(ctx, *arguments)
            with pytest.raises(dtl.DTLError) as issued:
                request.wait()
            with pytest.raises(type(issued.value), match=".*"):
                request.test()
            text = str(blocking.value).replace(f"{name}:", f"i{name}:")
            found.append((type(blocking.value).__name__, text, type(issued.value).__name__, str(issued.value)))
        assert dtl.allreduce(ctx, 1) == ctx.size
        return found

    results = on_ranks(size, run)
    for blocking, text, issued, issued_text in results[0]:
        assert (blocking, text) == (issued, issued_text)
    assert all(result == results[0] for result in results)


def test_forms_that_block_and_that_do_not_are_told_apart() -> None:
    def run(ctx: dtl.Context) -> None:
        dtl.allreduce(ctx, 1.0) if ctx.rank == 0 else dtl.iallreduce(ctx, 1.0).wait()

    for failure in failures_on_ranks(2, run):
        assert isinstance(failure, dtl.ContractError)
        assert "allreduce" in str(failure) and "iallreduce" in str(failure)


def test_an_exception_of_python_is_raised_at_once_where_it_is_raised() -> None:
    class Bad:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            raise KeyError("from __array__")

    def run(ctx: dtl.Context) -> str:
        with pytest.raises(Exception) as problem:
            dtl.iallreduce(ctx, Bad() if ctx.rank == 0 else 1.0).wait()
        assert dtl.allreduce(ctx, 1) == ctx.size
        return f"{problem.type.__name__}: {problem.value}"

    first, second = on_ranks(2, run)
    assert first == "KeyError: 'from __array__'"
    assert second.startswith("CommunicationError: iallreduce: an argument raised KeyError")


def test_a_request_that_is_dropped_completes() -> None:
    def run(ctx: dtl.Context) -> float:
        data = np.full(50_000, 1.0 + ctx.rank)
        dtl.iallreduce(ctx, data)
        del data
        gc.collect()
        return float(dtl.allreduce(ctx, 1.0)) + dtl.iallreduce(ctx, np.ones(9)).wait()[0]

    assert on_ranks(4, run) == [8.0] * 4


def test_a_wait_that_is_too_long_changes_nothing() -> None:
    def run(ctx: dtl.Context) -> float:
        if ctx.rank == 1:
            assert dtl.recv(ctx, 0) == 1
        request = dtl.iallreduce(ctx, np.full(9, 2.0))
        if ctx.rank == 0:
            with pytest.raises(TimeoutError, match="iallreduce is not over after"):
                request.wait(timeout=0.02)
            with pytest.raises(TimeoutError):
                request.wait(0)
            assert not request.done()
            dtl.send(ctx, 1, 1)
        return float(request.wait(timeout=600)[0])

    assert on_ranks(2, run) == [4.0, 4.0]


@pytest.mark.parametrize("timeout", [-2.0, float("nan"), "soon", True])
def test_a_time_that_is_none(timeout: Any) -> None:
    with alone() as ctx:
        request = dtl.ibarrier(ctx)
        with pytest.raises(dtl.InvalidArgumentError, match="timeout is"):
            request.wait(timeout)
        request.wait(float("inf"))


def test_waitall_and_waitany() -> None:
    def run(ctx: dtl.Context) -> Tuple[Any, ...]:
        requests = [dtl.iallreduce(ctx, float(number)) for number in range(5)]
        results = dtl.waitall(requests)
        left = {number: request for number, request in enumerate([dtl.iallreduce(ctx, number) for number in range(5)])}
        seen = []
        while left:
            places = list(left)
            place, result = dtl.waitany([left[number] for number in places], timeout=60)
            assert result == places[place] * ctx.size
            seen.append(places[place])
            del left[places[place]]
        return results, sorted(seen), dtl.waitall([])

    assert on_ranks(2, run) == [([0.0, 2.0, 4.0, 6.0, 8.0], [0, 1, 2, 3, 4], [])] * 2


def test_waitall_says_which_have_failed_and_loses_nothing() -> None:
    def run(ctx: dtl.Context) -> Any:
        good = dtl.iallreduce(ctx, 2.0)
        bad = dtl.igather(ctx, 1.0, root=7)
        worse = dtl.iallreduce(ctx, np.ones(2 + ctx.rank))
        with pytest.raises(dtl.InvalidArgumentError) as failure:
            dtl.waitall([good, bad, worse])
        assert "requests[1] and requests[2] have failed, the first with: igather: root is 7" in str(failure.value)
        with pytest.raises(dtl.ContractError, match=r"requests\[0\] has failed: iallreduce"):
            dtl.waitany([worse])
        return good.wait()

    assert on_ranks(2, run) == [4.0, 4.0]


def test_what_waitall_and_waitany_refuse() -> None:
    with alone() as ctx:
        request = dtl.ibarrier(ctx)
        with pytest.raises(dtl.InvalidArgumentError, match=r"requests\[1\] is 3 \(int\), but must be a dtl.Request"):
            dtl.waitall([request, 3])  # type: ignore[list-item]
        with pytest.raises(dtl.InvalidArgumentError, match="there is no request"):
            dtl.waitany([])
        with pytest.raises(dtl.InvalidArgumentError, match="must be a list or tuple"):
            dtl.waitall(request)  # type: ignore[arg-type]
        dtl.waitall((request,))


def test_waitall_that_is_too_long() -> None:
    def run(ctx: dtl.Context) -> int:
        if ctx.rank == 1:
            assert dtl.recv(ctx, 0) == 1
        requests = [dtl.ibarrier(ctx), dtl.iallreduce(ctx, 1)]
        if ctx.rank == 0:
            with pytest.raises(TimeoutError, match=r"2 requests are not over: requests\[0\] \(ibarrier\)"):
                dtl.waitall(requests, 0.02)
            with pytest.raises(TimeoutError, match="not over"):
                dtl.waitany(requests, timeout=0)
            dtl.send(ctx, 1, 1)
        return dtl.waitall(requests, timeout=600)[1]

    assert on_ranks(2, run) == [2, 2]


@pytest.mark.parametrize("size", RANKS)
def test_asyncio(size: int) -> None:
    async def several(ctx: dtl.Context) -> List[Any]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        beside = asyncio.ensure_future(tick())
        if ctx.rank == 0:
            await asyncio.sleep(0.05)
        single = await dtl.iallreduce(ctx, 1.0)
        both = await asyncio.gather(
            *(dtl.iallreduce(ctx, np.full(20_000, float(n))) for n in range(3)), dtl.ibarrier(ctx)
        )
        beside.cancel()
        assert ticks > 0
        return [single, [None if result is None else result[7] for result in both]]

    results = on_ranks(size, lambda ctx: asyncio.run(several(ctx)))
    assert results == [[float(size), [0.0, float(size), 2.0 * size, None]]] * size


def test_await_raises_what_wait_raises() -> None:
    async def fails(ctx: dtl.Context) -> None:
        await dtl.iallreduce(ctx, np.ones(2 + ctx.rank))

    for failure in failures_on_ranks(2, lambda ctx: asyncio.run(fails(ctx))):
        assert isinstance(failure, dtl.ContractError) and str(failure).startswith("iallreduce: count differs")


def test_the_handler_is_told_at_wait() -> None:
    def run(ctx: dtl.Context) -> List[int]:
        told: List[int] = []
        with ctx.dup() as own:
            own.set_error_handler(lambda status, message: told.append(status))
            request = dtl.igather(own, 1.0, root=9)
            assert told == []
            with pytest.raises(dtl.InvalidArgumentError):
                request.wait()
        return told

    assert on_ranks(2, run) == [[dtl.Status.INVALID_ARGUMENT]] * 2


def test_what_a_closed_context_leaves_is_canceled() -> None:
    def run(ctx: dtl.Context) -> str:
        own = ctx.dup()
        request = dtl.iallreduce(own, 1.0) if ctx.rank == 0 else None
        dtl.barrier(ctx)
        own.close()
        if request is None:
            return ""
        with pytest.raises(dtl.CommunicationError) as failure:
            request.wait()
        return str(failure.value)

    assert "iallreduce: " in on_ranks(2, run)[0]


def test_repr_and_annotation() -> None:
    with alone() as ctx:
        assert repr(dtl.iallreduce(ctx, 1.0)) == "<dtl.Request: iallreduce on rank 0, over>"
    # Python 3.8 has no such aliases; there it is the class itself.
    assert getattr(dtl.Request[float], "__origin__", dtl.Request[float]) is dtl.Request
