"""Shell. What a person asks of the database: make it ready, judge it, say what is in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from argus.bars.sinks.postgres.connecting import address, connect, type_of_connection
from argus.bars.sinks.postgres.dimensions import add
from argus.bars.sinks.postgres.failures import told
from argus.bars.sinks.postgres.inspecting import Found, inspect
from argus.bars.sinks.postgres.layout import Layout, compress_older, layouts
from argus.bars.sinks.postgres.schema import lock, migrate, server
from argus.bars.sinks.postgres.seeding import Change, Present, change
from argus.bars.sinks.postgres.statements import series_by_scan, series_by_steps
from argus.bars.sinks.postgres.tables import DIMENSIONS, SERIES, TABLES
from argus.config.timescale import TimescaleConfig
from argus.errors import StoreRefused

EXACT_BYTES_MAX = 512 * 2**20
"""Rows of larger tables are estimated: counting them would read them."""


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `argus db init` did.

    Attributes:
        migrations: steps of the schema that were taken.
        dimensions: what was done to each dimension.
        notes: what was configured and cannot be had here.
        timescale: version of TimescaleDB; "" without it.
        layouts: how each fact table is cut by time.
    """

    migrations: tuple[str, ...]
    dimensions: dict[str, Change]
    notes: tuple[str, ...]
    timescale: str
    layouts: dict[str, Layout]


@dataclass(frozen=True, slots=True)
class TableStatus:
    """What a fact table holds.

    Attributes:
        table: its name.
        layout: how it is cut by time.
        rows: how many rows it has.
        is_estimate: whether that is the server's estimate.
        newest: the latest `time`; None if it is empty.
        size_bytes: on disk, with indexes.
    """

    table: str
    layout: Layout
    rows: int
    is_estimate: bool
    newest: datetime | None
    size_bytes: int


@contextmanager
def _connected(config: TimescaleConfig) -> Iterator[type_of_connection]:
    """Give a connection without a limit of time: whoever waits here may stop waiting.

    Raises:
        StoreUnreachable: there is no answer, or the connection was lost.
        StoreRefused: it does not let us in, or refuses what it was asked.
    """
    with connect(config, statement_timeout_s=0) as connection:
        try:
            yield connection
        except psycopg.Error as error:
            raise told(error, address(config.url)) from error


def initialise(
    config: TimescaleConfig, wanted: Mapping[str, frozenset[str]], *, is_trial: bool = False
) -> Initialised:
    """Create or upgrade the schema, seed the dimensions, and set compression as configured.

    Args:
        config: which database, and how its tables are kept.
        wanted: what each dimension is to hold.
        is_trial: do it all in one transaction and undo that.

    Raises:
        StoreUnreachable: there is no answer, or the connection was lost.
        StoreRefused: it does not let us in, or may not be changed by us.
    """
    with _connected(config) as connection:
        if not is_trial:
            return _initialise(connection, config, wanted)
        with connection.transaction(force_rollback=True):
            return _initialise(connection, config, wanted)


def _initialise(
    connection: type_of_connection, config: TimescaleConfig, wanted: Mapping[str, frozenset[str]]
) -> Initialised:
    done = migrate(connection, config)
    cut = layouts(connection, config.schema)
    with connection.transaction():
        lock(connection, config.schema)
        used = _used(connection, cut)
        changes = {t: _seed(connection, t, wanted[t], used) for t in DIMENSIONS}
    notes = _compress(connection, config, cut)
    return Initialised(
        tuple(f"{m.version:04} {m.name}" for m in done),
        changes,
        tuple(notes),
        server(connection)[1],
        cut,
    )


