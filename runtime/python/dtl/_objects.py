"""Collective operations on any Python objects that can be pickled.

How an object becomes an array of bytes is in `_pickled`. Everything else is done by the operations on arrays, on behalf of those
here (`_together`), and nothing here calls a transport. The forms that do not block are in `_object_requests`, messages between two
ranks in `_object_messages`.
"""

from functools import reduce as fold
from typing import Any, Callable, List, Optional, Sequence, Union

from dtl._dtl import Context, _on_behalf_of, allgatherv, alltoallv, broadcast, gatherv, scatterv  # type: ignore[attr-defined]
from dtl._errors import Status
from dtl._object_operators import operand
from dtl._pickled import objects, pickled, pickled_for_each
from dtl._together import together


def broadcast_object(ctx: Context, obj: Any = None, root: int = 0) -> Any:
    """Sends the object of the root to every rank.

    Returns the object itself at the root, and a copy of it on the other ranks, where `obj` does not count. An object that cannot
    be pickled or unpickled gives the same error on every rank, whose text names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.broadcast_object(ctx, {"step": 3} if ctx.rank == 0 else None)
    {'step': 3}
    """
    at_root = ctx.rank == root
    own = pickled(ctx, "broadcast_object", obj) if at_root else None
    received = _on_behalf_of("broadcast_object", broadcast, ctx, own, root=root)
    read = _the_only if not at_root else lambda _: obj
    return together(ctx, "broadcast_object", received, (Status.DESERIALIZE_FAILED, read))


def gather_object(ctx: Context, obj: Any, root: int = 0) -> Optional[List[Any]]:
    """Brings an object of each rank to the root.

    Returns the list of copies in the order of ranks at the root, and `None` elsewhere. An object that cannot be pickled or
    unpickled gives the same error on every rank, whose text names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.gather_object(ctx, {"rank": ctx.rank})  # on 2 ranks, at the root
    [{'rank': 0}, {'rank': 1}]
    """
    received = _on_behalf_of("gather_object", gatherv, ctx, pickled(ctx, "gather_object", obj), root=root)
    return together(ctx, "gather_object", received, (Status.DESERIALIZE_FAILED, _if_any))


def allgather_object(ctx: Context, obj: Any) -> List[Any]:
    """Brings an object of each rank to every rank.

    Returns the list of copies in the order of ranks. An object that cannot be pickled or unpickled gives the same
    error on every rank, whose text names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.allgather_object(ctx, "left" if ctx.rank == 0 else "right")  # on 2 ranks
    ['left', 'right']
    """
    received = _on_behalf_of("allgather_object", allgatherv, ctx, pickled(ctx, "allgather_object", obj))
    return together(ctx, "allgather_object", received, (Status.DESERIALIZE_FAILED, objects))


def scatter_object(ctx: Context, objs: Optional[Sequence[Any]] = None, root: int = 0) -> Any:
    """Sends each rank its object of those of the root.

    `objs` is a sequence of one object for each rank at the root, and does not count elsewhere. Returns a copy of this rank's. A sequence of
    another length, and an object that cannot be pickled or unpickled, give the same error on every rank, whose text names the
    rank. Collective: every rank of `ctx` must call it.

    >>> dtl.scatter_object(ctx, ["first", "second"] if ctx.rank == 0 else None)  # on 2 ranks, at the root
    'first'
    """
    own, counts = pickled_for_each(ctx, "scatter_object", objs) if ctx.rank == root else (None, None)
    received = _on_behalf_of("scatter_object", scatterv, ctx, own, counts, root=root)
    return together(ctx, "scatter_object", received, (Status.DESERIALIZE_FAILED, _the_only))


def alltoall_object(ctx: Context, objs: Sequence[Any]) -> List[Any]:
    """Sends an object of each rank to each rank.

    `objs` has one object for each rank. Returns the list of copies of what each rank has for this one, in the order of ranks.
    A sequence of another length, and an object that cannot be pickled or unpickled, give the same error on every rank, whose text
    names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.alltoall_object(ctx, [f"{ctx.rank} to {rank}" for rank in range(ctx.size)])  # on 2 ranks, at rank 0
    ['0 to 0', '1 to 0']
    """
    own, counts = pickled_for_each(ctx, "alltoall_object", objs)
    received = _on_behalf_of("alltoall_object", alltoallv, ctx, own, counts)
    return together(ctx, "alltoall_object", received, (Status.DESERIALIZE_FAILED, objects))


def allreduce_object(ctx: Context, obj: Any, op: Union[str, Callable[[Any, Any], Any]]) -> Any:
    """Combines an object of each rank with a function of two objects, or an operator; every rank receives the result.

    `op` may be the name of an operator, such as `"sum"` for `a + b` or `"max"`, which is then the same on all ranks. A function
    is called on every rank with the same objects: with those of ranks 0 and 1, then with what it gave and that of rank 2, and so
    on. So it need not be commutative, nor the same function object. What it raises on some rank is raised there, and a
    `CommunicationError` that names this rank is raised on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.allreduce_object(ctx, {ctx.rank}, lambda a, b: a | b)  # on 2 ranks
    {0, 1}
    """
    function, number, own = operand(ctx, "allreduce_object", obj, op)
    received = _on_behalf_of("allreduce_object", allgatherv, ctx, own)
    combine = (Status.REDUCE_FAILED, lambda everyones: fold(function, everyones))
    return together(ctx, "allreduce_object", received, (Status.DESERIALIZE_FAILED, objects), combine, operator=number)


def reduce_object(ctx: Context, obj: Any, op: Union[str, Callable[[Any, Any], Any]], root: int = 0) -> Any:
    """Combines an object of each rank with a function of two objects, or an operator; the root receives the result.

    `op` is called at the root alone, as in `allreduce_object`. Returns `None` on the other ranks. What it raises is raised at the
    root, and a `CommunicationError` that names the root on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.reduce_object(ctx, [ctx.rank], lambda a, b: a + b)  # on 2 ranks, at the root
    [0, 1]
    """
    function, number, own = operand(ctx, "reduce_object", obj, op)
    received = _on_behalf_of("reduce_object", gatherv, ctx, own, root=root)
    combine = (Status.REDUCE_FAILED, lambda everyones: None if everyones is None else fold(function, everyones))
    return together(ctx, "reduce_object", received, (Status.DESERIALIZE_FAILED, _if_any), combine, operator=number)


def _the_only(received: Any) -> Any:
    return objects(received)[0]


def _if_any(received: Any) -> Optional[List[Any]]:
    """The objects at the root, where alone something has come."""
    return None if received is None else objects(received)
