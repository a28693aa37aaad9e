"""Pure. The budget of the disk: merging ends first, for it needs room for copies.

`DiskBudget` is a frozen value with one function, `step`. What is recorded is written as long as
anything can be written; below the limit only merging waits. It goes on when there is clearly more
room than that, so that room at the limit does not start and stop it all the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

LOW_BYTES = 2 * 2**30
LOW_PART = 20
"""Of a disk smaller than 40 GiB a twentieth counts as low."""


class DiskState(StrEnum):
    """How much room there is."""

    OK = "ok"
    LOW = "low"
    FULL = "full"


def low_bytes(configured: int | None, total_bytes: int) -> int:
    """Return the room below which merging waits: what is configured, or by the disk's size."""
    return min(LOW_BYTES, total_bytes // LOW_PART) if configured is None else configured


@dataclass(frozen=True, slots=True)
class DiskBudget:
    """The state of the disk and the room it was judged by.

    Attributes:
        low_bytes: merging waits while less than this is free.
        state: what was found last.
        free_bytes: what was free then.
    """

    low_bytes: int
    state: DiskState = DiskState.OK
    free_bytes: int = 0

    @property
    def resume_bytes(self) -> int:
        """Return the room from which on merging goes on: a quarter more than low."""
        return self.low_bytes + self.low_bytes // 4

    def step(self, free_bytes: int, *, is_refused: bool) -> DiskBudget:
        """Return the next value.

        Args:
            free_bytes: what is free now.
            is_refused: whether the last write of some writer failed for lack of room.
        """
        return replace(self, state=self._next(free_bytes, is_refused), free_bytes=free_bytes)

    def _next(self, free_bytes: int, is_refused: bool) -> DiskState:  # noqa: FBT001 as `step`
        if is_refused:
            return DiskState.FULL
        bound = self.low_bytes if self.state is DiskState.OK else self.resume_bytes
        return DiskState.LOW if free_bytes < bound else DiskState.OK

    def may_merge(self, need_bytes: int) -> bool:
        """Return whether a merge may be begun that writes so much before it deletes anything."""
        return self.state is DiskState.OK and self.free_bytes - need_bytes >= self.low_bytes
