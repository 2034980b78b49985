"""A forked process has copies of its parent's contexts and is no rank of them, whatever connects the ranks: each operation that
needs other ranks is an error there, and the ranks go on as if nothing had happened."""

import os
from typing import Any, Callable, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks


def in_a_child(calls: List[Tuple[str, Callable[[], Any]]]) -> List[str]:
    """What a forked process says about the calls that it makes: the names of those that are not refused as they should be."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for name, call in calls:
                try:
                    call()
                    os.write(writing, f"{name} went well\n".encode())
                except dtl.DTLError as error:
                    if "the context was made by another process" not in str(error):
                        os.write(writing, f"{name}: {error}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        lines = said.read().splitlines()
    os.waitpid(child, 0)
    return lines


def every_kind(ctx: dtl.Context) -> List[Tuple[str, Callable[[], Any]]]:
    """Calls of every kind that needs other ranks."""
    vector = dtl.DistributedVector(ctx, 6)
    tensor = dtl.DistributedTensor(ctx, (4, 3))
    table = dtl.DistributedMap(ctx, "int64", "float64")
    data = np.ones(3)
    return [
        ("barrier", ctx.barrier),
        ("allreduce", lambda: dtl.allreduce(ctx, data)),
        ("iallreduce", lambda: dtl.iallreduce(ctx, data).wait()),
        ("a function", lambda: dtl.allreduce(ctx, data, op=np.add)),
        ("gather_object", lambda: dtl.gather_object(ctx, "text")),
        ("send", lambda: dtl.send(ctx, data, dest=0)),
        ("ssend", lambda: dtl.ssend(ctx, data, dest=0)),
        ("isend", lambda: dtl.isend(ctx, data, dest=0).wait()),
        ("irecv", lambda: dtl.irecv(ctx, source=0).wait()),
        ("recv", lambda: dtl.recv(ctx, source=0)),
        ("iprobe", lambda: dtl.iprobe(ctx)),
        ("dup", ctx.dup),
        ("split", lambda: ctx.split(0)),
        ("sum", vector.sum),
        ("sort", lambda: dtl.sort(vector)),
        ("a container", lambda: dtl.DistributedArray(ctx, 6)),
        ("redistribute", lambda: tensor.redistribute("cyclic")),
        ("halo", lambda: tensor.halo(1)),
        ("flush", table.flush),
        ("roles", lambda: dtl.RoleManager(ctx).initialize()),
    ]


@pytest.mark.parametrize("size", [1, 2])
def test_a_child_is_no_rank(size: int) -> None:
    def check(ctx: dtl.Context) -> Tuple[List[str], float]:
        calls, last = every_kind(ctx), ctx.size - 1
        request = dtl.irecv(ctx, source=last)
        halo = dtl.DistributedVector(ctx, 6).halo(1)
        halo.begin()
        calls += [("wait", request.wait), ("test", request.test), ("end", halo.end)]
        wrong = in_a_child(calls) if ctx.rank == last else []
        halo.end()
        for rank in range(ctx.size if ctx.rank == last else 0):
            dtl.send(ctx, 3.5, dest=rank)
        return wrong, float(request.wait())

    for wrong, received in on_ranks(size, check):
        assert not wrong
        assert received == 3.5


def test_what_is_local_stays_usable_in_a_child() -> None:
    ctx = alone()
    vector = dtl.DistributedVector(ctx, 6, fill=2.5)
    child = os.fork()
    if child == 0:
        view = vector.local_view()
        is_right = view.sum() == 15 and not ctx.is_valid and (ctx.rank, ctx.size) == (0, 1)
        own = alone()
        os._exit(0 if is_right and dtl.allreduce(own, 3) == 3 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert ctx.is_valid
