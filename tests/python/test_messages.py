"""Messages between two ranks: what is received, in which order, and what becomes of messages that do not fit."""

import random
import threading
from typing import Any, Dict, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, assert_results, on_ranks
from test_collectives import DTYPES, values

SHAPES: List[Tuple[int, ...]] = [(), (1,), (7,), (3, 4), (0,), (2, 0, 3), (5000,), (200, 300)]
ANY = dtl.ANY_SOURCE


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_ring(size: int, shape: Tuple[int, ...], dtype: str) -> None:
    def ring(ctx: dtl.Context) -> Any:
        after, before = (ctx.rank + 1) % size, (ctx.rank - 1) % size
        both = dtl.sendrecv(ctx, values(ctx.rank, shape, dtype), after, 3, before, 3)
        dtl.send(ctx, both, after)
        return dtl.recv(ctx, before)

    wanted = [values((rank - 2) % size, shape, dtype) for rank in range(size)]
    assert_results(on_ranks(size, ring), wanted)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [2, 3, 4])
def test_the_order_of_each_sender_and_tag(size: int, seed: int) -> None:
    draw = random.Random(seed)
    # Every rank knows who sends what to whom.
    drawn = [
        (draw.randrange(size), draw.randrange(size), draw.randrange(3), number, draw.choice([1, 10, 4000, 60000]))
        for number in range(30 * size)
    ]

    def exchange(ctx: dtl.Context) -> None:
        for sender, receiver, tag, number, length in drawn:
            if sender == ctx.rank:
                dtl.send(ctx, np.full(length, number), receiver, tag)
        expected: Dict[Tuple[int, int], List[Tuple[int, int]]] = {}
        for sender, receiver, tag, number, length in drawn:
            if receiver == ctx.rank:
                expected.setdefault((sender, tag), []).append((number, length))
        order = random.Random(seed + ctx.rank)
        while expected:
            source, tag = order.choice(sorted(expected))
            number, length = expected[source, tag].pop(0)
            if not expected[source, tag]:
                del expected[source, tag]
            received = dtl.recv(ctx, source, tag)
            np.testing.assert_array_equal(received, np.full(length, number))

    on_ranks(size, exchange)


def test_from_any_rank_with_any_tag() -> None:
    def gather(ctx: dtl.Context) -> Any:
        if ctx.rank > 0:
            dtl.send(ctx, [ctx.rank] * ctx.rank, 0, 10 * ctx.rank)
            return None
        return sorted(dtl.recv(ctx).tolist() for _ in range(1, ctx.size))

    assert on_ranks(4, gather)[0] == [[1], [2, 2], [3, 3, 3]]


def test_what_is_not_contiguous_is_sent_as_it_looks() -> None:
    grid = np.arange(60.0).reshape(6, 10)
    views = [grid[:, ::3], grid.T, grid[::-1], np.asfortranarray(grid), grid[2], np.broadcast_to(grid[0], (3, 10))]

    def send(ctx: dtl.Context) -> List[Any]:
        if ctx.rank == 0:
            for view in views:
                dtl.send(ctx, view, 1)
            return []
        return [dtl.recv(ctx, 0) for _ in views]

    assert_results(on_ranks(2, send)[1], [np.ascontiguousarray(view) for view in views])


@pytest.mark.parametrize("send", [dtl.send, dtl.ssend])
def test_both_ways_of_sending(send: Any) -> None:
    def relay(ctx: dtl.Context) -> Any:
        if ctx.rank == 0:
            send(ctx, np.arange(100_000), 1, tag=4)
            send(ctx, 2.5, dest=1, tag=5)
            return None
        return int(dtl.recv(ctx, 0, 4).sum()), float(dtl.recv(ctx, 0, 5))

    assert on_ranks(2, relay)[1] == (4999950000, 2.5)


def test_large_sends_before_the_receives() -> None:
    def both(ctx: dtl.Context) -> Any:
        other = 1 - ctx.rank
        dtl.send(ctx, np.full(3_000_000, ctx.rank), other)
        return dtl.recv(ctx, other)

    results = on_ranks(2, both)
    assert [(result.min(), result.max()) for result in results] == [(1, 1), (0, 0)]


