"""Shell. Merging waiting rows into one date file: copy, add, replace.

The chunks are deleted by the caller, and only after every date file they feed is in its place. A
crash in between leaves chunks that their date files list as merged.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from argus.columns import lake_schema
from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS, Event
from argus.storage.chunk import MERGED, Chunk
from argus.storage.disk import Disk
from argus.storage.joining import Joining
from argus.storage.parquet import conformed, judged, merged_in, opened, row_groups
from argus.storage.partition import Partition, day_of, days
from argus.storage.plan import Piece, Stored, Waiting
from argus.storage.writer import GROUP_ROWS, Writer, footer_of, writing_parquet

GROUPS_MAX = 128
"""Row groups a date file may have more than its rows need."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging did, in figures.

    `rows` were new in the lake, `repeats` were there already, `size_bytes` were written;
    `postponed` date files would have left too little room on the disk.
    """

    partitions: int = 0
    rows: int = 0
    repeats: int = 0
    size_bytes: int = 0
    chunks_deleted: int = 0
    failures: int = 0
    postponed: int = 0

    def __add__(self, other: "Merged") -> "Merged":
        return Merged(
            self.partitions + other.partitions,
            self.rows + other.rows,
            self.repeats + other.repeats,
            self.size_bytes + other.size_bytes,
            self.chunks_deleted + other.chunks_deleted,
            self.failures + other.failures,
            self.postponed + other.postponed,
        )


class TornChunk(TornFile):
    """A chunk turned out to be torn, or is gone, when its rows were read."""

    def __init__(self, chunk: Chunk, cause: Exception) -> None:
        """Keep the chunk."""
        self.chunk = chunk
        super().__init__(str(cause))


def rows_of(table: pa.Table, piece: Piece, event: type[Event], path: Path) -> pa.Table:
    """Return a piece's rows of a chunk, with the columns of the lake."""
    rows = table.slice(piece.start, piece.stop - piece.start)
    if piece.rows != piece.stop - piece.start:
        rows = rows.filter(pa.array(days(rows) == day_of(piece.partition.date)))
    return conformed(rows.drop_columns(["symbol"]), lake_schema(event), path)


def read_round(data: Path, waits: Iterable[Waiting]) -> Iterator[tuple[Waiting, pa.Table]]:
    """Read the rows of one round, each chunk once, and return them by date file.

    `data` is the data folder, or any other in which the chunks lie at their paths.

    Raises:
        TornChunk: a chunk cannot be read; it has to be set aside and the round planned anew.
        OSError: the system failed.
    """
    waits = list(waits)
    wanted: dict[Stored, list[tuple[int, Piece]]] = {}
    for index, wait in enumerate(waits):
        for stored, piece in wait.parts:
            wanted.setdefault(stored, []).append((index, piece))
    found: list[list[pa.Table]] = [[] for _ in waits]
    # A partition's parts of one generation are in rising order of the sequence, and so is this.
    for stored in dict.fromkeys(s for wait in waits for s, _ in wait.parts):
        path = data / stored.chunk.path
        event = EVENTS[stored.chunk.data_type]
        try:
            with opened(path) as file, judged(path):
                table = file.read(use_threads=False)
            for index, piece in wanted[stored]:
                # Copied, so that the chunk's memory is free when its pieces are few.
                rows = rows_of(table, piece, event, path)
                found[index].append(rows.take(pa.array(np.arange(rows.num_rows))))
        except (TornFile, ForeignFile, FileNotFoundError) as error:
            raise TornChunk(stored.chunk, error) from error
    for index, wait in enumerate(waits):
        tables, found[index] = found[index], []
        yield wait, pa.concat_tables(tables)


def merge_into(disk: Disk, data: Path, wait: Waiting, rows: pa.Table, *, scratch: Path) -> Merged:
    """Add waiting rows to a date file, and to its list of what it holds.

    Raises:
        TornFile: the date file cannot be read.
        ForeignFile: we did not write it.
        OSError: the system failed; the date file is as it was, or already whole.
    """
    event = EVENTS[wait.partition.data_type]
    path = data / wait.partition.path
    joining = Joining(event, rows)
    with ExitStack() as stack:
        old = stack.enter_context(opened(path)) if path.exists() else None
        held = merged_in(old) if old else {}
        is_grown = old is not None and is_growable(event, old)
        writer = stack.enter_context(
            writing_parquet(
                disk,
                path,
                scratch=scratch,
                event=event,
                schema=lake_schema(event),
                old=path if is_grown else None,
            )
        )
        _write(writer, joining, path, old, is_grown=is_grown)
        writer.finish({MERGED: json.dumps({**held, **wait.merged()}, sort_keys=True).encode()})
    return Merged(
        partitions=1,
        rows=writer.rows - (old.metadata.num_rows if old else 0),
        repeats=joining.repeats,
        size_bytes=writer.size_bytes,
    )


def is_growable(event: type[Event], old: pq.ParquetFile) -> bool:
    """Say whether rows can be added to a file behind its old bytes.

    Written anew are files of an older schema, and those with very many row groups: merging by tiers
    makes a dozen in a day, only a person who flushes all the time makes more.
    """
    same = old.schema_arrow.remove_metadata().equals(lake_schema(event).remove_metadata())
    return bool(same) and old.num_row_groups < GROUPS_MAX + old.metadata.num_rows // GROUP_ROWS


def _write(
    writer: Writer, joining: Joining, path: Path, old: pq.ParquetFile | None, *, is_grown: bool
) -> None:
    """Write the joined rows; row groups between which nothing new belongs are kept as they are."""
    schema = joining.new.schema
    if old is None or not is_grown:
        groups = row_groups(old, path, schema) if old else iter(())
        for table in joining.tables(groups):
            writer.write(table)
        return
    described = footer_of(path).groups
    for span in joining.spans(_ranges(joining, old)):
        if span.new is None:
            for index in span.groups:
                writer.keep(described[index], old.metadata.row_group(index).num_rows)
            continue
        before = span.new.repeats
        for table in span.new.tables(row_groups(old, path, schema, span.groups)):
            writer.write(table)
        if span.new is not joining:
            joining.repeats += span.new.repeats - before


def _ranges(joining: Joining, old: pq.ParquetFile) -> list[tuple[int, int] | None]:
    """Return the least and greatest first key of each row group; None where it is not known."""
    at = old.schema_arrow.names.index(joining.event.order[0])
    ranges: list[tuple[int, int] | None] = []
    for index in range(old.num_row_groups):
        found = old.metadata.row_group(index).column(at).statistics
        is_told = found is not None and found.has_min_max and found.null_count == 0
        ranges.append((found.min_raw, found.max_raw) if is_told else None)
    return ranges


def place_aside(data: Path, partition: Partition) -> Path:
    """Return where a torn date file goes: out of the lake, where no reader looks for it.

    A name beside its place would do for readers that glob; those given a folder open every file.
    """
    path = partition.path
    return data / "torn" / path.parent.relative_to("lake") / f"{path.name}.torn"
