"""Shell. SQL over everything that is recorded: the lake and what is not merged yet.

DuckDB reads the files. There is a view per data type (`trade`, `bbo`, …, `gap`), also of those
without a fact; `book_delta_levels` and `book_snapshot_levels` with one row per price level; and
`gaps` with one row per gap and its present state.
"""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from argus.errors import ForeignFile, StorageError, TornFile
from argus.events import EVENTS
from argus.lake.snapshot import Snapshot, mark, snapshot
from argus.lake.views import derived_view, glob_of, quoted, select_files, select_pending
from argus.storage.chunk import TEMP
from argus.storage.disk import passing_folder
from argus.storage.parquet import opened

ATTEMPTS_MAX = 5
"""How often a query of a lake without links is repeated because something was merged meanwhile."""

NO_LINKS = {errno.EROFS, errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOTSUP}
"""Errors of a file system on which nothing can be linked."""

UNREAD = b"argus.unread"
"""Metadata of an answer: files that could not be read, one per line; absent if there was none."""

_SETTINGS = (
    "SET TimeZone = 'UTC'",
    # Without it an ASOF join over hive files is estimated at one row, and may not end (DuckDB 2.0).
    "SET asof_loop_join_threshold = 0",
)


class _Changed(Exception):
    """Something was merged while a lake was read that cannot be held."""


def query(data: Path, sql: str) -> pa.Table:
    """Answer a SQL query over the lake and the accepted chunks, each fact once.

    The state is that of the beginning of the query, per data type, whatever is flushed and merged
    meanwhile by this or another process.

    A date file that cannot be read is left out and named in the answer's metadata.

    Raises:
        StorageError: the lake is read-only here and changed during each of several attempts.
        duckdb.Error: the query is not right.
    """
    data = data.absolute()
    torn: list[Path] = []
    for _ in range(ATTEMPTS_MAX):
        try:
            return _query(data, sql, torn)
        except duckdb.Error:
            # Torn is what is torn twice: a file may be replaced between two looks.
            found, again = _torn(data, _used(sql)), _torn(data, _used(sql))
            torn_now = [path for path in found if path in again]
            if torn_now == torn:
                raise
            torn = torn_now
    return _query(data, sql, torn)


def _torn(data: Path, data_types: list[str]) -> list[Path]:
    found = []
    for data_type in data_types:
        for path in data.glob(glob_of(Path(), data_type).removeprefix("./")):
            try:
                opened(path).close()
            except (TornFile, ForeignFile):
                found.append(path)
    return found


def _query(data: Path, sql: str, torn: list[Path]) -> pa.Table:
    if (data / TEMP).is_dir():
        try:
            with passing_folder(data / TEMP, "query") as links:
                return _answer(data, sql, links, torn)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
    for _ in range(ATTEMPTS_MAX):
        try:
            return _answer(data, sql, None, torn)
        except (_Changed, FileNotFoundError):
            continue
    raise StorageError(
        f"found a lake that changed during each of {ATTEMPTS_MAX} attempts, expected one that can "
        f"be linked to or rests for the time of a query, in {data}"
    )


def _answer(data: Path, sql: str, links: Path | None, torn: list[Path]) -> pa.Table:
    used = _used(sql)
    with TemporaryDirectory(prefix="argus-") as spill, _session() as session:
        before = None if links else [mark(data, data_type) for data_type in used]
        unread = []
        for data_type in EVENTS:
            # Views that are not named are made over nothing, for their columns' sake.
            source = data if data_type in used else Path(spill) / "none"
            root = (links or data) if data_type in used else source
            found = snapshot(source, data_type, root=root, spill=Path(spill))
            found.leave_out(data, torn, data_type)
            session.execute(_view(source, data_type, found))
            derived = derived_view(data_type)
            if derived is not None:
                session.execute(derived)
            unread += found.unread
        # Of a statement that answers nothing DuckDB gives no relation, whatever its types say.
        relation: duckdb.DuckDBPyRelation | None = session.sql(sql)
        table = _zoned(relation.to_arrow_table()) if relation is not None else pa.table({})
        if before is not None and before != [mark(data, data_type) for data_type in used]:
            raise _Changed
    if unread:
        lines = "\n".join(sorted(map(str, set(unread)))).encode()
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), UNREAD: lines})
    return table


def _zoned(table: pa.Table) -> pa.Table:
    """Return an answer whose instants say again that they are UTC; the views take that away."""
    naive, utc = pa.timestamp("ns"), pa.timestamp("ns", tz="UTC")
    fields = [
        field.with_type(utc) if field.type == naive and field.name.startswith("ts_") else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields, table.schema.metadata))


def _used(sql: str) -> list[str]:
    words = {word.lower().removesuffix("_levels") for word in re.findall(r"\w+", sql)}
    words |= {word.removesuffix("s") for word in words & {"gaps", "bars"}}
    return [data_type for data_type in EVENTS if data_type in words]


@contextmanager
def _session() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as session:
        known = {
            name for (name,) in session.execute("SELECT name FROM duckdb_settings()").fetchall()
        }
        for setting in _SETTINGS:
            if setting.split()[1] in known:
                session.execute(setting)
        yield session


def _view(data: Path, data_type: str, found: Snapshot) -> str:
    event = EVENTS[data_type]
    parts = [select_pending(event, str(found.pending))]
    stored = data.glob(glob_of(Path(), data_type).removeprefix("./"))
    if found.is_torn:
        # A pattern would have DuckDB open the torn file for its columns.
        whole = [str(path) for path in sorted(stored) if path not in found.touched]
        parts += [select_files(event, whole)] if whole else []
    elif any(stored):
        part = select_files(event, glob_of(data, data_type))
        if found.touched:
            listed = ", ".join(quoted(str(path)) for path in found.touched)
            part += f"\nWHERE filename NOT IN ({listed})"
        parts.append(part)
    if found.held:
        parts.append(select_files(event, [str(path) for path in found.held]))
    return f"CREATE VIEW {data_type} AS\n" + "\nUNION ALL\n".join(parts)
