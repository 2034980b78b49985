"""What collective operations cost from Python, beside mpi4py in the same run.

Two comparisons in each row: into memory that is there already (dtl's ``out=`` and mpi4py's upper-case calls), and with a new
array as the result (what dtl returns, and what somebody who uses mpi4py writes for the same). Rounds of all four alternate,
and the ratio is the median of the rounds' ratios, so that what else the machine does meets all alike.

Run it with `cargo xtask bench collectives`, which measures the optimised wheel on 1 and 2 ranks of each MPI.
"""

import os
import statistics
import time
from typing import Callable, List, Tuple

import numpy as np

import dtl

CTX = dtl.Context()  # first, so that mpi4py takes the MPI that dtl has chosen
from mpi4py import MPI  # noqa: E402

COMM = MPI.COMM_WORLD
COUNTS = [1, 1_000, 1_000_000, 8_000_000]
SECONDS_PER_ROUND = 0.02
ROUNDS = 16

Call = Callable[[], object]


def allreduce(count: int) -> Tuple[Call, Call, Call, Call]:
    data, out = np.ones(count), np.empty(count)

    def written() -> object:
        result = np.empty_like(data)
        COMM.Allreduce(data, result)
        return result

    return (
        lambda: dtl.allreduce(CTX, data, out=out),
        lambda: COMM.Allreduce(data, out),
        lambda: dtl.allreduce(CTX, data),
        written,
    )


def broadcast(count: int) -> Tuple[Call, Call, Call, Call]:
    data, is_root = np.ones(count), CTX.is_root

    def written() -> object:
        result = data.copy() if is_root else np.empty_like(data)
        COMM.Bcast(result)
        return result

    return (
        lambda: dtl.broadcast(CTX, data),
        lambda: COMM.Bcast(data),
        lambda: dtl.broadcast(CTX, data if is_root else None),
        written,
    )


def allgather(count: int) -> Tuple[Call, Call, Call, Call]:
    data, out = np.ones(count), np.empty((CTX.size, count))

    def written() -> object:
        result = np.empty((CTX.size, count))
        COMM.Allgather(data, result)
        return result

    return (
        lambda: dtl.allgather(CTX, data, out=out),
        lambda: COMM.Allgather(data, out),
        lambda: dtl.allgather(CTX, data),
        written,
    )


def alltoall(count: int) -> Tuple[Call, Call, Call, Call]:
    data, out = np.ones((CTX.size, count)), np.empty((CTX.size, count))

    def written() -> object:
        result = np.empty_like(data)
        COMM.Alltoall(data, result)
        return result

    return (
        lambda: dtl.alltoall(CTX, data, out=out),
        lambda: COMM.Alltoall(data, out),
        lambda: dtl.alltoall(CTX, data),
        written,
    )


def reduce_scatter(count: int) -> Tuple[Call, Call, Call, Call]:
    data, out = np.ones((CTX.size, count)), np.empty(count)

    def written() -> object:
        result = np.empty(count)
        COMM.Reduce_scatter_block(data, result)
        return result

    return (
        lambda: dtl.reduce_scatter(CTX, data, out=out),
        lambda: COMM.Reduce_scatter_block(data, out),
        lambda: dtl.reduce_scatter(CTX, data),
        written,
    )


def scan(count: int) -> Tuple[Call, Call, Call, Call]:
    data, out = np.ones(count), np.empty(count)

    def written() -> object:
        result = np.empty_like(data)
        COMM.Scan(data, result)
        return result

    return (
        lambda: dtl.scan(CTX, data, out=out),
        lambda: COMM.Scan(data, out),
        lambda: dtl.scan(CTX, data),
        written,
    )


def exscan(count: int) -> Tuple[Call, Call, Call, Call]:
    data, out = np.ones(count), np.empty(count)

    def written() -> object:
        result = np.zeros_like(data)
        COMM.Exscan(data, result)
        return result

    return (
        lambda: dtl.exscan(CTX, data, out=out),
        lambda: COMM.Exscan(data, out),
        lambda: dtl.exscan(CTX, data),
        written,
    )


def allgatherv(count: int) -> Tuple[Call, Call, Call, Call]:
    counts = [count + rank for rank in range(CTX.size)]
    data, out = np.ones(counts[CTX.rank]), np.empty(sum(counts))

    def written() -> object:
        theirs = COMM.allgather(len(data))
        result = np.empty(sum(theirs))
        COMM.Allgatherv(data, (result, theirs))
        return result

    return (
        lambda: dtl.allgatherv(CTX, data, counts, out=out),
        lambda: COMM.Allgatherv(data, (out, counts)),
        lambda: dtl.allgatherv(CTX, data),
        written,
    )


def alltoallv(count: int) -> Tuple[Call, Call, Call, Call]:
    size, rank = CTX.size, CTX.rank
    sent, received = [count + to for to in range(size)], [count + rank] * size
    data, out = np.ones(sum(sent)), np.empty(sum(received))

    def written() -> object:
        theirs = COMM.alltoall(sent)
        result = np.empty(sum(theirs))
        COMM.Alltoallv((data, sent), (result, theirs))
        return result

    return (
        lambda: dtl.alltoallv(CTX, data, sent, recvcounts=received, out=out),
        lambda: COMM.Alltoallv((data, sent), (out, received)),
        lambda: dtl.alltoallv(CTX, data, sent),
        written,
    )


def seconds(call: Call, repeats: int) -> float:
    """The time of one of so many calls, as the slowest rank sees it."""
    COMM.Barrier()
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    own = (time.perf_counter() - start) / repeats
    return COMM.allreduce(own, MPI.MAX)


def row(calls: Tuple[Call, ...]) -> Tuple[List[float], List[float]]:
    """The median time of each call in microseconds, and the ratio of the first to the second and the third to the fourth."""
    repeats = [max(1, int(SECONDS_PER_ROUND / seconds(call, 3))) for call in calls]
    rounds = []
    for number in range(ROUNDS):
        # What a call leaves in the caches is to meet all alike, so that each comes after different ones.
        order = [(number + place) % len(calls) for place in range(len(calls))][:: 1 if number % 8 < 4 else -1]
        found = {place: seconds(calls[place], repeats[place]) for place in order}
        rounds.append([found[place] for place in range(len(calls))])
    times = [statistics.median(column) * 1e6 for column in zip(*rounds)]
    ratios = [statistics.median(r[i] / r[i + 1] for r in rounds) for i in (0, 2)]
    return times, ratios


def main() -> None:
    if CTX.is_root:
        library = MPI.Get_library_version().split(",")[0].splitlines()[0].replace("\t", " ").strip()
        import mpi4py

        print(f"dtl {dtl.__version__}, mpi4py {mpi4py.__version__}, NumPy {np.__version__}, {library}, {CTX.size} ranks;", end=" ")
        print(f"{os.cpu_count()} cores; microseconds")
        print(f"{'':14}{'float64':>9} |{'dtl out=':>10}{'mpi4py':>10}{'ratio':>7} |{'dtl':>10}{'mpi4py':>10}{'ratio':>7}")
    operations = (
        allreduce, broadcast, allgather, alltoall, reduce_scatter, scan, exscan, allgatherv, alltoallv
    )
    for operation in operations:
        for count in COUNTS:
            times, ratios = row(operation(count))
            if CTX.is_root:
                print(
                    f"{operation.__name__:14}{count:9} |{times[0]:10.2f}{times[1]:10.2f}{ratios[0]:7.2f} |"
                    f"{times[2]:10.2f}{times[3]:10.2f}{ratios[1]:7.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
