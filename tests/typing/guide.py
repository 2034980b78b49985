"""The guide's programs, as a type checker sees them. Nothing here is run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_type

import dtl

with dtl.Environment() as env:
    assert_type(env.make_world_context(), dtl.Context)
    assert_type(env.has_mpi, bool)
assert_type(dtl.Environment.ref_count(), int)

with dtl.Context() as ctx:
    assert_type(ctx.rank, int)
    assert_type(ctx.is_root, bool)
    assert_type(ctx.dup(), dtl.Context)
    assert_type(ctx.split(ctx.rank % 2, key=1), "dtl.Context | None")
    assert_type(ctx.split(None), "dtl.Context | None")
    assert_type(dtl.Context.threads(4), "list[dtl.Context]")

    vec = dtl.DistributedVector(ctx, size=1000, dtype=np.float64)
    local = vec.local_view()
    local[:] = np.arange(len(local)) + vec.local_offset
    local_sum = np.sum(local)
    global_sum = dtl.allreduce(ctx, local_sum, op=dtl.SUM)
    global_count = dtl.allreduce(ctx, float(len(local)), op=dtl.SUM)
    assert_type(global_count, float)

    assert_type(dtl.gather_object(ctx, {"any": "object"}, root=0), "list[Any] | None")
    assert_type(dtl.allreduce(ctx, np.ones(3), op=np.maximum), Any)
    assert_type(dtl.scan(ctx, np.ones(3), lambda a, b: a @ b, out=np.ones(3)), Any)
    assert_type(dtl.allgather_object(ctx, None), "list[Any]")

    # The element type follows the dtype.
    assert_type(dtl.DistributedVector(ctx, 10).local_view(), NDArray[np.float64])
    assert_type(dtl.DistributedVector(ctx, 10, dtype=np.float32).local_view(), NDArray[np.float32])
    assert_type(dtl.DistributedVector(ctx, 10, np.dtype(np.int64)).to_numpy(), NDArray[np.int64])
    assert_type(dtl.DistributedVector(ctx, 10, np.dtype(np.int64)).get(slice(2, 5)), NDArray[np.int64])
    assert_type(dtl.DistributedVector(ctx, 10, fill=0.0), dtl.DistributedVector[np.float64])
    assert_type(vec.dtype, np.dtype[np.float64])
    assert_type(vec.partition_policy, dtl.PartitionPolicy)
    assert_type(vec.owner(3), int)
    assert_type(vec.global_indices(), NDArray[np.int64])
    assert_type(len(vec), int)

    # Containers take part in arithmetic; NumPy alone knows to which types it leads.
    assert_type(vec[3], np.float64)
    assert_type(vec.like(np.int32), dtl.DistributedVector[np.int32])
    assert_type(2 * vec + 1, "dtl.DistributedVector[Any]")
    assert_type(vec < 0.5, dtl.DistributedVector[np.bool_])
    assert_type(vec.nbytes, int)
    arr = dtl.DistributedArray(ctx, size=1000, dtype=np.int16)
    assert_type(arr.local_view(), NDArray[np.int16])
    assert_type(arr - vec, "dtl.DistributedArray[Any]")
    tensor = dtl.DistributedTensor(ctx, shape=(100, 64, 64), dtype=np.float32)
    assert_type(tensor.shape, "tuple[int, ...]")
    assert_type(vec.shape, "tuple[int, ...]")
    assert_type(tensor.local_view(), NDArray[np.float32])
    assert_type(tensor[1, 2, 3], np.float32)
    assert_type(tensor.get(slice(1, 5)), NDArray[np.float32])
    assert_type(tensor.get((slice(1, 5), 3, slice(None, None, 2))), Any)
    tensor.set((0, ..., slice(2)), [0.5, 1.5])
    assert_type(tensor * 2, "dtl.DistributedTensor[Any]")
    assert_type(dtl.copy(vec, dtl.DistributedVector(ctx, 1000, partition="cyclic")), None)
    assert_type(dtl.sort(vec, reverse=True, stable=True), None)
    assert_type(dtl.find_if(vec, lambda value: value > 2.0), "int | None")
    assert_type(dtl.find_if(vec, np.isnan, vectorized=True), "int | None")
    assert_type(dtl.for_each(vec, lambda value, index: None, with_index=True), None)
    assert_type(dtl.reduce(vec, op=dtl.MAX), Any)
    assert_type(dtl.copy(tensor, dst=tensor.like(np.float32)), None)
    span = dtl.DistributedSpan(vec)
    assert_type(span, dtl.DistributedSpan[np.float64])
    assert_type(span.subspan(10, 20).local_view(), NDArray[np.float64])
    assert_type(span[3], np.float64)
    assert_type(span.like(np.int32), dtl.DistributedSpan[np.int32])
    assert_type(2 * span + vec, "dtl.DistributedSpan[Any]")
    assert_type(span < 0.5, dtl.DistributedSpan[np.bool_])
    assert_type(span.any(), bool)
    dtl.show_layout(tensor)
    vec[3] = 2
    vec += 1
    assert_type(vec, dtl.DistributedVector[np.float64])

    # A map has a type of keys and one of values.
    table = dtl.DistributedMap(ctx, np.int64, np.float32)
    assert_type(table, dtl.DistributedMap[np.int64, np.float32])
    assert_type(dtl.DistributedMap(ctx, "int64", float), dtl.DistributedMap[Any, Any])
    assert_type(table.local_view(), "tuple[NDArray[np.int64], NDArray[np.float32]]")
    keys = np.array([1, 2], dtype=np.int64)
    assert_type(table.find(keys, 0), NDArray[np.float32])
    assert_type(table.find(1), Any)
    assert_type(table.contains(keys), NDArray[np.bool_])
    assert_type(table.value_dtype, np.dtype[np.float32])
    table[1] = 0.5
    assert_type(1 in table, bool)

    # Scalars give scalars, arrays give arrays, and `out` comes back.
    values = np.array([1.0, 2.0], dtype=np.float32)
    out = np.empty_like(values)
    assert_type(dtl.allreduce(ctx, 1), int)
    assert_type(dtl.allreduce(ctx, 1.0, op="max"), float)
    assert_type(dtl.allreduce(ctx, 1j), complex)
    assert_type(dtl.allreduce(ctx, np.float32(1)), np.float32)
    assert_type(dtl.allreduce(ctx, values, out=out), NDArray[np.float32])
    assert_type(dtl.allreduce(ctx, values), NDArray[np.float32])
    assert_type(dtl.reduce(ctx, values, root=0), "NDArray[np.float32] | None")
    assert_type(dtl.broadcast(ctx, values), NDArray[np.float32])
    assert_type(dtl.gather(ctx, values), "NDArray[np.float32] | None")
    assert_type(dtl.allgather(ctx, values), NDArray[np.float32])
    assert_type(dtl.alltoall(ctx, values), NDArray[np.float32])
    assert_type(dtl.reduce_scatter(ctx, values), NDArray[np.float32])
    assert_type(dtl.scan(ctx, 1), int)
    assert_type(dtl.exscan(ctx, values, op="max"), NDArray[np.float32])
    assert_type(dtl.scatter(ctx, values, out=out), NDArray[np.float32])

    # A request knows what its operation gives.
    assert_type(dtl.iallreduce(ctx, values), "dtl.Request[NDArray[np.float32]]")
    assert_type(dtl.iallreduce(ctx, 1.0), "dtl.Request[float]")
    assert_type(dtl.ireduce(ctx, values, out=out).wait(timeout=1.5), "NDArray[np.float32] | None")
    assert_type(dtl.igather(ctx, values).result(), "NDArray[np.float32] | None")
    assert_type(dtl.ibarrier(ctx).wait(), None)
    requests = [dtl.iscan(ctx, values), dtl.iexscan(ctx, values)]
    assert_type(requests[0].test(), bool)
    assert_type(requests[0].done(), bool)
    assert_type(dtl.waitall(requests), "list[NDArray[np.float32]]")
    assert_type(dtl.waitany(requests, timeout=2), "tuple[int, NDArray[np.float32]]")


def announced() -> None:
    """What is to come may be said, and then must be so."""
    assert_type(dtl.recv(ctx, 0, count=3, dtype=np.float32), NDArray[Any])
    roles = dtl.RoleManager(ctx)
    assert_type(dtl.intergroup_recv(roles, "writer", 0, 3, np.float32, 5), NDArray[Any])
    assert_type(dtl.iintergroup_recv(roles, "writer", 0, 3, np.float32, 5), "dtl.Request[NDArray[Any]]")
    assert_type(dtl.iintergroup_send(roles, "writer", 0, values), "dtl.Request[None]")


async def awaited(request: "dtl.Request[NDArray[np.float64]]") -> None:
    """A request under asyncio."""
    assert_type(await request, NDArray[np.float64])


try:
    dtl.DistributedVector(ctx, -1)
except dtl.InvalidArgumentError as error:
    assert_type(error.status, dtl.Status)
    assert_type(error.category, dtl.Category)
    assert_type(error.rank, "int | None")


def mean(values: dtl.DistributedVector[np.float64], op: str = "sum") -> float:
    """Annotations with the element type, and an operator as a plain text, as the guide shows it."""
    return float(np.mean(values.local_view())) if op == "sum" else 0.0
