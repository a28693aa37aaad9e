"""Pure. What can be proven of one path: its own ids, set against the gaps of the ledger.

Ids that form a chain prove that nothing is missing, whatever a recorder believed: every id of a
trade or an aggregate is there, every book delta continues the one before it. They disprove an open
gap, too, if another recorder has delivered what one of them missed. Of other data types nothing
can be proven; what can be said is in which stretches no recorder had a doubt.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from argus.storage.continuity import Tally
from argus.storage.findings import CHAINS, GRADES, Grade, Verdict
from argus.storage.holes import Admitted, Hole, admitted
from argus.storage.ledger import GapEntry

type_of_stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a path.

    Attributes:
        source: its source.
        data_type: its data type.
        symbol: its symbol.
        tally: what was counted, with the holes to the facts before and after.
        ts_first: the first of its facts; None if there is none.
        ts_last: the last one.
        ts_before: the last fact on an earlier day than was asked for; None if there is none.
        ts_after: the first fact on a later day.
        errors: files that could not be read, and why.
    """

    source: str
    data_type: str
    symbol: str
    tally: Tally
    ts_first: int | None
    ts_last: int | None
    ts_before: int | None = None
    ts_after: int | None = None
    errors: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Return the path, as `source/data_type/symbol`."""
        return f"{self.source}/{self.data_type}/{self.symbol}"

    @property
    def grade(self) -> Grade:
        """Return what kind of proof its data type allows."""
        return GRADES.get(self.data_type, Grade.NONE)

    @property
    def is_chain(self) -> bool:
        """Say whether a missing fact would show."""
        return self.grade in CHAINS

    @property
    def is_sound(self) -> bool:
        """Say whether each fact is there once and in order, and all could be read."""
        return not (self.tally.repeats or self.tally.disorder or self.errors)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proven of a path, and what is not.

    Attributes:
        seen: what was read.
        verdict: what it comes to.
        holes: ids that are missing; each says whether a gap admits it.
        gaps: open gaps that nothing disproves.
        disproved: gaps that the ledger has as open though the ids are there.
        stretches: times without a hole or an open gap, each from a fact to a fact.
    """

    seen: Seen
    verdict: Verdict
    holes: tuple[Hole, ...]
    gaps: tuple[GapEntry, ...]
    disproved: tuple[GapEntry, ...]
    stretches: tuple[type_of_stretch, ...]

    @property
    def expected(self) -> int | None:
        """Return how many facts the ids promise; None where ids do not count facts.

        Counted from the fact before, where there is one, else from the first one.
        """
        first, last = self.seen.tally.first_id, self.seen.tally.last_id
        if self.seen.grade is not Grade.CONTIGUOUS or first is None or last is None:
            return None
        previous = self.seen.tally.previous_id
        return last - (first - 1 if previous is None else previous)

    def admitting(self, hole: Hole) -> tuple[GapEntry, ...]:
        """Return the open gaps that overlap a hole."""
        return tuple(gap for gap in self.gaps if _is_about(gap, hole))


def judge(seen: Seen, entries: Iterable[GapEntry]) -> Proof:
    """Set what was read of a path against its gaps, those of the days that were asked for."""
    still = [entry for entry in entries if entry.is_open]
    holes = admitted(
        seen.tally.holes,
        [Admitted(e.ts_from, e.ts_until, e.first_missing_id, e.last_missing_id) for e in still],
    )
    disproved = tuple(entry for entry in still if _is_disproved(entry, seen, holes))
    gaps = tuple(entry for entry in still if entry not in disproved)
    broken = [(gap.ts_from, gap.ts_until) for gap in gaps]
    broken += [(hole.ts_from, hole.ts_until) for hole in holes]
    return Proof(
        seen=seen,
        verdict=_verdict(seen, holes, gaps),
        holes=holes,
        gaps=gaps,
        disproved=disproved,
        stretches=tuple(_stretches(seen, sorted(set(broken)))),
    )


def _verdict(seen: Seen, holes: Sequence[Hole], gaps: Sequence[GapEntry]) -> Verdict:
    is_told = all(hole.is_covered for hole in holes) and not seen.tally.holes_left_out
    if not seen.is_sound or not is_told:
        return Verdict.INCOMPLETE
    if seen.ts_first is None or not seen.is_chain:
        return Verdict.UNPROVEN
    return Verdict.BUT_FOR_GAPS if holes or gaps else Verdict.COMPLETE


def _is_disproved(gap: GapEntry, seen: Seen, holes: Iterable[Hole]) -> bool:
    """Say whether the ids of facts on both sides show that a gap misses nothing."""
    if not seen.is_chain or not seen.is_sound or seen.tally.holes_left_out:
        return False
    begin = seen.ts_first if seen.ts_before is None else seen.ts_before
    end = seen.ts_last if seen.ts_after is None else seen.ts_after
    if begin is None or end is None or gap.ts_from < begin or gap.ts_until > end:
        return False
    return not any(_is_about(gap, hole) for hole in holes)


def _is_about(gap: GapEntry, hole: Hole) -> bool:
    """Say whether a gap and a hole overlap: by their ids where both have some, else by time."""
    first, last = gap.first_missing_id, gap.last_missing_id
    if first is None or last is None or hole.first_id is None or hole.last_id is None:
        return gap.ts_from <= hole.ts_until and hole.ts_from <= gap.ts_until
    return first <= hole.last_id and hole.first_id <= last


def _stretches(seen: Seen, broken: Iterable[type_of_stretch]) -> Iterator[type_of_stretch]:
    """Return what is left of the time of a path when what is broken is taken out of it."""
    if seen.ts_first is None or seen.ts_last is None or not seen.is_sound:
        return
    at = seen.ts_first
    for begin, end in broken:
        if begin >= at:
            yield at, min(begin, seen.ts_last)
        at = max(at, begin, end)
        if at > seen.ts_last:
            return
    yield at, seen.ts_last
