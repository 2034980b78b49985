"""Values of enumerations are passed as names, which editors offer, as members, as numbers, and as texts in variables."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_type

import dtl

ctx = dtl.Context()
data: NDArray[np.float64] = np.ones(3)

assert_type(dtl.allreduce(ctx, data, op="max"), NDArray[np.float64])
assert_type(dtl.allreduce(ctx, data, op=dtl.ReduceOp.MAX), NDArray[np.float64])
assert_type(dtl.allreduce(ctx, data, op=3), NDArray[np.float64])


def reduced(values: NDArray[np.float64], op: str = "sum", partition: str = "block") -> NDArray[np.float64]:
    """The types are as precise where the name is in a variable."""
    vec = dtl.DistributedVector(ctx, 3, np.float64, partition=partition)
    assert_type(vec, dtl.DistributedVector[np.float64])
    vec.redistribute(partition)
    return dtl.allreduce(ctx, values, op=op)


assert_type(dtl.DistributedVector(ctx, 3, partition="cyclic"), dtl.DistributedVector[np.float64])
assert_type(dtl.DistributedTensor(ctx, (3, 4), partition=["block", "replicated"]), dtl.DistributedTensor[np.float64])


def rms(x: dtl.DistributedContainer[np.float64]) -> float:
    """Takes any container."""
    assert_type(x.local_view(), NDArray[np.float64])
    return float((x * x).mean())


rms(dtl.DistributedVector(ctx, 3))
rms(dtl.DistributedTensor(ctx, (3, 4)))
assert_type(dtl.DistributedVector(ctx, 3) + 1, dtl.DistributedVector[Any])
