"""Shell. The state of one data type at one moment, each fact once, while others write.

First the chunks are held, then the date files they feed. A chunk that is gone by then was merged
into a date file that is held afterwards. Held files do not change any more, and the metadata of the
date files says what of each chunk they have already: so nothing is missed and nothing counted
twice, whatever is merged meanwhile. Holding is a hard link. Where links cannot be made (a read-only
lake) the files are used as they lie, and `mark` tells whether anything changed meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from argus.columns import lake_schema
from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS, Event
from argus.lake.views import HIVE_TYPES
from argus.storage.chunk import TEMP, Chunk, chunk_at
from argus.storage.disk import link
from argus.storage.generation import Acceptance, acceptance, generations
from argus.storage.identity import first_key, is_streamable
from argus.storage.joining import absent, empty, key_columns
from argus.storage.merge import TornChunk, read_round
from argus.storage.parquet import conformed, judged, merged_in, opened
from argus.storage.partition import Partition
from argus.storage.plan import Stored, Waiting, rounds, waiting
from argus.storage.survey import chunk_paths, pieces_of

ROWS_MAX = 1_000_000
"""Rows of chunks held in memory at once."""


@dataclass(slots=True)
class Snapshot:
    """What to read for one data type.

    Attributes:
        touched: date files to leave out, whether they exist or not: `held` replaces them.
        held: files that replace those of them that existed.
        pending: one Parquet file with the facts that are in no date file yet, hive keys included.
        unread: files that could not be read.
    """

    pending: Path
    touched: list[Path] = field(default_factory=list)
    held: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class _Held:
    """Chunks and date files, each under the name by which it is read."""

    data: Path
    root: Path
    unread: list[Path]
    merged: dict[Partition, dict[str, int]] = field(default_factory=dict)

    def path(self, relative: Path) -> Path:
        """Return the name by which a file is read from now on.

        Raises:
            FileNotFoundError: it is gone.
        """
        path = self.root / relative
        if self.root != self.data and not path.exists():
            link(self.data / relative, path)
        return path

    def chunks(self, data_type: str, accepted: dict[str, Acceptance]) -> Iterator[Stored]:
        for generation, found in accepted.items():
            if not found.patterns:
                continue
            sources = sorted(p.name for p in (self.data / TEMP / generation).glob("[!.]*/"))
            for source in sources:
                for path in chunk_paths(self.data, generation, source, data_type):
                    try:
                        chunk = chunk_at(path)
                        held = self.path(Path(chunk.path))
                        yield Stored(chunk, pieces_of(held, chunk), held.stat().st_size)
                    except FileNotFoundError:
                        continue  # Merged since it was listed: what it held is in a date file.
                    except (TornFile, ForeignFile):
                        self.unread.append(path)

    def merged_of(self, partition: Partition) -> dict[str, int]:
        if partition not in self.merged:
            try:
                with opened(self.path(Path(partition.path))) as file:
                    self.merged[partition] = merged_in(file)
            except FileNotFoundError:
                self.merged[partition] = {}
        return self.merged[partition]


def snapshot(data: Path, data_type: str, *, root: Path, spill: Path) -> Snapshot:
    """Take the state of one data type.

    Args:
        data: the data folder.
        data_type: the data type.
        root: an empty folder on the same file system for links, or `data` to make none.
        spill: a folder for the facts that are in no date file yet.

    Raises:
        TornFile: a date file that is needed cannot be read.
        ForeignFile: it can, but is not ours.
        OSError: links cannot be made in `root`.
    """
    event = EVENTS[data_type]
    found = Snapshot(pending=spill / f"{data_type}.parquet")
    accepted = _accepted(data, found.unread)
    held = _Held(data, root, found.unread)
    chunks = list(held.chunks(data_type, accepted))

    def is_wanted(chunk: Chunk, symbol: str) -> bool:
        return accepted[chunk.generation].covers(chunk.source, chunk.data_type, symbol)

    waits = waiting(chunks, merged=held.merged_of, is_wanted=is_wanted)
    for wait in waits:
        found.touched.append(data / wait.partition.path)
        path = root / wait.partition.path
        if path.exists():
            found.held.append(path)
    schema = _with_keys(Partition("", "", "", "0000-01-01"), empty(event)).schema
    with pq.ParquetWriter(found.pending, schema, compression="lz4") as writer:
        for partition, rows in _pending(event, root, waits, found.unread):
            writer.write_table(_with_keys(partition, rows).cast(schema))
    return found


def _accepted(data: Path, unread: list[Path]) -> dict[str, Acceptance]:
    accepted = {}
    for generation in generations(data):
        try:
            accepted[generation] = acceptance(data, generation)
        except ForeignFile:
            unread.append(data / TEMP / generation)
    return accepted


def _pending(
    event: type[Event], root: Path, waits: list[Waiting], unread: list[Path]
) -> Iterator[tuple[Partition, pa.Table]]:
    before: dict[Partition, list[pa.Table]] = {}
    for together in rounds(waits, rows_max=ROWS_MAX):
        for wait, rows in _read(root, together, unread):
            # A partition with many rows comes in several rounds, one after the other.
            earlier = before.get(wait.partition, [])
            path = root / wait.partition.path
            new = absent(event, [*_overlapping(event, path, rows), *earlier], rows)
            before = {wait.partition: [*earlier, new.select(key_columns(event))]}
            yield wait.partition, new


def _read(
    root: Path, waits: list[Waiting], unread: list[Path]
) -> Iterator[tuple[Waiting, pa.Table]]:
    try:
        yield from read_round(root, waits)
    except TornChunk as error:
        if not (root / error.chunk.path).exists():
            raise FileNotFoundError(root / error.chunk.path) from error
        unread.append(root / error.chunk.path)
        left = [wait.without(error.chunk) for wait in waits]
        yield from _read(root, [wait for wait in left if wait.parts], unread)


def _overlapping(event: type[Event], path: Path, rows: pa.Table) -> Iterator[pa.Table]:
    """Read what of a date file may hold the same facts; mostly that is nothing."""
    if not path.exists() or not rows.num_rows:
        return
    keys = first_key(event, rows)
    low, high = int(keys.min()), int(keys.max())
    names = key_columns(event)
    with opened(path) as file, judged(path):
        at = file.schema_arrow.names.index(event.order[0])
        for index in range(file.num_row_groups):
            found = file.metadata.row_group(index).column(at).statistics
            is_told = found is not None and found.has_min_max and found.null_count == 0
            if is_streamable(event) and is_told and (found.max_raw < low or found.min_raw > high):
                continue
            table = file.read_row_group(index, columns=names, use_threads=False)
            schema = pa.schema([lake_schema(event).field(name) for name in names])
            yield conformed(table.select(names), schema, path)


def _with_keys(partition: Partition, rows: pa.Table) -> pa.Table:
    """Add the hive keys, as a reader sees them."""
    values = {
        "source": partition.source,
        "data_type": partition.data_type,
        "symbol": partition.symbol,
        "year": int(partition.date[:4]),
        "date": partition.date,
    }
    types = {"INTEGER": pa.int32(), "DATE": pa.date32()}
    for name, kind in HIVE_TYPES.items():
        column = pa.repeat(pa.scalar(values[name]), rows.num_rows)
        rows = rows.append_column(name, column.cast(types.get(kind, pa.string())))
    return rows


def mark(data: Path, data_type: str) -> list[tuple[str, int, int]]:
    """Return what tells whether anything changed: names, inodes and times of all that is read."""
    found = []
    for pattern in (f"{TEMP}/*/accepted", f"{TEMP}/*/*/{data_type}/*.parquet"):
        found += list(data.glob(pattern))
    found += list(
        data.glob(f"lake/source=*/data_type={data_type}/symbol=*/year=*/date=*/*.parquet")
    )
    marks = []
    for path in sorted(found):
        status = path.stat()
        marks.append((str(path), status.st_ino, status.st_mtime_ns))
    return marks
