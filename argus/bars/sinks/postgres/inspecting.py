"""Shell. What is wrong with a database, if anything, and what to do about it."""

from dataclasses import dataclass

from psycopg import sql

from argus.bars.sinks.postgres.connecting import type_of_connection
from argus.bars.sinks.postgres.layout import Layout, layouts
from argus.bars.sinks.postgres.schema import INIT, VERSIONS, migrations, server, too_new, version
from argus.bars.sinks.postgres.statements import REVISIONS
from argus.bars.sinks.postgres.tables import DIMENSIONS, TABLES
from argus.config.timescale import TimescaleConfig


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the database has shown.

    Attributes:
        server: version of PostgreSQL.
        timescale: version of the extension in this database; "" without it.
        version: version of our schema; 0 without it.
        layouts: how each fact table is cut by time.
        problems: what keeps rows from being written, and what to do, one sentence each.
    """

    server: str
    timescale: str
    version: int
    layouts: dict[str, Layout]
    problems: tuple[str, ...]


def inspect(connection: type_of_connection, config: TimescaleConfig) -> Found:
    """Look whether rows can be written."""
    with connection.transaction():
        postgres, timescale = server(connection)
        schema = config.schema
        problems = []
        found = 0
        cut = dict.fromkeys(TABLES, Layout.MISSING)
        if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            problems.append(
                "this server is a standby and takes no writes: point timescale.url to the primary"
            )
        row = connection.execute(
            "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = %s",
            (schema,),
        ).fetchone()
        if row is None:
            problems.append(f"there is no schema {schema}: {INIT}")
        elif row != (True,):
            problems.append(f"the user may not use schema {schema}: GRANT USAGE on it")
        else:
            cut = layouts(connection, schema)
            missing = _missing(connection, schema)
            if missing:
                problems.append(f"{schema} has no {', '.join(missing)}: {INIT}")
            else:
                found, told = _judged(connection, schema, cut)
                problems += told
        return Found(postgres, timescale, found, cut, tuple(problems))


def _missing(connection: type_of_connection, schema: str) -> list[str]:
    wanted = [*TABLES, *DIMENSIONS, "dim__symbol", REVISIONS, VERSIONS]
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
        (schema,),
    ).fetchall()
    there = {str(name) for (name,) in rows}
    return [name for name in wanted if name not in there]


def _judged(
    connection: type_of_connection, schema: str, cut: dict[str, Layout]
) -> tuple[int, list[str]]:
    """Return the version, and what is wrong with tables that are all there."""
    problems = _rights(connection, schema, cut)
    if problems:
        return 0, problems
    found = version(connection, schema)
    if found > len(migrations()):
        return found, [too_new(schema, found)]
    if found < len(migrations()):
        return found, [
            f"schema {schema} is at version {found}, expected {len(migrations())}: {INIT}"
        ]
    return found, _types(connection, schema)


def _types(connection: type_of_connection, schema: str) -> list[str]:
    rows = connection.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
        "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND a.attnum > 0 AND NOT a.attisdropped",
        (schema,),
    ).fetchall()
    there = {(str(table), str(column)): str(kind) for table, column, kind in rows}
    problems = []
    for table, fact in TABLES.items():
        for field in fact.fields:
            kind = there.get((table, field.name))
            if kind is None:
                problems.append(
                    f"{schema}.{table} has no column {field.name}, expected {field.type}: "
                    f"ALTER TABLE {schema}.{table} ADD COLUMN {field.name} {field.type}"
                )
            elif kind != field.type:
                problems.append(
                    f"{schema}.{table}.{field.name} is {kind}, expected {field.type}: "
                    f"ALTER TABLE {schema}.{table} ALTER COLUMN {field.name} TYPE {field.type}"
                )
    return problems


def _rights(connection: type_of_connection, schema: str, cut: dict[str, Layout]) -> list[str]:
    wanted = [
        *((table, "SELECT, INSERT, UPDATE, DELETE") for table in [*TABLES, *DIMENSIONS, REVISIONS]),
        ("dim__symbol", "SELECT, INSERT"),
        (VERSIONS, "SELECT"),
    ]
    problems = []
    for table, rights in wanted:
        name = sql.Identifier(schema, table).as_string(connection)
        lacking = [
            right
            for right in rights.split(", ")
            if connection.execute("SELECT has_table_privilege(%s, %s)", (name, right)).fetchone()
            != (True,)
        ]
        if lacking:
            problems.append(
                f"the user may not {', '.join(lacking)} in {schema}.{table}: "
                f"GRANT {', '.join(lacking)} ON {schema}.{table} to it"
            )
    owns = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass"
    for table, layout in cut.items():
        name = sql.Identifier(schema, table).as_string(connection)
        if layout is Layout.PARTITIONED and connection.execute(owns, (name,)).fetchone() != (True,):
            problems.append(
                f"the user does not own {schema}.{table}, so it cannot add the partition of a new "
                f"month: ALTER TABLE {schema}.{table} OWNER TO it"
            )
    row = connection.execute("SELECT has_database_privilege(current_database(), 'TEMP')").fetchone()
    if row != (True,):
        problems.append(
            "the user may not make temporary tables, through which rows are written: GRANT "
            "TEMPORARY ON DATABASE to it"
        )
    return problems
