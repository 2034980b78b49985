"""Collective operations on Python objects, against what pickling and unpickling them on one rank gives."""

import gc
import pickle
import tracemalloc
from typing import Any, Dict, List

import numpy as np
import pytest

import dtl
from ranks import on_ranks

RANKS = [1, 2, 4]


def thing(rank: int) -> Dict[str, Any]:
    """An object whose parts differ between ranks, with arrays of several types and orders, shared and empty ones."""
    numbers = np.arange(7 + rank, dtype=np.int16)
    return {
        "rank": rank,
        "text": "é" * rank,
        "numbers": numbers,
        "again": numbers,
        "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3) + rank),
        "complex": np.full((2, 0), 1j),
        "nested": [(rank, {rank}), None, np.float32(rank)],
        "large": np.full(100_000, rank, np.float64),
    }


def assert_like(got: Any, wanted: Dict[str, Any]) -> None:
    assert list(got) == list(wanted)
    for name, value in wanted.items():
        if isinstance(value, np.ndarray):
            assert got[name].dtype == value.dtype and got[name].shape == value.shape
            assert got[name].tolist() == value.tolist()
            assert got[name].flags.aligned and got[name].flags.writeable
        else:
            assert got[name] == value
    assert got["again"] is got["numbers"], "what is one object remains one"


