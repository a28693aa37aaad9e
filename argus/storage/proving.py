"""Shell. Proving paths: their rows and their gaps are read, merged or not; `proof.py` judges.

Days are asked for. The last fact of an earlier day and the first one of a later day are looked at,
too, so that a day is proven from its first instant to its last.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from argus.agora.path import matches
from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS
from argus.storage.continuity import Continuity, Tally
from argus.storage.gaps import read_ledger
from argus.storage.holding import Holding, held
from argus.storage.ledger import GapSelection
from argus.storage.partition import DAY_NS, Partition, day_of, lake_times, ts_end_of
from argus.storage.proof import Proof, Seen, judge
from argus.storage.reading import Selection, facts, partitions

NAMES = {"book_delta": ("previous_update_id",), "kline": ("ts_close",)}
"""Data type -> columns that tell what follows what, besides those that order facts."""


def paths(data: Path, pattern: str) -> list[str]:
    """Return the recorded paths that match a pattern, segment by segment, in order.

    Paths of gaps are none of them: they tell of the others.
    """
    source = pattern.partition("/")[0]
    known = source if not set("*?[") & set(source) else None
    found = set()
    with held(data, "prove") as holding:
        for data_type in (name for name in EVENTS if name != "gap"):
            if matches("/".join(pattern.split("/")[1:2]), data_type):
                for at in partitions(holding, data_type, Selection(source=known)):
                    found.add(f"{at.source}/{at.data_type}/{at.symbol}")
    return sorted(path for path in found if matches(pattern, path))


def prove(data: Path, path: str, *, first: str | None = None, last: str | None = None) -> Proof:
    """Return what is proven of a path on some days.

    Args:
        data: the data folder.
        path: `source/data_type/symbol`.
        first: the first date; None from the first fact on.
        last: the last date; None up to the last fact.
    """
    source, data_type, symbol = path.split("/", 2)
    reading = _Reading(data_type, first, last)
    with held(data, "prove") as holding:
        for partition, tables in _rows(holding, (source, data_type, symbol), first, last):
            reading.follow(partition, tables)
        unread = list(holding.unread)
    # Read after the facts: a gap is recorded before the fact that ends it.
    ledger = read_ledger(data, source=source, symbol=symbol).having(
        GapSelection(
            data_type=data_type,
            ts_first=None if first is None else day_of(first) * DAY_NS,
            ts_end=None if last is None else ts_end_of(last),
        )
    )
    errors = [error.replace(str(holding.root), str(data)) for error in reading.errors]
    errors += [f"{name} cannot be read" for name in [*unread, *ledger.unread]]
    return judge(reading.seen(source, symbol, errors), ledger.entries)


def _rows(
    holding: Holding, path: tuple[str, str, str], first: str | None, last: str | None
) -> Iterator[tuple[Partition, Iterator[pa.Table]]]:
    """Return the days that were asked for, and the days of the facts around them."""
    source, data_type, symbol = path
    dates = [p.date for p in partitions(holding, data_type, Selection(source, symbol))]
    earlier = [date for date in dates if first is not None and date < first]
    later = [date for date in dates if last is not None and date > last]
    selection = Selection(
        source, symbol, earlier[-1] if earlier else first, later[0] if later else last
    )
    return facts(holding, data_type, selection, NAMES.get(data_type, ()))


class _Reading:
    """Follow one path over the days asked for, tied to the facts before and after them."""

    def __init__(self, data_type: str, first: str | None, last: str | None) -> None:
        self._data_type = data_type
        self._first = first or ""
        self._last = last or "9999-12-31"
        self._continuity = Continuity(data_type, EVENTS[data_type])
        self._tally = Tally()
        self._times: list[int] = []
        self._ts_before: int | None = None
        self._ts_after: int | None = None
        self.errors: list[str] = []

    def follow(self, partition: Partition, tables: Iterator[pa.Table]) -> None:
        """Look at the next day."""
        is_inside = self._first <= partition.date <= self._last
        try:
            if partition.date < self._first:
                self._tie_before(tables)
            elif is_inside:
                self._follow(tables)
            else:
                self._tie_after(tables)
        except (TornFile, ForeignFile) as error:
            self._miss(error, is_inside=is_inside)

    def _miss(self, error: Exception, *, is_inside: bool) -> None:
        """Note a day that cannot be read; beside those asked for it is not in question."""
        if is_inside:
            self.errors.append(str(error))
        elif not self._times:
            self._continuity = Continuity(self._data_type, EVENTS[self._data_type])
            self._ts_before = None

    def seen(self, source: str, symbol: str, errors: list[str]) -> Seen:
        """Return what was read."""
        if self._ts_after is None:
            self._tally = self._continuity.take()
        return Seen(
            source=source,
            data_type=self._data_type,
            symbol=symbol,
            tally=self._tally,
            ts_first=min(self._times, default=None),
            ts_last=max(self._times, default=None),
            ts_before=self._ts_before,
            ts_after=self._ts_after,
            errors=tuple(dict.fromkeys(errors)),
        )

    def _tie_before(self, tables: Iterator[pa.Table]) -> None:
        for table in tables:
            if table.num_rows:
                self._continuity.follow(table)
                self._ts_before = int(lake_times(table)[-1])
        self._continuity.take()

    def _follow(self, tables: Iterator[pa.Table]) -> None:
        for table in tables:
            self._continuity.follow(table)
            if table.num_rows:
                times = lake_times(table)
                self._times += [int(times.min()), int(times.max())]
                self._times = [min(self._times), max(self._times)]

    def _tie_after(self, tables: Iterator[pa.Table]) -> None:
        row = next((table.slice(0, 1) for table in tables if table.num_rows), None)
        if row is not None:
            self._tally = self._continuity.take()
            self._continuity.follow(row)
            self._tally.holes += self._continuity.take().holes
            self._ts_after = int(lake_times(row)[0])
