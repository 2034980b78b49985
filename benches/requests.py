"""What many requests cost that are under way at the same time, beside mpi4py's in the same run: a thousand, and sixteen times as many.

A row issues so many, waits for all of them, and looks at what has come. Each element of a sum is one request, each message has a
tag of its own; `unexpected` messages have all come before the first is received, the last one first. dtl moves them through
shared memory, and by MPI as between machines.

Run it with `cargo xtask bench requests`, which measures the optimised wheel on 2 and 4 ranks of each MPI.
"""

import os
import resource
import statistics
import time
from typing import Callable, Dict, List, Tuple

import numpy as np

# More ranks than processors: those that wait make room.
os.environ.setdefault("OMPI_MCA_mpi_yield_when_idle", "1")

import dtl  # noqa: E402

CTX = dtl.Context()  # first, so that mpi4py takes the MPI that dtl has chosen
os.environ["DTL_SHARED_MEMORY"] = "0"
BY_MPI = dtl.Context()
from mpi4py import MPI  # noqa: E402

COMM = MPI.COMM_WORLD
SIZE, RANK = CTX.size, CTX.rank
NEXT, LAST = (RANK + 1) % SIZE, (RANK - 1) % SIZE
ROUNDS = 3

Work = Callable[[int], None]


def room(count: int) -> Tuple[np.ndarray, np.ndarray]:
    return np.arange(count, dtype=np.int64), np.zeros(count, dtype=np.int64)


def check(out: np.ndarray, expected: np.ndarray) -> None:
    assert (out == expected).all()


def dtl_work(ctx: dtl.Context) -> Dict[str, Work]:
    def sums(count: int) -> None:
        data, out = room(count)
        dtl.waitall([dtl.iallreduce(ctx, data[i : i + 1], out=out[i : i + 1]) for i in range(count)])
        check(out, SIZE * data)

    def messages(count: int) -> None:
        data, out = room(count)
        requests = [dtl.irecv(ctx, LAST, tag=i, out=out[i : i + 1]) for i in range(count)]
        requests += [dtl.isend(ctx, data[i : i + 1], NEXT, tag=i) for i in range(count)]
        dtl.waitall(requests)
        check(out, data)

    def unexpected(count: int) -> None:
        data, out = room(count)
        requests = [dtl.isend(ctx, data[i : i + 1], NEXT, tag=i) for i in range(count)]
        dtl.recv(ctx, LAST, tag=count - 1, out=out[count - 1 :])
        requests += [dtl.irecv(ctx, LAST, tag=i, out=out[i : i + 1]) for i in reversed(range(count - 1))]
        dtl.waitall(requests)
        check(out, data)

    return {"iallreduce": sums, "isend, irecv": messages, "unexpected": unexpected}


def mpi_work() -> Dict[str, Work]:
    def sums(count: int) -> None:
        data, out = room(count)
        MPI.Request.Waitall([COMM.Iallreduce(data[i : i + 1], out[i : i + 1]) for i in range(count)])
        check(out, SIZE * data)

    def messages(count: int) -> None:
        data, out = room(count)
        requests = [COMM.Irecv(out[i : i + 1], LAST, i) for i in range(count)]
        requests += [COMM.Isend(data[i : i + 1], NEXT, i) for i in range(count)]
        MPI.Request.Waitall(requests)
        check(out, data)

    def unexpected(count: int) -> None:
        data, out = room(count)
        requests = [COMM.Isend(data[i : i + 1], NEXT, i) for i in range(count)]
        COMM.Recv(out[count - 1 :], LAST, count - 1)
        requests += [COMM.Irecv(out[i : i + 1], LAST, i) for i in reversed(range(count - 1))]
        MPI.Request.Waitall(requests)
        check(out, data)

    return {"iallreduce": sums, "isend, irecv": messages, "unexpected": unexpected}


def seconds(work: Work, count: int) -> float:
    """The time of one run, as the slowest rank sees it."""
    COMM.Barrier()
    start = time.perf_counter()
    work(count)
    return COMM.allreduce(time.perf_counter() - start, MPI.MAX)


def bytes_of_each(count: int) -> float:
    """What a request that waits takes from the system."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    requests = [dtl.iallreduce(CTX, 1.0) for _ in range(count)]
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    dtl.waitall(requests)
    return used * 1024 / count


def main() -> None:
    if CTX.is_root:
        print(f"{MPI.Get_library_version().split(',')[0].splitlines()[0].strip()}, {SIZE} ranks; milliseconds")
        print(f"{'':14}{'requests':>10}{'dtl':>10}{'by MPI':>10}{'mpi4py':>10}{'ratios':>14}")
    ways = [dtl_work(CTX), dtl_work(BY_MPI), mpi_work()]
    for name in ways[0]:
        for count in (1000, 16000):
            found: List[List[float]] = []
            for _ in range(ROUNDS):
                found.append([seconds(way[name], count) for way in ways])
            ours, by_mpi, theirs = (statistics.median(column) * 1e3 for column in zip(*found))
            ratios = [statistics.median(times[place] / times[2] for times in found) for place in (0, 1)]
            if CTX.is_root:
                columns = f"{ours:10.1f}{by_mpi:10.1f}{theirs:10.1f}{ratios[0]:7.2f}{ratios[1]:7.2f}"
                print(f"{name:14}{count:>10}{columns}", flush=True)
    used = bytes_of_each(50000)
    if CTX.is_root:
        print(f"a request of iallreduce that waits takes {used:.0f} bytes")


if __name__ == "__main__":
    main()
