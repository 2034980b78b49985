"""Counters equal what is known of a program: each operation below says what every rank sends and receives in it."""

import re
import time
from typing import Any, Callable, Dict, List

import numpy as np
import pytest
from ranks import WORLD, alone, on_ranks

import dtl
from dtl import observe

ROUND = 128
"""Bytes of the message with which each rank begins a collective operation, to each other one."""


ROUNDS = {"scatter": 2}
"""How many such rounds an operation has, if not one: the root first says what it has."""


def blocks(sent: int, received: int, nbytes: int) -> Dict[str, int]:
    return {
        "messages_sent": sent,
        "bytes_sent": sent * nbytes,
        "messages_received": received,
        "bytes_received": received * nbytes,
    }


def broadcast(ctx: dtl.Context) -> Dict[str, int]:
    data = np.ones(1000) if ctx.rank == 1 else np.empty(1000)
    dtl.broadcast(ctx, data, root=1)
    others = ctx.size - 1
    return blocks(others, 0, 8000) if ctx.rank == 1 else blocks(0, 1, 8000)


def gather(ctx: dtl.Context) -> Dict[str, int]:
    dtl.gather(ctx, np.ones(300, "int32"), root=0)
    return blocks(0, ctx.size - 1, 1200) if ctx.rank == 0 else blocks(1, 0, 1200)


def scatter(ctx: dtl.Context) -> Dict[str, int]:
    dtl.scatter(ctx, np.ones((ctx.size, 250)), root=0)
    return blocks(ctx.size - 1, 0, 2000) if ctx.rank == 0 else blocks(0, 1, 2000)


def allgather(ctx: dtl.Context) -> Dict[str, int]:
    dtl.allgather(ctx, np.ones((50, 10)))
    return blocks(ctx.size - 1, ctx.size - 1, 4000)


def alltoall(ctx: dtl.Context) -> Dict[str, int]:
    dtl.alltoall(ctx, np.ones((ctx.size, 500), "float32"))
    return blocks(ctx.size - 1, ctx.size - 1, 2000)


def allreduce(ctx: dtl.Context) -> Dict[str, int]:
    """One number travels in the message that begins it."""
    dtl.allreduce(ctx, 1.0)
    return blocks(0, 0, 0)


CASES = [broadcast, gather, scatter, allgather, alltoall, allreduce]


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("operation", CASES)
def test_messages_and_bytes(operation: Callable[[dtl.Context], Dict[str, int]], size: int) -> None:
    def numbers(ctx: dtl.Context) -> Any:
        ctx.barrier()
        if ctx.has_mpi or ctx.rank == 0:
            observe.reset()
        ctx.barrier()
        expected = operation(ctx)
        ctx.barrier()
        return expected, observe.snapshot().counters[operation.__name__]

    results = on_ranks(size, numbers)
    if not WORLD.has_mpi:
        # Threads of one process count together.
        total = {name: sum(expected[name] for expected, _ in results) for name in results[0][0]}
        results = [(total, results[0][1])]
    ranks_here = 1 if WORLD.has_mpi else size
    for expected, seen in results:
        rounds = ROUNDS.get(operation.__name__, 1) * ranks_here * (size - 1)
        assert seen["calls"] == ranks_here
        assert seen["round_messages"] == rounds
        for way in ["sent", "received"]:
            assert seen[f"messages_{way}"] == expected[f"messages_{way}"] + rounds
            assert seen[f"bytes_{way}"] == expected[f"bytes_{way}"] + rounds * ROUND


@pytest.mark.parametrize("size", [2, 4])
def test_messages_that_a_program_sends(size: int) -> None:
    def numbers(ctx: dtl.Context) -> Any:
        ctx.barrier()
        if ctx.has_mpi or ctx.rank == 0:
            observe.reset()
        ctx.barrier()
        following, before = (ctx.rank + 1) % size, (ctx.rank - 1) % size
        dtl.send(ctx, np.ones(500), following)
        dtl.sendrecv(ctx, dtl.recv(ctx, before), following, source=before)
        dtl.send(ctx, [1, 2, 3], ctx.rank)
        dtl.recv(ctx, ctx.rank)
        ctx.barrier()
        counters = observe.snapshot().counters
        return [
            counters[name][f"{what}_{way}"]
            for name, way in [("send", "sent"), ("recv", "received"), ("sendrecv", "sent"), ("sendrecv", "received")]
            for what in ("messages", "bytes")
        ]

    ranks_here = 1 if WORLD.has_mpi else size
    assert on_ranks(size, numbers) == [[ranks_here, 4000 * ranks_here] * 4] * size


def test_sizes_of_messages() -> None:
    def sizes(ctx: dtl.Context) -> Any:
        ctx.barrier()
        if ctx.has_mpi or ctx.rank == 0:
            observe.reset()
        ctx.barrier()
        dtl.allgather(ctx, np.ones(1000))
        ctx.barrier()
        return observe.snapshot().histograms["message_bytes"]

    for times in on_ranks(2, sizes):
        # 8000 lies between 4096 and 8191.
        assert times[4096] == (1 if WORLD.has_mpi else 2)
        assert set(times) == {128, 4096}


def test_waits_are_counted_where_one_waits() -> None:
    def waits(ctx: dtl.Context) -> Any:
        ctx.barrier()
        before = observe.counter("wait_nanoseconds", "reduce")
        if ctx.rank == 0:
            time.sleep(0.5)
        dtl.reduce(ctx, 1.0, root=0)
        ctx.barrier()
        return observe.counter("wait_nanoseconds", "reduce") - before

    waited: List[int] = on_ranks(2, waits)
    assert 0.1e9 < waited[1] < 60e9
    if WORLD.has_mpi:
        assert waited[0] < waited[1]


def test_a_table_can_be_printed() -> None:
    with alone() as ctx:
        dtl.allreduce(ctx, 1.0)
        text = str(observe.snapshot())
    lines = text.splitlines()
    assert lines[0].split() == ["operation", *(counter.value for counter in dtl.Counter)]
    line = next(line for line in lines if line.startswith("allreduce "))
    assert int(line.split()[1]) >= 1
    assert re.search(r"^objects: [1-9]\d*$", text, re.M)
    assert [line.split()[:2] for line in observe.table().splitlines()] == [
        line.split()[:2] for line in lines[: len(observe.operations().splitlines()) + 1]
    ]


def test_gauges() -> None:
    before = observe.gauge("objects")
    with alone():
        assert observe.gauge(dtl.Gauge.OBJECTS) == before + 1
    assert observe.gauge("requests") == 0


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(dtl.InvalidArgumentError, match="operation is 'allredcue', which is none"):
        observe.counter("calls", "allredcue")
    with pytest.raises(dtl.BoundsError, match="bucket is 65"):
        observe.bucket("message_bytes", 65)
