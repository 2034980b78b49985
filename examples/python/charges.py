"""The energy of charges on a line, each of which repels every other one. The charges are divided over the ranks, and copies of
their positions travel around the ring of ranks: while a rank computes with those that it has, they are on their way to the
next one.
"""

import numpy as np

import dtl

N = 1000

with dtl.Context() as ctx:
    right, left = (ctx.rank + 1) % ctx.size, (ctx.rank - 1) % ctx.size
    charges = dtl.DistributedVector(ctx, N)
    positions = charges.local_view()
    positions[:] = np.sqrt(charges.global_indices())

    visitors, energy = positions, 0.0
    for _ in range(ctx.size):
        sending = dtl.isend(ctx, visitors, right)
        distances = np.abs(positions[:, np.newaxis] - visitors)
        energy += np.sum(1 / distances[distances > 0])
        visitors = dtl.recv(ctx, left)
        sending.wait()

    # Each pair was counted from both sides.
    energy = dtl.allreduce(ctx, energy) / 2
    if ctx.is_root:
        print(f"Energy of {N} charges: {energy:.3f}")
