"""Pure. What gaps add up to: by path, by reason, by day.

Gaps of one path may overlap (two recorders, or a part of a gap that could not be filled): a
missing id and an instant count once for a path. Days are UTC.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from argus.storage.ledger import GapEntry
from argus.storage.partition import DAY_NS, date_of

type_of_range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Total:
    """What some gaps add up to.

    Attributes:
        of: what they have in common: a path, a reason or a date; empty if nothing.
        gaps: how many they are; of a day, those that begin on it.
        open: how many of them are open.
        missing: facts that are known to be missing, each once; of a day, in gaps that begin on it.
        uncounted: gaps that do not tell how many facts are missing.
        duration_ns: time in which a path has a gap, added up over paths.
    """

    of: str
    gaps: int
    open: int
    missing: int
    uncounted: int
    duration_ns: int


def total(entries: Iterable[GapEntry], of: str = "") -> Total:
    """Return what gaps add up to."""
    entries = list(entries)
    return _total(of, entries, ((e.path, (e.ts_from, e.ts_until)) for e in entries))


def by_path(entries: Iterable[GapEntry]) -> list[Total]:
    """Return totals by `source/data_type/symbol`, in the order of the entries."""
    return _grouped(entries, lambda entry: entry.path)


def by_reason(entries: Iterable[GapEntry]) -> list[Total]:
    """Return totals by reason, in alphabetical order."""
    return sorted(_grouped(entries, lambda entry: entry.reason), key=lambda found: found.of)


def by_day(entries: Iterable[GapEntry]) -> list[Total]:
    """Return totals by UTC date, in order; the time of a gap counts for the days it lies in."""
    begun: dict[str, list[GapEntry]] = {}
    times: dict[str, list[tuple[str, type_of_range]]] = {}
    for entry in entries:
        for n, (date, stretch) in enumerate(_days(entry)):
            begun.setdefault(date, []).extend([] if n else [entry])
            times.setdefault(date, []).append((entry.path, stretch))
    return [_total(date, begun[date], times[date]) for date in sorted(begun)]


def _days(entry: GapEntry) -> Iterator[tuple[str, type_of_range]]:
    """Return the days that a gap lies in with its time on each; at least the one it begins on."""
    begin, end = entry.ts_from, entry.ts_from + entry.duration_ns
    first = begin // DAY_NS
    last = max(first, (end - 1) // DAY_NS)
    for day in range(first, last + 1):
        yield date_of(day), (max(begin, day * DAY_NS), min(end, (day + 1) * DAY_NS))


def _grouped(entries: Iterable[GapEntry], name: Callable[[GapEntry], str]) -> list[Total]:
    groups: dict[str, list[GapEntry]] = {}
    for entry in entries:
        groups.setdefault(name(entry), []).append(entry)
    return [total(group, of) for of, group in groups.items()]


def _total(of: str, entries: list[GapEntry], times: Iterable[tuple[str, type_of_range]]) -> Total:
    return Total(
        of=of,
        gaps=len(entries),
        open=sum(entry.is_open for entry in entries),
        missing=_missing(entries),
        uncounted=sum(entry.missing is None for entry in entries),
        duration_ns=_covered(times),
    )


def _missing(entries: list[GapEntry]) -> int:
    """Count missing facts: by their ids where each id is a fact, else as the gaps say."""
    chained: list[tuple[str, type_of_range]] = []
    others = 0
    for entry in entries:
        first, last = entry.first_missing_id, entry.last_missing_id
        if first is not None and last is not None and entry.missing == last - first + 1:
            chained.append((entry.path, (first, last + 1)))
        else:
            others += entry.missing or 0
    return _covered(chained) + others


def _covered(ranges: Iterable[tuple[str, type_of_range]]) -> int:
    """Return how much half-open ranges cover; where those of one name overlap, once."""
    covered, name, reached = 0, "", 0
    for of, (begin, end) in sorted(ranges):
        if of != name:
            name, reached = of, begin
        covered += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return covered
