"""Collective operations on any Python objects that can be pickled.

An object travels as one array of bytes: how long its parts are, the stream of pickle's protocol 5, and the memory of the arrays
in it, which stays out of that stream. So arrays are copied once, when the parts are joined; those that are received lie in the
memory that was received. Everything else is done by the operations on arrays, and nothing here calls a transport.
"""

import pickle
from functools import reduce as fold
from typing import Any, Callable, List, Optional, Sequence

import numpy as np

from dtl._dtl import Context, allgatherv, alltoallv, broadcast, gatherv, scatterv
from dtl._errors import Status
from dtl._together import together

_ROW = 16
"""Bytes of a row of the head of a message; parts begin at multiples of it, so that elements of every type are aligned."""


def broadcast_object(ctx: Context, obj: Any = None, root: int = 0) -> Any:
    """Sends the object of the root to every rank.

    Returns the object itself at the root, and a copy of it on the other ranks, where `obj` does not count. An object that cannot
    be pickled or unpickled gives the same error on every rank, whose text names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.broadcast_object(ctx, {"step": 3} if ctx.rank == 0 else None)
    {'step': 3}
    """
    at_root = ctx.rank == root
    write = lambda: _message(obj) if at_root else None
    received = broadcast(ctx, together(ctx, "broadcast_object", Status.SERIALIZE_FAILED, write), root=root)
    read = lambda: [obj] if at_root else _objects(received)
    return together(ctx, "broadcast_object", Status.DESERIALIZE_FAILED, read)[0]


def gather_object(ctx: Context, obj: Any, root: int = 0) -> Optional[List[Any]]:
    """Brings an object of each rank to the root.

    Returns the list of copies in the order of ranks at the root, and `None` elsewhere. An object that cannot be pickled or
    unpickled gives the same error on every rank, whose text names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.gather_object(ctx, {"rank": ctx.rank})  # on 2 ranks, at the root
    [{'rank': 0}, {'rank': 1}]
    """
    message = together(ctx, "gather_object", Status.SERIALIZE_FAILED, lambda: _message(obj))
    received = gatherv(ctx, message, root=root)
    read = lambda: None if received is None else _objects(received)
    return together(ctx, "gather_object", Status.DESERIALIZE_FAILED, read)


def allgather_object(ctx: Context, obj: Any) -> List[Any]:
    """Brings an object of each rank to every rank.

    Returns the list of copies in the order of ranks. An object that cannot be pickled or unpickled gives the same
    error on every rank, whose text names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.allgather_object(ctx, "left" if ctx.rank == 0 else "right")  # on 2 ranks
    ['left', 'right']
    """
    message = together(ctx, "allgather_object", Status.SERIALIZE_FAILED, lambda: _message(obj))
    received = allgatherv(ctx, message)
    return together(ctx, "allgather_object", Status.DESERIALIZE_FAILED, lambda: _objects(received))


def scatter_object(ctx: Context, objs: Optional[Sequence[Any]] = None, root: int = 0) -> Any:
    """Sends each rank its object of those of the root.

    `objs` has one object for each rank at the root, and does not count elsewhere. Returns a copy of this rank's. A sequence of
    another length, and an object that cannot be pickled or unpickled, give the same error on every rank, whose text names the
    rank. Collective: every rank of `ctx` must call it.

    >>> dtl.scatter_object(ctx, ["first", "second"] if ctx.rank == 0 else None)  # on 2 ranks, at the root
    'first'
    """
    at_root = ctx.rank == root
    write = lambda: _messages(ctx, objs) if at_root else []
    messages = together(ctx, "scatter_object", Status.SERIALIZE_FAILED, write)
    counts = [len(message) for message in messages] if at_root else None
    received = scatterv(ctx, np.concatenate(messages) if at_root else None, counts, root=root)
    return together(ctx, "scatter_object", Status.DESERIALIZE_FAILED, lambda: _objects(received))[0]


