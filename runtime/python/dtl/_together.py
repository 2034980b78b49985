"""What the operations on objects share, which are written in Python over others, with parts that may fail on one rank alone.

A part that is pickle's or the caller's is run through `together`, so that a rank in which it
fails does not leave the others waiting in the operation that comes next. All that is called bears the name of the operation on objects,
in errors and counters, and ranks that call something else learn of it.
"""

from typing import Callable, Optional, TypeVar

import numpy as np

from dtl._dtl import Context, _aside, allgather, broadcast  # type: ignore[attr-defined]
from dtl._errors import Status, _exception  # type: ignore[attr-defined]

_R = TypeVar("_R")

_FAILED = {
    Status.SERIALIZE_FAILED: "cannot send its object",
    Status.DESERIALIZE_FAILED: "cannot read what it has received",
    Status.REDUCE_FAILED: "failed in the function that combines",
}


def together(ctx: Context, call: str, status: Status, action: Callable[[], _R]) -> _R:
    """What `action` returns; if it raises on a rank, every rank raises, so that none waits for those that have left.

    All say which rank it was, the lowest of them. What a function of the caller has raised is passed on where it was raised.
    """
    failure: Optional[Exception] = None
    text = b""
    try:
        result = action()
    except Exception as raised:
        failure = raised
        text = f"{type(raised).__name__}: {raised}".encode(errors="replace")
    lengths = _aside(call, allgather, ctx, np.array([len(text)]))
    if not lengths.any():
        return result
    rank = int(np.flatnonzero(lengths)[0])
    cause = _aside(call, broadcast, ctx, np.frombuffer(text, np.uint8) if ctx.rank == rank else None, root=rank)
    if failure is not None and status is Status.REDUCE_FAILED:
        raise failure
    reason = cause.tobytes().decode(errors="replace")
    raise _exception(status, f"{call}: rank {rank} {_FAILED[status]}: {reason}", rank) from failure
