"""Waiting for requests under asyncio. The compiled class calls this from `__await__`."""

import asyncio
from typing import Any

_LONGEST_PAUSE = 1e-3


async def finished(request: Any) -> Any:
    """What the operation gives, when it is over.

    No thread could tell the loop that something has come, so the request is tested again and again: at first whenever the other
    tasks have had their turn, then less and less often.
    """
    pause = 0.0
    while not request.test():
        await asyncio.sleep(pause)
        pause = min(2 * pause + 1e-5, _LONGEST_PAUSE)
    return request.wait()
