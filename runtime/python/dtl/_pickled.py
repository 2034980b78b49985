"""Python objects as arrays of bytes.

An object travels as one array of bytes: how long its parts are, the stream of pickle's protocol 5, and the memory of the arrays
in it, which stays out of that stream. So arrays are copied once, when the parts are joined. One that is nearly all that was received
lies in the memory that was received; others are copied out of it, so that none keeps what the program has dropped.
"""

import pickle
import struct
from collections.abc import Mapping, Set
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np

from dtl._dtl import Context
from dtl._errors import Status, _exception  # type: ignore[attr-defined]

_HEAD = struct.Struct("=qqqq")
"""What a message begins with: its length, the number of its arrays, and the length of its stream."""

_ROW = struct.Struct("=qq")
"""What follows for each array: its length and whether it is read-only. Then come the stream and the arrays, each at a multiple of the
size of a row, so that elements of every type are aligned."""

_PADDING = [bytes(-length % _ROW.size) for length in range(_ROW.size)]
"""What follows a part, by the bytes that it has beyond a multiple of the size."""


_NEARLY_ALL = 0.9
"""The part of what was received that an array has to be, to stay there."""


def message(obj: Any) -> "np.ndarray[Any, Any]":
    """The object as bytes."""
    parts, _ = _parts(obj)
    return np.frombuffer(b"".join(parts), np.uint8)


def _parts(obj: Any) -> Tuple[List[Union[bytes, memoryview]], int]:
    """What a message is made of, and its length."""
    buffers: List[pickle.PickleBuffer] = []
    stream = pickle.dumps(obj, protocol=5, buffer_callback=buffers.append)
    arrays = [buffer.raw() for buffer in buffers]
    rows = [_ROW.pack(len(array), array.readonly) for array in arrays]
    body: List[Union[bytes, memoryview]] = [*rows, stream, _PADDING[len(stream) % _ROW.size]]
    for array in arrays:
        body += [array, _PADDING[len(array) % _ROW.size]]
    total = _HEAD.size + sum(map(len, body))
    return [_HEAD.pack(total, len(rows), len(stream), 0), *body], total


def objects(received: "np.ndarray[Any, Any]") -> List[Any]:
    """The objects of messages that follow one another."""
    memory = received.data
    found = []
    begin, end = 0, len(memory)
    fewest = int(_NEARLY_ALL * end)
    while begin < end:
        total, count, length, _ = _HEAD.unpack_from(memory, begin)
        start = begin + _HEAD.size + _ROW.size * count
        stream = memory[start : start + length]
        arrays = _arrays(memory[begin + _HEAD.size : begin + total], count, length, fewest) if count else ()
        found.append(pickle.loads(stream, buffers=arrays))
        begin += total
    return found


def _arrays(memory: memoryview, count: int, length: int, fewest: int) -> Iterator[memoryview]:
    """The arrays of a message whose stream has this length, from its rows on; copies of those with fewer bytes."""
    start = _ROW.size * count
    for following, is_read_only in _ROW.iter_unpack(memory[:start]):
        start += length + len(_PADDING[length % _ROW.size])
        length = following
        array = memory[start : start + length]
        if length < fewest:
            array = np.frombuffer(array, np.uint8).copy().data
        yield array.toreadonly() if is_read_only else array


def messages(ctx: Context, objs: Optional[Sequence[Any]]) -> Tuple["np.ndarray[Any, Any]", List[int]]:
    """A message for each rank, behind one another, and their lengths."""
    if isinstance(objs, (str, bytes, bytearray, Mapping, Set)) or objs is not None and not hasattr(objs, "__getitem__"):
        raise TypeError(f"the objects are in a {type(objs).__name__}, which is no sequence of them: pass a list, one for each rank")
    if objs is None or len(objs) != ctx.size:
        there = "none" if objs is None else str(len(objs))
        raise ValueError(f"there must be one object for each of {ctx.size} ranks, and there are {there}")
    parts: List[Union[bytes, memoryview]] = []
    lengths = []
    for obj in objs:
        own, length = _parts(obj)
        parts += own
        lengths.append(length)
    return np.frombuffer(b"".join(parts), np.uint8), lengths


class Refused:
    """Stands for what could not be made. It raises when an operation looks at it, so that all ranks of that learn of it."""

    def __init__(self, status: Status, text: str, rank: int, failure: Optional[Exception] = None) -> None:
        self._status = status
        self._text = text
        self._rank = rank
        self._failure = failure

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise _exception(self._status, self._text, self._rank) from self._failure


def pickled(ctx: Context, call: str, obj: Any) -> Any:
    """The object as bytes, for an operation to send."""
    return _unless_refused(ctx, call, lambda: message(obj))


def pickled_for_each(ctx: Context, call: str, objs: Optional[Sequence[Any]]) -> Tuple[Any, Optional[List[int]]]:
    """The objects for all ranks as bytes, and how many each rank gets."""
    made = _unless_refused(ctx, call, lambda: messages(ctx, objs))
    return (made, None) if isinstance(made, Refused) else made


def _unless_refused(ctx: Context, call: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except Exception as failure:
        text = f"{call}: rank {ctx.rank} cannot send its object: {type(failure).__name__}: {failure}"
        return Refused(Status.SERIALIZE_FAILED, text, ctx.rank, failure)
