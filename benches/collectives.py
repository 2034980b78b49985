"""What collective operations and messages cost from Python, beside mpi4py in the same run.

Two comparisons in each row: into memory that is there already (dtl's ``out=``, on a context that checks what ranks call and on
one that does not, and mpi4py's upper-case calls), and with a new result (what dtl returns, and what somebody who uses mpi4py
writes for the same: for one number the lower-case calls, which pickle it, for arrays a new array and the upper-case call; for
messages the lower-case calls throughout). A message goes there and back, between two neighbours. Rounds of all five alternate,
and a ratio is the median of the rounds' ratios, so that what else the machine does meets all alike.

Run it with `cargo xtask bench collectives`, which measures the optimised wheel on 2 ranks of each MPI; `--only scan send`
measures the operations of which the name says one of that, `--bytes 8` arrays of that size, and `--rounds 60` looks closer.
Where rows marked with * lose their time is in `profiles.md`.
"""

import argparse
import os
import statistics
import time
from typing import Any, Callable, Dict, List, NamedTuple

import numpy as np

import dtl

CTX = dtl.Context()  # first, so that mpi4py takes the MPI that dtl has chosen
os.environ["DTL_CHECK"] = "off"
UNCHECKED = dtl.Context()
from mpi4py import MPI  # noqa: E402

COMM = MPI.COMM_WORLD
SIZE, RANK = CTX.size, CTX.rank
BYTES = [8, 8 << 10, 8 << 20]
SECONDS_PER_ROUND = 0.012
WORTH_A_LOOK = 1.2

Call = Callable[[], object]


class Ways(NamedTuple):
    """The same thing done by dtl and by mpi4py; dtl's are given the context."""

    filling: Callable[[dtl.Context], object]
    buffers: Call
    making: Callable[[dtl.Context], object]
    written: Call


def new(shape: Any, call: Callable[[np.ndarray], object]) -> Call:
    """Makes an array and has it filled."""

    def written() -> object:
        result = np.empty(shape)
        call(result)
        return result

    return written


def barrier(count: int) -> Ways:
    return Ways(lambda ctx: dtl.barrier(ctx), COMM.Barrier, lambda ctx: dtl.barrier(ctx), COMM.barrier)


def like_allreduce(ours: Callable[..., Any], buffers: Callable[..., Any], pickled: Callable[[Any], Any]) -> Any:
    def ways(count: int) -> Ways:
        data, out = np.ones(count), np.empty(count)
        return Ways(
            lambda ctx: ours(ctx, data, out=out),
            lambda: buffers(data, out),
            (lambda ctx: ours(ctx, 1.0)) if count == 1 else (lambda ctx: ours(ctx, data)),
            (lambda: pickled(1.0)) if count == 1 else new(count, lambda result: buffers(data, result)),
        )

    return ways


def reduce(count: int) -> Ways:
    data, out = np.ones(count), np.empty(count) if RANK == 0 else None
    return Ways(
        lambda ctx: dtl.reduce(ctx, data, out=out),
        lambda: COMM.Reduce(data, out),
        (lambda ctx: dtl.reduce(ctx, 1.0)) if count == 1 else (lambda ctx: dtl.reduce(ctx, data)),
        (lambda: COMM.reduce(1.0)) if count == 1 else lambda: COMM.Reduce(data, np.empty(count) if RANK == 0 else None),
    )


def broadcast(count: int) -> Ways:
    data = np.ones(count)
    own = data if RANK == 0 else None
    return Ways(
        lambda ctx: dtl.broadcast(ctx, data),
        lambda: COMM.Bcast(data),
        lambda ctx: dtl.broadcast(ctx, own),
        (lambda: COMM.bcast(1.0)) if count == 1 else new(count, lambda result: COMM.Bcast(data if RANK == 0 else result)),
    )


def gather(count: int) -> Ways:
    data, out = np.ones(count), np.empty((SIZE, count)) if RANK == 0 else None
    return Ways(
        lambda ctx: dtl.gather(ctx, data, out=out),
        lambda: COMM.Gather(data, out),
        lambda ctx: dtl.gather(ctx, data),
        (lambda: COMM.gather(1.0))
        if count == 1
        else lambda: COMM.Gather(data, np.empty((SIZE, count)) if RANK == 0 else None),
    )


def scatter(count: int) -> Ways:
    rows, out = np.ones((SIZE, count)) if RANK == 0 else None, np.empty(count)
    return Ways(
        lambda ctx: dtl.scatter(ctx, rows, out=out),
        lambda: COMM.Scatter(rows, out),
        lambda ctx: dtl.scatter(ctx, rows),
        (lambda: COMM.scatter([1.0] * SIZE))
        if count == 1
        else new(count, lambda result: COMM.Scatter(rows, result)),
    )


def allgather(count: int) -> Ways:
    data, out = np.ones(count), np.empty((SIZE, count))
    return Ways(
        lambda ctx: dtl.allgather(ctx, data, out=out),
        lambda: COMM.Allgather(data, out),
        lambda ctx: dtl.allgather(ctx, data),
        (lambda: COMM.allgather(1.0))
        if count == 1
        else new((SIZE, count), lambda result: COMM.Allgather(data, result)),
    )


