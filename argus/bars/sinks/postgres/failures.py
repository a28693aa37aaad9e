"""Pure. What an error of the database means for who writes: wait, tell a person, or drop rows."""

import re

import psycopg

from argus.errors import StoreError, StoreRefused, StoreUnreachable

ROWS = ("22", "23")
"""Classes of SQLSTATE that are about the rows: data exceptions, constraints."""

GONE_DIMENSION = "23503"
"""A foreign key is violated: a row of a dimension was deleted."""

UNSUPPORTED = "0A000"
"""What the Apache edition of TimescaleDB answers to what it does not do."""

_PASSING = {
    "08": "the connection failed",
    "40": "it was in conflict with another transaction",
    "53": "the server has no more of something it needs",
    "55": "something is in use",
    "57": "the server stopped it",
    "58": "the server's system failed",
}
_REMEDIES = {
    "3D000": "create the database, or mend timescale.url",
    "3F000": "`argus db init` creates the schema",
    "42P01": "`argus db init` creates the tables",
    "42P10": "a unique index is missing; `argus db check` says more",
    "42501": "grant the user what it lacks; `argus db check` says what",
    "42703": "`argus db check` compares the tables with what is expected",
    "42804": "`argus db check` compares the tables with what is expected",
    "25006": "this server takes no writes (a standby?); point timescale.url to the primary",
    "28P01": "mend the user or the password: timescale.url, PGPASSWORD, ~/.pgpass",
    "28000": "allow the user in pg_hba.conf, or mend timescale.url",
}

# A refused connection comes without its SQLSTATE; these are the server's words for it.
_LOGIN = (
    (re.compile(r"password authentication failed|no password supplied"), "28P01"),
    (re.compile(r"no pg_hba\.conf entry|role .* does not exist|not permitted to log in"), "28000"),
    (re.compile(r"authentication failed"), "28000"),
    (re.compile(r"database .* does not exist"), "3D000"),
    (re.compile(r"permission denied for database"), "42501"),
)


def words(error: BaseException) -> str:
    """Return an error's first line, without what libpq repeats of the attempt."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def is_about_rows(error: psycopg.Error) -> bool:
    """Return whether other rows might be written where these were refused."""
    state = error.sqlstate
    if state is None:
        # What psycopg itself cannot send: a text with a NUL, for instance.
        return isinstance(error, psycopg.DataError)
    return state.startswith(ROWS)


def told(error: psycopg.Error, address: str) -> StoreError:
    """Return our error for one of the database that is not about rows.

    Args:
        error: what psycopg raised.
        address: the database, without a password.
    """
    state = error.sqlstate
    if state is None:
        return _connection(error, address)
    text = f"{words(error)} (SQLSTATE {state})"
    passing = _PASSING.get(state[:2])
    if passing is not None:
        return StoreUnreachable(f"{address}: {passing}: {text}")
    remedy = _REMEDIES.get(state)
    return StoreRefused(f"{address}: {text}{f'; {remedy}' if remedy else ''}")


def _connection(error: psycopg.Error, address: str) -> StoreError:
    text = str(error)
    for pattern, state in _LOGIN:
        if pattern.search(text):
            line = next(line for line in text.splitlines() if pattern.search(line))
            return StoreRefused(f"{address}: {line.strip()}; {_REMEDIES[state]}")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreUnreachable(f"{address}: {words(error)}")
    return StoreRefused(f"{address}: {words(error)}")
