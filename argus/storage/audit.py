"""Shell. The audit: what the lake proves about itself, path by path and day by day.

It reads the lake and the chunks that wait, nothing else: no log, no state of a running recorder.
What is missing must be admitted by a recorded gap; rows must be in order and each fact there once;
a book rebuilt from its snapshot and deltas must show the best bid and ask that the venue said.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path

import pyarrow as pa

from argus.columns import columns
from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS
from argus.storage.bookcheck import BookDay, check_books
from argus.storage.checksum import RowsChecksum
from argus.storage.chunk import NAME, SCHEMA, TEMP
from argus.storage.continuity import Continuity
from argus.storage.findings import Book, Fingerprint, PathDay
from argus.storage.gapcheck import read_gaps, with_gaps
from argus.storage.holding import Holding, held
from argus.storage.parquet import merged_in, opened
from argus.storage.partition import DAY_NS, Partition, date_of
from argus.storage.reading import Selection, facts


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
        data_type: one data type, or all; books are checked if it is all, `book_delta` or `bbo`.
        progress: told of each path and day that is done.
    """
    selection = selection or Selection()
    wanted = [name for name in EVENTS if data_type in {None, name}]
    with held(data, "verify") as holding:
        days = []
        for name in wanted:
            for day in _days(holding, name, selection):
                days.append(day)
                progress(day.partition)
        # Read after the facts: a gap is recorded before the fact that ends it.
        gaps = read_gaps(holding, selection)
        books: list[BookDay] = []
        if data_type in {None, "book_delta", "bbo"}:
            books += check_books(holding, selection)
    aside = sorted(_set_aside(data, selection, wanted))
    found = (_with_aside(with_gaps(day, gaps), aside) for day in days)
    return Audit(
        days=tuple(_with_books(found, books)),
        books=tuple(books),
        unread=tuple(sorted({*holding.unread, *aside})),
    )


def fingerprint(path: Path, name: str) -> Fingerprint:
    """Return what a date file is as bytes, and what it says of itself.

    Args:
        path: where to read it.
        name: its path below the data folder.

    Raises:
        TornFile: it cannot be read.
        ForeignFile: we did not write it.
        FileNotFoundError: there is none.
    """
    with path.open("rb") as content:
        checksum = file_digest(content, "sha256").hexdigest()
        size_bytes = content.tell()
    with opened(path) as file:
        return Fingerprint(
            path=name,
            size_bytes=size_bytes,
            sha256=checksum,
            rows=file.metadata.num_rows,
            schema_version=int(file.metadata.metadata[SCHEMA]),
            merged=merged_in(file),
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


def _with_aside(day: PathDay, aside: Iterable[Path]) -> PathDay:
    """Return what was found of a day, with the number of torn chunks that may belong to it."""
    count = 0
    for path in aside:
        name = NAME.fullmatch(path.name.removesuffix(".torn"))
        place = (day.partition.source, day.partition.data_type)
        if name is None or path.parts[-3:-1] != place:
            continue
        first, last = (date_of(int(number) // DAY_NS) for number in name.groups()[1:])
        count += first <= day.partition.date <= last
    return replace(day, set_aside=count)


def _days(holding: Holding, data_type: str, selection: Selection) -> Iterator[PathDay]:
    """Audit the selected days, each path from the last day before them on.

    So what is found of a day does not depend on which days are selected.
    """
    event = EVENTS[data_type]
    names = [column.name for column in columns(event)]
    path: tuple[str, str] | None = None
    continuity = Continuity(data_type, event)
    before: Iterator[pa.Table] = iter([])
    everything = replace(selection, first=None)
    for partition, tables in facts(holding, data_type, everything, names):
        if path != (partition.source, partition.symbol):
            path = (partition.source, partition.symbol)
            continuity, before = Continuity(data_type, event), iter([])
        if not selection.has(partition):
            before = tables
            continue
        _follow(continuity, before)
        continuity.take()
        before = iter([])
        yield _day(holding, continuity, partition, tables)


def _follow(continuity: Continuity, tables: Iterator[pa.Table]) -> None:
    try:
        for table in tables:
            continuity.follow(table)
    except (TornFile, ForeignFile):
        return  # The audit of that day says so.


def _day(
    holding: Holding, continuity: Continuity, partition: Partition, tables: Iterator[pa.Table]
) -> PathDay:
    checksum = RowsChecksum(EVENTS[partition.data_type])
    file = error = None
    try:
        file = _held(holding, partition)
        for table in tables:
            continuity.follow(table)
            checksum.follow(table)
    except (TornFile, ForeignFile) as found:
        # It was read under another name, which is gone at the end.
        error = str(found).replace(str(holding.root), str(holding.data))
    tally = continuity.take()
    return PathDay(
        partition=partition,
        rows=tally.rows,
        previous_id=tally.previous_id,
        first_id=tally.first_id,
        last_id=tally.last_id,
        repeats=tally.repeats,
        disorder=tally.disorder,
        holes=tuple(tally.holes),
        holes_left_out=tally.holes_left_out,
        file=file,
        rows_sha256=checksum.hexdigest(),
        error=error,
    )


def _held(holding: Holding, partition: Partition) -> Fingerprint | None:
    """Hold the date file, so that the rows that are read next are those of its fingerprint."""
    try:
        return fingerprint(holding.path(Path(partition.path)), str(partition.path))
    except FileNotFoundError:
        return None


def _with_books(days: Iterable[PathDay], books: Iterable[BookDay]) -> Iterator[PathDay]:
    """Return what was found of each day; deltas and bbo with how they agree."""
    found = {
        (book.partition.source, book.partition.symbol, book.partition.date): Book(
            book.compared, book.different
        )
        for book in books
    }
    for day in days:
        at = day.partition
        is_compared = at.data_type in {"book_delta", "bbo"}
        yield replace(day, book=found.get((at.source, at.symbol, at.date)) if is_compared else None)
