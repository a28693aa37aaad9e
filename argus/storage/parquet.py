"""Shell. Parquet files of ours: opening them with a verdict, and reading them in pieces."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import MsgspecError
from msgspec.json import decode

from argus.errors import ForeignFile, TornFile
from argus.events import SCHEMA_VERSION
from argus.storage.chunk import MERGED, SCHEMA


@contextmanager
def judged(path: Path) -> Iterator[None]:
    """Turn what Arrow says of unreadable content into `TornFile`; the system's errors pass."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise TornFile(f"found {error}, expected a whole Parquet file, in {path}") from error
    except OSError as error:
        # Arrow also raises a bare OSError for some broken content; the system's have a number.
        if error.errno is not None:
            raise
        raise TornFile(f"found {error}, expected a whole Parquet file, in {path}") from error


def opened(path: Path) -> pq.ParquetFile:
    """Open a Parquet file that we wrote; close it, or use it in `with`.

    Raises:
        TornFile: it cannot be read.
        ForeignFile: it can, but we did not write it, or a newer Argus did.
        OSError: the system failed; `FileNotFoundError` if it is gone.
    """
    with judged(path):
        file = pq.ParquetFile(path, page_checksum_verification=True)
    version = (file.metadata.metadata or {}).get(SCHEMA)
    if version is None or not version.isdigit() or int(version) > SCHEMA_VERSION:
        file.close()
        found = "none" if version is None else version.decode(errors="replace")
        wanted = f"{SCHEMA.decode()} of at most {SCHEMA_VERSION}"
        raise ForeignFile(f"found {found}, expected {wanted} in the metadata of {path}")
    return file


def merged_in(file: pq.ParquetFile) -> dict[str, int]:
    """Return the sequence of the last chunk merged into a date file, per generation.

    Raises:
        TornFile: what the file says of it makes no sense.
    """
    text = file.metadata.metadata.get(MERGED, b"{}")
    try:
        return decode(text, type=dict[str, int])
    except MsgspecError as error:
        found = f"{text.decode(errors='replace')} ({error})"
        raise TornFile(f"found {found}, expected JSON, in {MERGED.decode()}") from error


def row_groups(
    file: pq.ParquetFile, path: Path, schema: pa.Schema, wanted: Iterable[int] | None = None
) -> Iterator[pa.Table]:
    """Read a file, or some row groups of it, one by one as tables of the given schema."""
    for index in range(file.num_row_groups) if wanted is None else wanted:
        with judged(path):
            table = file.read_row_group(index, columns=schema.names, use_threads=False)
        yield conformed(table, schema, path)


def conformed(table: pa.Table, schema: pa.Schema, path: Path) -> pa.Table:
    """Return a table with the columns of today's schema; what an older file lacks is null.

    Raises:
        ForeignFile: a column is missing that cannot be null.
        TornFile: a column holds what cannot be.
    """
    if table.schema.equals(schema):
        return table
    arrays = []
    for field in schema:
        if field.name in table.column_names:
            with judged(path):
                arrays.append(table[field.name].cast(field.type))
        elif field.nullable:
            arrays.append(pa.nulls(table.num_rows, field.type))
        else:
            found = ", ".join(table.column_names)
            raise ForeignFile(f"found the columns {found}, expected {field.name}, in {path}")
    return pa.Table.from_arrays(arrays, schema=schema)
