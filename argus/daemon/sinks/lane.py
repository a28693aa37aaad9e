"""Shell. The lane on which bars go ahead: from agora to a store within a second, if it is there.

It never waits and holds little. What does not fit, or finds no store, comes with its chunk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from threading import Lock

import pyarrow as pa

from argus.telemetry import BarsLeftToSpool, Report

BARS_MAX = 20_000


class Lane:
    """Bars on their way to one store, from the event loop's thread to the feeder's.

    Args:
        store: the store's name.
        report: told of bars that were left to the spool.

    Attributes:
        is_open: whether the store takes rows at present; only then bars are taken.
        left: how many bars did not go ahead.
    """

    def __init__(self, store: str, report: Report) -> None:
        self._store = store
        self._report = report
        self._tables: deque[tuple[str, pa.Table]] = deque()
        self._bars = 0
        self._turn = Lock()
        self.is_open = False
        self.left = 0

    def offer(self, source: str, table: pa.Table) -> bool:
        """Take bars of a source if there is room and a store; say whether they were taken."""
        bars = table.num_rows
        with self._turn:
            is_taken = self.is_open and self._bars + bars <= BARS_MAX
            if is_taken:
                self._bars += bars
                self._tables.append((source, table))
        if not is_taken:
            self.leave(bars)
        return is_taken

    def leave(self, bars: int) -> None:
        """Count bars that come with their chunk alone; either thread may."""
        if bars:
            with self._turn:
                self.left += bars
            self._report(BarsLeftToSpool(self._store, bars))

    def take(self) -> Iterator[tuple[str, pa.Table]]:
        """Return what is on its way, and forget it: whatever becomes of it, its chunk follows."""
        while self._tables:
            with self._turn:
                source, table = self._tables.popleft()
                self._bars -= table.num_rows
            yield source, table