def test_messages_to_oneself() -> None:
    def talk(ctx: dtl.Context) -> Any:
        me = ctx.rank
        dtl.send(ctx, np.arange(500_000), me, 1)
        dtl.send(ctx, [7], me, 2)
        return int(dtl.recv(ctx, me, 2)[0]), int(dtl.recv(ctx, me).sum())

    assert on_ranks(2, talk) == [(7, 124999750000)] * 2


def test_every_context_has_messages_of_its_own() -> None:
    def talk(ctx: dtl.Context) -> Any:
        other = 1 - ctx.rank
        half, copy = ctx.split(0, key=-ctx.rank), ctx.dup()
        with half, copy:
            dtl.send(ctx, [1], other)
            # In the other order, the ranks of the group are numbered the other way round.
            dtl.send(half, [2], 1 - half.rank)
            dtl.send(copy, [3], other)
            received = [dtl.recv(copy), dtl.recv(half, 1 - half.rank), dtl.recv(ctx)]
        return [int(it[0]) for it in received]

    assert on_ranks(2, talk) == [[3, 2, 1]] * 2


def test_threads_of_a_rank_with_a_context_each() -> None:
    def talk(ctx: dtl.Context) -> List[int]:
        contexts = [ctx.dup() for _ in range(3)]
        sums = [0] * 3

        def work(number: int) -> None:
            with contexts[number] as own:
                for index in range(50):
                    dtl.send(own, np.full(5000 * (index % 3), number), 1 - ctx.rank, index)
                    sums[number] += int(dtl.recv(own, 1 - ctx.rank, index).sum())

        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return sums

    assert on_ranks(2, talk) == [[0, 245000, 490000]] * 2


def test_into_memory_of_the_caller() -> None:
    def receive(ctx: dtl.Context) -> Any:
        if ctx.rank == 0:
            dtl.send(ctx, np.arange(6.0).reshape(2, 3), 1)
            return None
        out = np.zeros((2, 3))
        assert dtl.recv(ctx, 0, out=out) is out
        return out

    assert_results(on_ranks(2, receive)[1:], [np.arange(6.0).reshape(2, 3)])


@pytest.mark.parametrize("length", [4, 100_000])
def test_a_message_that_does_not_fit_stays(length: int) -> None:
    def receive(ctx: dtl.Context) -> Any:
        if ctx.rank == 0:
            return dtl.send(ctx, np.arange(length, dtype="int32"), 1, 7)
        texts = []
        for out in [np.zeros(length - 1, "int32"), np.zeros(length + 1, "int32"), np.zeros(length), np.zeros((2, 2))]:
            with pytest.raises(dtl.DTLError) as caught:
                dtl.recv(ctx, 0, out=out)
            assert not out.any()
            texts.append((caught.value.status.name, str(caught.value)))
        return texts, dtl.recv(ctx, 0, 7)

    texts, received = on_ranks(2, receive)[1]
    start = f"recv: rank 0 sent {length} elements of int32 with tag 7, but "
    assert all(text.startswith(start) for _, text in texts)
    assert texts[0][0] == "BUFFER_TOO_SMALL"
    assert f"the memory for it has the shape [{length - 1}]" in texts[0][1]
    assert texts[1][0] == "EXTENT_MISMATCH"
    assert texts[2][0] == "INVALID_ARGUMENT"
    assert "but float64 is wanted" in texts[2][1]
    np.testing.assert_array_equal(received, np.arange(length))


