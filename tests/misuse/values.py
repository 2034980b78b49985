"""Arguments for the table of misuse: for each kind of parameter one that is right, one that is right by itself but not what
the other ranks pass, and one that is wrong. A parameter of some operation that its kind does not say enough about comes first.
"""

from typing import Any, Callable, Dict, NamedTuple

import numpy as np

import dtl

SIZE = 12
SHAPE = (4, 6)


class Value(NamedTuple):
    """What ranks pass for a parameter."""

    right: Any
    others: Dict[str, Any]
    """What the last rank passes where a field must differ; by the name of the field, or of all that are not named."""
    wrong: Any = None
    """What no rank may pass; nothing where there is no such thing."""

    def other(self, field: str) -> Any:
        """What the last rank passes, so that this field differs."""
        if not self.others.keys() & {field, ""}:
            raise SystemExit(f"tests/misuse/values.py has no value that differs in {field}")
        return self.others[field] if field in self.others else self.others[""]


def buffer(shape: Any) -> Value:
    """Elements of this shape, whose last extent is even."""
    longer, halved = (*shape[:-1], shape[-1] + 1), (*shape[:-1], 2, shape[-1] // 2)
    others = {
        "data.dtype": np.ones(shape, np.int32),
        "data.count": np.ones(longer),
        "data.shape": np.ones(halved),
        "data.row": np.ones((*shape, 2)),
    }
    return Value(np.ones(shape), others, object())


def full_map(ctx: dtl.Context) -> dtl.DistributedMap:
    """A map with the keys that ranks look for."""
    made = dtl.DistributedMap(ctx, "int64", "float64")
    made.insert(np.arange(4), np.ones(4))
    made.flush()
    return made


def roles(ctx: dtl.Context) -> dtl.RoleManager:
    """A manager of two roles, which have their ranks."""
    made = dtl.RoleManager(ctx)
    made.add_role("first", 1)
    made.add_role("all", lambda rank, size: True)
    made.initialize()
    return made


OBJECTS: Dict[str, Callable[[dtl.Context], Any]] = {
    "context": lambda ctx: ctx,
    "vector": lambda ctx: dtl.DistributedVector(ctx, SIZE, fill=1),
    "array": lambda ctx: dtl.DistributedArray(ctx, SIZE, fill=1),
    "tensor": lambda ctx: dtl.DistributedTensor(ctx, SHAPE, fill=1),
    "span": lambda ctx: dtl.DistributedSpan(dtl.DistributedVector(ctx, SIZE, fill=1)),
    "map": lambda ctx: full_map(ctx),
    "halo": lambda ctx: dtl.DistributedVector(ctx, SIZE, fill=1).halo(1),
    "role_manager": roles,
}
"""How each object is made, the same on all ranks."""

KINDS = {
    "buffer": buffer((4,)),
    "block_size": Value(2, {"": 3}, 0),
    "block_size of each dimension": Value(1, {"": 2}, 0),
    "callback": Value(np.isfinite, {}, object()),
    "color": Value(0, {"": 1}, -5),
    "count": Value(SIZE, {"": SIZE + 1}, -1),
    "device": Value(0, {"": 1}, "a name"),
    "dtype": Value("int64", {"": "int32"}, "no such type"),
    "execution_policy": Value("seq", {"": "par"}, "no such policy"),
    "flag": Value(False, {"": True}),
    "function": Value(np.add, {}, object()),
    "halo_boundary": Value("periodic", {"": "reflect"}, "no such boundary"),
    "key": Value(0, {"": 1}, "a name"),
    "nccl_operation_mode": Value("hybrid_parity", {"": "native_only"}, "no such mode"),
    "partition_policy": Value("block", {"": "cyclic"}, "no such partition"),
    "partition_policy of each dimension": Value("block", {"": "cyclic"}, "no such partition"),
    "placement_policy": Value("host", {"": "device_preferred"}, "no such placement"),
    "reduce_op": Value("sum", {"": "max"}, "no such operator"),
    "root": Value(0, {"": 1}, 99),
    "text": Value("all", {"": "first"}, 7),
    "selection": Value(
        slice(2, 8, 2), {"first": slice(3, 9, 2), "count": slice(2, 10, 2), "step": slice(2, 11, 3)}, SIZE + 1
    ),
    "shape": Value(SHAPE, {"": (4, 7)}, (-1, 6)),
    "stencil": Value("star", {"": "box"}, "no such stencil"),
    "value": Value(1.0, {"": 2.0}, "no number"),
}

BLOCK = Value(
    (slice(0, 2), slice(0, 3)),
    {
        "first": (slice(1, 3), slice(0, 3)),
        "count": (slice(0, 3), slice(0, 3)),
        "step": (slice(0, 2), slice(0, 6, 2)),
    },
    (SIZE, 0),
)
"""Some elements of a tensor."""

PARAMETERS: Dict[str, Callable[[int], Value]] = {
    "scatter.data": lambda size: Value(np.ones((size, 4)), {}),
    "broadcast.data": lambda size: Value(np.ones(4), {}),
    "gatherv.recvcounts": lambda size: Value([4] * size, {}),
    "gatherv.displs": lambda size: Value(None, {}),
    "scatterv.data": lambda size: Value(np.ones(4 * size), {}),
    "scatterv.sendcounts": lambda size: Value([4] * size, {}),
    "scatterv.displs": lambda size: Value(None, {}),
    "allgatherv.recvcounts": lambda size: Value([4] * size, {}, [5] * size),
    "allgatherv.displs": lambda size: Value(None, {}, [0] * size),
    "alltoallv.data": lambda size: buffer((2 * size,)),
    "alltoallv.sendcounts": lambda size: Value([2] * size, {}, [3] * size),
    "alltoallv.sdispls": lambda size: Value(None, {}, [99] * size),
    "alltoallv.recvcounts": lambda size: Value([2] * size, {}, [3] * size),
    "alltoallv.rdispls": lambda size: Value(None, {}, [0] * size),
    "map.find.keys": lambda size: Value(np.arange(4), {}, object()),
    "map.contains.keys": lambda size: Value(np.arange(4), {}, object()),
    "vector.set.values": lambda size: Value(np.ones(3), {}, object()),
    "array.set.values": lambda size: Value(np.ones(3), {}, object()),
    "vector.from_global.data": lambda size: Value(np.ones(SIZE), {}),
    "array.from_global.data": lambda size: Value(np.ones(SIZE), {}),
    "tensor.from_global.data": lambda size: Value(np.ones(SHAPE), {}),
    "tensor.get.index": lambda size: BLOCK,
    "tensor.set.index": lambda size: BLOCK,
    "tensor.set.values": lambda size: Value(np.ones((2, 3)), {}, object()),
    "tensor.create.grid": lambda size: Value((size, 1), {"": (1, size)}, (7, 7)),
    "tensor.create.block_size": lambda size: Value(1, {"": 2}, 0),
    "tensor.redistribute.grid": lambda size: Value((size, 1), {"": (1, size)}, (7, 7)),
    "tensor.redistribute.block_size": lambda size: Value(1, {"": 2}, 0),
    "tensor.reshape.shape": lambda size: Value((4, 3, 2), {"": (4, 2, 3)}, (5, 5)),
    "vector.halo.width": lambda size: Value(1, {"": 2}, -1),
    "array.halo.width": lambda size: Value(1, {"": 2}, -1),
    "tensor.halo.width": lambda size: Value(1, {"": 2}, -1),
}


def value(operation: str, parameter: str, kind: str, size: int) -> Value:
    """What ranks pass for a parameter, of which there are `size`."""
    if kind in OBJECTS:
        return Value(None, {"": None})
    special = PARAMETERS.get(f"{operation}.{parameter}")
    if special is None and kind == "rows":
        return buffer((size, 4))
    if special is None and kind not in KINDS:
        raise SystemExit(
            f"nothing is known about the parameter {parameter} of {operation}, of the kind {kind}: add it to KINDS or "
            "PARAMETERS in tests/misuse/values.py"
        )
    return special(size) if special else KINDS[kind]
