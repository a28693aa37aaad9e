"""Pure. Holes in what was recorded, and whether recorded gaps admit them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Hole:
    """What is missing between two facts, and when that was.

    Attributes:
        first_id: the first id that is missing; None where facts are told apart by time alone.
        last_id: the last one.
        missing: how many facts are missing; None where the ids do not tell.
        ts_from: the instant of the fact before; without ids, of the first missing fact.
        ts_until: the instant of the fact after; without ids, of the last missing fact.
        every_ns: without ids, the time between two missing facts.
        is_covered: whether recorded gaps admit it.
    """

    first_id: int | None
    last_id: int | None
    missing: int | None
    ts_from: int
    ts_until: int
    every_ns: int | None = None
    is_covered: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """A recorded gap that is still open."""

    ts_from: int
    ts_until: int
    first_id: int | None
    last_id: int | None


def is_admitted(hole: Hole, gaps: Iterable[Admitted]) -> bool:
    """Say whether gaps admit a hole: one by its time, or together."""
    gaps = list(gaps)
    if any(gap.ts_from <= hole.ts_from and hole.ts_until <= gap.ts_until for gap in gaps):
        return True
    return _is_admitted_by_ids(hole, gaps) or _is_admitted_by_instants(hole, gaps)


def _is_admitted_by_ids(hole: Hole, gaps: list[Admitted]) -> bool:
    if hole.first_id is None or hole.last_id is None:
        return False
    wanted = hole.first_id
    ranges = [(g.first_id, g.last_id) for g in gaps if g.first_id is not None]
    for first, last in sorted((f, last) for f, last in ranges if last is not None):
        if first <= wanted:
            wanted = max(wanted, last + 1)
    return wanted > hole.last_id


def _is_admitted_by_instants(hole: Hole, gaps: list[Admitted]) -> bool:
    if hole.every_ns is None:
        return False
    wanted = hole.ts_from
    for gap in sorted(gaps, key=lambda gap: gap.ts_from):
        if gap.ts_from <= wanted <= gap.ts_until:
            wanted += ((gap.ts_until - wanted) // hole.every_ns + 1) * hole.every_ns
    return wanted > hole.ts_until


def admitted(holes: Sequence[Hole], gaps: Sequence[Admitted]) -> tuple[Hole, ...]:
    """Return the holes, each saying whether gaps admit it."""
    return tuple(replace(hole, is_covered=is_admitted(hole, gaps)) for hole in holes)
