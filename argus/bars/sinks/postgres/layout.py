"""Shell. How a table is cut by time: chunks of TimescaleDB, partitions by month, or not at all."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from psycopg import sql

from argus.bars.sinks.postgres.connecting import type_of_connection
from argus.bars.sinks.postgres.tables import TABLES


class Layout(StrEnum):
    """How a table is cut by time."""

    HYPERTABLE = "hypertable"
    PARTITIONED = "partitioned by month"
    WHOLE = "one table"
    MISSING = "missing"


type_of_month = tuple[int, int]
"""Year and month."""


def layouts(connection: type_of_connection, schema: str) -> dict[str, Layout]:
    """Return the layout of each fact table, in the order of their declaration."""
    found = {
        str(name): Layout.PARTITIONED if kind == "p" else Layout.WHOLE
        for name, kind in connection.execute(
            "SELECT c.relname, c.relkind::text FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
            (schema,),
        )
    }
    if connection.execute(
        "SELECT to_regclass('timescaledb_information.hypertables')"
    ).fetchone() != (None,):
        for (name,) in connection.execute(
            "SELECT hypertable_name::text FROM timescaledb_information.hypertables "
            "WHERE hypertable_schema = %s",
            (schema,),
        ):
            found[str(name)] = Layout.HYPERTABLE
    return {table: found.get(table, Layout.MISSING) for table in TABLES}


_NO_POLICY = "SELECT remove_compression_policy(%s::regclass, if_exists => true)"


def month_of(ts_ns: int) -> type_of_month:
    """Return the month of an instant, UTC."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ts_ns // 1000)
    return at.year, at.month


def bounds(month: type_of_month) -> tuple[str, str]:
    """Return the first day of a month and of the next one."""
    year, number = month
    after = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004 December
    return f"{year:04}-{number:02}-01 00:00:00+00", f"{after[0]:04}-{after[1]:02}-01 00:00:00+00"


def partition_name(table: str, month: type_of_month) -> str:
    """Return the name of the partition of a month."""
    return f"{table}__{month[0]:04}_{month[1]:02}"


def make_partitions(
    connection: type_of_connection, schema: str, table: str, months: Iterable[type_of_month]
) -> None:
    """Make the partitions that are missing.

    Made beside and attached, so that nobody who reads the table meanwhile has to finish first.
    """
    for month in sorted(set(months)):
        name = partition_name(table, month)
        there = connection.execute(
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relname = %s",
            (schema, name),
        ).fetchone()
        if there is not None:
            continue
        parts = {
            "parent": sql.Identifier(schema, table),
            "part": sql.Identifier(schema, name),
            "low": sql.Literal(bounds(month)[0]),
            "high": sql.Literal(bounds(month)[1]),
        }
        connection.execute(
            sql.SQL(
                "CREATE TABLE {part} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            ).format(**parts)
        )
        connection.execute(
            sql.SQL(
                "ALTER TABLE {parent} ATTACH PARTITION {part} FOR VALUES FROM ({low}) TO ({high})"
            ).format(**parts)
        )


def drop_older(
    connection: type_of_connection, schema: str, table: str, layout: Layout, days: float
) -> int:
    """Drop what is wholly older than so many days by the server's clock; return how many pieces.

    Of a table that is not cut by time, rows are deleted.
    """
    name = sql.Identifier(schema, table).as_string(connection)
    age = timedelta(days=days)
    match layout:
        case Layout.HYPERTABLE:
            return len(
                connection.execute(
                    "SELECT drop_chunks(%s::regclass, now() - %s::interval)", (name, age)
                ).fetchall()
            )
        case Layout.PARTITIONED:
            return _drop_partitions(connection, schema, table, age)
        case Layout.WHOLE:
            statement = sql.SQL("DELETE FROM {} WHERE time < now() - %s::interval")
            return connection.execute(
                statement.format(sql.Identifier(schema, table)), (age,)
            ).rowcount
        case Layout.MISSING:
            return 0


def _drop_partitions(
    connection: type_of_connection, schema: str, table: str, age: timedelta
) -> int:
    limit = connection.execute("SELECT now() - %s::interval", (age,)).fetchone()
    assert limit is not None
    oldest = limit[0]
    assert isinstance(oldest, datetime)
    old = [
        str(name)
        for (name,) in connection.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace "
            "WHERE n.nspname = %s AND p.relname = %s",
            (schema, table),
        ).fetchall()
        # A month that is not over is kept whole; names of others are not ours to judge.
        if str(name) < partition_name(table, (oldest.year, oldest.month))
        and str(name).startswith(f"{table}__")
    ]
    for name in old:
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, name)))
    return len(old)


def compress_older(connection: type_of_connection, schema: str, table: str, days: float) -> None:
    """Let TimescaleDB compress what is older.

    Raises:
        psycopg.errors.FeatureNotSupported: this edition cannot.
    """
    name = sql.Identifier(schema, table).as_string(connection)
    if days is None:
        connection.execute(
            "SELECT remove_compression_policy(%s::regclass, if_exists => true)", (name,)
        )
        return
    is_set = connection.execute(
        "SELECT compression_enabled FROM timescaledb_information.hypertables "
        "WHERE hypertable_schema = %s AND hypertable_name = %s",
        (schema, table),
    ).fetchone()
    if is_set != (True,):
        _enable_compression(connection, schema, table)
    connection.execute(_NO_POLICY, (name,))
    connection.execute(
        "SELECT add_compression_policy(%s::regclass, %s::interval)", (name, timedelta(days=days))
    )


def _enable_compression(connection: type_of_connection, schema: str, table: str) -> None:
    order = "time DESC, sequence DESC" if TABLES[table].data_type == "bar" else "time DESC"
    connection.execute(
        sql.SQL(
            "ALTER TABLE {} SET (timescaledb.compress, timescaledb.compress_segmentby = "
            "'coin_id, quote_id, exchange_id, interval_id', timescaledb.compress_orderby = {})"
        ).format(sql.Identifier(schema, table), sql.Literal(order))
    )
