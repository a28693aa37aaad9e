"""Shell. The machine's time, for a venue that is not given another; nothing else here reads it."""

from argus.clock import SystemClock

_CLOCK = SystemClock()


def wall_ns() -> int:
    """Return the wall clock as UTC nanoseconds since 1970."""
    return _CLOCK.now_ns()


async def let_pass(seconds: float) -> None:
    """Let a time pass: the pace of the frames, never a guess that something will be ready."""
    await _CLOCK.sleep(seconds)
