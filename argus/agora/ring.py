"""Pure. A bounded ring: one writer, many readers, each at its own pace.

Positions only ever rise, so how far a reader lags is a subtraction. A writer never waits: a reader
that falls behind by more than the ring holds is told how many facts it has missed.
"""

from collections.abc import Callable
from typing import NamedTuple

from argus.events import Event

CAPACITY_MIN = 4
"""A quarter of a ring is at least one fact."""


class Batch(NamedTuple):
    """What a read gave: how many facts were overrun first, then the facts in their order."""

    missed: int
    facts: list[Event]


class Ring:
    """The last `capacity` facts of a stream. Not safe for threads.

    Args:
        capacity: facts kept; a power of two.
    """

    __slots__ = ("_mask", "_press", "_pressed", "_slots", "current", "head")

    def __init__(self, capacity: int) -> None:
        assert capacity >= CAPACITY_MIN, f"capacity {capacity} is below {CAPACITY_MIN}"
        assert capacity & (capacity - 1) == 0, f"capacity {capacity} is no power of two"
        self._slots: list[Event | None] = [None] * capacity
        self._mask = capacity - 1
        self._press = capacity // 4 - 1
        self._pressed: tuple[Callable[[], None], ...] = ()
        self.head = 0
        self.current: Event | None = None

    @property
    def capacity(self) -> int:
        """Return how many facts the ring holds."""
        return self._mask + 1

    def append(self, fact: Event) -> None:
        """Add a fact; every quarter of the ring, let those who asked for it read."""
        head = self.head
        self._slots[head & self._mask] = fact
        self.current = fact
        self.head = head = head + 1
        if not head & self._press:
            for read in self._pressed:
                read()

    def press(self, read: Callable[[], None]) -> None:
        """Ask for a call of `read` each time another quarter of the ring has been written.

        A reader that reads when it is pressed cannot be overrun, however long a burst is.
        """
        self._pressed = (*self._pressed, read)

    def unpress(self, read: Callable[[], None]) -> None:
        """Ask for no more calls of `read`."""
        self._pressed = tuple(r for r in self._pressed if r != read)

    def between(self, start: int, stop: int) -> list[Event]:
        """Return the facts at positions `start` until `stop`, which must still be held."""
        assert self.head - self.capacity <= start <= stop <= self.head
        low, high = start & self._mask, stop & self._mask
        if start == stop:
            return []
        slots = self._slots
        return slots[low:high] if low < high else slots[low:] + slots[:high]  # type: ignore[return-value]


class Reader:
    """One reader of a ring, beginning at what is published next (or `back` facts before)."""

    __slots__ = ("position", "ring")

    def __init__(self, ring: Ring, *, back: int = 0) -> None:
        self.ring = ring
        self.position = max(ring.head - back, ring.head - ring.capacity, 0)

    @property
    def lag(self) -> int:
        """Return how many facts were published and not yet read."""
        return self.ring.head - self.position

    def read(self) -> Batch:
        """Return what was published since the last read, and how much of it was overrun."""
        head = self.ring.head
        start = max(self.position, head - self.ring.capacity)
        missed = start - self.position
        self.position = head
        return Batch(missed, self.ring.between(start, head))
