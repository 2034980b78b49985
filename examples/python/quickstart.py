"""The shortest program: a vector over all ranks, filled in place, and a sum that every rank receives."""

import numpy as np

import dtl

with dtl.Context() as ctx:
    print(f"Rank {ctx.rank} of {ctx.size}")

    vec = dtl.DistributedVector(ctx, size=1000, dtype=np.float64)

    # The elements of this rank, as a NumPy array over the vector's own memory.
    local = vec.local_view()
    local[:] = np.arange(len(local)) + vec.local_offset

    total = dtl.allreduce(ctx, np.sum(local), op=dtl.SUM)
    if ctx.is_root:
        print(f"Global sum: {total}")
