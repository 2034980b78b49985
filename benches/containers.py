"""What containers cost from Python, beside NumPy and beside what a program with mpi4py would do by hand, in the same run.

Each row times two ways of the same thing in turn; the ratio is the median of the rounds' ratios, so that what else the machine
does meets both alike. By hand, redistribution is to pack with NumPy's slices, `Alltoallv`, and to unpack; a halo exchange is
two `Sendrecv`; sorting is `numpy.sort` on one rank, and on several a sample sort, which leaves more elements on some ranks
than on others, while dtl leaves each rank as many as it had.

Run it with `cargo xtask bench containers`, which measures the optimised wheel on 1 and 2 ranks of each MPI.
"""

import statistics
import time
from typing import Callable, List, Tuple

import numpy as np

import dtl

CTX = dtl.Context()  # first, so that mpi4py takes the MPI that dtl has chosen
from mpi4py import MPI  # noqa: E402

COMM = MPI.COMM_WORLD
RANK, SIZE = CTX.rank, CTX.size
ROUNDS = 9

Call = Callable[[], object]


def creation(local: int) -> Tuple[Call, Call]:
    """A container of ones, and an array of as many as the rank has."""
    return (
        lambda: dtl.DistributedVector(CTX, local * SIZE, fill=1.0),
        lambda: np.full(local, 1.0),
    )


def block_to_cyclic(count: int) -> Tuple[Call, Call]:
    """Both begin with elements in blocks and end with them dealt round."""
    vec = dtl.DistributedVector(CTX, count, fill=1.0)
    local = vec.to_numpy()
    offset = vec.local_offset
    sent = [len(range((rank - offset) % SIZE, len(local), SIZE)) for rank in range(SIZE)]
    received = COMM.alltoall(sent)

    def by_hand() -> object:
        packed = np.concatenate([local[(rank - offset) % SIZE :: SIZE] for rank in range(SIZE)])
        result = np.empty(sum(received))
        COMM.Alltoallv([packed, sent], [result, received])
        return result

    def by_dtl() -> object:
        vec.redistribute("cyclic")
        elapsed = time.perf_counter()
        vec.redistribute("block")
        return time.perf_counter() - elapsed  # not part of what is compared

    return by_dtl, by_hand


def cyclic_to_block(count: int) -> Tuple[Call, Call]:
    """Both begin with elements dealt round and end with them in blocks."""
    vec = dtl.DistributedVector(CTX, count, fill=1.0, partition="cyclic")
    local = vec.to_numpy()
    lengths = [count // SIZE + (rank < count % SIZE) for rank in range(SIZE)]
    bounds = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    places = [len(range(RANK, bound, SIZE)) for bound in bounds]
    sent = [places[rank + 1] - places[rank] for rank in range(SIZE)]
    received = COMM.alltoall(sent)
    first = bounds[RANK]

    def by_hand() -> object:
        packed = np.empty(sum(received))
        COMM.Alltoallv([local, sent], [packed, received])
        result, start = np.empty_like(packed), 0
        for rank, number in enumerate(received):
            result[(rank - first) % SIZE :: SIZE] = packed[start : start + number]
            start += number
        return result

    def by_dtl() -> object:
        vec.redistribute("block")
        elapsed = time.perf_counter()
        vec.redistribute("cyclic")
        return time.perf_counter() - elapsed

    return by_dtl, by_hand


def halo(count: int) -> Tuple[Call, Call]:
    """Elements and one ghost at each end, in memory that is there already; the ends of the whole are neighbours."""
    vec = dtl.DistributedVector(CTX, count, fill=1.0)
    ghosts = vec.halo(1, "periodic")
    local = vec.to_numpy()
    padded = np.empty(len(local) + 2)
    left, right = (RANK - 1) % SIZE, (RANK + 1) % SIZE

    def by_hand() -> object:
        padded[1:-1] = local
        COMM.Sendrecv(local[-1:], right, recvbuf=padded[:1], source=left)
        COMM.Sendrecv(local[:1], left, recvbuf=padded[-1:], source=right)
        return padded

    return ghosts.exchange, by_hand


def sort(local: "np.ndarray") -> Tuple[Call, Call]:
    """Both begin with a copy of these elements of this rank."""
    vec = dtl.DistributedVector(CTX, len(local) * SIZE, dtype=local.dtype)
    view, copy = vec.local_view(), np.empty_like(local)
    places = np.linspace(0, len(local), 32, endpoint=False).astype(int)

    def restored(array: "np.ndarray") -> float:
        start = time.perf_counter()
        array[:] = local
        CTX.barrier()
        return time.perf_counter() - start

    def by_hand() -> object:
        elapsed = restored(copy)
        copy.sort()
        if SIZE > 1:
            samples = np.sort(np.concatenate(COMM.allgather(copy[places])))
            splitters = samples[len(places) :: len(places)]
            bounds = [0, *np.searchsorted(copy, splitters).tolist(), len(copy)]
            sent = np.diff(bounds).tolist()
            received = COMM.alltoall(sent)
            result = np.empty(sum(received), local.dtype)
            COMM.Alltoallv([copy, sent], [result, received])
            result.sort(kind="stable")  # which merges what is in order
        return elapsed

    def by_dtl() -> object:
        elapsed = restored(view)
        dtl.sort(vec)
        return elapsed

    return by_dtl, by_hand


def seconds(call: Call) -> float:
    """What a call takes; what it gives back as a number of seconds is not part of it."""
    CTX.barrier()
    start = time.perf_counter()
    apart = call()
    elapsed = time.perf_counter() - start
    return elapsed - apart if isinstance(apart, float) else elapsed


def row(name: str, count: int, calls: Tuple[Call, Call]) -> None:
    ours, theirs = calls
    times: List[Tuple[float, float]] = []
    for _ in range(ROUNDS + 1):
        pair = np.array([seconds(ours), seconds(theirs)])
        slowest = dtl.allreduce(CTX, pair, "max")
        times.append((slowest[0], slowest[1]))
    times = times[1:]
    if CTX.is_root:
        own, other = (statistics.median(column) * 1e3 for column in zip(*times))
        ratio = statistics.median(a / b for a, b in times)
        print(f"    {name:<16}{count:>12} |{own:>10.3f}{other:>10.3f}{ratio:>7.2f}")


def main() -> None:
    if CTX.is_root:
        library = MPI.Get_library_version().splitlines()[0].split(",")[0].strip()
        print(f"  {library}, {SIZE} rank(s), milliseconds: dtl / NumPy and mpi4py by hand / ratio")
    for local in (1_000, 1_000_000, 100_000_000 // SIZE):
        row("create and fill", local * SIZE, creation(local))
    for count in (1_000, 1_000_000, 16_000_000):
        row("block to cyclic", count, block_to_cyclic(count))
        row("cyclic to block", count, cyclic_to_block(count))
    for count in (1_000, 1_000_000):
        row("halo exchange", count, halo(count))
    random = np.random.default_rng(RANK)
    for count in (1_000, 1_000_000, 10_000_000):
        local = count // SIZE
        row("sort float64", count, sort(random.random(local)))
        row("sort int32", count, sort(random.integers(-(2**31), 2**31, local, "int32")))
        row("sort few values", count, sort(random.integers(0, 10, local).astype(float)))
        row("sort sorted", count, sort(np.arange(RANK * local, (RANK + 1) * local, dtype=float)))


main()
