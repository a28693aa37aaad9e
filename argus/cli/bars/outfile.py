"""Shell. Bars into a file of their own: Parquet or CSV, by its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from argus.cli.command import Misused
from argus.cli.rows import readable
from argus.columns import chunk_schema
from argus.events import Bar

SUFFIXES = (".parquet", ".csv")

SCHEMA = pa.schema([pa.field("source", pa.string()), *chunk_schema(Bar)])


def check_name(path: Path) -> None:
    """Refuse a name that does not say what the file is to be, or a folder that is not there.

    Raises:
        Misused: it is so.
    """
    if path.suffix not in SUFFIXES:
        raise Misused(f"--out {path}; the name has to end with {' or '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise Misused(f"--out {path}; there is no folder {path.parent}")


class OutFile:
    """A file of bars: the columns of a bar, with source and symbol in front.

    It appears under its name when it is whole, and not at all if the block fails. Instants in CSV
    are text with nanoseconds.

    Args:
        path: the file; one that is there is replaced.
        source: the source of the bars.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.bars = 0
        self._path, self._source = path, source
        self._beside = path.with_name(f".{path.name}.tmp")
        self._write: Callable[[pa.Table], Any]
        self._close: Callable[[], Any]
        if path.suffix == ".csv":
            writer = csv.CSVWriter(self._beside, readable(SCHEMA.empty_table()).schema)
            self._write, self._close = writer.write_table, writer.close
        else:
            parquet = pq.ParquetWriter(self._beside, SCHEMA, compression="zstd")
            self._write, self._close = parquet.write_table, parquet.close

    def __enter__(self) -> "OutFile":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self._close()
        if failed is None:
            self._beside.replace(self._path)
        else:
            self._beside.unlink(missing_ok=True)

    def add(self, bars: pa.Table) -> None:
        """Add bars with the columns of a chunk."""
        sources = pa.repeat(pa.scalar(self._source), bars.num_rows)
        table = pa.Table.from_arrays([sources, *bars.columns], schema=SCHEMA)
        self._write(readable(table) if self._path.suffix == ".csv" else table)
        self.bars += bars.num_rows
