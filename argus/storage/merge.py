"""Shell. Merging waiting rows into one date file: read, write beside, replace.

The chunks are deleted by the caller, and only after every date file they feed is in its place. A
crash in between leaves chunks that their date files list as merged.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from argus.columns import lake_schema
from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS, Event
from argus.storage.chunk import MERGED, Chunk
from argus.storage.disk import Disk
from argus.storage.joining import Joining
from argus.storage.parquet import conformed, judged, merged_in, opened, row_groups, writing_parquet
from argus.storage.partition import Partition, day_of, days
from argus.storage.plan import Piece, Stored, Waiting


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging did, in figures.

    `rows` were new in the lake, `repeats` were there already, `size_bytes` were written.
    """

    partitions: int = 0
    rows: int = 0
    repeats: int = 0
    size_bytes: int = 0
    chunks_deleted: int = 0
    failures: int = 0

    def __add__(self, other: "Merged") -> "Merged":
        return Merged(
            self.partitions + other.partitions,
            self.rows + other.rows,
            self.repeats + other.repeats,
            self.size_bytes + other.size_bytes,
            self.chunks_deleted + other.chunks_deleted,
            self.failures + other.failures,
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
    """Write a date file anew with waiting rows joined in, and the list of what it holds.

    Raises:
        TornFile: the date file cannot be read.
        ForeignFile: we did not write it.
        OSError: the system failed; the date file is as it was, or already whole.
    """
    partition = wait.partition
    event = EVENTS[partition.data_type]
    path = data / partition.path
    schema = lake_schema(event)
    joining = Joining(event, rows)
    before = 0
    with writing_parquet(disk, path, scratch=scratch, event=event, schema=schema) as writer:
        if path.exists():
            with opened(path) as file:
                held = merged_in(file)
                before = file.metadata.num_rows
                for table in joining.tables(row_groups(file, path, schema)):
                    writer.write(table)
        else:
            held = {}
            for table in joining.tables([]):
                writer.write(table)
        last = {**held, **wait.merged()}
        writer.finish({MERGED: json.dumps(last, sort_keys=True).encode()})
    return Merged(
        partitions=1,
        rows=writer.rows - before,
        repeats=joining.repeats,
        size_bytes=writer.size_bytes,
    )


def place_aside(data: Path, partition: Partition) -> Path:
    """Return where a torn date file goes: out of the lake, where no reader looks for it.

    A name beside its place would do for readers that glob; those given a folder open every file.
    """
    path = partition.path
    return data / "torn" / path.parent.relative_to("lake") / f"{path.name}.torn"
