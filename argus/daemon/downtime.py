"""Pure. The gaps between earlier runs and this one, path by path.

Two things are needed of each path: the last fact before this run, which is known once the lake was
looked at, and the first fact of this run. Whichever comes later completes the judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from argus.agora.downtime import hole_between, key_of
from argus.agora.path import Path
from argus.agora.router import Seam, gap_of
from argus.events import Event, Gap


class Downtime:
    """Finds what this process has missed before it began.

    Args:
        seam_of: how the facts of a path are joined; None if the path is not streamed.
        tell: takes each path with its gap.
    """

    def __init__(
        self, seam_of: Callable[[Path], Seam | None], tell: Callable[[Path, Gap], None]
    ) -> None:
        self._seam_of = seam_of
        self._tell = tell
        self._first: dict[Path, Event] = {}
        self._begun: set[Path] = set()
        self._last: Mapping[Path, Event] | None = None
        self._vouched: Mapping[Path, int] = {}

    def begin(self, path: Path, fact: Event) -> None:
        """Take the first fact of a path in this run; only the first one counts."""
        if path in self._begun:
            return
        self._begun.add(path)
        if self._last is None:
            self._first[path] = fact
        else:
            self._judge(path, self._last.get(path), fact)

    def begin_anew(self, path: Path, fact: Event | None) -> None:
        """Take another fact for the first one of a path, or the one that comes next."""
        self._begun.discard(path)
        self._first.pop(path, None)
        if fact is not None:
            self.begin(path, fact)

    def vouch(self, keys: Mapping[Path, int]) -> None:
        """Note that paths have missed nothing since they had a key: another process recorded."""
        self._vouched = keys

    def learn(self, last: Mapping[Path, Event]) -> None:
        """Take the last fact of each path before this run."""
        self._last = last
        first, self._first = self._first, {}
        for path, fact in first.items():
            self._judge(path, last.get(path), fact)

    def _judge(self, path: Path, before: Event | None, after: Event) -> None:
        seam = self._seam_of(path)
        if before is None or seam is None:
            return
        vouched = self._vouched.get(path)
        if vouched is not None and key_of(seam, before) >= vouched:
            return
        hole = hole_between(seam, before, after)
        if hole is not None:
            self._tell(path, gap_of(hole, path.data_type, after.ts_recv))
