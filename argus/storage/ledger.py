"""Pure. The gap ledger: one entry for each recorded gap, with its present state.

Rows are never changed. A gap is a row that says `open`; it is closed by the same row once more,
which says `filled`. So a gap is filled if any of its rows says so, in whatever order and by
whatever recorder they were written. Of a gap that was filled in part, the rest is a gap of its
own, with the smaller range.

    ledger = read_ledger(data, source=source, symbol=symbol)  # argus.storage.gaps
    for entry in ledger.having(GapSelection(state=GapState.OPEN)).entries:
        ...  # fetch what is missing
        publish(entry.row(GapState.FILLED, ts_recv=now_ns, origin=Origin.BACKFILL))
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath

import pyarrow as pa

from argus.events import Gap, GapReason, GapState, Origin
from argus.storage.partition import Partition

COLUMNS = tuple(name for name in Gap.__struct_fields__ if name != "origin")
"""What is read of a row."""

type_of_key = tuple[object, ...]
type_of_row = dict[str, int | str | None]


@dataclass(frozen=True, slots=True)
class GapEntry:
    """A gap of one path, as all its rows together tell it; times are UTC nanoseconds.

    Attributes:
        source: the source of the path.
        data_type: the data type of the path (`of_data_type` of a row).
        symbol: the symbol of the path.
        ts_from: the last fact before.
        ts_until: the first fact after.
        first_missing_id: the first id that is missing, where there are ids.
        last_missing_id: the last one.
        missing: how many facts are missing, where that is known.
        reason: why; one of `GapReason`, or of a later version's.
        state: whether it has been filled since.
        ts_recorded: when it was first recorded.
        ts_filled: when it was filled.
        ts_event: the instant that its rows are filed under.
    """

    source: str
    data_type: str
    symbol: str
    ts_from: int
    ts_until: int
    first_missing_id: int | None
    last_missing_id: int | None
    missing: int | None
    reason: str
    state: GapState
    ts_recorded: int
    ts_filled: int | None
    ts_event: int | None

    @property
    def path(self) -> str:
        """Return the path that has the gap, as `source/data_type/symbol`."""
        return f"{self.source}/{self.data_type}/{self.symbol}"

    @property
    def is_open(self) -> bool:
        """Say whether it has not been filled yet."""
        return self.state == GapState.OPEN

    @property
    def duration_ns(self) -> int:
        """Return how long it lasts; a clock that stepped back does not make it negative."""
        return max(0, self.ts_until - self.ts_from)

    @property
    def key(self) -> type_of_key:
        """Return what rows of the same gap have in common."""
        return (
            *(self.source, self.symbol, self.data_type, self.ts_from, self.ts_until),
            *(self.first_missing_id, self.last_missing_id, self.reason),
        )

    def row(self, state: GapState, *, ts_recv: int, origin: Origin) -> Gap:
        """Return a row of this gap, to be recorded below its source and symbol.

        With `filled` it closes the gap. `msgspec.structs.replace` makes the row of a part of it.
        """
        return Gap(
            ts_event=self.ts_event,
            ts_recv=ts_recv,
            origin=origin,
            of_data_type=self.data_type,
            ts_from=self.ts_from,
            ts_until=self.ts_until,
            first_missing_id=self.first_missing_id,
            last_missing_id=self.last_missing_id,
            missing=self.missing,
            reason=GapReason(self.reason),
            state=state,
        )


@dataclass(frozen=True, slots=True)
class GapSelection:
    """Which gaps; None stands for all.

    Attributes:
        source: one source.
        data_type: the data type of the path that has the gap.
        symbol: one symbol.
        ts_first: only gaps that reach to this instant or beyond it.
        ts_end: only gaps that begin before this instant.
        reason: one reason.
        state: open or filled ones.
        missing_min: only gaps that are known to miss at least so many facts; 0 for all.
    """

    source: str | None = None
    data_type: str | None = None
    symbol: str | None = None
    ts_first: int | None = None
    ts_end: int | None = None
    reason: str | None = None
    state: GapState | None = None
    missing_min: int = 0

    def has(self, entry: GapEntry) -> bool:
        """Say whether a gap is selected."""
        names = ("source", "data_type", "symbol", "reason", "state")
        if any(getattr(self, n) not in {None, getattr(entry, n)} for n in names):
            return False
        if self.ts_first is not None and entry.ts_until < self.ts_first:
            return False
        if self.ts_end is not None and entry.ts_from >= self.ts_end:
            return False
        return (entry.missing or 0) >= self.missing_min


@dataclass(frozen=True, slots=True)
class Ledger:
    """Gaps by source, data type, symbol and time.

    Attributes:
        entries: each gap once, in order.
        unread: files of gaps that could not be read: what they held is not in the entries.
    """

    entries: tuple[GapEntry, ...]
    unread: tuple[PurePath, ...] = field(default=())

    def having(self, selection: GapSelection) -> "Ledger":
        """Return the ledger of those gaps that are selected, in the same order."""
        return replace(self, entries=tuple(filter(selection.has, self.entries)))

    @property
    def open_entries(self) -> tuple[GapEntry, ...]:
        """Return the gaps that have not been filled yet, in order."""
        return tuple(entry for entry in self.entries if entry.is_open)


def fold(rows: Iterable[tuple[Partition, pa.Table]]) -> tuple[GapEntry, ...]:
    """Return each gap once, in order, from all rows of data type `gap`, in any order."""
    found: dict[type_of_key, GapEntry] = {}
    for partition, table in rows:
        for entry in _entries(partition, table):
            known = found.get(entry.key)
            found[entry.key] = entry if known is None else _joined(known, entry)
    return tuple(sorted(found.values(), key=_place))


def _entries(partition: Partition, table: pa.Table) -> Iterator[GapEntry]:
    """Return every row as if it were all that is known of its gap."""
    columns = [_values(table[name]) for name in COLUMNS]
    for values in zip(*columns, strict=True):
        row = dict(zip(COLUMNS, values, strict=True))
        ts_recv, of_data_type = row.pop("ts_recv"), row.pop("of_data_type")
        state = GapState(row.pop("state"))
        yield GapEntry(
            **row,
            source=partition.source,
            data_type=of_data_type,
            symbol=partition.symbol,
            state=state,
            ts_recorded=ts_recv,
            ts_filled=ts_recv if state == GapState.FILLED else None,
        )


def _values(column: pa.ChunkedArray) -> list[object]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column.to_pylist()  # type: ignore[no-any-return] # pyarrow has no types


def _joined(one: GapEntry, other: GapEntry) -> GapEntry:
    both = (one, other)
    filled = [e.ts_filled for e in both if e.ts_filled is not None]
    return replace(
        min(both, key=lambda e: (e.ts_recorded, e.ts_event or 0)),
        missing=max((e.missing for e in both if e.missing is not None), default=None),
        state=GapState.FILLED if filled else GapState.OPEN,
        ts_filled=min(filled, default=None),
    )


def _place(entry: GapEntry) -> tuple[object, ...]:
    first = entry.first_missing_id
    return (
        *(entry.source, entry.data_type, entry.symbol, entry.ts_from),
        *(first is not None, first or 0, entry.ts_until, entry.ts_recorded, entry.reason),
    )
