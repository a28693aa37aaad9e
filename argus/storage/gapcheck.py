"""Shell. The recorded gaps of every path, and what of the findings they admit."""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from argus.errors import ForeignFile, TornFile
from argus.storage.findings import Gaps, PathDay
from argus.storage.holding import Holding
from argus.storage.holes import Admitted, admitted
from argus.storage.ledger import COLUMNS, GapEntry, fold
from argus.storage.partition import DAY_NS, Partition, date_of
from argus.storage.reading import Selection, facts
from argus.storage.totals import total

type_of_gaps = dict[tuple[str, str, str], list[GapEntry]]
"""Source, data type and symbol -> gaps."""


def read_gaps(holding: Holding, selection: Selection) -> type_of_gaps:
    """Read the gaps of all days: one may be filed under another day than the hole it admits."""
    found: type_of_gaps = {}
    for entry in fold(_rows(holding, replace(selection, first=None, last=None))):
        found.setdefault((entry.source, entry.data_type, entry.symbol), []).append(entry)
    return found


def _rows(holding: Holding, selection: Selection) -> Iterator[tuple[Partition, pa.Table]]:
    for partition, tables in facts(holding, "gap", selection, COLUMNS):
        try:
            yield from ((partition, table) for table in tables)
        except (TornFile, ForeignFile):
            continue  # The day of these gaps says so itself.


def with_gaps(day: PathDay, gaps: type_of_gaps) -> PathDay:
    """Return what was found of a day, with the gaps of its path."""
    at = day.partition
    found = gaps.get((at.source, at.data_type, at.symbol), [])
    is_open = [
        Admitted(e.ts_from, e.ts_until, e.first_missing_id, e.last_missing_id)
        for e in found
        if e.is_open
    ]
    return replace(day, holes=admitted(day.holes, is_open), gaps=_counted(found, at.date))


def _counted(found: list[GapEntry], date: str) -> Gaps:
    """Count the gaps that touch a day."""
    touching = [e for e in found if date_of(e.ts_from // DAY_NS) <= date <= _last_date(e)]
    is_open = [entry for entry in touching if entry.is_open]
    filled = [entry for entry in touching if not entry.is_open]
    return Gaps(
        open=len(is_open),
        open_missing=total(is_open).missing,
        filled=len(filled),
        filled_missing=total(filled).missing,
        reaches_on=any(_last_date(entry) > date for entry in is_open),
    )


def _last_date(entry: GapEntry) -> str:
    return date_of((entry.ts_from + entry.duration_ns) // DAY_NS)
