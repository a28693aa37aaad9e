"""Pure. What is wanted of the past of a path, and what became of it.

Something is wanted because a gap misses it, or because a person asked for it. It is a range of
numbers (see `argus.network.history`), for candles one for each interval.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from argus.events import Gap, GapState, Origin
from argus.network.history import History, Scale, type_of_span
from argus.network.pages import pages, total, type_of_numbers, within, without
from argus.network.source import Source
from argus.storage.ledger import GapEntry

NO_IDS = "the gap names no ids"

type_of_path = tuple[str, str, str]

type_of_seen = tuple[type_of_numbers, type_of_numbers]
"""Numbers of facts, each once and rising, and when they were (UTC ns)."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers of one interval, both ends included; `""` where there are no intervals."""

    interval: str
    scale: Scale
    first: int
    last: int

    @property
    def keys(self) -> type_of_span:
        """Return the first and the last key, and one more fact at each end."""
        return self.scale.key(self.first - 1), self.scale.key(self.last + 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one path.

    Attributes:
        source: the source.
        data_type: the data type.
        symbol: the symbol.
        ranges: the numbers.
        ts_from: when the first of them may have been (UTC ns); None where that is not known.
        ts_until: when the last.
        gap: the gap that misses them; None if a person asked.
        why: why the venue cannot be asked; empty if it can.
        is_final: whether that stays so.
    """

    source: str
    data_type: str
    symbol: str
    ranges: tuple[Range, ...] = ()
    ts_from: int | None = None
    ts_until: int | None = None
    gap: GapEntry | None = None
    why: str = ""
    is_final: bool = True

    @property
    def path(self) -> type_of_path:
        """Return source, data type and symbol."""
        return self.source, self.data_type, self.symbol


def entry_of(source: str, symbol: str, gap: Gap) -> GapEntry:
    """Return the entry of the ledger that a row alone makes."""
    return GapEntry(
        source=source,
        data_type=gap.of_data_type,
        symbol=symbol,
        ts_from=gap.ts_from,
        ts_until=gap.ts_until,
        first_missing_id=gap.first_missing_id,
        last_missing_id=gap.last_missing_id,
        missing=gap.missing,
        reason=gap.reason,
        state=gap.state,
        ts_recorded=gap.ts_recv,
        ts_filled=gap.ts_recv if gap.state == GapState.FILLED else None,
        ts_event=gap.ts_event,
    )


def unfillable(source: Source, data_type: str) -> str:
    """Return why the past of a data type cannot be asked for; empty if it can."""
    if source.rest.history(data_type) is not None:
        return ""
    return source.rest.unfillable.get(data_type, f"{source.name} has no {data_type}")


def wanted_by(entry: GapEntry, source: Source, intervals: Sequence[str], *, now_ns: int) -> Wanted:
    """Return what a gap misses, of candles of some intervals."""
    at = (entry.source, entry.data_type, entry.symbol)
    times = (entry.ts_from, entry.ts_until)
    history = source.rest.history(entry.data_type)
    if history is None:
        return Wanted(*at, (), *times, entry, unfillable(source, entry.data_type))
    if entry.ts_until <= history.ts_reached(now_ns):
        return Wanted(*at, (), *times, entry, too_old(history))
    row = entry.row(GapState.OPEN, ts_recv=entry.ts_recorded, origin=Origin.LIVE)
    ranges = []
    for interval in intervals if history.is_timed else ("",):
        scale = history.scale(interval)
        span = None if scale is None else history.numbers_of(row, scale)
        if scale is None or span is None:
            return Wanted(*at, (), *times, entry, unnumbered(interval))
        if span[0] <= span[1]:
            ranges.append(Range(interval, scale, *span))
    return Wanted(*at, tuple(ranges), *times, entry)


def too_old(history: History) -> str:
    """Return the words for what is older than the venue goes back."""
    return f"older than the {(history.reach_s or 0) / 3600:g} h that the venue goes back"


def unnumbered(interval: str) -> str:
    """Return the words for what has no numbers to ask for."""
    if interval:
        return f"candles of {interval} have no fixed length, so what is missing is not known"
    return NO_IDS


@dataclass(slots=True)
class Task:
    """What is wanted, what of it was there, and what has come since.

    Attributes:
        wanted: what is wanted.
        seen: per range, what the lake has; also the facts next to the range.
        left: per range, what is still missing.
        absent: facts that the venue does not have.
        late: facts that it may have later.
        filled: facts that came.
        requests: pages that were asked for.
        why: why it ended before everything was there; empty if it did not.
        is_final: whether asking again is of no use.
    """

    wanted: Wanted
    seen: list[type_of_seen]
    left: list[list[type_of_span]]
    absent: int = 0
    late: int = 0
    filled: int = 0
    requests: int = 0
    why: str = ""
    is_final: bool = False
    _came: list[list[tuple[int, int]]] = field(default_factory=list)

    @classmethod
    def begun(cls, wanted: Wanted, seen: Mapping[str, type_of_seen]) -> Task:
        """Return the task of getting what is wanted and not there."""
        found = [_numbered(seen[r.interval], r) for r in wanted.ranges]
        left = [
            without([(r.first, r.last)], s[0]) for r, s in zip(wanted.ranges, found, strict=True)
        ]
        return cls(
            wanted,
            found,
            left,
            why=wanted.why,
            is_final=bool(wanted.why) and wanted.is_final,
            _came=[[] for _ in found],
        )

    @classmethod
    def ended(cls, wanted: Wanted, why: str) -> Task:
        """Return the task of what cannot even be looked for."""
        return cls(wanted, [], [], why=why)

    @property
    def total(self) -> int:
        """Return how many facts are wanted."""
        return total((r.first, r.last) for r in self.wanted.ranges)

    @property
    def missing(self) -> int:
        """Return how many of them are missing."""
        return sum(map(total, self.left)) if self.left else self.total

    @property
    def is_complete(self) -> bool:
        """Say whether everything that is wanted is there."""
        return not self.missing and not self.wanted.why

    def pages(self, rows_max: int) -> list[tuple[int, type_of_span]]:
        """Return the pages to ask for, each with the index of its range."""
        return [(at, page) for at, left in enumerate(self.left) for page in pages(left, rows_max)]

    def take(self, at: int, came: Sequence[tuple[int, int]]) -> list[bool]:
        """Take numbers and instants that came, in rising order; say which of them were missing."""
        if not came:
            return []
        numbers = np.array([number for number, _ in came], np.int64)
        left = self.left[at]
        start = bisect_left(left, came[0][0], key=lambda span: span[1])
        stop = bisect_right(left, came[-1][0], key=lambda span: span[0])
        is_new = within(left[start:stop], numbers)
        left[start:stop] = without(left[start:stop], numbers)
        self.filled += int(is_new.sum())
        if self.wanted.gap is not None:
            self._came[at] += [pair for pair, is_so in zip(came, is_new, strict=True) if is_so]
        return [bool(is_so) for is_so in is_new]

    def times(self, at: int) -> dict[int, int]:
        """Return when the facts next to what is still missing were, as far as that is known."""
        edges = {n for first, last in self.left[at] for n in (first - 1, last + 1)}
        known = {n: ts for n, ts in self._came[at] if n in edges}
        numbers, times = self.seen[at]
        for n in edges - known.keys():
            place = int(np.searchsorted(numbers, n))
            if place < len(numbers) and numbers[place] == n:
                known[n] = int(times[place])
        return known


def _numbered(seen: type_of_seen, wanted: Range) -> type_of_seen:
    """Return of what was seen what is wanted, by its number, and the facts next to it."""
    keys, times = seen
    first, last = wanted.keys
    start, stop = np.searchsorted(keys, first), np.searchsorted(keys, last, side="right")
    return (keys[start:stop] - wanted.scale.begin) // wanted.scale.step, times[start:stop]


def rows(task: Task, *, now_ns: int) -> list[Gap]:
    """Return the rows that tell the ledger what became of a gap; none if that is nothing.

    A gap that is filled in part is closed, and each part that is still missing is a gap of its own.
    These come first: whoever reads half of the rows sees too many gaps rather than too few.
    """
    entry = task.wanted.gap
    if entry is None or task.wanted.why or (task.missing and task.missing == task.total):
        return []
    closed = entry.row(GapState.FILLED, ts_recv=now_ns, origin=Origin.BACKFILL)
    parts = list(_parts(task, entry, now_ns))
    if any(_identity(part) == _identity(closed) for part in parts):
        return []
    return [*parts, closed]


def _parts(task: Task, entry: GapEntry, now_ns: int) -> Iterable[Gap]:
    whole = entry.row(GapState.OPEN, ts_recv=now_ns, origin=Origin.BACKFILL)
    is_timed = any(r.interval for r in task.wanted.ranges)
    for ts_from, ts_until, span in _timed(task) if is_timed else _chained(task, entry):
        part = msgspec.structs.replace(
            whole,
            ts_event=max(ts_from, entry.ts_from),
            ts_from=max(ts_from, entry.ts_from),
            ts_until=min(ts_until, entry.ts_until),
        )
        if span is not None:
            part = msgspec.structs.replace(
                part,
                first_missing_id=span[0],
                last_missing_id=span[1],
                missing=span[1] - span[0] + 1,
            )
        yield part


def _chained(task: Task, entry: GapEntry) -> Iterable[tuple[int, int, type_of_span | None]]:
    if not task.missing:
        return
    times = task.times(0)
    for first, last in task.left[0]:
        ts_from = times.get(first - 1, entry.ts_from)
        yield ts_from, times.get(last + 1, entry.ts_until), (first, last)


def _timed(task: Task) -> Iterable[tuple[int, int, type_of_span | None]]:
    """Return the stretches in which a candle of any interval is missing, joined where they meet."""
    stretches = sorted(
        (wanted.scale.key(first), wanted.scale.key(last + 1))
        for wanted, left in zip(task.wanted.ranges, task.left, strict=True)
        for first, last in left
    )
    joined: list[type_of_span] = []
    for begin, end in stretches:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return [(begin, end, None) for begin, end in joined]


def _identity(row: Gap) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in Gap.identity if name != "state")
