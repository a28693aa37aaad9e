"""Shell. What a store does beside writing, seldom: drop what is older than it has to be kept."""

import psycopg

from argus.bars.sinks.postgres.connecting import type_of_connection, within
from argus.bars.sinks.postgres.failures import words
from argus.bars.sinks.postgres.layout import Layout, drop_older
from argus.bars.sinks.postgres.schema import lock
from argus.clock import Clock
from argus.config.timescale import TimescaleConfig
from argus.telemetry import OldRowsKept, Report

EVERY_NS = 3600 * 10**9


class Upkeep:
    """Drops old rows at the first occasion, and then once an hour.

    By the store and not by a policy of the database: that way it is the same with each edition of
    TimescaleDB and with none.

    Args:
        config: says how long rows are kept.
        clock: tells when it is due again.
        report: told when it fails.
    """

    def __init__(self, config: TimescaleConfig, clock: Clock, report: Report) -> None:
        self._config = config
        self._clock = clock
        self._report = report
        self._next_ns = clock.monotonic_ns()

    def look_after(self, connection: type_of_connection, layouts: dict[str, Layout]) -> None:
        """Drop what is old if it is due; where that fails it is tried again in an hour."""
        days, now_ns = self._config.retention_days, self._clock.monotonic_ns()
        if days is None or now_ns < self._next_ns:
            return
        self._next_ns = now_ns + EVERY_NS
        try:
            with within(connection, self._config.statement_timeout_s), connection.transaction():
                lock(connection, self._config.schema)
                for table, layout in layouts.items():
                    drop_older(connection, self._config.schema, table, layout, days)
        except psycopg.Error as error:
            # The rows are written all the same.
            self._report(OldRowsKept("timescale", words(error)))
