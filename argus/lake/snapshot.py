"""Shell. The state of one data type at one moment, each fact once, while others write.

What is not merged yet is written into one passing file, without what the date files hold
already. Where nothing can be held (a read-only lake) the files are used as they lie, and `mark`
tells whether anything changed meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from argus.columns import lake_schema
from argus.events import EVENTS, Event
from argus.lake.views import HIVE_TYPES
from argus.storage.chunk import TEMP
from argus.storage.holding import Holding
from argus.storage.identity import first_key, is_streamable
from argus.storage.joining import absent, empty, key_columns
from argus.storage.parquet import conformed, judged, opened
from argus.storage.partition import Partition
from argus.storage.plan import Waiting, rounds

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
        is_torn: whether a date file is among them.
    """

    pending: Path
    touched: list[Path] = field(default_factory=list)
    held: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    is_torn: bool = False

    def leave_out(self, data: Path, torn: list[Path], data_type: str) -> None:
        """Leave out those date files of a data type that cannot be read."""
        for path in torn:
            if f"data_type={data_type}" in path.parts:
                self.is_torn = True
                self.touched.append(path)
                self.unread.append(path)
                name = path.relative_to(data)
                self.held = [held for held in self.held if not held.match(str(name))]


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
    holding = Holding(data, root, found.unread)
    waits = holding.waiting(data_type)
    for wait in waits:
        found.touched.append(data / wait.partition.path)
        path = root / wait.partition.path
        if path.exists():
            found.held.append(path)
    schema = _with_keys(Partition("", "", "", "0000-01-01"), empty(event)).schema
    with pq.ParquetWriter(found.pending, schema, compression="lz4") as writer:
        for partition, rows in _pending(event, holding, waits):
            writer.write_table(_with_keys(partition, rows).cast(schema))
    return found


def _pending(
    event: type[Event], holding: Holding, waits: list[Waiting]
) -> Iterator[tuple[Partition, pa.Table]]:
    before: dict[Partition, list[pa.Table]] = {}
    for together in rounds(waits, rows_max=ROWS_MAX):
        for wait, rows in holding.rows(together):
            # A partition with many rows comes in several rounds, one after the other.
            earlier = before.get(wait.partition, [])
            path = holding.root / wait.partition.path
            new = absent(event, [*_overlapping(event, path, rows), *earlier], rows)
            before = {wait.partition: [*earlier, new.select(key_columns(event))]}
            yield wait.partition, new


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
