"""Shell. A connection to the database: how long it may take, and its name without secrets."""

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from argus.bars.sinks.postgres.failures import told
from argus.config.timescale import TimescaleConfig
from argus.errors import StoreRefused

LOCK_SHARE = 0.5
"""How much of the time for a statement may be spent waiting for a lock."""

GRACE_S = 5.0
"""How long after a statement's time a silent server is given up."""

type_of_connection = psycopg.Connection[tuple[object, ...]]


def address(url: str) -> str:
    """Return an address as it may be printed: user, host, port and database, no password.

    Raises:
        StoreRefused: it is no address that libpq understands; its text is not repeated.
    """
    try:
        parts: dict[str, str] | None = {
            name: str(value) for name, value in conninfo_to_dict(url).items()
        }
    except psycopg.Error:
        # What libpq says of it repeats parts of the address.
        parts = None
    if parts is None or _is_torn(parts):
        raise StoreRefused(
            "the database's address is not understood (not shown, it may hold a password); "
            "expected postgresql://user@host:port/database in timescale.url or "
            "ARGUS_TIMESCALE_URL, and %2F, %40 and %3A for /, @ and : in a password"
        )
    user = f"{parts['user']}@" if parts.get("user") else ""
    host = parts.get("host") or parts.get("hostaddr") or os.environ.get("PGHOST") or "localhost"
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{user}{host}{port}/{parts.get('dbname') or ''}"


def _is_torn(parts: Mapping[str, str]) -> bool:
    """Say whether a `/`, `@` or `:` of a password has gone into what would be shown."""
    ports = parts.get("port", "").split(",")
    # A host that begins with it is a socket without a file.
    others = parts.get("host", "").removeprefix("@"), parts.get("dbname", "")
    return any(port and not port.isdigit() for port in ports) or any("@" in text for text in others)


def connect(
    config: TimescaleConfig, *, statement_timeout_s: float | None = None
) -> type_of_connection:
    """Return a connection whose search path begins with the schema, if that exists.

    Args:
        config: where to, and how long it may take.
        statement_timeout_s: another limit than the configuration's; 0 for none.

    Raises:
        StoreUnreachable: there is no answer.
        StoreRefused: it does not let us in.
    """
    shown = address(config.url)
    limit_s = config.statement_timeout_s if statement_timeout_s is None else statement_timeout_s
    try:
        connection = psycopg.connect(
            config.url,
            connect_timeout=max(2, round(config.connect_timeout_s)),
            autocommit=True,
            application_name="argus",
            # Where a firewall forgets the connection, the system notices before the next batch.
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            prepare_threshold=None,
            client_encoding="utf8",
        )
    except (psycopg.Error, UnicodeError) as error:
        if isinstance(error, UnicodeError):
            raise StoreRefused(f"{shown}: {error}") from error
        raise told(error, shown) from error
    try:
        with within(connection, limit_s or None), connection.transaction():
            _settle(connection, config, limit_s)
    except psycopg.Error as error:
        connection.close()
        raise told(error, shown) from error
    return connection


def _settle(connection: type_of_connection, config: TimescaleConfig, limit_s: float) -> None:
    """Set what holds for all statements of a connection."""
    connection.execute("SET SESSION TIME ZONE 'UTC'")
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
        (str(round(limit_s * 1000)), str(round(limit_s * 1000 * LOCK_SHARE))),
    )
    found = connection.execute(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'timescaledb'"
    ).fetchone()
    # The types and functions that everybody has are always in the path.
    schemas = [config.schema, *([str(found[0])] if found else [])]
    path = sql.SQL(", ").join(map(sql.Identifier, schemas))
    connection.execute(sql.SQL("SET SESSION search_path TO {}").format(path))
    # A batch that replaces many compressed rows is no accident.
    connection.execute(
        "SELECT set_config(name, '0', false) FROM pg_settings "
        "WHERE name = 'timescaledb.max_tuples_decompressed_per_dml_transaction'"
    )


@contextmanager
def within(connection: type_of_connection, limit_s: float | None) -> Iterator[None]:
    """End a connection whose server has stopped answering: the server's own limits need a server.

    What waits for it then gets an `OperationalError`.
    """
    if limit_s is None:
        yield
        return
    handle = os.dup(connection.fileno())
    timer = threading.Timer(limit_s + GRACE_S, _cut, (handle,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        os.close(handle)


def _cut(handle: int) -> None:
    # The connection may have ended by itself meanwhile.
    with socket.socket(fileno=os.dup(handle)) as line, suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
