"""Wait for a fact instead of for a while: the one place where tests let time pass."""

import asyncio
import time
from collections.abc import Callable


async def until(is_so: Callable[[], object], *, timeout_s: float = 10.0, every_s: float = 0.005):
    """Let the event loop run until `is_so()` answers with something true, and return that.

    Raises:
        TimeoutError: It did not come true in time.
    """
    async with asyncio.timeout(timeout_s):
        while not (answer := is_so()):  # noqa: ASYNC110 - the fact may be made elsewhere
            await asyncio.sleep(every_s)
    return answer


def until_blocking(is_so: Callable[[], object], *, timeout_s: float = 10.0, every_s: float = 0.005):
    """Wait, without an event loop, until `is_so()` answers with something true; return that.

    Raises:
        TimeoutError: It did not come true in time.
    """
    deadline = time.monotonic() + timeout_s
    while not (answer := is_so()):
        if time.monotonic() > deadline:
            raise TimeoutError(is_so)
        time.sleep(every_s)
    return answer
