"""Pure. What an audit found of one path on one day."""

from dataclasses import dataclass, field
from enum import StrEnum

from argus.storage.holes import Hole
from argus.storage.partition import Partition


class Grade(StrEnum):
    """What kind of proof a data type allows. What each means is told in docs/certificate.md."""

    CONTIGUOUS = "A"
    CHAINED = "B"
    CHECKSUM = "C"
    SNAPSHOTS = "D"
    NONE = "E"


class Verdict(StrEnum):
    """What is proven of one path and day."""

    COMPLETE = "complete"
    BUT_FOR_GAPS = "complete but for recorded gaps"
    INCOMPLETE = "incomplete"
    UNPROVEN = "unproven"


GRADES = {
    "trade": Grade.CONTIGUOUS,
    "agg_trade": Grade.CONTIGUOUS,
    "book_delta": Grade.CHAINED,
    "book_snapshot": Grade.SNAPSHOTS,
    "open_interest": Grade.SNAPSHOTS,
}
"""Data type -> grade; of all others nothing can be proven, but see `grade`."""

CHAINS = {Grade.CONTIGUOUS, Grade.CHAINED, Grade.CHECKSUM}
"""Grades under which a missing fact shows."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Recorded gaps that touch a day; one over midnight touches two.

    Attributes:
        open: those that are open.
        open_missing: facts missing in them, as far as that is known.
        filled: those that were filled.
        filled_missing: facts that were missing in those, as far as that is known.
        reaches_on: whether an open one goes on after the day.
    """

    open: int = 0
    open_missing: int = 0
    filled: int = 0
    filled_missing: int = 0
    reaches_on: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """Moments at which the rebuilt book could be held against the bbo, and those that differ."""

    compared: int
    different: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A date file as its bytes are.

    Attributes:
        path: where it lies below the data folder.
        size_bytes: its size.
        sha256: checksum of its bytes.
        rows: how many rows it says it has.
        schema_version: which version of the columns it says it has.
        merged: which chunks it says it holds: the last one per generation.
    """

    path: str
    size_bytes: int
    sha256: str
    rows: int
    schema_version: int
    merged: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PathDay:
    """What was found of one path on one day.

    Attributes:
        partition: which path and day.
        rows: facts, merged or not.
        previous_id: the venue's id of the last fact before this day.
        first_id: the venue's id of the first one, where it has ids.
        last_id: that of the last one.
        repeats: facts that are there more than once.
        disorder: facts that stand behind a later one.
        holes: what is missing, where that shows; a hole over midnight counts for the new day.
        holes_left_out: holes that are too many to be described.
        gaps: the gaps recorded for this path that touch this day.
        book: how the rebuilt book agrees with the bbo, where they can be compared.
        set_aside: torn chunks, set aside, that may have held facts of this day.
        file: the date file; None if there is none yet, or none that can be read.
        rows_sha256: checksum of the rows, however files hold them.
        error: why the rest could not be read.
    """

    partition: Partition
    rows: int
    previous_id: int | None
    first_id: int | None
    last_id: int | None
    repeats: int
    disorder: int
    holes: tuple[Hole, ...]
    holes_left_out: int
    gaps: Gaps = Gaps()
    book: Book | None = None
    set_aside: int = 0
    file: Fingerprint | None = None
    rows_sha256: str = ""
    error: str | None = None

    @property
    def rows_waiting(self) -> int:
        """Return how many of the facts are not in the date file yet."""
        return max(0, self.rows - (self.file.rows if self.file else 0))

    @property
    def missing(self) -> int:
        """Return how many facts are known to be missing; holes of unknown size count as one."""
        return sum(hole.missing or 1 for hole in self.holes) + self.holes_left_out

    @property
    def missing_unadmitted(self) -> int:
        """Return how many of them no recorded gap admits."""
        left = [hole for hole in self.holes if not hole.is_covered]
        return sum(hole.missing or 1 for hole in left) + self.holes_left_out

    @property
    def grade(self) -> Grade:
        """Return what kind of proof there is: a bbo that was compared with books has some."""
        if self.partition.data_type == "bbo" and self.book is not None and self.book.compared:
            return Grade.SNAPSHOTS
        return GRADES.get(self.partition.data_type, Grade.NONE)

    @property
    def expected(self) -> int | None:
        """Return how many facts there are by the venue's ids, where those rise by one.

        Counted from the last fact of the path before this day, else from the first one of the day.
        """
        if self.grade is not Grade.CONTIGUOUS or self.first_id is None or self.last_id is None:
            return None
        before = self.first_id - 1 if self.previous_id is None else self.previous_id
        return max(0, self.last_id - before)

    @property
    def is_well(self) -> bool:
        """Say whether nothing is wrong but what is admitted."""
        wrong = self.repeats or self.disorder or self.missing_unadmitted
        return not wrong and self.error is None

    @property
    def verdict(self) -> Verdict:
        """Say what is proven."""
        if not self.is_well or (self.book is not None and self.book.different):
            return Verdict.INCOMPLETE
        if self.grade not in CHAINS:
            return Verdict.INCOMPLETE if self.set_aside else Verdict.UNPROVEN
        if self.missing or self.gaps.reaches_on:
            return Verdict.BUT_FOR_GAPS
        return Verdict.COMPLETE
