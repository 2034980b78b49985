"""The dot product of two vectors that are divided alike: each rank multiplies its own parts."""

import numpy as np

import dtl

N = 100_000

with dtl.Context() as ctx:
    a = dtl.DistributedVector(ctx, size=N, dtype=np.float64)
    b = dtl.DistributedVector(ctx, size=N, dtype=np.float64, fill=2.0)
    a.local_view()[:] = a.global_indices()

    local_dot = float(np.dot(a.local_view(), b.local_view()))
    global_dot = dtl.allreduce(ctx, local_dot, op=dtl.SUM)
    if ctx.is_root:
        # 2 * (0 + 1 + ... + N-1)
        print(f"Dot product: {global_dot:.0f}")
        print(f"Expected: {N * (N - 1)}")