def alltoall(count: int) -> Ways:
    data, out = np.ones((SIZE, count)), np.empty((SIZE, count))
    return Ways(
        lambda ctx: dtl.alltoall(ctx, data, out=out),
        lambda: COMM.Alltoall(data, out),
        lambda ctx: dtl.alltoall(ctx, data),
        (lambda: COMM.alltoall([1.0] * SIZE))
        if count == 1
        else new((SIZE, count), lambda result: COMM.Alltoall(data, result)),
    )


def reduce_scatter(count: int) -> Ways:
    data, out = np.ones((SIZE, count)), np.empty(count)
    return Ways(
        lambda ctx: dtl.reduce_scatter(ctx, data, out=out),
        lambda: COMM.Reduce_scatter_block(data, out),
        lambda ctx: dtl.reduce_scatter(ctx, data),
        new(count, lambda result: COMM.Reduce_scatter_block(data, result)),
    )


def allgatherv(count: int) -> Ways:
    counts = [count + rank for rank in range(SIZE)]
    data, out = np.ones(counts[RANK]), np.empty(sum(counts))

    def written() -> object:
        theirs = COMM.allgather(len(data))
        result = np.empty(sum(theirs))
        COMM.Allgatherv(data, (result, theirs))
        return result

    return Ways(
        lambda ctx: dtl.allgatherv(ctx, data, counts, out=out),
        lambda: COMM.Allgatherv(data, (out, counts)),
        lambda ctx: dtl.allgatherv(ctx, data),
        written,
    )


def gatherv(count: int) -> Ways:
    counts = [count + rank for rank in range(SIZE)]
    data, out = np.ones(counts[RANK]), np.empty(sum(counts)) if RANK == 0 else None

    def written() -> object:
        theirs = COMM.gather(len(data))
        result = np.empty(sum(theirs)) if theirs else None
        COMM.Gatherv(data, (result, theirs))
        return result

    return Ways(
        lambda ctx: dtl.gatherv(ctx, data, 0, counts, out=out),
        lambda: COMM.Gatherv(data, (out, counts)),
        lambda ctx: dtl.gatherv(ctx, data),
        written,
    )


def scatterv(count: int) -> Ways:
    counts = [count + rank for rank in range(SIZE)]
    data, out = np.ones(sum(counts)) if RANK == 0 else None, np.empty(counts[RANK])
    given = (data, counts) if RANK == 0 else (None,)

    def written() -> object:
        result = np.empty(COMM.scatter(counts if RANK == 0 else None))
        COMM.Scatterv((data, counts), result)
        return result

    return Ways(
        lambda ctx: dtl.scatterv(ctx, *given, out=out),
        lambda: COMM.Scatterv((data, counts), out),
        lambda ctx: dtl.scatterv(ctx, *given),
        written,
    )


def alltoallv(count: int) -> Ways:
    sent, received = [count + to for to in range(SIZE)], [count + RANK] * SIZE
    data, out = np.ones(sum(sent)), np.empty(sum(received))

    def written() -> object:
        theirs = COMM.alltoall(sent)
        result = np.empty(sum(theirs))
        COMM.Alltoallv((data, sent), (result, theirs))
        return result

    return Ways(
        lambda ctx: dtl.alltoallv(ctx, data, sent, recvcounts=received, out=out),
        lambda: COMM.Alltoallv((data, sent), (out, received)),
        lambda ctx: dtl.alltoallv(ctx, data, sent),
        written,
    )


def sent_back(first: Callable[[], object], second: Callable[[], object]) -> Call:
    """There and back: what every other rank does first, its neighbour does second."""
    before, after = (first, second) if RANK % 2 == 0 else (second, first)

    def call() -> None:
        before()
        after()

    return call


def there_and_back(ours: Callable[..., Any], buffers: Callable[..., Any], pickled: Callable[..., Any]) -> Any:
    def ways(count: int) -> Ways:
        data, out, to = np.ones(count), np.empty(count), RANK ^ 1
        given: Any = 1.0 if count == 1 else data
        calls = {
            ctx: (
                sent_back(lambda: ours(ctx, data, to), lambda: dtl.recv(ctx, to, out=out)),
                sent_back(lambda: ours(ctx, given, to), lambda: dtl.recv(ctx, to)),
            )
            for ctx in (CTX, UNCHECKED)
        }
        return Ways(
            lambda ctx: calls[ctx][0](),
            sent_back(lambda: buffers(data, to), lambda: COMM.Recv(out, to)),
            lambda ctx: calls[ctx][1](),
            sent_back(lambda: pickled(given, to), lambda: COMM.recv(source=to)),
        )

    return ways