@pytest.mark.parametrize("size", RANKS)
def test_all_of_them(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        for root in {0, size - 1}:
            mine = thing(ctx.rank)
            got = dtl.broadcast_object(ctx, mine if ctx.rank == root else None, root)
            assert (got is mine) == (ctx.rank == root)
            assert_like(got, thing(root))

            gathered = dtl.gather_object(ctx, mine, root=root)
            assert (gathered is None) == (ctx.rank != root)
            for source, got in enumerate(gathered or []):
                assert_like(got, thing(source))

            parts = [thing(10 + target) for target in range(size)] if ctx.rank == root else None
            assert_like(dtl.scatter_object(ctx, parts, root), thing(10 + ctx.rank))

        everything = dtl.allgather_object(ctx, thing(ctx.rank))
        assert len(everything) == size
        for source, got in enumerate(everything):
            assert_like(got, thing(source))

        crossed = dtl.alltoall_object(ctx, [thing(4 * ctx.rank + target) for target in range(size)])
        assert len(crossed) == size
        for source, got in enumerate(crossed):
            assert_like(got, thing(4 * source + ctx.rank))

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
def test_objects_are_combined_in_the_order_of_ranks(size: int) -> None:
    def rank(ctx: dtl.Context) -> List[Any]:
        """Joining lists is not commutative."""
        everywhere = dtl.allreduce_object(ctx, [ctx.rank], lambda a, b: a + b)
        at_root = dtl.reduce_object(ctx, str(ctx.rank), lambda a, b: f"({a}{b})", size - 1)
        return [everywhere, at_root]

    texts = ["0", "(01)", "((01)2)", "(((01)2)3)"]
    for position, (everywhere, at_root) in enumerate(on_ranks(size, rank)):
        assert everywhere == list(range(size))
        assert at_root == (texts[size - 1] if position == size - 1 else None)


def test_memory_of_arrays_stays_out_of_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    from dtl import _pickled

    streams = []
    dumps = pickle.dumps

    def watched(*args: Any, **options: Any) -> bytes:
        streams.append(dumps(*args, **options))
        return streams[-1]

    monkeypatch.setattr(_pickled.pickle, "dumps", watched)
    (got,) = dtl.allgather_object(dtl.Environment().make_cpu_context(), [np.ones(1_000_000), np.arange(3)])
    assert got[0].sum() == 1_000_000 and got[1].tolist() == [0, 1, 2]
    assert len(streams) == 1 and len(streams[0]) < 1000
    # What arrives lies in the memory of the message.
    assert not got[0].flags.owndata


def test_what_is_read_only_remains_so() -> None:
    frozen = np.arange(4)
    frozen.setflags(write=False)
    (got,) = dtl.allgather_object(dtl.Environment().make_cpu_context(), frozen)
    assert got.tolist() == [0, 1, 2, 3] and not got.flags.writeable


class Stubborn:
    """Cannot be unpickled."""

    def __reduce__(self) -> Any:
        return int, ("no number",)


CALLS = {
    "broadcast_object": lambda ctx, obj: dtl.broadcast_object(ctx, obj, ctx.size - 1),
    "gather_object": lambda ctx, obj: dtl.gather_object(ctx, obj),
    "allgather_object": dtl.allgather_object,
    "scatter_object": lambda ctx, obj: dtl.scatter_object(ctx, [obj] * ctx.size, ctx.size - 1),
    "alltoall_object": lambda ctx, obj: dtl.alltoall_object(ctx, [obj] * ctx.size),
    "allreduce_object": lambda ctx, obj: dtl.allreduce_object(ctx, obj, lambda a, b: a),
    "reduce_object": lambda ctx, obj: dtl.reduce_object(ctx, obj, lambda a, b: a),
}


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("name", CALLS)
def test_an_object_that_cannot_travel_is_an_error_everywhere(size: int, name: str) -> None:
    def rank(ctx: dtl.Context) -> List[str]:
        texts = []
        for bad, status in [(lambda: 0, dtl.Status.SERIALIZE_FAILED), (Stubborn(), dtl.Status.DESERIALIZE_FAILED)]:
            obj = bad if ctx.rank == size - 1 else "good"
            if name == "broadcast_object" and size == 1 and status is dtl.Status.DESERIALIZE_FAILED:
                continue
            with pytest.raises(dtl.DTLError) as caught:
                CALLS[name](ctx, obj)
            assert caught.value.status is status
            failed_here = ctx.rank == size - 1 and status is dtl.Status.SERIALIZE_FAILED
            assert not failed_here or isinstance(caught.value.__cause__, (AttributeError, pickle.PicklingError))
            texts.append(str(caught.value))
        assert dtl.allgather_object(ctx, ctx.rank) == list(range(size)), "the context is as before"
        return texts

    first, *others = on_ranks(size, rank)
    assert all(texts == first for texts in others)
    assert first[0].startswith(f"{name}: rank {size - 1} cannot send its object: ") or name.endswith("reduce_object") and "lambda" in first[0]
    assert all("cannot read what it has received: ValueError: invalid literal" in text for text in first[1:])


@pytest.mark.parametrize("size", [2, 4])
def test_a_function_that_fails_on_one_rank_fails_everywhere(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        def fails(a: Any, b: Any) -> Any:
            if ctx.rank == 1:
                raise KeyError("mine")
            return a

        if ctx.rank == 1:
            with pytest.raises(KeyError, match="mine"):
                dtl.allreduce_object(ctx, 1, fails)
        else:
            with pytest.raises(dtl.CommunicationError, match="rank 1 failed in the function that combines: KeyError: 'mine'"):
                dtl.allreduce_object(ctx, 1, fails)
        assert dtl.allreduce_object(ctx, 1, lambda a, b: a + b) == size

    on_ranks(size, rank)


ARRAYS = {
    "broadcast": lambda ctx: dtl.broadcast(ctx, np.arange(3) if ctx.rank == 0 else None),
    "allgather": lambda ctx: dtl.allgather(ctx, np.array([5])),
    "gatherv": lambda ctx: dtl.gatherv(ctx, np.zeros(64, np.uint8)),
    "iallgatherv": lambda ctx: dtl.iallgatherv(ctx, np.zeros(64, np.uint8)).wait(),
    "ibroadcast": lambda ctx: dtl.ibroadcast(ctx, np.zeros(64, np.uint8) if ctx.rank == 0 else None).wait(),
}
"""Operations on arrays, some of which are parts of those on objects."""


def test_different_calls_are_told_apart() -> None:
    issued = {name: lambda ctx, call=call: call(ctx, 1).wait() for name, call in ISSUED.items()}
    on_objects = {**{name: lambda ctx, call=call: call(ctx, 1) for name, call in CALLS.items()}, **issued}
    calls: Dict[str, Any] = {**on_objects, **ARRAYS}

    def rank(ctx: dtl.Context) -> List[str]:
        texts = []
        for first in calls:
            for other in on_objects:
                if first != other:
                    with pytest.raises(dtl.ContractError) as caught:
                        calls[first if ctx.rank == 0 else other](ctx)
                    assert f"rank 0 calls {first}, rank 1 calls {other}" in str(caught.value)
                    texts.append(str(caught.value))
        assert dtl.allgather_object(ctx, ctx.rank) == [0, 1], "the context is as before"
        return texts

    first, other = on_ranks(2, rank)
    assert first == other


def test_an_error_names_the_operation_that_was_called() -> None:
    def rank(ctx: dtl.Context) -> None:
        with pytest.raises(dtl.ContractError, match="^gather_object: root differs between ranks: rank 0 passes 0, rank 1 passes 1"):
            dtl.gather_object(ctx, 1, root=ctx.rank)
        with pytest.raises(dtl.DTLError, match="^ireduce_object: root is 7"):
            dtl.ireduce_object(ctx, 1, lambda a, b: a, root=7).wait()
        with pytest.raises(dtl.DTLError, match="^send_object: dest is 2"):
            dtl.send_object(ctx, 1, dest=2)
        with pytest.raises(dtl.DTLError, match="^recv_object: source is 'left'"):
            dtl.recv_object(ctx, source="left")  # type: ignore[arg-type]

    on_ranks(2, rank)


def test_operations_are_counted_by_their_own_names() -> None:
    def calls() -> Dict[str, int]:
        names = [*CALLS, *ISSUED, "send_object", "recv_object"]
        return {name: dtl.observe.counter("calls", name) for name in [*names, *ARRAYS]}

    ctx = dtl.Environment().make_cpu_context()
    before = calls()
    for call in CALLS.values():
        call(ctx, 1)
    for issue in ISSUED.values():
        issue(ctx, 1).wait()
    dtl.send_object(ctx, 1, 0)
    assert dtl.recv_object(ctx, 0) == 1
    assert calls() == {name: number + (name not in ARRAYS) for name, number in before.items()}


@pytest.mark.parametrize("size", RANKS)
def test_there_is_an_object_for_each_rank(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        with pytest.raises(dtl.DTLError, match=f"one object for each of {size} ranks, and there are {size + 1}"):
            dtl.scatter_object(ctx, [1] * (size + 1) if ctx.rank == 0 else None)
        with pytest.raises(dtl.DTLError, match="and there are none"):
            dtl.scatter_object(ctx)
        with pytest.raises(dtl.DTLError, match=f"and there are {size - 1}"):
            dtl.alltoall_object(ctx, [1] * (size - 1 if ctx.rank == 0 else size))

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
def test_forms_that_do_not_block_give_the_same(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        root = size - 1
        mine = thing(ctx.rank)
        parts = [thing(10 + target) for target in range(size)] if ctx.rank == root else None
        requests = [
            dtl.ibroadcast_object(ctx, mine if ctx.rank == root else None, root),
            dtl.igather_object(ctx, mine, root),
            dtl.iallgather_object(ctx, mine),
            dtl.iscatter_object(ctx, parts, root),
            dtl.ialltoall_object(ctx, [thing(4 * ctx.rank + target) for target in range(size)]),
            dtl.iallreduce_object(ctx, [ctx.rank], lambda a, b: a + b),
            dtl.ireduce_object(ctx, [ctx.rank], lambda a, b: a + b, root),
        ]
        mine["text"] = "changed after it was pickled"
        from_root, gathered, everyones, part, crossed, everywhere, at_root = dtl.waitall(requests[::-1])[::-1]
        if ctx.rank == root:
            assert from_root is mine
        else:
            assert_like(from_root, thing(root))
        assert (gathered is None) == (ctx.rank != root)
        for source, got in enumerate(gathered or []):
            assert_like(got, thing(source))
        for source in range(size):
            assert_like(everyones[source], thing(source))
            assert_like(crossed[source], thing(4 * source + ctx.rank))
        assert_like(part, thing(10 + ctx.rank))
        assert everywhere == list(range(size))
        assert at_root == (everywhere if ctx.rank == root else None)
        assert requests[2].wait() is everyones, "a request gives the same each time"

    on_ranks(size, rank)


def test_all_of_them_have_a_form_that_does_not_block() -> None:
    blocking = {name for name in dtl.__all__ if name.endswith("_object") and f"i{name}" in dtl.__all__}
    assert blocking == {*CALLS, "send_object", "recv_object"}
    assert {name[1:] for name in ISSUED} == set(CALLS)


ISSUED = {
    "ibroadcast_object": lambda ctx, obj: dtl.ibroadcast_object(ctx, obj, ctx.size - 1),
    "igather_object": lambda ctx, obj: dtl.igather_object(ctx, obj),
    "iallgather_object": dtl.iallgather_object,
    "iscatter_object": lambda ctx, obj: dtl.iscatter_object(ctx, [obj] * ctx.size, ctx.size - 1),
    "ialltoall_object": lambda ctx, obj: dtl.ialltoall_object(ctx, [obj] * ctx.size),
    "iallreduce_object": lambda ctx, obj: dtl.iallreduce_object(ctx, obj, lambda a, b: a),
    "ireduce_object": lambda ctx, obj: dtl.ireduce_object(ctx, obj, lambda a, b: a),
}


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("name", ISSUED)
def test_what_cannot_be_pickled_is_an_error_of_every_request(size: int, name: str) -> None:
    def rank(ctx: dtl.Context) -> None:
        bad = ctx.rank == size - 1
        with pytest.raises(dtl.DTLError, match=f"{name}: rank {size - 1} cannot send its object: .*lambda") as caught:
            ISSUED[name](ctx, (lambda: 0) if bad else "good").wait()
        assert caught.value.status is dtl.Status.SERIALIZE_FAILED
        assert dtl.allgather_object(ctx, ctx.rank) == list(range(size)), "the context is as before"

    on_ranks(size, rank)


def test_what_cannot_be_unpickled_is_an_error_where_it_arrives() -> None:
    def rank(ctx: dtl.Context) -> None:
        request = dtl.igather_object(ctx, Stubborn() if ctx.rank == 1 else "good")
        if ctx.rank == 0:
            for _ in range(2):
                with pytest.raises(dtl.DTLError, match="igather_object: cannot read what has come: ValueError: invalid literal"):
                    request.wait()
        else:
            assert request.wait() is None
        request = dtl.iallreduce_object(ctx, 0, lambda a, b: 1 // a)
        with pytest.raises(ZeroDivisionError):
            request.wait()

    on_ranks(2, rank)


def test_messages_carry_objects() -> None:
    def rank(ctx: dtl.Context) -> None:
        peer = 1 - ctx.rank
        request = dtl.irecv_object(ctx, peer, tag=3)
        sent = dtl.isend_object(ctx, thing(ctx.rank), peer, tag=3)
        assert_like(request.wait(), thing(peer))
        assert sent.wait() is None and dtl.last_received(ctx).source == peer
        if ctx.rank == 0:
            dtl.send_object(ctx, thing(5), 1)
            dtl.send(ctx, np.arange(3), 1)
            with pytest.raises(dtl.DTLError, match="send_object: the object cannot be sent: .*lambda") as caught:
                dtl.send_object(ctx, lambda: 0, 1)
            assert caught.value.status is dtl.Status.SERIALIZE_FAILED
            dtl.isend_object(ctx, Stubborn(), 1, tag=1).wait()
        else:
            with pytest.raises(dtl.DTLError, match="^recv: rank 0 sent an object of .* bytes with tag 0, but an array is wanted.*recv_object"):
                dtl.recv(ctx, source=0)
            assert_like(dtl.recv_object(ctx), thing(5))
            with pytest.raises(dtl.DTLError, match="^recv_object: rank 0 sent 3 elements of int64 .* an object is wanted.*by recv,"):
                dtl.recv_object(ctx, source=0)
            assert dtl.recv(ctx, source=0).tolist() == [0, 1, 2], "what was not wanted stays"
            with pytest.raises(dtl.DTLError, match="recv_object: cannot read what has come: ValueError: invalid literal"):
                dtl.recv_object(ctx)

    on_ranks(2, rank)


SMALL, LARGE = 100, 1_000_000

def exchanged(ctx: dtl.Context, obj: Any) -> Any:
    """What the other rank sends; the context must not be closed before this rank's own message has been taken."""
    sending = dtl.isend_object(ctx, obj, 1 - ctx.rank)
    received = dtl.recv_object(ctx, 1 - ctx.rank)
    sending.wait()
    return received


RECEIVED: Dict[str, Any] = {
    "broadcast": lambda ctx, obj: dtl.broadcast_object(ctx, obj if ctx.is_root else None),
    "allgather": lambda ctx, obj: dtl.allgather_object(ctx, obj)[0],
    "alltoall": lambda ctx, obj: dtl.alltoall_object(ctx, [obj] * ctx.size)[-1],
    "iallgather": lambda ctx, obj: dtl.iallgather_object(ctx, obj).wait()[1],
    "sendrecv": exchanged,
}


@pytest.mark.parametrize("name", RECEIVED)
@pytest.mark.parametrize("kept, expected", [("small", SMALL), ("large", LARGE)])
def test_what_is_dropped_of_an_object_is_freed(name: str, kept: str, expected: int) -> None:
    def rank(ctx: dtl.Context) -> Any:
        obj = {"small": np.ones(SMALL), "large": np.ones(LARGE), "other": np.zeros(LARGE)}
        part = RECEIVED[name](ctx, obj)[kept]
        part += 1
        return None if ctx.is_root and name == "broadcast" else part

    tracemalloc.start()
    try:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        parts = [part for part in on_ranks(2, rank) if part is not None]
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert parts and all(part.shape == (expected,) and (part == 2).all() for part in parts)
    # Results are brought to every process, where there are several.
    assert after - before < 2 * len(parts) * 8 * expected + 200_000
