"""Shell. The machine's time, for a venue that is not given another; nothing else here reads it."""

import asyncio
import time


def wall_ns() -> int:
    """Return the wall clock as UTC nanoseconds since 1970."""
    return time.time_ns()


async def let_pass(seconds: float) -> None:
    """Let a time pass: the pace of the frames, never a guess that something will be ready."""
    await asyncio.sleep(seconds)
