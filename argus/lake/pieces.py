"""Shell. Where the facts of some paths lie: row groups of date files, and what is not merged yet.

Everything is found at one moment: chunks are held first, then the date files, the newest date
first, as a merge places the oldest first. If a date file was replaced until all of them were found,
its symbol is not told, and has to be looked for again. So no hole comes from a merge.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS
from argus.lake.joined import Piece, ids_of, sorted_by
from argus.lake.span import FIRST, LAST, Span
from argus.storage.holding import Holding
from argus.storage.parquet import opened, row_groups
from argus.storage.partition import (
    DAY_NS,
    FILE,
    LAKE,
    Partition,
    date_of,
    escaped,
    partition_at,
)
from argus.storage.plan import Stored, Waiting

DATES_BEFORE = 2
"""Date files, all of whose ids are too low, after which no older one is looked at: about midnight
the order of times and that of ids may differ."""

ROWS_MAX = 1_000_000
"""Rows of chunks held in memory; more are put into a file without a name."""


class ChangedMeanwhile(Exception):
    """A date file was replaced that cannot be held."""


type_of_identity = tuple[int, int]


@dataclass(slots=True)
class Pieces:
    """What was found.

    Attributes:
        found: the pieces of each symbol.
        changed: symbols to look for again.
    """

    found: dict[str, list[Piece]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Finding:
    """Finding the pieces of one source and data type.

    Args:
        holding: what keeps files from changing.
        source: the source.
        data_type: a data type whose facts are ordered by an id.
        schema: the columns wanted: some of the lake's, the id among them.
        stack: what closes the files that are open, when all is read.
    """

    holding: Holding
    source: str
    data_type: str
    schema: pa.Schema
    stack: ExitStack
    _open: tuple[Path, pq.ParquetFile] | None = None

    def pieces(self, wanted: Mapping[str, Span]) -> Pieces:
        """Find the pieces of some symbols.

        Raises:
            OSError: links cannot be made; `FileNotFoundError`: a chunk is gone.
        """
        waits = self._waits(wanted)
        told = Pieces({symbol: [] for symbol in wanted})
        dates = {symbol: self._dates(symbol, span) for symbol, span in wanted.items()}
        files = {s: list(self._stored(dates[s], wanted[s], told.found[s])) for s in wanted}
        for symbol, span in wanted.items():
            is_same = dates[symbol] == self._dates(symbol, span)
            if not is_same or not all(map(self._is_same, files[symbol])):
                told.changed.add(symbol)
        for symbol, piece in self._pending(waits):
            told.found[symbol].append(piece)
        return told

    def rows(self, wanted: Mapping[str, Span]) -> int:
        """Count the rows of all pieces without reading them; facts that wait twice count twice."""
        try:
            rows = sum(wait.rows for wait in self._waits(wanted))
        except FileNotFoundError:
            rows = 0  # Merged while it was looked at.
        for symbol, span in wanted.items():
            pieces: list[Piece] = []
            for _ in self._stored(self._dates(symbol, span), span, pieces):
                pass
            rows += sum(p.rows for p in pieces if p.high >= span.low and p.low <= span.high)
        return rows

    def _waits(self, wanted: Mapping[str, Span]) -> list[Waiting]:
        return [
            wait
            for wait in self.holding.waiting(self.data_type, self.source)
            if wait.partition.symbol in wanted
            and _is_of_days(wait.partition.date, wanted[wait.partition.symbol])
        ]

    def _stored(
        self, dates: list[Partition], span: Span, pieces: list[Piece]
    ) -> Iterator[tuple[Partition, type_of_identity]]:
        """Add the row groups of date files; return the files, with what tells them apart."""
        before = 0
        for partition in dates:
            try:
                path = self.holding.path(Path(partition.path))
                identity = _identity(path)
                found = list(self._groups(path, identity))
            except FileNotFoundError:
                continue  # Of facts that wait there may be no date file.
            except (TornFile, ForeignFile):
                self._leave_out(self.holding.data / partition.path)
                continue
            yield partition, identity
            pieces += found
            before += all(piece.high < span.low for piece in found)
            if before == DATES_BEFORE:
                return

    def _dates(self, symbol: str, span: Span) -> list[Partition]:
        """Return the date files that may matter, the newest first."""
        folder = self.holding.data / LAKE / f"source={escaped(self.source)}"
        folder = folder / f"data_type={self.data_type}" / f"symbol={escaped(symbol)}"
        found = []
        for path in folder.glob("year=*/date=*"):
            try:
                found.append(partition_at(path / FILE))
            except ForeignFile:
                self._leave_out(path / FILE)
        wanted = [partition for partition in found if _is_of_days(partition.date, span)]
        return sorted(wanted, reverse=True)

    def _groups(self, path: Path, identity: type_of_identity) -> Iterator[Piece]:
        key = EVENTS[self.data_type].order[0]
        with opened(path) as file:
            ids, times = (file.schema_arrow.names.index(name) for name in (key, "ts_event"))
            for index in range(file.num_row_groups):
                group = file.metadata.row_group(index)
                low, high = _range(group.column(ids)) or (FIRST, LAST)
                _, ts_last = _range(group.column(times)) or (None, None)
                load = self._group(path, index, identity)
                yield Piece(low, high, 0, load, ts_last, group.num_rows)

    def _group(self, path: Path, index: int, identity: type_of_identity) -> Callable[[], pa.Table]:
        def load() -> pa.Table:
            try:
                file = self._opened(path)
                if self.holding.root == self.holding.data and _identity(path) != identity:
                    raise ChangedMeanwhile(path)
                return next(row_groups(file, path, self.schema, [index]))
            except FileNotFoundError as error:
                raise ChangedMeanwhile(path) from error
            except (TornFile, ForeignFile):
                self._leave_out(self.holding.data / path.relative_to(self.holding.root))
                return self.schema.empty_table()

        return load

    def _opened(self, path: Path) -> pq.ParquetFile:
        """Open a file once for row groups that follow each other."""
        if self._open is None or self._open[0] != path:
            if self._open is not None:
                self._open[1].close()
                self._open = None
            file = opened(path)
            self.stack.callback(file.close)
            self._open = path, file
        return self._open[1]

    def _is_same(self, file: tuple[Partition, type_of_identity]) -> bool:
        partition, identity = file
        try:
            return _identity(self.holding.data / partition.path) == identity
        except FileNotFoundError:
            return False

    def _pending(self, waits: list[Waiting]) -> Iterator[tuple[str, Piece]]:
        """Read what is not merged yet, each chunk once."""
        rows = sum(wait.rows for wait in waits)
        keep = Memory() if rows <= ROWS_MAX else Aside(self.stack)
        key = EVENTS[self.data_type].order[0]
        for rank, together in enumerate(_by_chunk(waits), 1):
            for wait, table in self.holding.rows(together):
                if table.num_rows:
                    part = sorted_by(key, table.select(self.schema.names))
                    ids = ids_of(key, part)
                    load = keep.kept(part.combine_chunks())
                    yield wait.partition.symbol, Piece(int(ids[0]), int(ids[-1]), rank, load)

    def _leave_out(self, path: Path) -> None:
        if path not in self.holding.unread:
            self.holding.unread.append(path)


class Memory:
    """Keep tables as they are."""

    def kept(self, table: pa.Table) -> Callable[[], pa.Table]:
        """Return what gives the table back."""
        return lambda: table


class Aside:
    """Keep tables in a file without a name, one Arrow stream after the other."""

    def __init__(self, stack: ExitStack) -> None:
        self._file: IO[bytes] = TemporaryFile(prefix="argus-")  # noqa: SIM115 - the stack closes it
        stack.callback(self._file.close)

    def kept(self, table: pa.Table) -> Callable[[], pa.Table]:
        """Return what reads the table again."""
        begin = self._file.seek(0, 2)
        with pa.ipc.new_stream(self._file, table.schema) as writer:
            writer.write_table(table)
        size = self._file.tell() - begin

        def load() -> pa.Table:
            self._file.seek(begin)
            with pa.ipc.open_stream(self._file.read(size)) as reader:
                return reader.read_all()

        return load


def _by_chunk(waits: Iterable[Waiting]) -> Iterator[list[Waiting]]:
    """Return what waits chunk by chunk, so that each is read once, in the order of a merge."""
    found: dict[Stored, list[Waiting]] = {}
    for wait in waits:
        for stored, piece in wait.parts:
            found.setdefault(stored, []).append(Waiting(wait.partition, ((stored, piece),)))
    begin: dict[str, int] = {}
    for stored in found:
        chunk = stored.chunk
        begin[chunk.generation] = min(chunk.ts_first, begin.get(chunk.generation, LAST))
    for stored in sorted(found, key=lambda s: (begin[s.chunk.generation], s.chunk)):
        yield found[stored]


def _is_of_days(date: str, span: Span) -> bool:
    """Say whether a day may matter; the one before may hold facts that come later by their ids."""
    first = "" if span.ts_from is None else date_of(span.ts_from // DAY_NS - 1)
    last = "9999-12-31" if span.ts_until is None else date_of(span.ts_until // DAY_NS)
    return first <= date <= last


def _range(column: pq.ColumnChunkMetaData) -> tuple[int, int] | None:
    """Return the least and greatest value of a column of a row group, if they are known."""
    told = column.statistics
    is_told = told is not None and told.has_min_max and told.null_count == 0
    return (told.min_raw, told.max_raw) if is_told else None


def _identity(path: Path) -> type_of_identity:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns
