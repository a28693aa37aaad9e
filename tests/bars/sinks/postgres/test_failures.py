"""What an error of the database means for who writes."""

import psycopg
import pytest
from psycopg import errors

from argus.bars.sinks.postgres.failures import is_about_rows, told, words
from argus.errors import StoreRefused, StoreUnreachable

AT = "postgresql://argus@db:5432/market"


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("consuming input failed: server closed the connection"),
        psycopg.OperationalError("connection failed: FATAL:  the database system is starting up"),
        psycopg.OperationalError("FATAL:  sorry, too many clients already"),
        psycopg.InterfaceError("the connection is closed"),
        errors.ConnectionTimeout("connection timeout expired"),
        errors.QueryCanceled("canceling statement due to statement timeout"),
        errors.LockNotAvailable("canceling statement due to lock timeout"),
        errors.AdminShutdown("terminating connection due to administrator command"),
        errors.DiskFull("could not extend file"),
        errors.TooManyConnections("too many"),
        errors.DeadlockDetected("deadlock detected"),
        errors.SerializationFailure("could not serialize"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_what_passes_is_tried_again(error):
    found = told(error, AT)
    assert isinstance(found, StoreUnreachable)
    assert str(found).startswith(AT)
    assert not is_about_rows(error)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (
            psycopg.OperationalError(
                'connection to server failed\nFATAL:  password authentication failed for user "x"'
            ),
            "PGPASSWORD",
        ),
        (psycopg.OperationalError('FATAL:  role "x" does not exist'), "pg_hba.conf"),
        (psycopg.OperationalError('FATAL:  no pg_hba.conf entry for host "1.2.3.4"'), "allow"),
        (psycopg.OperationalError('FATAL:  database "y" does not exist'), "create the database"),
        (errors.InvalidSchemaName('schema "mart" does not exist'), "argus db init"),
        (errors.UndefinedTable("relation does not exist"), "argus db init"),
        (errors.UndefinedColumn("column does not exist"), "argus db check"),
        (errors.InsufficientPrivilege("permission denied for table fact__bar"), "grant"),
        (errors.ReadOnlySqlTransaction("cannot execute INSERT"), "primary"),
        (errors.InternalError_("something is broken"), "SQLSTATE XX000"),
    ],
)
def test_what_stays_is_told_with_what_to_do(error, remedy):
    found = told(error, AT)
    assert isinstance(found, StoreRefused)
    assert remedy in str(found)
    assert not is_about_rows(error)


@pytest.mark.parametrize(
    "error",
    [
        errors.NumericValueOutOfRange("out of range"),
        errors.CheckViolation("violates check constraint"),
        errors.NotNullViolation("null value"),
        errors.UntranslatableCharacter("no equivalent"),
        psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_rows_are_at_fault(error):
    assert is_about_rows(error)


def test_first_line_is_told():
    assert words(psycopg.OperationalError("\n first \nsecond")) == "first"
    assert words(psycopg.OperationalError()) == "OperationalError"
