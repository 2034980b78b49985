"""What operations on Python objects cost, beside mpi4py's lower-case calls in the same run.

Each rank passes a dict: of three settings, or of those and an array. Where one rank cannot unpickle what has come, dtl raises on
all ranks, for which they meet once more; forms that do not block leave that out. Rounds of all calls of a row alternate, and a
ratio is the median of the rounds' ratios. A message goes there and back.

Run it with `cargo xtask bench objects`, which measures the optimised wheel on 2 ranks of each MPI.
"""

import statistics
import time
from typing import Any, Callable, Dict, List, Tuple

import numpy as np

import dtl

CTX = dtl.Context()  # first, so that mpi4py takes the MPI that dtl has chosen
from mpi4py import MPI  # noqa: E402

COMM = MPI.COMM_WORLD
SIZE, RANK = CTX.size, CTX.rank
PEER = RANK ^ 1
ROUNDS = 9
SECONDS_PER_ROUND = 0.02

Call = Callable[[], object]


def there_and_back(send: Callable[[], object], receive: Callable[[], object]) -> Call:
    """What every other rank does first, its neighbour does second."""
    first, second = (send, receive) if RANK % 2 == 0 else (receive, send)
    return lambda: (first(), second())


def calls(obj: Any) -> Dict[str, Tuple[Call, Call, Call]]:
    """Of each operation dtl's call, its form that does not block with a wait, and mpi4py's call."""
    own, all_own = (obj, [obj] * SIZE) if RANK == 0 else (None, None)
    return {
        "broadcast": (
            lambda: dtl.broadcast_object(CTX, own),
            lambda: dtl.ibroadcast_object(CTX, own).wait(),
            lambda: COMM.bcast(own),
        ),
        "gather": (
            lambda: dtl.gather_object(CTX, obj),
            lambda: dtl.igather_object(CTX, obj).wait(),
            lambda: COMM.gather(obj),
        ),
        "allgather": (
            lambda: dtl.allgather_object(CTX, obj),
            lambda: dtl.iallgather_object(CTX, obj).wait(),
            lambda: COMM.allgather(obj),
        ),
        "scatter": (
            lambda: dtl.scatter_object(CTX, all_own),
            lambda: dtl.iscatter_object(CTX, all_own).wait(),
            lambda: COMM.scatter(all_own),
        ),
        "alltoall": (
            lambda: dtl.alltoall_object(CTX, [obj] * SIZE),
            lambda: dtl.ialltoall_object(CTX, [obj] * SIZE).wait(),
            lambda: COMM.alltoall([obj] * SIZE),
        ),
        "send": (
            there_and_back(lambda: dtl.send_object(CTX, obj, PEER), lambda: dtl.recv_object(CTX, PEER)),
            there_and_back(
                lambda: dtl.isend_object(CTX, obj, PEER).wait(), lambda: dtl.irecv_object(CTX, PEER).wait()
            ),
            there_and_back(lambda: COMM.send(obj, PEER), lambda: COMM.recv(source=PEER)),
        ),
    }


def seconds(call: Call, repeats: int) -> float:
    """The time of one of so many calls, as the slowest rank sees it."""
    COMM.Barrier()
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return COMM.allreduce((time.perf_counter() - start) / repeats, MPI.MAX)


def main() -> None:
    settings = {"steps": 100, "dt": 0.01, "name": "run"}
    objects = {"settings": settings, **{f"{n} B": {**settings, "field": np.zeros(n // 8)} for n in (8 << 10, 8 << 20)}}
    if CTX.is_root:
        print(f"{MPI.Get_library_version().split(',')[0].splitlines()[0].strip()}, {SIZE} ranks; microseconds")
        print(f"{'':12}{'':12}{'dtl':>10}{'i-form':>10}{'mpi4py':>10}{'ratios':>14}")
    for size, obj in objects.items():
        for name, ways in calls(obj).items():
            repeats = [max(1, int(SECONDS_PER_ROUND / seconds(call, 3))) for call in ways]
            found: List[List[float]] = []
            for number in range(ROUNDS):
                order = [(number + place) % len(ways) for place in range(len(ways))]
                times = {place: seconds(ways[place], repeats[place]) for place in order}
                found.append([times[place] for place in range(len(ways))])
            ours, issued, theirs = (statistics.median(column) * 1e6 for column in zip(*found))
            ratios = [statistics.median(times[place] / times[2] for times in found) for place in (0, 1)]
            if CTX.is_root:
                columns = f"{ours:10.1f}{issued:10.1f}{theirs:10.1f}{ratios[0]:7.2f}{ratios[1]:7.2f}"
                print(f"{name:12}{size:>12}{columns}", flush=True)


if __name__ == "__main__":
    main()
