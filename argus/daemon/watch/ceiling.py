"""Pure. How near something comes to a limit: high and over, each left only well below it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

SLACK = 0.05
"""Part of the limit by which use has to fall below a bound before the bound counts as left."""


class Height(IntEnum):
    """How near the limit is."""

    OK = 0
    HIGH = 1
    OVER = 2


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit and how near it is.

    Attributes:
        high_share: part of the limit from which on use is high; at the limit it is over.
        height: what was found last.
        used: what was used then.
        limit: the limit then; None for none.
    """

    high_share: float
    height: Height = Height.OK
    used: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        assert SLACK < self.high_share < 1 - SLACK, "high and over must not overlap"

    def step(self, used: int, limit: int | None) -> Ceiling:
        """Return the next value."""
        height = Height.OK if not limit else self._height(used / limit)
        return replace(self, used=used, limit=limit, height=height)

    def _height(self, share: float) -> Height:
        height = Height.OK
        for bound, above in ((self.high_share, Height.HIGH), (1.0, Height.OVER)):
            if share >= (bound if self.height < above else bound - SLACK):
                height = above
        return height
