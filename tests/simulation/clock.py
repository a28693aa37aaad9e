"""The clock of a simulated machine: its wall clock drifts and jumps, its monotonic one does not."""

from __future__ import annotations

import asyncio

from argus.clock import SystemClock

SECOND_NS = 1_000_000_000


class SimClock:
    """What time a machine believes it is.

    Args:
        loop: whose virtual time passes.
        ts_begin: the true time when the loop's time was 0, UTC nanoseconds.
        drift: how much faster than true time the wall clock goes; 1e-5 is 0.86 s a day.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, ts_begin: int, drift: float = 0.0
    ) -> None:
        self._time_s = loop.time
        self._ts_begin = ts_begin
        self._drift = drift
        self._offset_ns = self._offset_ns_max = 0

    def now_ns(self) -> int:
        """Return the wall clock as UTC nanoseconds since 1970."""
        return self.true_ns() + self._offset_ns + int(self._time_s() * self._drift * SECOND_NS)

    def monotonic_ns(self) -> int:
        """Return a clock that never steps, in nanoseconds."""
        return round(self._time_s() * SECOND_NS)

    def true_ns(self) -> int:
        """Return the time as the venues have it."""
        return self._ts_begin + self.monotonic_ns()

    sleep = staticmethod(SystemClock().sleep)
    """In a `SimLoop` the same lets virtual time pass."""

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward, or back."""
        self._offset_ns += int(seconds * SECOND_NS)
        self._offset_ns_max = max(self._offset_ns_max, abs(self._offset_ns))

    @property
    def error_ns_max(self) -> int:
        """Return by how much at most the wall clock has been wrong."""
        return self._offset_ns_max + int(self._time_s() * abs(self._drift) * SECOND_NS)
