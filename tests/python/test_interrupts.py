"""Signals that arrive while a rank waits: Ctrl-C ends the wait, and other handlers run."""

import os
import signal
import threading
import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List

import numpy as np
import pytest

import dtl

SOON = 0.3
"""Seconds after which the signal comes."""
LONG = 60.0
"""Seconds that no wait here takes, on a machine that does much else, too."""


@contextmanager
def handling(number: int, handler: Callable[..., None]) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.fixture(autouse=True)
def in_the_foreground(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Shells start programs in the background such that they ignore Ctrl-C, and Python leaves it so. Here it is not ignored; if
    it were, the waits would end too late."""
    monkeypatch.setenv("DTL_TIMEOUT", str(2 * LONG))
    with handling(signal.SIGINT, signal.default_int_handler):
        yield


@contextmanager
def signalled(number: int) -> Iterator[None]:
    """The process gets this signal soon."""
    timer = threading.Timer(SOON, os.kill, (os.getpid(), number))
    timer.start()
    begun = time.perf_counter()
    try:
        yield
        assert time.perf_counter() - begun < LONG
    finally:
        timer.cancel()
        timer.join()


ENDLESS: Dict[str, Callable[[dtl.Context, "dtl.Request[Any]"], Any]] = {
    "recv": lambda ctx, _: dtl.recv(ctx, 1),
    "recv_object": lambda ctx, _: dtl.recv_object(ctx),
    "ssend": lambda ctx, _: dtl.ssend(ctx, np.zeros(1), 1),
    "sendrecv": lambda ctx, _: dtl.sendrecv(ctx, np.zeros(1), 1, source=1),
    "probe": lambda ctx, _: dtl.probe(ctx),
    "wait": lambda _, request: request.wait(),
    "wait with a limit": lambda _, request: request.wait(2 * LONG),
    "waitall": lambda _, request: dtl.waitall([request]),
    "waitany": lambda _, request: dtl.waitany([request]),
    "future": lambda _, request: dtl.when_all([request]).wait(),
    "future that nobody sets": lambda *_: dtl.Future().wait(),
}
"""Calls of rank 0 of 2 that wait for ever, as rank 1 calls nothing; the request receives what nobody sends."""

COLLECTIVES: Dict[str, Callable[[dtl.Context], Any]] = {
    "barrier": dtl.barrier,
    "allreduce": lambda ctx: dtl.allreduce(ctx, np.ones(3)),
    "vector": lambda ctx: dtl.DistributedVector(ctx, 10),
    "object": lambda ctx: dtl.gather_object(ctx, 1),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_wait_that_concerns_two_ranks_ends_and_nothing_else_does(name: str) -> None:
    ctx, peer = dtl.Context.threads(2)
    request, received = dtl.irecv(ctx, 1, tag=9), dtl.irecv(ctx, 1, tag=8)
    with signalled(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        ENDLESS[name](ctx, request)
    assert not request.test() and not received.test(), "a request goes on"
    dtl.send(peer, np.arange(3), 0, tag=8)
    assert received.wait().tolist() == [0, 1, 2]
    dtl.send(peer, np.arange(2), 0, tag=7)
    assert dtl.recv(ctx, 1, tag=7).tolist() == [0, 1], "the context is as before"
    dtl.send(peer, np.arange(1), 0, tag=9)
    assert request.wait().tolist() == [0]


@pytest.mark.parametrize("name", COLLECTIVES)
def test_the_other_ranks_of_a_collective_are_told(name: str) -> None:
    ctx, peer = dtl.Context.threads(2)
    with signalled(signal.SIGINT), pytest.raises(KeyboardInterrupt):
        COLLECTIVES[name](ctx)
    begun = time.perf_counter()
    with pytest.raises(dtl.DTLError, match="rank 0"):
        COLLECTIVES[name](peer)
    assert time.perf_counter() - begun < LONG


def test_what_a_handler_raises_comes_out() -> None:
    def late(*_: Any) -> None:
        raise TimeoutError("late")

    ctx, _ = dtl.Context.threads(2)
    with handling(signal.SIGUSR1, late), signalled(signal.SIGUSR1), pytest.raises(TimeoutError, match="late"):
        dtl.recv(ctx, 1)


def test_what_a_handler_raises_comes_out_of_a_wait_that_succeeds() -> None:
    def send_and_raise(*_: Any) -> None:
        sender = threading.Thread(target=dtl.send, args=(peer, np.arange(2), 0))
        sender.start()
        sender.join()
        raise TimeoutError("late")

    ctx, peer = dtl.Context.threads(2)
    with handling(signal.SIGUSR1, send_and_raise), signalled(signal.SIGUSR1):
        with pytest.raises(TimeoutError, match="late"):
            dtl.recv(ctx, 1)
            raise AssertionError("Python went on")
    with pytest.raises(dtl.DTLError, match="dest is 5"):
        dtl.send(peer, np.arange(2), 5)


def test_a_wait_goes_on_after_a_handler_that_does_not_raise() -> None:
    ctx, peer = dtl.Context.threads(2)
    texts: List[str] = []

    def handle(*_: Any) -> None:
        """It cannot communicate while the rank waits, and is told so at once."""
        try:
            dtl.iprobe(ctx, 1)
        except dtl.DTLError as error:
            texts.append(str(error))

    def send_once_it_was_handled() -> None:
        begun = time.perf_counter()
        while not texts and time.perf_counter() - begun < LONG:
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(SOON)
        dtl.send(peer, np.arange(2), 0)

    sender = threading.Thread(target=send_once_it_was_handled)
    with handling(signal.SIGUSR1, handle):
        sender.start()
        assert dtl.recv(ctx, 1).tolist() == [0, 1]
        sender.join()
    assert texts and all("by a handler of a signal" in text for text in texts)
