"""Shell. The only place that asks the machine for the time; everything else is given a clock."""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Where a shell gets its time from."""

    def now_ns(self) -> int:
        """Return the wall clock as UTC nanoseconds since 1970."""
        ...

    def monotonic_ns(self) -> int:
        """Return a clock that never steps, in nanoseconds; for durations and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let a time pass; for pacing, never as a guess that something will be ready by then."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clocks, without a call in between: `now_ns` is asked once a frame."""

    now_ns = staticmethod(time.time_ns)
    monotonic_ns = staticmethod(time.monotonic_ns)

    async def sleep(self, seconds: float) -> None:
        """Let a time pass; for pacing, never as a guess that something will be ready by then."""
        await asyncio.sleep(seconds)
