"""Pure. Which facts of a path are wanted: by their ids, by their times, or all."""

from dataclasses import dataclass, replace

import numpy as np

FIRST, LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Span:
    """What is wanted of a path.

    Attributes:
        after: only facts with a greater id; None for all.
        until: only facts with no greater id; None for all.
        ts_from: begin with the first fact that is no older (UTC ns); None to begin with the first.
        ts_until: end before the first fact after it that is no older; None to end with the last.
    """

    after: int | None = None
    until: int | None = None
    ts_from: int | None = None
    ts_until: int | None = None

    @property
    def low(self) -> int:
        """Return the least id that is wanted."""
        return FIRST if self.after is None else self.after + 1

    @property
    def high(self) -> int:
        """Return the greatest id that is wanted."""
        return LAST if self.until is None else self.until

    def beyond(self, last: int) -> "Span":
        """Return what is left to be read behind the fact of an id."""
        return replace(self, after=last, ts_from=None)


ALL = Span()
