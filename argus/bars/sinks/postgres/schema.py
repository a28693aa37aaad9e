"""Shell. The schema of the database: its version, and the migrations that bring it forward."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import psycopg
from psycopg import sql

from argus.bars.sinks.postgres.connecting import type_of_connection
from argus.config.timescale import TimescaleConfig
from argus.errors import StoreRefused

LOCK = 0x41726775
"""First half of the number of our advisory lock; the second is made of the schema's name."""

VERSIONS = "schema_version"
_NAME = re.compile(r"(\d{4})_(\w+)\.sql")

INIT = "run `argus db init`"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a version of the schema to the next."""

    version: int
    name: str
    text: str


@cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations, in order; they come with the package."""
    folder = resources.files("argus.bars.sinks.postgres") / "migrations"
    named = {m[1]: (m[2], f) for f in folder.iterdir() if (m := _NAME.fullmatch(f.name))}
    found = tuple(
        Migration(int(number), name, file.read_text("utf-8"))
        for number, (name, file) in sorted(named.items())
    )
    assert [m.version for m in found] == list(range(1, len(found) + 1))
    return found


def lock(connection: type_of_connection, schema: str) -> None:
    """Let no other writer of this schema in until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (LOCK, schema))


def version(connection: type_of_connection, schema: str) -> int:
    """Return the version of the schema, 0 if it is not there."""
    name = sql.Identifier(schema, VERSIONS)
    if connection.execute("SELECT to_regclass(%s)", (name.as_string(connection),)).fetchone() == (
        None,
    ):
        return 0
    statement = sql.SQL("SELECT coalesce(max(version), 0) FROM {}").format(name)
    row = connection.execute(statement).fetchone()
    assert row is not None
    return int(str(row[0]))


def server(connection: type_of_connection) -> tuple[str, str]:
    """Return the versions of PostgreSQL and of TimescaleDB in this database ("" without it)."""
    row = connection.execute(
        "SELECT current_setting('server_version'), "
        "coalesce((SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'), '')"
    ).fetchone()
    assert row is not None
    return str(row[0]), str(row[1])


def add_extension(connection: type_of_connection, config: TimescaleConfig) -> bool:
    """Bring TimescaleDB into this database if it is wanted and the server has it loaded.

    Returns:
        Whether it is there and wanted.

    Raises:
        StoreRefused: the server has it, and the user may not bring it into the database.
    """
    if not config.hypertables:
        return False
    if server(connection)[1]:
        return True
    # Its loader has settings; without the loader the extension cannot be created.
    row = connection.execute(
        "SELECT current_setting('timescaledb.disable_load', true) IS NOT NULL AND EXISTS "
        "(SELECT FROM pg_available_extensions WHERE name = 'timescaledb')"
    ).fetchone()
    if row != (True,):
        return False
    try:
        with connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public")
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreRefused(
            "the server has TimescaleDB, but this user may not bring it into the database: let a "
            "superuser run CREATE EXTENSION timescaledb there, or set timescale.hypertables = false"
        ) from error
    return True


def migrate(connection: type_of_connection, config: TimescaleConfig) -> list[Migration]:
    """Bring the schema to the newest version; return what was done, nothing if it is there already.

    Raises:
        StoreRefused: the schema is newer than this Argus.
        psycopg.Error: the database refuses; what was done before in other steps stays.
    """
    done = []
    with connection.transaction():
        lock(connection, config.schema)
        # IF NOT EXISTS would ask for the right to create it even if it is there.
        if not _exists(connection, config.schema):
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(config.schema)))
        is_hyper = add_extension(connection, config)
    with connection.transaction():
        row = connection.execute(
            "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
            "WHERE e.extname = 'timescaledb'"
        ).fetchone()
        path = [config.schema, *([str(row[0])] if row else [])]
        connection.execute(
            sql.SQL("SET SESSION search_path TO {}").format(
                sql.SQL(", ").join(map(sql.Identifier, path))
            )
        )
    for migration in migrations():
        with connection.transaction():
            lock(connection, config.schema)
            if version(connection, config.schema) >= migration.version:
                continue
            _apply(connection, config.schema, migration, is_hyper=is_hyper)
            done.append(migration)
    newest = version(connection, config.schema)
    if newest > len(migrations()):
        raise StoreRefused(too_new(config.schema, newest))
    return done


def _exists(connection: type_of_connection, schema: str) -> bool:
    found = connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", (schema,))
    return found.fetchone() is not None


def _apply(
    connection: type_of_connection, schema: str, migration: Migration, *, is_hyper: bool
) -> None:
    connection.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {} (version INT PRIMARY KEY, name TEXT NOT NULL, "
            "applied_at TIMESTAMPTZ NOT NULL DEFAULT now())"
        ).format(sql.Identifier(schema, VERSIONS))
    )
    connection.execute(
        "SELECT set_config('argus.hypertables', %s, true)", ("on" if is_hyper else "",)
    )
    connection.execute(migration.text)
    connection.execute(
        sql.SQL("INSERT INTO {} (version, name) VALUES (%s, %s)").format(
            sql.Identifier(schema, VERSIONS)
        ),
        (migration.version, migration.name),
    )


def too_new(schema: str, found: int) -> str:
    """Return what is told of a schema that a newer Argus made."""
    return (
        f"schema {schema} is at version {found}, this Argus knows versions up to "
        f"{len(migrations())}: use the newer Argus that made it"
    )
