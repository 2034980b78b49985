"""Runs a program of the guide as it stands, in this process, and compares what it prints on this rank with what it should.

    python tests/guide/checked.py NAME
"""

import contextlib
import io
import runpy
import sys
from pathlib import Path

import numpy as np

import dtl


def part(total: int, rank: int, size: int) -> int:
    """How many of `total` elements a rank has; `size` divides them evenly."""
    assert total % size == 0
    return total // size


def mean(size: int) -> float:
    """The mean of the numbers that all ranks draw."""
    total = 0.0
    for rank in range(size):
        np.random.seed(42 + rank)
        total += np.random.randn(part(1_000_000, rank, size)).sum()
    return total / 1_000_000


def at_root(rank: int, text: str) -> str:
    return text if rank == 0 else ""


def quick_start(rank: int, size: int) -> str:
    return f"Rank {rank} of {size}\n" + at_root(rank, "Global sum: 499500.0\n")


def environment(rank: int, size: int) -> str:
    return f"Rank {rank} of {size}\n['bool', 'bool', 'bool', 'bool', 'bool']\nTrue\n1\n"


def context(rank: int, size: int) -> str:
    return (
        f"{rank} {size} {rank == 0} -1 False {dtl.Context().has_mpi} False False -1\n"
        "False False\n"
        "BACKEND_UNAVAILABLE\nBACKEND_UNAVAILABLE\nBACKEND_UNAVAILABLE\n"
        "0 1\n"
        "False\n"
    )


def distributed_vector(rank: int, size: int) -> str:
    local = part(10_000, rank, size)
    return f"10000 {local} {rank * local} float32\n{rank == size - 1} {size - 1}\n"


def distributed_array(rank: int, size: int) -> str:
    local, owner = part(1000, rank, size), 999 % size
    return f"1000 {local} {rank} float64\n{rank == owner} {owner}\nAttributeError\n"


def distributed_span(rank: int, size: int) -> str:
    return f"True True\n1000 {part(1000, rank, size)} {rank} {size}\n20 20 True\n"


def distributed_tensor(rank: int, size: int) -> str:
    local = (part(100, rank, size), 64, 64)
    return f"(100, 64, 64) {local} 3 float32\n{local} True\n"


def policies(rank: int, size: int) -> str:
    blocks, cyclic = np.arange(2) + rank * part(1000, rank, size), np.array([rank, rank + size])
    hashed = dtl.DistributedVector(dtl.Context(), 8, partition="hash")
    first = [index for index in range(8) if hashed.is_local(index)][:2]
    return (
        f"BLOCK HOST {blocks}\nCYCLIC HOST {cyclic}\nBLOCK HOST {blocks}\n"
        f"HASH HOST {np.array(first)}\nbool bool\n"
    )


def collectives(rank: int, size: int) -> str:
    total = sum(10.0 * each for each in range(size))
    # Ranks other than the root get nothing from a reduction and a gathering.
    highest = np.array([10.0 * (size - 1)]) if rank == 0 else None
    gathered = f"({size}, 1)" if rank == 0 else None
    chunk = np.arange(3) + 3 * rank
    return f"[{total}] {highest} [1. 2. 3.] {gathered} {chunk} ({size}, 1)\n".replace(".0]", ".]")


def scalars(rank: int, size: int) -> str:
    return f"float {42.0 * size}\nndarray {size * np.array([1.0, 2.0, 3.0])}\n"


def views(rank: int, size: int) -> str:
    return "True\nTrue\n0.0\n1.0 1.0\nTrue\n"


def exceptions(rank: int, size: int) -> str:
    where = "" if size == 1 else f" (found on ranks 0-{size - 1})"
    return (
        "Invalid argument: vector.create: size is -1. "
        f"Pass a number of elements that is 0 or more and below 2^63.{where}\n"
        "True\nTrue\nTrue\nTrue True\nTrue True\nTrue\n"
    )


def distributed_mean(rank: int, size: int) -> str:
    return at_root(rank, f"Global mean: {mean(size):.6f}\n")


def dot_product(rank: int, size: int) -> str:
    return at_root(rank, "Dot product: 9999900000\nExpected: 9999900000\n")


def stencil(rank: int, size: int) -> str:
    return at_root(rank, "Stencil computation complete\n")


def mpi4py_interoperability(rank: int, size: int) -> str:
    members = range(rank % 2, size, 2)
    return f"{rank // 2} {len(members)} 1000 {sum(members)}\n"


def without_mpi4py(rank: int, size: int) -> str:
    return f"{rank} {size}\n"


def main(name: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(Path(__file__).with_name(f"{name}.py")), run_name="__main__")
    world = dtl.Context()
    expected = globals()[name](world.rank, world.size)
    if printed.getvalue() != expected:
        sys.exit(f"{name} prints on rank {world.rank} of {world.size}\n{printed.getvalue()}instead of\n{expected}")
    print(f"{name}: rank {world.rank} of {world.size} prints what it should")


if __name__ == "__main__":
    main(sys.argv[1])