def sendrecv(count: int) -> Ways:
    data, out, to = np.ones(count), np.empty(count), RANK ^ 1
    given: Any = 1.0 if count == 1 else data
    return Ways(
        lambda ctx: dtl.sendrecv(ctx, data, to, source=to, out=out),
        lambda: COMM.Sendrecv(data, to, recvbuf=out, source=to),
        lambda ctx: dtl.sendrecv(ctx, given, to, source=to),
        lambda: COMM.sendrecv(given, to, source=to),
    )


def issued(count: int) -> Ways:
    data, out, to = np.ones(count), np.empty(count), RANK ^ 1
    given: Any = 1.0 if count == 1 else data
    room = data.nbytes + 1000

    def written() -> object:
        requests = [COMM.irecv(room, source=to), COMM.isend(given, to)]
        return MPI.Request.waitall(requests)

    return Ways(
        lambda ctx: dtl.waitall([dtl.irecv(ctx, to, out=out), dtl.isend(ctx, data, to)]),
        lambda: MPI.Request.Waitall([COMM.Irecv(out, to), COMM.Isend(data, to)]),
        lambda ctx: dtl.waitall([dtl.irecv(ctx, to), dtl.isend(ctx, given, to)]),
        written,
    )


OPERATIONS: Dict[str, Callable[[int], Ways]] = {
    "barrier": barrier,
    "broadcast": broadcast,
    "reduce": reduce,
    "allreduce": like_allreduce(dtl.allreduce, COMM.Allreduce, COMM.allreduce),
    "gather": gather,
    "scatter": scatter,
    "allgather": allgather,
    "alltoall": alltoall,
    "reduce_scatter": reduce_scatter,
    "scan": like_allreduce(dtl.scan, COMM.Scan, COMM.scan),
    "exscan": like_allreduce(dtl.exscan, COMM.Exscan, COMM.exscan),
    "gatherv": gatherv,
    "scatterv": scatterv,
    "allgatherv": allgatherv,
    "alltoallv": alltoallv,
    "send": there_and_back(dtl.send, COMM.Send, COMM.send),
    "ssend": there_and_back(dtl.ssend, COMM.Ssend, COMM.ssend),
    "sendrecv": sendrecv,
    "isend, irecv": issued,
}


def seconds(call: Call, repeats: int) -> float:
    """The time of one of so many calls, as the slowest rank sees it."""
    COMM.Barrier()
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    own = (time.perf_counter() - start) / repeats
    return COMM.allreduce(own, MPI.MAX)


def row(ways: Ways, rounds: int) -> List[float]:
    """Microseconds of filling an array with the check, without it, and by mpi4py, with both ratios; then of a new result."""
    calls: List[Call] = [
        lambda: ways.filling(CTX),
        lambda: ways.filling(UNCHECKED),
        ways.buffers,
        lambda: ways.making(CTX),
        ways.written,
    ]
    repeats = [max(1, int(SECONDS_PER_ROUND / seconds(call, 3))) for call in calls]
    found: List[List[float]] = []
    for number in range(rounds):
        # What a call leaves in the caches is to meet all alike, so that each comes after different ones.
        order = [(number + place) % len(calls) for place in range(len(calls))][:: 1 if number % 2 else -1]
        times = {place: seconds(calls[place], repeats[place]) for place in order}
        found.append([times[place] for place in range(len(calls))])
    checked, unchecked, buffers, making, written = (statistics.median(column) * 1e6 for column in zip(*found))

    def ratio(ours: int, theirs: int) -> float:
        return statistics.median(times[ours] / times[theirs] for times in found)

    return [checked, unchecked, buffers, ratio(0, 2), ratio(1, 2), making, written, ratio(3, 4)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[""], help="operations with one of these in their name")
    parser.add_argument("--bytes", type=int, nargs="*", default=BYTES, help="sizes of the array of a rank")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    if CTX.is_root:
        import mpi4py

        library = MPI.Get_library_version().split(",")[0].splitlines()[0].replace("\t", " ").strip()
        print(f"dtl {dtl.__version__}, mpi4py {mpi4py.__version__}, NumPy {np.__version__}, {library}, {SIZE} ranks;", end=" ")
        print(f"{os.cpu_count()} cores; microseconds; * is worth a profile")
        print(f"{'':15}{'bytes':>8} |{'check':>10}{'no check':>10}{'mpi4py':>10}{'ratios':>14}   |", end="")
        print(f"{'new':>10}{'mpi4py':>10}{'ratio':>7}")
    for name, operation in OPERATIONS.items():
        for size in arguments.bytes[:1] if name == "barrier" else arguments.bytes:
            if not any(part in name for part in arguments.only):
                continue
            times = row(operation(size // 8), arguments.rounds)
            mark = "*" if max(times[4], times[7]) > WORTH_A_LOOK else " "
            if CTX.is_root:
                print(
                    f"{name:15}{size:8} |{times[0]:10.2f}{times[1]:10.2f}{times[2]:10.2f}{times[3]:7.2f}{times[4]:7.2f} {mark} |"
                    f"{times[5]:10.2f}{times[6]:10.2f}{times[7]:7.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
