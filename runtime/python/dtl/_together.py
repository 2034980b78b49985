"""What the operations on objects share, which are written in Python over others, with parts that may fail on one rank alone.

A part that is pickle's or the caller's, and that comes after the objects have moved, is run through `together`, so that a rank in
which it fails does not leave the others waiting in the operation that comes next. All that is called bears the name of the
operation on objects, in errors and counters, and ranks that call something else learn of it.
"""

from typing import Any, Callable, List, Tuple

import numpy as np

from dtl._dtl import Context, _aside, allgather, broadcast  # type: ignore[attr-defined]
from dtl._errors import Status, _exception  # type: ignore[attr-defined]

_FAILED = {
    Status.DESERIALIZE_FAILED: "cannot read what it has received",
    Status.REDUCE_FAILED: "failed in the function that combines",
}

_FINE = np.array(0, np.int64)


def together(
    ctx: Context, call: str, value: Any, *steps: Tuple[Status, Callable[[Any], Any]], operator: int = 0
) -> Any:
    """What the steps make of `value`, one after the other; if one raises on a rank, every rank raises, so that none waits for those
    that have left.

    All say which rank it was, the lowest of them. A step comes with the status of its failure. What a function of the caller has
    raised is passed on where it was raised. All must have the same operator, where it has a number.
    """
    try:
        for status, step in steps:
            value = step(value)
    except Exception as failure:
        _raise_together(ctx, call, status, failure)
    # A status is more than 0.
    said = _aside(call, allgather, ctx, np.array(-operator, np.int64) if operator else _FINE).tolist()
    if any(said):
        _raise_what_failed(ctx, call, said)
        _raise_if_different(call, said)
    return value


def _raise_together(ctx: Context, call: str, status: Status, failure: Exception) -> None:
    statuses = _aside(call, allgather, ctx, np.array(status, np.int64)).tolist()
    try:
        _raise_what_failed(ctx, call, statuses, f"{type(failure).__name__}: {failure}")
    except Exception as of_all:
        if status is Status.REDUCE_FAILED:
            raise failure
        raise of_all from failure


def _raise_if_different(call: str, said: List[int]) -> None:
    """Raises an error if two ranks have named operators that are not the same."""
    first = next(rank for rank, operator in enumerate(said) if operator)
    other = next((rank for rank, operator in enumerate(said) if operator not in (0, said[first])), None)
    if other is not None:
        text = f"{call}: op differs between ranks: rank {other} passes another than rank {first}. Every rank must pass the same operator."
        raise _exception(Status.COLLECTIVE_PARTICIPATION, text, None)


def _raise_what_failed(ctx: Context, call: str, statuses: List[int], text: str = "") -> None:
    """Raises the error of the first rank that has one, if any, which says why."""
    rank = next((rank for rank, code in enumerate(statuses) if code > 0), None)
    if rank is None:
        return
    status = Status(statuses[rank])
    own = np.frombuffer(text.encode(errors="replace"), np.uint8) if ctx.rank == rank else None
    reason = _aside(call, broadcast, ctx, own, root=rank).tobytes().decode(errors="replace")
    raise _exception(status, f"{call}: rank {rank} {_FAILED[status]}: {reason}", rank)