def alltoall_object(ctx: Context, objs: Sequence[Any]) -> List[Any]:
    """Sends an object of each rank to each rank.

    `objs` has one object for each rank. Returns the list of copies of what each rank has for this one, in the order of ranks.
    A sequence of another length, and an object that cannot be pickled or unpickled, give the same error on every rank, whose text
    names the rank. Collective: every rank of `ctx` must call it.

    >>> dtl.alltoall_object(ctx, [f"{ctx.rank} to {rank}" for rank in range(ctx.size)])  # on 2 ranks, at rank 0
    ['0 to 0', '1 to 0']
    """
    messages = together(ctx, "alltoall_object", Status.SERIALIZE_FAILED, lambda: _messages(ctx, objs))
    counts = [len(message) for message in messages]
    received = alltoallv(ctx, np.concatenate(messages), counts)
    return together(ctx, "alltoall_object", Status.DESERIALIZE_FAILED, lambda: _objects(received))


def allreduce_object(ctx: Context, obj: Any, op: Callable[[Any, Any], Any]) -> Any:
    """Combines an object of each rank with a function of two objects; every rank receives the result.

    `op` is called on every rank with the same objects: with those of ranks 0 and 1, then with what it gave and that of rank 2,
    and so on. So it need not be commutative, nor the same function object. What it raises on some rank is raised there, and a
    `CommunicationError` that names this rank is raised on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.allreduce_object(ctx, {ctx.rank}, lambda a, b: a | b)  # on 2 ranks
    {0, 1}
    """
    objects = allgather_object(ctx, obj)
    return together(ctx, "allreduce_object", Status.REDUCE_FAILED, lambda: fold(op, objects))


def reduce_object(ctx: Context, obj: Any, op: Callable[[Any, Any], Any], root: int = 0) -> Any:
    """Combines an object of each rank with a function of two objects; the root receives the result.

    `op` is called at the root alone, as in `allreduce_object`. Returns `None` on the other ranks. What it raises is raised at the
    root, and a `CommunicationError` that names the root on the others. Collective: every rank of `ctx` must call it.

    >>> dtl.reduce_object(ctx, [ctx.rank], lambda a, b: a + b)  # on 2 ranks, at the root
    [0, 1]
    """
    objects = gather_object(ctx, obj, root)
    combine = lambda: None if objects is None else fold(op, objects)
    return together(ctx, "reduce_object", Status.REDUCE_FAILED, combine)


def _messages(ctx: Context, objs: Optional[Sequence[Any]]) -> List["np.ndarray[Any, Any]"]:
    """A message for each rank."""
    if objs is None or len(objs) != ctx.size:
        there = "none" if objs is None else str(len(objs))
        raise ValueError(f"there must be one object for each of {ctx.size} ranks, and there are {there}")
    return [_message(obj) for obj in objs]


def _message(obj: Any) -> "np.ndarray[Any, Any]":
    """The object as bytes: rows with the length of the message and the number of its parts, and with the length of each part and
    whether it is read-only; then the parts, the stream of pickle first.
    """
    buffers: List[pickle.PickleBuffer] = []
    stream = pickle.dumps(obj, protocol=5, buffer_callback=buffers.append)
    parts = [memoryview(stream), *(buffer.raw() for buffer in buffers)]
    head = _ROW * (1 + len(parts))
    total = head + sum(_room(part.nbytes) for part in parts)
    rows = [(total, len(parts)), *((part.nbytes, int(part.readonly)) for part in parts)]
    message = np.zeros(total, np.uint8)
    message[:head] = np.array(rows, np.int64).view(np.uint8).ravel()
    memory, start = message.data, head
    for part in parts:
        memory[start : start + part.nbytes] = part
        start += _room(part.nbytes)
    return message


def _objects(received: "np.ndarray[Any, Any]") -> List[Any]:
    """The objects of messages that follow one another."""
    objects = []
    begin = 0
    while begin < len(received):
        total, count = received[begin : begin + _ROW].view(np.int64).tolist()
        start = begin + _ROW * (1 + count)
        parts = []
        for length, readonly in received[begin + _ROW : start].view(np.int64).reshape(count, 2).tolist():
            part = received[start : start + length].data
            parts.append(part.toreadonly() if readonly else part)
            start += _room(length)
        objects.append(pickle.loads(parts[0], buffers=parts[1:]))
        begin += total
    return objects


def _room(length: int) -> int:
    """The bytes that a part takes, with those after it that keep the next one aligned."""
    return -(-length // _ROW) * _ROW
