"""Shell. The gaps of a source: published, written down and told, or held back."""

from __future__ import annotations

from collections.abc import Callable

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.agora.router import publish_gap
from argus.events import Gap
from argus.network.journal import Journal
from argus.telemetry import GapFound, Report


class GapsTold:
    """Tells of gaps.

    Args:
        agora: where they are published.
        journal: where they are written down.
        report: telemetry.

    Attributes:
        count: how many were told.
        hold: takes each gap instead, while another process records the same.
    """

    def __init__(self, agora: Agora, journal: Journal, report: Report) -> None:
        self._agora = agora
        self._journal = journal
        self._report = report
        self.count = 0
        self.hold: Callable[[Path, Gap], None] | None = None

    def tell(self, path: Path, gap: Gap) -> bool:
        """Tell of a gap of a path; return whether it was told."""
        if self.hold is not None:
            self.hold(path, gap)
            return False
        publish_gap(self._agora, path, gap)
        self._journal.note(path, gap)
        self.count += 1
        self._report(GapFound(str(path), gap.reason, gap.missing))
        return True
