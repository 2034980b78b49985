"""The mean of a vector of which no rank holds all elements. Element i is the square root of i."""

import numpy as np

import dtl

with dtl.Context() as ctx:
    vec = dtl.DistributedVector(ctx, size=1_000_000, dtype=np.float64)

    local = vec.local_view()
    local[:] = np.sqrt(vec.global_indices())

    total = dtl.allreduce(ctx, np.sum(local), op=dtl.SUM)
    mean = total / vec.global_size
    if ctx.is_root:
        print(f"Global mean: {mean:.6f}")
