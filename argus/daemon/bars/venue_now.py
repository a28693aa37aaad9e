"""Pure. The venue's time at present, as its trades tell it: what time bars close by.

Our clock may be set wrong, or anew; then bars would close early and be revised with each trade. The
time of a trade is never later than the venue's, so the latest one and how long ago it came give a
time that is late by no more than a trade is on its way.
"""

KEPT_NS = 60_000_000_000
"""An estimate that is better than what comes is kept for so long: trades come late or early."""


class VenueNow:
    """Estimates the time of one venue.

    Until a trade has come, our own clock stands for it.
    """

    __slots__ = ("_offset", "_ts_noted")

    def __init__(self) -> None:
        self._offset: int | None = None
        self._ts_noted = 0

    def note(self, ts_event: int, monotonic_ns: int) -> None:
        """Take the time of the last trade, and when it came by a clock that nobody sets."""
        offset = ts_event - monotonic_ns
        is_old = monotonic_ns - self._ts_noted > KEPT_NS
        if self._offset is None or offset >= self._offset or is_old:
            self._offset, self._ts_noted = offset, monotonic_ns

    def now_ns(self, monotonic_ns: int, wall_ns: int) -> int:
        """Return the venue's time (UTC ns)."""
        return wall_ns if self._offset is None else self._offset + monotonic_ns
