"""Shell. The audit: what the lake proves about itself, path by path and day by day.

It reads the lake and the chunks that wait, nothing else: no log, no state of a running recorder.
What is missing must be admitted by a recorded gap; rows must be in order and each fact there once;
a book rebuilt from its snapshot and deltas must show the best bid and ask that the venue said.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS, GapState
from argus.storage.bookcheck import BookDay, check_books
from argus.storage.chunk import TEMP
from argus.storage.continuity import Admitted, Continuity, Hole, admitted
from argus.storage.disk import passing_folder
from argus.storage.holding import Holding
from argus.storage.partition import Partition
from argus.storage.reading import Selection, facts

NO_LINKS = {errno.EROFS, errno.EPERM, errno.EACCES, errno.ENOTSUP}
"""Errors of a folder in which nothing can be linked."""

type_of_path = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PathDay:
    """What was found of one path on one day.

    Attributes:
        partition: which path and day.
        rows: facts, merged or not.
        first_id: the venue's id of the first one, where it has ids.
        last_id: that of the last one.
        repeats: facts that are there more than once.
        disorder: facts that stand behind a later one.
        holes: what is missing, where ids form a chain; a hole over midnight counts for the new day.
        holes_left_out: holes that are too many to be described.
        gaps: gaps recorded for this path that begin on this day.
        error: why the rest could not be read.
    """

    partition: Partition
    rows: int
    first_id: int | None
    last_id: int | None
    repeats: int
    disorder: int
    holes: tuple[Hole, ...]
    holes_left_out: int
    gaps: int
    error: str | None = None

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
    def is_well(self) -> bool:
        """Say whether nothing is wrong but what is admitted."""
        wrong = self.repeats or self.disorder or self.missing_unadmitted
        return not wrong and self.error is None


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found; `unread` are files among ours that are torn or foreign."""

    days: tuple[PathDay, ...]
    books: tuple[BookDay, ...]
    unread: tuple[Path, ...]

    @property
    def is_well(self) -> bool:
        """Say whether nothing is wrong but what recorded gaps admit."""
        are_well = [*(day.is_well for day in self.days), *(book.is_well for book in self.books)]
        return all(are_well) and not self.unread


def verify(
    data: Path,
    *,
    selection: Selection | None = None,
    data_type: str | None = None,
    progress: Callable[[Partition], None] = lambda _: None,
) -> Audit:
    """Audit a data folder, or a part of it.

    Args:
        data: the data folder.
        selection: which sources, symbols and dates.
        data_type: one data type, or all; books are checked if all or `book_delta`.
        progress: told of each path and day that is done.
    """
    selection = selection or Selection()
    wanted = [name for name in EVENTS if data_type in {None, name}]
    with _links(data) as root:
        holding = Holding(data, root or data)
        days = []
        for name in wanted:
            for day in _days(holding, name, selection):
                days.append(day)
                progress(day.partition)
        # Read after the facts: a gap is recorded before the fact that ends it.
        gaps = _gaps(holding, selection)
        books: list[BookDay] = []
        if data_type in {None, "book_delta"}:
            books += check_books(holding, selection)
    return Audit(
        days=tuple(_with_gaps(day, gaps) for day in days),
        books=tuple(books),
        unread=tuple(sorted({*holding.unread, *_set_aside(data, selection, wanted)})),
    )


def _set_aside(data: Path, selection: Selection, data_types: list[str]) -> Iterator[Path]:
    """Return torn files that were set aside: what they held is missing, and nothing else says so.

    They keep the folders of their places: `temp/<hash>/<source>/<data type>/` or the hive's below
    `torn/`.
    """
    for path in [*data.glob(f"{TEMP}/*/*/*/*.torn"), *data.glob("torn/**/*.torn")]:
        parts = {part.partition("=")[2] or part for part in path.relative_to(data).parts}
        is_source = selection.source is None or selection.source in parts
        if is_source and parts.intersection(data_types):
            yield path


@contextmanager
def _links(data: Path) -> Iterator[Path | None]:
    """Give a folder for links, or None where there can be none."""
    with ExitStack() as stack:
        yield _folder(data, stack) if (data / TEMP).is_dir() else None


def _folder(data: Path, stack: ExitStack) -> Path | None:
    try:
        return stack.enter_context(passing_folder(data / TEMP, "verify"))
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return None


def _days(holding: Holding, data_type: str, selection: Selection) -> Iterator[PathDay]:
    extra = ["previous_update_id"] if data_type == "book_delta" else []
    path: tuple[str, str] | None = None
    continuity = Continuity(data_type, EVENTS[data_type])
    for partition, tables in facts(holding, data_type, selection, extra):
        if path != (partition.source, partition.symbol):
            path = (partition.source, partition.symbol)
            continuity = Continuity(data_type, EVENTS[data_type])
        error = None
        try:
            for table in tables:
                continuity.follow(table)
        except (TornFile, ForeignFile) as found:
            error = str(found)
        tally = continuity.take()
        yield PathDay(
            partition=partition,
            rows=tally.rows,
            first_id=tally.first_id,
            last_id=tally.last_id,
            repeats=tally.repeats,
            disorder=tally.disorder,
            holes=tuple(tally.holes),
            holes_left_out=tally.holes_left_out,
            gaps=0,
            error=error,
        )


@dataclass(slots=True)
class _Gap:
    """A recorded gap: the day it is filed under, and whether it was filled since."""

    date: str
    admitted: Admitted
    is_filled: bool = False


type_of_gaps = dict[type_of_path, dict[Admitted, _Gap]]


def _gaps(holding: Holding, selection: Selection) -> type_of_gaps:
    """Read the gaps of all days: one may be filed under another day than the hole it admits."""
    everywhen = replace(selection, first=None, last=None)
    found: type_of_gaps = {}
    for partition, tables in facts(holding, "gap", everywhen, EVENTS["gap"].identity):
        try:
            for of_data_type, gap, is_filled in (row for t in tables for row in _gap_rows(t)):
                path = (partition.source, of_data_type, partition.symbol)
                known = found.setdefault(path, {}).setdefault(gap, _Gap(partition.date, gap))
                known.is_filled |= is_filled
        except (TornFile, ForeignFile):
            continue  # The day of these gaps says so itself.
    return found


def _gap_rows(table: pa.Table) -> Iterator[tuple[str, Admitted, bool]]:
    integers = ("ts_from", "ts_until", "first_missing_id", "last_missing_id")
    columns = [table[name].cast(pa.int64()).to_pylist() for name in integers]
    texts = [table[name].cast(pa.string()).to_pylist() for name in ("of_data_type", "state")]
    for begin, end, first, last, of_data_type, state in zip(*columns, *texts, strict=True):
        yield of_data_type, Admitted(begin, end, first, last), state == GapState.FILLED


def _with_gaps(day: PathDay, gaps: type_of_gaps) -> PathDay:
    at = day.partition
    found = gaps.get((at.source, at.data_type, at.symbol), {}).values()
    open_gaps = [gap.admitted for gap in found if not gap.is_filled]
    return replace(
        day,
        holes=admitted(day.holes, open_gaps),
        gaps=sum(gap.date == at.date for gap in found),
    )
