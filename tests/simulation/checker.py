"""Compares a lake with what the venues said: in order, by value; it looks at nothing else.

Every fact a venue said, from the first one that had to be recorded, is in the lake exactly once, or
lies inside a recorded gap of its path. A gap runs from one recorded fact to the next: it admits
nothing that was recorded, and where ids form a chain nothing that was never missing.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.daemon.checker import KINDS, plain
from tests.simulation.venue import Told, Venue

CHAINS = {"trade", "agg_trade"}
GAP = (
    *("of_data_type", "ts_from", "ts_until", "first_missing_id", "last_missing_id", "missing"),
    *("reason", "state"),
)
DAY_NS = 86_400 * 1_000_000_000

type_of_row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class GapRow:
    """A row of the gap ledger, as it stands in the lake."""

    of_data_type: str
    ts_from: int
    ts_until: int
    first: int | None
    last: int | None
    missing: int | None
    reason: str
    state: str


@dataclass(slots=True)
class Verdict:
    """What the comparison found; `wrong` is empty when all is well.

    Attributes:
        untold: gaps that were filled, which the ledger does not say.
        unseen: facts that a process which ended had not made durable, where there is none after
            them (the symbol was delisted) or none before them: no gap can have both ends.
        missing: data type, symbol and number of each fact that was lost.
    """

    said: int = 0
    recorded: int = 0
    lost: int = 0
    gaps: int = 0
    untold: int = 0
    unseen: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    missing: list[tuple[str, str, int]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def files_of(data: Path, source: str, data_type: str, symbol: str) -> list[Path]:
    """Return the date files of a path, in the order of their dates."""
    folder = data / "lake" / f"source={source}" / f"data_type={data_type}" / f"symbol={symbol}"
    return sorted(folder.glob("year=*/date=*/data.parquet"))


def rows_of(file: Path, columns: Sequence[str]) -> list[type_of_row]:
    """Return the rows of a date file as they stand there."""
    table = pq.ParquetFile(file).read(columns=list(columns), use_threads=False)
    return list(zip(*(plain(table[c]) for c in columns), strict=True))


def check(
    data: Path,
    venues: Sequence[Venue],
    obliged: dict[tuple[str, str, str], list[int]],
    *,
    has_ended: bool = False,
    has_failed: bool = False,
    clock_error_ns: int = 0,
) -> Verdict:
    """Compare every path of every venue with what the venue said.

    Args:
        data: the data folder.
        venues: who keep the truth.
        obliged: source, data type and symbol -> per listing of the symbol the number of the first
            fact that has to be recorded; the number of what was said by then if there is none.
        has_ended: whether a process ended before the last one.
        has_failed: whether the disk failed or was full.
        clock_error_ns: by how much the recorder's wall clock was wrong: a gap that was told at a
            stop, before there was a next fact, ends at an instant of that clock.
    """
    verdict = Verdict()
    for venue in venues:
        for symbol in venue.symbols:
            gaps = gap_rows(data, venue.source, symbol)
            verdict.gaps += len(gaps)
            for gap in gaps:
                verdict.reasons[gap.reason] = verdict.reasons.get(gap.reason, 0) + 1
            for data_type in venue.data_types:
                path = Comparison(data, venue, data_type, symbol, verdict)
                path.may_miss_end = has_ended
                path.clock_error_ns = clock_error_ns
                path.may_miss_begin = has_ended and has_failed
                path.check(
                    [g for g in gaps if g.of_data_type == data_type],
                    obliged.get((venue.source, data_type, symbol), []),
                )
            _check_snapshots(data, venue, symbol, verdict)
    return verdict


def gap_rows(data: Path, source: str, symbol: str) -> list[GapRow]:
    """Return what the ledger says of a symbol; what was filled is no gap any more."""
    rows = [r for f in files_of(data, source, "gap", symbol) for r in rows_of(f, GAP)]
    filled = {r[:-1] for r in rows if r[-1] == "filled"}
    return [GapRow(*r) for r in rows if r[:-1] not in filled]


class Comparison:
    """One path: what the venue said of it, and what of that is in the lake."""

    def __init__(
        self, data: Path, venue: Venue, data_type: str, symbol: str, verdict: Verdict
    ) -> None:
        self.name = f"{venue.source}/{data_type}/{symbol}"
        self.data_type = data_type
        self.symbol = symbol
        self.told: Told = venue.told[data_type, symbol]
        self.is_listed = venue.symbols[symbol].is_listed
        self.may_miss_begin = self.may_miss_end = False
        self.clock_error_ns = 0
        kind = KINDS[data_type]
        self.want = [kind.mapping(json.loads(p)) for p in self.told.payloads]
        self.verdict = verdict
        verdict.said += len(self.want)
        self.instants: list[int] = []
        found: list[type_of_row] = []
        for file in files_of(data, venue.source, data_type, symbol):
            rows = rows_of(file, (*kind.columns, "origin", "ts_event", "ts_recv"))
            self._check_file(file, [r[0] for r in rows], [_instant(r) for r in rows])
            found += rows
        self.is_timed = bool(found) and found[0][-2] is not None
        if not self.is_timed:
            # Filed by the recorder's clock, which may have stepped back across midnight.
            found.sort(key=lambda r: r[0])
        self.found = [r[:-3] for r in found]
        self.is_filled = [r[-3] == "backfill" for r in found]
        self.instants = [_instant(r) for r in found]
        self.places = set(self.instants)
        verdict.recorded += len(self.found)

    def _wrong(self, text: str) -> None:
        self.verdict.wrong.append(f"{self.name}: {text}")

    def _check_file(self, file: Path, ids: list[int], instants: list[int]) -> None:
        if any(after <= before for before, after in pairwise(ids)):
            self._wrong(f"{file.parent.name} repeats or is out of order")
        days = {instant // DAY_NS for instant in instants}
        if len(days) > 1:
            self._wrong(f"{file.parent.name} holds facts of {len(days)} days")

    def check(self, gaps: list[GapRow], obliged: list[int]) -> None:
        """Compare in order and by value."""
        place = {row[0]: number for number, row in enumerate(self.want)}
        at = [place.get(row[0], -1) for row in self.found]
        for number, row in zip(at, self.found, strict=True):
            if number < 0 or self.want[number] != row:
                self._wrong(f"{row} was never said")
                return
        if any(after <= before for before, after in pairwise(at)):
            self._wrong("repeats, or is out of order")
            return
        for before, after in self._holes(at, obliged):
            self._check_hole(at, before, after, gaps)
        for gap in gaps:
            self._check_gap(at, gap)

    def _holes(self, at: list[int], obliged: list[int]) -> list[tuple[int, int]]:
        """Return stretches that are missing: the number of their first fact and the one after."""
        begins = [*self.told.begins, len(self.want)]
        holes: list[tuple[int, int]] = []
        for listing, (begin, end) in enumerate(pairwise(begins)):
            recorded = at[bisect_left(at, begin) : bisect_left(at, end)]
            first = obliged[listing] if listing < len(obliged) else end
            first = min([first, *recorded[:1]])
            for before, after in pairwise([first - 1, *recorded, end]):
                if after - before > 1:
                    holes.append((before + 1, after))
        return holes

    def _check_hole(self, at: list[int], begin: int, end: int, gaps: list[GapRow]) -> None:
        self.verdict.lost += end - begin
        missing = [(self.data_type, self.symbol, number) for number in range(begin, end)]
        self.verdict.missing += missing
        index = bisect_left(at, begin)
        if index == 0 and self.may_miss_begin:
            self.verdict.unseen += end - begin
            return
        if index == 0:
            self._wrong(f"{begin}-{end - 1} are missing before the first that was recorded")
            return
        ts_from = self.instants[index - 1]
        ts_until = self.instants[index] if index < len(at) else None
        near = [g for g in gaps if g.ts_from == ts_from]
        for number in range(begin, end):
            if any(self._covers(g, number, ts_until) for g in near):
                continue
            if self.may_miss_end and self._ends_listing(end):
                self.verdict.unseen += 1
            else:
                self._wrong(
                    f"{number} of {begin}-{end - 1} ({self.want[number][:2]}) is missing and "
                    f"no gap says so; from there: {near}"
                )
                return

    def _ends_listing(self, end: int) -> bool:
        """Return whether the symbol was delisted when so many facts of it had been said."""
        return end in self.told.begins or (end == len(self.want) and not self.is_listed)

    def _covers(self, gap: GapRow, number: int, ts_until: int | None) -> bool:
        if gap.first is not None and gap.last is not None:
            return bool(gap.first <= self.want[number][0] <= gap.last)
        if ts_until is None or gap.ts_until == ts_until:
            return True
        return self.is_timed and gap.ts_until >= self.told.instants[number]

    def _check_gap(self, at: list[int], gap: GapRow) -> None:
        """A gap begins at a recorded fact and ends at the next one, or before it.

        Where facts were filled in, it may still say what it said before.
        """
        fitting = self._fitting(gap, range(len(at)))
        if not fitting:
            if self._fitting(gap, [i for i in range(len(at)) if not self.is_filled[i]]):
                self.verdict.untold += 1
            else:
                self._wrong(f"a gap admits what was recorded, or begins nowhere: {gap}")
        elif self.data_type in CHAINS and not any(self._is_missing(at, i, gap) for i in fitting):
            self._wrong(f"a gap admits what was never missing: {gap}")

    def _fitting(self, gap: GapRow, indices: Sequence[int]) -> list[int]:
        """Return which of some recorded facts the gap begins at, if it ends before the next."""
        ends_with_fact = gap.ts_until in self.places
        slack_ns = 0 if ends_with_fact else self.clock_error_ns
        return [
            index
            for place, index in enumerate(indices)
            if self.instants[index] == gap.ts_from
            and (
                place + 1 == len(indices)
                or not self.is_timed
                or gap.ts_until <= self.instants[indices[place + 1]] + slack_ns
            )
        ]

    def _is_missing(self, at: list[int], index: int, gap: GapRow) -> bool:
        after = at[index + 1] if index + 1 < len(at) else len(self.want)
        ids = [row[0] for row in self.want[at[index] + 1 : after]]
        if gap.first is None or gap.last is None:
            # One that was told at a stop, before there was a next fact, tells a doubt.
            return bool(ids) or index + 1 == len(at) or gap.ts_until not in self.places
        return bool(ids) and ids[0] <= gap.first and gap.last <= ids[-1]


def _instant(row: type_of_row) -> int:
    instant: int = row[-1] if row[-2] is None else row[-2]
    return instant


def _check_snapshots(data: Path, venue: Venue, symbol: str, verdict: Verdict) -> None:
    """Every snapshot is an answer that the venue gave, and none stands twice in a file."""
    given = [json.loads(answer)["lastUpdateId"] for answer in venue.snapshots.get(symbol, [])]
    for file in files_of(data, venue.source, "book_snapshot", symbol):
        found = [row[0] for row in rows_of(file, ("last_update_id",))]
        if not set(found) <= set(given) or any(a <= b for b, a in pairwise(found)):
            verdict.wrong.append(f"{venue.source}/book_snapshot/{symbol}: {found}, given {given}")
