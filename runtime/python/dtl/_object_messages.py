"""Messages between two ranks that carry any Python object that can be pickled, as one array of bytes (`_pickled`)."""

from typing import Any, Dict, Optional

from dtl._dtl import Context, Request, _on_behalf_of, irecv, isend, recv, send  # type: ignore[attr-defined]
from dtl._errors import Status, _exception  # type: ignore[attr-defined]
from dtl._pickled import message, objects
from dtl._requests import then


def send_object(ctx: Context, obj: Any, dest: int, tag: int = 0) -> None:
    """Sends an object to a rank, which receives it by `recv_object`.

    Like `send`, it may wait until the other rank receives. An object that cannot be pickled is an error on this rank alone, and
    nothing is sent. Point to point: it concerns the two ranks.

    >>> dtl.send_object(ctx, {"step": 3}, dest=1)
    """
    _on_behalf_of("send_object", send, ctx, _written("send_object", obj), dest, tag)


def recv_object(ctx: Context, source: Optional[int] = None, tag: Optional[int] = None) -> Any:
    """Receives an object that a rank has sent by `send_object`, and returns a copy of it.

    Without `source` it may come from any rank, without `tag` have any. A message that is no object is an error on this rank, and
    stays for `recv`. One that cannot be unpickled is an error, too, and is received all the same. Point to point: it concerns the
    two ranks.

    >>> dtl.recv_object(ctx, source=0)
    {'step': 3}
    """
    return _read("recv_object", _on_behalf_of("recv_object", recv, ctx, **_given(source, tag)))


def isend_object(ctx: Context, obj: Any, dest: int, tag: int = 0) -> "Request[None]":
    """Issues `send_object`, which is over when its request is.

    The object is pickled at once, so it may change afterwards. One that cannot be pickled is an error at once.

    >>> dtl.isend_object(ctx, {"step": 3}, dest=1).wait()
    """
    sent: "Request[None]" = _on_behalf_of("isend_object", isend, ctx, _written("isend_object", obj), dest, tag)
    return sent


def irecv_object(ctx: Context, source: Optional[int] = None, tag: Optional[int] = None) -> "Request[Any]":
    """Issues `recv_object`, which is over when its request is; the request gives the object.

    >>> dtl.irecv_object(ctx, source=0).wait()
    {'step': 3}
    """
    request = _on_behalf_of("irecv_object", irecv, ctx, **_given(source, tag))
    return then(request, lambda received: _read("irecv_object", received))


def _given(source: Optional[int], tag: Optional[int]) -> Dict[str, Any]:
    """The arguments that were given."""
    return {name: value for name, value in (("source", source), ("tag", tag)) if value is not None}


def _written(call: str, obj: Any) -> Any:
    try:
        return message(obj)
    except Exception as failure:
        text = f"{call}: the object cannot be sent: {type(failure).__name__}: {failure}"
        raise _exception(Status.SERIALIZE_FAILED, text, None) from failure


def _read(call: str, received: Any) -> Any:
    try:
        return objects(received)[0]
    except Exception as failure:
        text = f"{call}: cannot read what has come: {type(failure).__name__}: {failure}"
        raise _exception(Status.DESERIALIZE_FAILED, text, None) from failure
