"""Pure. What one connection delivers of one stream, as a splice sees it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from argus.events import Event


class Feed:
    """What one connection delivers of one stream.

    `first` and `last` are keys of the first and last fact delivered; after a lost frame `first` is
    the first fact since, for only from there on is the feed complete again. `lead` counts how many
    facts the stream went on without this feed since it last kept up. `ts_venue` is the venue's time
    of what was looked at while it rested.
    """

    __slots__ = (
        "_last_seen",
        "attached",
        "damaged_after",
        "first",
        "held",
        "is_damaged",
        "is_resting",
        "last",
        "lead",
        "marked",
        "name",
        "offer",
        "ts_acknowledged",
        "ts_behind",
        "ts_moved",
        "ts_venue",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.first: int | None = None
        self.last: int | None = None
        self.held: deque[Event] = deque()
        self.lead = 0
        self.attached = True
        self.is_damaged = False
        self.is_resting = False
        self.damaged_after: int | None = None
        self.ts_acknowledged: int | None = None
        self.ts_behind: int | None = None
        self.ts_moved: int | None = None
        self.ts_venue: int | None = None
        self.marked: int | None = None
        self._last_seen: int | None = None
        self.offer: Callable[[Event], bool]

    def watch(self, published: int, last: int | None, now_ns: int, patience_ns: int) -> None:
        """Update `lead`: begin to count when acknowledged, begin anew whenever it has kept up."""
        if self.is_resting:
            return
        has_moved = self.last != self._last_seen
        if has_moved:
            self.ts_moved = now_ns
            self._last_seen = self.last
        if self.ts_acknowledged is None or now_ns - self.ts_acknowledged < patience_ns:
            return
        kept_up = self.last is not None and (last is None or self.last >= last)
        if self.marked is None or kept_up or has_moved:
            self.marked = published
            self.ts_behind = None
        elif published > self.marked and self.ts_behind is None:
            self.ts_behind = now_ns
        self.lead = published - self.marked

    def has_moved_since(self, ts_ns: int) -> bool:
        """Return whether it delivered something after a tick, given when that was."""
        is_later = self.ts_moved is not None and self.ts_moved > ts_ns
        return is_later or self.last != self._last_seen

    def set_resting(self, now_ns: int, *, is_resting: bool) -> None:
        """Note that the feed's frames are kept for a while, or come again: count anew."""
        self.is_resting = is_resting
        self.lead, self.marked, self.ts_behind = 0, None, None
        self.ts_moved = None if self.ts_moved is None else now_ns
