"""Shell. TimescaleDB or PostgreSQL as a store: every batch is one transaction, or nothing at all.

A batch is copied into a temporary table and merged from there. Whatever was interrupted is
written again; what is there already stays.
"""

import threading

import psycopg
import pyarrow as pa

from argus.bars.sinks.postgres import batch, statements
from argus.bars.sinks.postgres.batch import Refusal
from argus.bars.sinks.postgres.connecting import address, connect, type_of_connection, within
from argus.bars.sinks.postgres.dimensions import Known, type_of_pairs
from argus.bars.sinks.postgres.failures import GONE_DIMENSION, is_about_rows, told, words
from argus.bars.sinks.postgres.inspecting import inspect
from argus.bars.sinks.postgres.layout import Layout
from argus.bars.sinks.postgres.tables import FACTS
from argus.bars.sinks.postgres.upkeep import Upkeep
from argus.bars.sinks.postgres.writing import write_rows
from argus.clock import Clock, SystemClock
from argus.config.stores import exchange_of
from argus.config.timescale import TimescaleConfig
from argus.errors import RowsRefused, StoreError, StoreRefused
from argus.telemetry import Happening, Report

ROWS_MAX = 20_000
"""Rows of one transaction."""

ATTEMPTS_MAX = 400
"""How many transactions are spent on finding the rows that are at fault."""


def _nothing_known(_source: str, _symbol: str) -> None:
    return None


def _unheard(_happening: Happening) -> None:
    return None


class PostgresStore:
    """A database with Raven's star schema.

    Args:
        config: which, and what is written there.
        pairs: base and quote asset of a symbol, if they are known.
        clock: tells when upkeep is due.
        report: told what goes wrong beside writing.
    """

    name = "timescale"

    def __init__(
        self,
        config: TimescaleConfig,
        *,
        pairs: type_of_pairs = _nothing_known,
        clock: Clock | None = None,
        report: Report = _unheard,
    ) -> None:
        self.data_types = frozenset(config.data_types)
        self._config = config
        self._pairs = pairs
        self._upkeep = Upkeep(config, clock or SystemClock(), report)
        self._connection: type_of_connection | None = None
        self._layouts: dict[str, Layout] = {}
        self._known = Known()
        self._lock = threading.Lock()

    def open(self) -> None:
        """Connect, and check that rows can be written.

        Raises:
            StoreUnreachable: there is no answer, or the connection was lost.
            StoreRefused: it does not let us in, or the schema is not what it should be.
        """
        with self._lock:
            self._open()

    def close(self) -> None:
        """Let the connection go."""
        with self._lock:
            self._close()

    def write(self, source: str, data_type: str, table: pa.Table) -> int:
        """Write rows; opens the store if it is closed.

        Args:
            source: whose rows they are.
            data_type: `bar` or `kline`.
            table: rows with the columns of a chunk, in any order.

        Returns:
            How many rows it was given and does not want or has now (or what replaces them).

        Raises:
            StoreUnreachable: there is no answer, or the connection was lost; whole batches of at
                most `ROWS_MAX` rows may be there.
            StoreRefused: it will not take any of them until somebody changes something.
            RowsRefused: it will never take the rows that the error holds; the others are there.
        """
        given = int(table.num_rows)
        if data_type not in self.data_types:
            return given
        with self._lock:
            rows = batch.wanted(data_type, table, self._config.profiles)
            refusals: list[tuple[pa.Table, str]] = []
            for first in range(0, rows.num_rows, ROWS_MAX):
                refusals += self._write(source, data_type, rows.slice(first, ROWS_MAX))
            self._look_after()
        if refusals:
            bad = pa.concat_tables([part for part, _ in refusals])
            raise RowsRefused(bad, refusals[0][1], taken=given - bad.num_rows)
        return given

    def _write(self, source: str, data_type: str, rows: pa.Table) -> list[tuple[pa.Table, str]]:
        """Write one batch; return the rows that cannot be stored, and why."""
        refused: list[tuple[pa.Table, str]] = []
        found = batch.refused(data_type, rows)
        if found is not None:
            refused.append((_at(rows, found), found.why))
            rows = batch.without(rows, found.places)
        # Halves of what is refused, until the rows at fault are found.
        waiting, attempts = [rows] if rows.num_rows else [], 0
        while waiting:
            part = waiting.pop()
            try:
                self._transact(source, data_type, part)
            except psycopg.Error as error:
                attempts += 1
                if attempts > ATTEMPTS_MAX:
                    raise self._failed(
                        StoreRefused(f"{self._address}: refuses row after row: {words(error)}")
                    ) from error
                if part.num_rows == 1:
                    refused.append((part, words(error)))
                    continue
                half = part.num_rows // 2
                waiting += [part.slice(half), part.slice(0, half)]
        return refused

    def _transact(self, source: str, data_type: str, rows: pa.Table) -> None:
        """Write rows in one transaction, once more if dimensions have gone from under us.

        Raises:
            psycopg.Error: the rows are refused.
            StoreError: something else went wrong; the connection is closed.
        """
        try:
            self._attempt(source, data_type, rows)
        except psycopg.Error as error:
            if error.sqlstate != GONE_DIMENSION:
                raise
            self._known = Known()
            self._attempt(source, data_type, rows)

    def _attempt(self, source: str, data_type: str, rows: pa.Table) -> None:
        connection = self._open()
        known = self._known.copy()
        try:
            with within(connection, self._config.statement_timeout_s), connection.transaction():
                write_rows(
                    connection,
                    self._config.schema,
                    FACTS[data_type],
                    rows,
                    exchange=exchange_of(source),
                    facts=lambda symbol: self._pairs(source, symbol),
                    known=known,
                    layouts=self._layouts,
                )
        except psycopg.Error as error:
            if is_about_rows(error) and not connection.closed:
                raise
            raise self._failed(told(error, self._address)) from error
        except StoreError as error:
            raise self._failed(error) from error
        self._known = known

    def _open(self) -> type_of_connection:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        connection = connect(self._config)
        self._connection = connection
        try:
            with within(connection, self._config.statement_timeout_s):
                found = inspect(connection, self._config)
                if found.problems:
                    raise StoreRefused(f"{self._address}: {'; '.join(found.problems)}")
                for data_type in self._config.data_types:
                    connection.execute(statements.create_stage(FACTS[data_type]))
        except psycopg.Error as error:
            raise self._failed(told(error, self._address)) from error
        except StoreError as error:
            raise self._failed(error) from error
        self._layouts, self._known = found.layouts, Known()
        return connection

    def _look_after(self) -> None:
        connection = self._connection
        if connection is not None and not connection.closed:
            self._upkeep.look_after(connection, self._layouts)

    def _failed(self, error: StoreError) -> StoreError:
        """Close the connection after an error, which is returned."""
        self._close()
        return error

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _address(self) -> str:
        return address(self._config.url)


def _at(rows: pa.Table, refusal: Refusal) -> pa.Table:
    return rows.take(list(refusal.places))