def _seed(
    connection: type_of_connection,
    table: str,
    wanted: frozenset[str],
    used: Mapping[str, frozenset[int]],
) -> Change:
    number, text = DIMENSIONS[table]
    rows = connection.execute(
        f'SELECT {number}, "{text}", is_deleted FROM {table}'  # noqa: S608 names of ours
    ).fetchall()
    present = [
        Present(
            str(found),
            bool(is_deleted),
            int(str(place)) in used[number],
        )
        for place, found, is_deleted in rows
    ]
    planned = change(present, wanted)
    add(connection, table, list(planned.added))
    for texts, values in (
        (planned.revived, "is_deleted = false, deleted_date = NULL"),
        (planned.deleted, "is_deleted = true, deleted_date = now()"),
    ):
        connection.execute(
            f'UPDATE {table} SET {values} WHERE "{text}" = ANY (%s)',  # noqa: S608
            (list(texts),),
        )
    return planned


def _used(connection: type_of_connection, cut: Mapping[str, Layout]) -> dict[str, frozenset[int]]:
    """Return the numbers of each dimension that any row has, whoever wrote it."""
    series = set()
    for table, layout in cut.items():
        by_scan = layout is Layout.HYPERTABLE
        statement = series_by_scan(table) if by_scan else series_by_steps(table)
        series |= set(connection.execute(statement))
    return {
        name: frozenset(int(str(row[place])) for row in series) for place, name in enumerate(SERIES)
    }


def _compress(
    connection: type_of_connection, config: TimescaleConfig, cut: Mapping[str, Layout]
) -> list[str]:
    days = config.compress_after_days
    if days is None:
        # What a person has set there by hand stays.
        return []
    hypertables = [table for table, layout in cut.items() if layout is Layout.HYPERTABLE]
    if not hypertables:
        return ["nothing is compressed: the tables are not TimescaleDB's"]
    try:
        with connection.transaction():
            for table in hypertables:
                compress_older(connection, config.schema, table, days)
    except psycopg.errors.FeatureNotSupported:
        return ["nothing is compressed: this edition of TimescaleDB (Apache) cannot"]
    return []


def examine(config: TimescaleConfig) -> Found:
    """Look whether rows can be written, and what keeps them from it.

    Raises:
        StoreUnreachable: there is no answer, or the connection was lost.
        StoreRefused: it does not let us in.
    """
    with _connected(config) as connection:
        return inspect(connection, config)


def contents(config: TimescaleConfig) -> list[TableStatus]:
    """Say what each fact table holds.

    Raises:
        StoreUnreachable: there is no answer, or the connection was lost.
        StoreRefused: it does not let us in, or the schema is not there.
    """
    with _connected(config) as connection:
        cut = layouts(connection, config.schema)
        missing = [table for table, layout in cut.items() if layout is Layout.MISSING]
        if missing:
            raise StoreRefused(
                f"{address(config.url)}: {config.schema} has no {', '.join(missing)}: "
                "run `argus db init`"
            )
        return [_status(connection, config.schema, table, cut[table]) for table in TABLES]


_SIZE = """
WITH RECURSIVE parts AS (
    SELECT %s::regclass::oid AS oid
    UNION ALL SELECT inhrelid FROM pg_inherits JOIN parts ON inhparent = parts.oid
)
SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint,
    coalesce(sum(greatest(reltuples, 0)), 0)::bigint
FROM parts JOIN pg_class USING (oid)
"""


def _status(connection: type_of_connection, schema: str, table: str, layout: Layout) -> TableStatus:
    name = sql.Identifier(schema, table)
    row = connection.execute(_SIZE, (name.as_string(connection),)).fetchone()
    assert row is not None
    size, rows = int(str(row[0])), int(str(row[1]))
    is_estimate = size > EXACT_BYTES_MAX
    if not is_estimate:
        counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
        assert counted is not None
        rows = int(str(counted[0]))
    latest = connection.execute(sql.SQL("SELECT max(time) FROM {}").format(name)).fetchone()
    assert latest is not None
    newest = latest[0]
    assert newest is None or isinstance(newest, datetime)
    return TableStatus(table, layout, rows, is_estimate, newest, size)
