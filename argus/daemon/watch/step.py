"""Pure. Steps of the wall clock, told by the monotonic one; slow drift is none.

A clock that is slewed runs at most 0.05 % too fast or too slow, half a millisecond between two
looks. So each look is compared with the one before it, never with the first one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """The clocks, read one after the other: monotonic, wall, monotonic again; nanoseconds."""

    before_ns: int
    wall_ns: int
    after_ns: int

    @property
    def blur_ns(self) -> int:
        """Return how far the difference of the clocks may be off: they were not read at once."""
        return self.after_ns - self.before_ns

    @property
    def difference_ns(self) -> int:
        """Return how far the wall clock is ahead of the monotonic one."""
        return self.wall_ns - (self.before_ns + self.after_ns) // 2


@dataclass(frozen=True, slots=True)
class WallClock:
    """What was read last, and the steps that were found.

    Attributes:
        step_ns: the smallest change that counts as a step.
        difference_ns: how far the wall clock was ahead at the last look.
        steps: how many steps were found.
        last_step_ns: the size of the last one, negative if the clock was set back.
    """

    step_ns: int
    difference_ns: int | None = None
    steps: int = 0
    last_step_ns: int = 0

    def step(self, reading: Reading) -> tuple[WallClock, int | None]:
        """Return the next value, and the size of a step if there was one.

        A reading that took as long as half a step (the process was held in between) says nothing.
        """
        if reading.blur_ns * 2 >= self.step_ns:
            return self, None
        size = 0 if self.difference_ns is None else reading.difference_ns - self.difference_ns
        is_step = abs(size) >= self.step_ns
        after = WallClock(
            self.step_ns,
            reading.difference_ns,
            self.steps + is_step,
            size if is_step else self.last_step_ns,
        )
        return after, size if is_step else None