def test_what_is_known_of_messages() -> None:
    def look(ctx: dtl.Context) -> Any:
        if ctx.rank == 0:
            dtl.send(ctx, np.zeros((2, 3)), 1, 5)
            dtl.send(ctx, np.arange(100_000), 1, 6)
            dtl.barrier(ctx)
            return None
        with pytest.raises(dtl.DTLError, match="last_received: the last message that this thread has received"):
            dtl.last_received(ctx)
        info = dtl.probe(ctx, tag=6)
        assert info == dtl.MessageInfo(source=0, tag=6, count=100_000) == dtl.probe(ctx, 0, 6)
        assert dtl.iprobe(ctx) == dtl.MessageInfo(0, 5, 6)
        assert dtl.iprobe(ctx, ctx.rank) is dtl.iprobe(ctx, tag=7) is None
        received = [dtl.recv(ctx, tag=6), dtl.last_received(ctx), dtl.recv(ctx), dtl.last_received(ctx)]
        assert dtl.iprobe(ctx) is None
        dtl.barrier(ctx)
        return [received[1], received[3].source, received[3].tag, received[3].count]

    assert on_ranks(2, look)[1] == [dtl.MessageInfo(0, 6, 100_000), 0, 5, 6]


def test_waiting_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTL_TIMEOUT", "0.2")
    with alone() as ctx:
        dtl.send(ctx, [1], 0, 4)
        with pytest.raises(dtl.DTLError) as caught:
            dtl.recv(ctx, 0, 3)
        text = "recv: rank 0 waited 200ms for a message with tag 3 from rank 0 and gave up. What has come and was not asked for: a message"
        assert str(caught.value).startswith(text)
        assert caught.value.status.name == "TIMEOUT"
        assert dtl.recv(ctx).tolist() == [1]


def test_forms_that_do_not_block() -> None:
    def talk(ctx: dtl.Context) -> Any:
        other = 1 - ctx.rank
        receives = [dtl.irecv(ctx, other, tag) for tag in (2, 1)]
        sends = [dtl.isend(ctx, np.full(200_000, tag), other, tag) for tag in (1, 2)]
        sends.append(dtl.issend(ctx, [ctx.rank], other, 3))
        both = dtl.isendrecv(ctx, [4], other, 4, other, 4)
        results = [request.wait().mean() for request in [*receives, both, dtl.irecv(ctx, tag=3)]]
        assert all(request.wait() is None for request in sends)
        with pytest.raises(dtl.DTLError, match="isend: dest is 7"):
            dtl.isend(ctx, [1], 7).wait()
        with pytest.raises(dtl.DTLError, match="no array of numbers"):
            dtl.isend(ctx, "no numbers", other).wait()
        return results

    assert on_ranks(2, talk) == [[2, 1, 4, 1], [2, 1, 4, 0]]


def test_a_rank_that_has_left() -> None:
    def leave(ctx: dtl.Context) -> Any:
        if ctx.rank == 1:
            dtl.send(ctx, [4], 0)
            ctx.close()
            return None
        assert dtl.recv(ctx, 1).tolist() == [4]
        errors = []
        for wait in [lambda: dtl.recv(ctx, 1, 2), lambda: dtl.recv(ctx), lambda: dtl.ssend(ctx, [1], 1)]:
            with pytest.raises(dtl.CommunicationError) as caught:
                wait()
            errors.append((caught.value.status.name, str(caught.value)))
        return errors

    errors = on_ranks(2, leave)[0]
    assert [status for status, _ in errors] == ["RANK_FAILURE"] * 3
    assert [text for _, text in errors] == [
        "recv: rank 1 left the context and has not sent a message with tag 2",
        "recv: rank 1 left the context, so that nobody can send a message any more",
        "ssend: rank 1 has left the context and does not receive the message with tag 0 (1 element of int64)",
    ]


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda ctx: dtl.send(ctx, [1], 1), dtl.BoundsError, "send: dest is 1 (size is 1)"),
        (lambda ctx: dtl.send(ctx, [1], -1), dtl.BoundsError, "send: dest is -1"),
        (lambda ctx: dtl.send(ctx, [1], 0, -1), dtl.InvalidArgumentError, "send: tag is -1"),
        (lambda ctx: dtl.send(ctx, [1], "0"), TypeError, "dest is '0'"),
        (lambda ctx: dtl.send(ctx, "abc", 0), dtl.InvalidArgumentError, "no array of numbers"),
        (lambda ctx: dtl.ssend(ctx, [1], 0, 2**40), dtl.InvalidArgumentError, "tag is 1099511627776"),
        (lambda ctx: dtl.recv(ctx, 1), dtl.BoundsError, "recv: source is 1 (size is 1)"),
        (lambda ctx: dtl.recv(ctx, -1), dtl.BoundsError, "or ANY_SOURCE (-2) for any rank"),
        (lambda ctx: dtl.probe(ctx, 5), dtl.BoundsError, "probe: source is 5 (size is 1)"),
        (lambda ctx: dtl.iprobe(ctx, 0, -5), dtl.InvalidArgumentError, "iprobe: tag is -5"),
        (lambda ctx: dtl.recv(ctx, 0, -2), dtl.InvalidArgumentError, "or ANY_TAG (-1) for any tag"),
        (lambda ctx: dtl.sendrecv(ctx, [1], 0, -1), dtl.InvalidArgumentError, "sendrecv: sendtag is -1"),
        (lambda ctx: dtl.send(ctx, np.zeros((1,) * 9), 0), dtl.DTLError, "data has 9 dimensions"),
    ],
)
def test_bad_arguments(call: Any, error: Any, text: str) -> None:
    with alone() as ctx:
        with pytest.raises(error) as caught:
            call(ctx)
        assert text in str(caught.value)
        dtl.send(ctx, [1], 0)
        assert dtl.recv(ctx).tolist() == [1]


