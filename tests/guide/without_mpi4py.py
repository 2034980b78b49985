# The guide's section "Without mpi4py", as written; the lines that make it unavailable and that print are ours.
import sys

sys.modules["mpi4py"] = None  # type: ignore[assignment]

import dtl

# Works without mpi4py
ctx = dtl.Context()  # Uses MPI_COMM_WORLD

print(ctx.rank, ctx.size)
