"""Pure. Whether the venue's time in what it sends goes on.

A stream may go on while the time in its facts stands still (ccxt#23214): nothing is silent, so no
deadline finds it. Judged is a group of streams, the ones that travel together: time goes on if any
of them has a later time than when it was last looked at. One burst with one time is no such case,
so facts have to come in several looks.
"""

from collections.abc import Iterable
from enum import StrEnum

LOOKS_MIN = 5
"""Looks (a second apart) that have to find new facts and no later time."""


class Cure(StrEnum):
    """What is done about a time that stands still."""

    REPLACED = "its connection is replaced"
    NONE = "none: it stands still everywhere"


class VenueTime:
    """The venue's time of a group of streams, looked at once a second.

    Attributes:
        newest: the latest time at the last look.
    """

    def __init__(self) -> None:
        self.newest: int | None = None
        self._times: dict[str, int] = {}
        self._facts = 0
        self._ts_moved = 0
        self._looks = 0

    def look(self, streams: Iterable[tuple[str, int, int]], now: int) -> None:
        """Take the name, the last venue time and the number of facts so far of each stream.

        A venue may set its clock back; then the times are lower and go on from there.

        Args:
            streams: those that carry venue time and have had a fact.
            now: monotonic ns.
        """
        before, self._times = self._times, {}
        facts, has_moved = 0, False
        for name, ts_event, count in streams:
            facts += count
            has_moved = has_moved or name not in before or ts_event > before[name]
            self._times[name] = ts_event
        if has_moved or not self._times:
            self._ts_moved, self._looks = now, 0
        elif facts > self._facts:
            self._looks += 1
        self._facts = facts
        self.newest = max(self._times.values(), default=None)

    def frozen_ns(self, now: int) -> int:
        """Return for how long facts have come and time has stood still; 0 if it goes on."""
        return now - self._ts_moved if self._looks >= LOOKS_MIN else 0


def cure(newest: int, others: int | None, limit_ns: int) -> Cure:
    """Return what to do about a group whose time stands still.

    Args:
        newest: its latest time.
        others: the latest time of its standby and its siblings; None if there are none.
        limit_ns: how long time may stand still.
    """
    # With nobody to compare with, another connection can only be better.
    is_ahead = others is None or others - newest >= limit_ns // 2
    return Cure.REPLACED if is_ahead else Cure.NONE