def test_a_closed_context() -> None:
    ctx = alone()
    ctx.close()
    with pytest.raises(dtl.DTLError, match="send: the context is closed"):
        dtl.send(ctx, [1], 0)


RECEIVES: Dict[str, Any] = {
    "recv": dtl.recv,
    "irecv": lambda ctx, **announced: dtl.irecv(ctx, **announced).wait(),
    "sendrecv": lambda ctx, **announced: dtl.sendrecv(ctx, 0, 0, 5, 0, 4, **{f"recv{k}": v for k, v in announced.items()}),
}


@pytest.mark.parametrize("how", RECEIVES)
def test_what_is_announced_is_compared_with_what_comes(how: str) -> None:
    receive = RECEIVES[how]
    with alone() as ctx:
        data = np.arange(6, dtype=np.float32).reshape(2, 3)
        dtl.send(ctx, data, 0, 4)
        for announced, but in [
            ({"dtype": np.float64}, "6 elements of float32 with shape [2, 3] with tag 4, but float64 is wanted"),
            ({"count": 5}, "6 elements of float32 with shape [2, 3] with tag 4, but 5 are expected at most"),
            ({"count": 0, "dtype": "float32"}, "but 0 are expected at most"),
        ]:
            with pytest.raises(dtl.DTLError) as caught:
                receive(ctx, **announced)
            assert but in str(caught.value) and "The message has not been received" in str(caught.value)
        np.testing.assert_array_equal(receive(ctx, count=6, dtype="float32"), data)


def test_fewer_elements_than_announced_come_as_they_are() -> None:
    with alone() as ctx:
        dtl.send(ctx, [1, 2], 0)
        assert dtl.recv(ctx, 0, 0, count=100, dtype=int).tolist() == [1, 2]
        dtl.send(ctx, [], 0)
        assert dtl.recv(ctx, count=0).shape == (0,)


def test_what_is_announced_and_out_must_agree() -> None:
    with alone() as ctx:
        out = np.empty(2, dtype=np.int16)
        with pytest.raises(dtl.InvalidArgumentError, match="dtype is int32, but out has elements of type int16"):
            dtl.recv(ctx, dtype=np.int32, out=out)
        dtl.send(ctx, np.array([1, 2], dtype=np.int16), 0)
        assert dtl.recv(ctx, count=2, dtype=np.int16, out=out) is out
        assert out.tolist() == [1, 2]


@pytest.mark.parametrize("wrong", [{"count": -1}, {"count": 1.5}, {"dtype": "text"}, {"dtype": object}])
def test_what_cannot_be_announced_is_refused(wrong: Dict[str, Any]) -> None:
    with alone() as ctx:
        dtl.send(ctx, 1, 0)
        with pytest.raises((dtl.InvalidArgumentError, TypeError), match=next(iter(wrong))):
            dtl.recv(ctx, **wrong)
        assert dtl.recv(ctx) == 1
