"""What requests do that is written in Python: waiting under asyncio, which the compiled class calls from `__await__`, and making
something else of what has come.
"""

from typing import Any, Callable, TypeVar

from dtl._dtl import Request, _then  # type: ignore[attr-defined]

_R = TypeVar("_R")

_LONGEST_PAUSE = 1e-3


async def finished(request: Any) -> Any:
    """What the operation gives, when it is over.

    No thread could tell the loop that something has come, so the request is tested again and again: at first whenever the other
    tasks have had their turn, then less and less often.
    """
    import asyncio  # which takes long to import, and who awaits has it already

    pause = 0.0
    while not request.test():
        await asyncio.sleep(pause)
        pause = min(2 * pause + 1e-5, _LONGEST_PAUSE)
    return request.wait()


def then(request: "Request[Any]", make: Callable[[Any], _R]) -> "Request[_R]":
    """A request that is over when this one is, and gives what `make` makes of its result, once somebody asks."""
    following: "Request[_R]" = _then(request, make)
    return following
