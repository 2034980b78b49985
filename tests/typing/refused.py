"""Programs that a type checker must refuse: each comment would be reported itself if its line were right."""

import numpy as np

import dtl

ctx = dtl.Context()
vec = dtl.DistributedVector(ctx, 10)

dtl.DistributedVector(10)  # type: ignore[call-overload]
dtl.DistributedVector(ctx, 10.5)  # type: ignore[call-overload]
dtl.DistributedVector(ctx, 10, dtype=3)  # type: ignore[call-overload]
dtl.DistributedVector(ctx, 10, fill="zero")  # type: ignore[call-overload]
dtl.DistributedVector(ctx, 10, np.float64, 0.0, dtl.PARTITION_CYCLIC)  # type: ignore[call-overload]
dtl.DistributedVector(ctx, 10, partition=None)  # type: ignore[call-overload]
dtl.allreduce(1.0)  # type: ignore[call-overload]
dtl.allreduce(ctx, 1.0, op=3.5)  # type: ignore[call-overload]
dtl.allreduce(ctx, 1.0, out=[0.0])  # type: ignore[call-overload]
dtl.gather_object(ctx)  # type: ignore[call-arg]
dtl.allreduce_object(ctx, [1], 3.5)  # type: ignore[arg-type]
dtl.reduce(ctx, 1.0, root="first")  # type: ignore[call-overload]
dtl.iallreduce(ctx, 1.0).wait("soon")  # type: ignore[arg-type]
dtl.waitall(vec)  # type: ignore[arg-type]
vec.owner("first")  # type: ignore[arg-type]
vec.local_size = 3  # type: ignore[misc]
ctx.split("red")  # type: ignore[arg-type]
dtl.Context(comm="world")  # type: ignore[call-overload]
vec + "one"  # type: ignore[operator]
vec[0:3]  # type: ignore[index]
vec.get("first")  # type: ignore[call-overload]
vec.set(1.5, 0)  # type: ignore[arg-type]
dtl.DistributedTensor(ctx, (3, 4)).get((0, 1.5))  # type: ignore[arg-type]
dtl.copy(vec, dtl.DistributedSpan(vec))  # type: ignore[arg-type]
dtl.copy(vec, dtl.DistributedVector(ctx, 10, np.int8))  # type: ignore[misc]
dtl.copy(src=vec, dst=vec)  # type: ignore[call-arg]
dtl.copy(ctx, vec)  # type: ignore[arg-type]
dtl.recv(ctx, 0, 0, 3)  # type: ignore[call-arg]
dtl.sort(vec, True)  # type: ignore[call-overload]
dtl.sort(ctx)  # type: ignore[call-overload]
dtl.DistributedArray(ctx, 10).resize(3)  # type: ignore[attr-defined]
vec.resize_to(3)  # type: ignore[attr-defined]


class Derived(dtl.Context):  # type: ignore[misc]
    """Classes of dtl cannot be derived from."""
