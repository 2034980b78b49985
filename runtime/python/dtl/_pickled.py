"""Python objects as arrays of bytes.

An object travels as one array of bytes: how long its parts are, the stream of pickle's protocol 5, and the memory of the arrays
in it, which stays out of that stream. So arrays are copied once, when the parts are joined; those that are received lie in the
memory that was received.
"""

import pickle
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np

from dtl._dtl import Context

_ROW = 16
"""Bytes of a row of the head of a message; parts begin at multiples of it, so that elements of every type are aligned."""


def message(obj: Any) -> "np.ndarray[Any, Any]":
    """The object as bytes: rows with the length of the message and the number of its parts, and with the length of each part and
    whether it is read-only; then the parts, the stream of pickle first.
    """
    buffers: List[pickle.PickleBuffer] = []
    stream = pickle.dumps(obj, protocol=5, buffer_callback=buffers.append)
    parts = [memoryview(stream), *(buffer.raw() for buffer in buffers)]
    head = _ROW * (1 + len(parts))
    total = head + sum(_room(part.nbytes) for part in parts)
    rows = [(total, len(parts)), *((part.nbytes, int(part.readonly)) for part in parts)]
    made = np.zeros(total, np.uint8)
    made[:head] = np.array(rows, np.int64).view(np.uint8).ravel()
    memory, start = made.data, head
    for part in parts:
        memory[start : start + part.nbytes] = part
        start += _room(part.nbytes)
    return made


def objects(received: "np.ndarray[Any, Any]") -> List[Any]:
    """The objects of messages that follow one another."""
    found = []
    begin = 0
    while begin < len(received):
        total, count = received[begin : begin + _ROW].view(np.int64).tolist()
        start = begin + _ROW * (1 + count)
        parts = []
        for length, readonly in received[begin + _ROW : start].view(np.int64).reshape(count, 2).tolist():
            part = received[start : start + length].data
            parts.append(part.toreadonly() if readonly else part)
            start += _room(length)
        found.append(pickle.loads(parts[0], buffers=parts[1:]))
        begin += total
    return found


def messages(ctx: Context, objs: Optional[Sequence[Any]]) -> List["np.ndarray[Any, Any]"]:
    """A message for each rank."""
    if objs is None or len(objs) != ctx.size:
        there = "none" if objs is None else str(len(objs))
        raise ValueError(f"there must be one object for each of {ctx.size} ranks, and there are {there}")
    return [message(obj) for obj in objs]


def joined(parts: List["np.ndarray[Any, Any]"]) -> Tuple["np.ndarray[Any, Any]", List[int]]:
    """Messages behind one another, and their lengths."""
    return np.concatenate(parts), [len(part) for part in parts]


def _room(length: int) -> int:
    """The bytes that a part takes, with those after it that keep the next one aligned."""
    return -(-length // _ROW) * _ROW
