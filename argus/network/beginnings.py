"""Shell. Where paths begin in this run, and where they go on after they had left the universe."""

from __future__ import annotations

from collections.abc import Callable

from argus.agora.downtime import hole_between
from argus.agora.path import Path
from argus.agora.router import gap_of
from argus.events import Event, Gap, GapReason
from argus.network.journal import Journal
from argus.network.source import Source


class Beginnings:
    """Notes the first fact of each path, and tells what was missed while one was not recorded.

    Args:
        source: whose paths.
        journal: is told where paths begin.
        tell_gap: takes the gap of a path that was not recorded for a while.

    Attributes:
        begun: told of the first fact of each path in this run.
    """

    def __init__(
        self, source: Source, journal: Journal, tell_gap: Callable[[Path, Gap], None]
    ) -> None:
        self._source = source
        self._journal = journal
        self._tell_gap = tell_gap
        self._ended: dict[Path, Event] = {}
        self.begun: Callable[[Path, Event], None] = lambda *_: None

    def end(self, path: Path, last: Event | None) -> None:
        """Note the last fact of a path that is recorded no more."""
        if last is not None:
            self._ended[path] = last

    def begin(self, path: Path, fact: Event) -> None:
        """Take the first fact of a path, before it is published."""
        self._journal.begin(path, fact)
        before, seam = self._ended.pop(path, None), self._source.seam_of(path.data_type)
        if before is None or seam is None:
            self.begun(path, fact)
            return
        hole = hole_between(seam, before, fact, GapReason.CUT)
        if hole is not None:
            self._tell_gap(path, gap_of(hole, path.data_type, fact.ts_recv))
