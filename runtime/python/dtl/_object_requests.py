"""The collective operations on objects in the forms that do not block.

Each issues one operation on arrays; what it gives becomes objects when the request is asked for it. An object that cannot be pickled
keeps a rank from taking part, so it is an error on every rank. Objects that cannot be unpickled, and functions that raise, concern
the rank alone on which that happens: the operation itself is over then.
"""

from functools import reduce as fold
from typing import Any, Callable, List, Optional, Sequence, Union

from dtl._dtl import Context, Request, _on_behalf_of, iallgatherv, ialltoallv, ibroadcast, igatherv, iscatterv  # type: ignore[attr-defined]
from dtl._errors import Status, _exception  # type: ignore[attr-defined]
from dtl._object_operators import operand
from dtl._pickled import objects, pickled, pickled_for_each
from dtl._requests import then


def ibroadcast_object(ctx: Context, obj: Any = None, root: int = 0) -> "Request[Any]":
    """Issues `broadcast_object`, which is over when its request is.

    The object is pickled at once, so it may change afterwards. One that cannot be pickled is an error at once at the root, and
    one of the request on the other ranks. Collective: every rank of `ctx` must call it.

    >>> dtl.ibroadcast_object(ctx, {"step": 3} if ctx.rank == 0 else None).wait()
    {'step': 3}
    """
    at_root = ctx.rank == root
    own = pickled(ctx, "ibroadcast_object", obj) if at_root else None
    request = _on_behalf_of("ibroadcast_object", ibroadcast, ctx, own, root=root)
    return _finished("ibroadcast_object", request, lambda received: obj if at_root else objects(received)[0])


def igather_object(ctx: Context, obj: Any, root: int = 0) -> "Request[Optional[List[Any]]]":
    """Issues `gather_object`, which is over when its request is.

    The object is pickled at once, so it may change afterwards. One that cannot be pickled is an error at once on its rank, and one
    of the request on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.igather_object(ctx, {"rank": ctx.rank}).wait()  # on 2 ranks, at the root
    [{'rank': 0}, {'rank': 1}]
    """
    return _gathered(ctx, "igather_object", pickled(ctx, "igather_object", obj), root)


def iallgather_object(ctx: Context, obj: Any) -> "Request[List[Any]]":
    """Issues `allgather_object`, which is over when its request is.

    The object is pickled at once, so it may change afterwards. One that cannot be pickled is an error at once on its rank, and one
    of the request on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.iallgather_object(ctx, "left" if ctx.rank == 0 else "right").wait()  # on 2 ranks
    ['left', 'right']
    """
    return _allgathered(ctx, "iallgather_object", pickled(ctx, "iallgather_object", obj))


def iscatter_object(ctx: Context, objs: Optional[Sequence[Any]] = None, root: int = 0) -> "Request[Any]":
    """Issues `scatter_object`, which is over when its request is.

    The objects are pickled at once, so they may change afterwards. One that cannot be pickled, and a sequence of another length,
    is an error at once at the root, and one of the request on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.iscatter_object(ctx, ["first", "second"] if ctx.rank == 0 else None).wait()  # on 2 ranks, at the root
    'first'
    """
    own, counts = pickled_for_each(ctx, "iscatter_object", objs) if ctx.rank == root else (None, None)
    request = _on_behalf_of("iscatter_object", iscatterv, ctx, own, counts, root=root)
    return _finished("iscatter_object", request, lambda received: objects(received)[0])


def ialltoall_object(ctx: Context, objs: Sequence[Any]) -> "Request[List[Any]]":
    """Issues `alltoall_object`, which is over when its request is.

    The objects are pickled at once, so they may change afterwards. One that cannot be pickled, and a sequence of another length,
    is an error at once on its rank, and one of the request on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.ialltoall_object(ctx, [f"{ctx.rank} to {rank}" for rank in range(ctx.size)]).wait()  # on 2 ranks, at rank 0
    ['0 to 0', '1 to 0']
    """
    own, counts = pickled_for_each(ctx, "ialltoall_object", objs)
    request = _on_behalf_of("ialltoall_object", ialltoallv, ctx, own, counts)
    return _finished("ialltoall_object", request, objects)


def iallreduce_object(ctx: Context, obj: Any, op: Union[str, Callable[[Any, Any], Any]]) -> "Request[Any]":
    """Issues `allreduce_object`, which is over when its request is.

    `op` is called when the request is first asked for the result, on every rank that asks. What it raises comes out there.
    Collective: every rank of `ctx` must call it.

    >>> dtl.iallreduce_object(ctx, {ctx.rank}, lambda a, b: a | b).wait()  # on 2 ranks
    {0, 1}
    """
    function, _, own = operand(ctx, "iallreduce_object", obj, op)
    return then(_allgathered(ctx, "iallreduce_object", own), lambda everyones: fold(function, everyones))


def ireduce_object(ctx: Context, obj: Any, op: Union[str, Callable[[Any, Any], Any]], root: int = 0) -> "Request[Any]":
    """Issues `reduce_object`, which is over when its request is.

    `op` is called at the root, when the request is first asked for the result. What it raises comes out there. Collective: every
    rank of `ctx` must call it.

    >>> dtl.ireduce_object(ctx, [ctx.rank], lambda a, b: a + b).wait()  # on 2 ranks, at the root
    [0, 1]
    """
    function, _, own = operand(ctx, "ireduce_object", obj, op)
    return then(_gathered(ctx, "ireduce_object", own, root), lambda there: None if there is None else fold(function, there))


def _gathered(ctx: Context, call: str, own: Any, root: int) -> "Request[Optional[List[Any]]]":
    """Issues what brings an object of each rank, as bytes, to the root, on behalf of `call`."""
    request = _on_behalf_of(call, igatherv, ctx, own, root=root)
    return _finished(call, request, lambda received: None if received is None else objects(received))


def _allgathered(ctx: Context, call: str, own: Any) -> "Request[List[Any]]":
    """Issues what brings an object of each rank, as bytes, to every rank, on behalf of `call`."""
    return _finished(call, _on_behalf_of(call, iallgatherv, ctx, own), objects)


def _finished(call: str, request: "Request[Any]", read: Callable[[Any], Any]) -> "Request[Any]":
    """A request that gives what `read` makes of the array that this one gives."""

    def finish(received: Any) -> Any:
        try:
            return read(received)
        except Exception as failure:
            text = f"{call}: cannot read what has come: {type(failure).__name__}: {failure}"
            raise _exception(Status.DESERIALIZE_FAILED, text, None) from failure

    return then(request, finish)
