"""What single calls cost from Python, beside an empty call and NumPy's smallest reduction, and what importing dtl costs.

Run it with `cargo xtask bench calls`, which measures the optimised wheel that users get.
"""

import statistics
import subprocess
import sys
import timeit

import numpy as np

import dtl

CTX = dtl.Context()
VEC = dtl.DistributedVector(CTX, 1000)
XS = np.ones(1000)
X = np.ones(1)
Y = np.ones(1)

CALLS = [
    ("empty call: dtl.has_cuda()", "dtl.has_cuda()", None),
    ("np.add.reduce(x), 1 element", "np.add.reduce(X)", None),
    ("vec.local_view()", "VEC.local_view()", 200),
    ("vec.owner(5)", "VEC.owner(5)", 100),
    ("vec.local_size", "VEC.local_size", None),
    ("vec[5]", "VEC[5]", None),
    ("x[5], 1000 elements", "XS[5]", None),
    ("vec + vec, 1000 elements", "VEC + VEC", None),
    ("vec += 1.0, 1000 elements", "np.add(VEC, 1.0, out=VEC)", None),
    ("x + x, 1000 elements", "XS + XS", None),
    ("vec.sum(), 1000 elements", "VEC.sum()", None),
    ("x.sum(), 1000 elements", "XS.sum()", None),
    ("dtl.barrier(ctx)", "dtl.barrier(CTX)", None),
    ("dtl.allreduce(ctx, x, out=y), 1 element", "dtl.allreduce(CTX, X, out=Y)", 250),
    ("dtl.allreduce(ctx, x, op=dtl.SUM, out=y)", "dtl.allreduce(CTX, X, op=dtl.SUM, out=Y)", None),
    ("dtl.allreduce(ctx, x), 1 element", "dtl.allreduce(CTX, X)", None),
    ("dtl.allreduce(ctx, 1.0)", "dtl.allreduce(CTX, 1.0)", None),
    ("dtl.DistributedVector(ctx, 1000)", "dtl.DistributedVector(CTX, 1000)", None),
]


def nanoseconds(statement: str) -> float:
    """The fastest of many short runs: what the call costs when nothing disturbs it."""
    number = 2000
    return min(timeit.repeat(statement, globals=globals(), number=number, repeat=200)) / number * 1e9


def milliseconds(program: str) -> float:
    """The median time of a fresh interpreter that runs `program` and times it itself."""
    timed = f"import time; import numpy; start = time.perf_counter(); {program}; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True) for _ in range(15)]
    return statistics.median(float(run.stdout) for run in runs) * 1e3


def main() -> None:
    print(f"dtl {dtl.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}, one rank")
    print(f"{'':42}{'ns':>8}{'goal':>8}")
    for name, statement, goal in CALLS:
        print(f"{name:42}{nanoseconds(statement):8.0f}{'' if goal is None else f'< {goal}':>8}")
    print(f"{'import dtl, after import numpy':42}{milliseconds('import dtl'):8.2f} ms")


if __name__ == "__main__":
    main()
