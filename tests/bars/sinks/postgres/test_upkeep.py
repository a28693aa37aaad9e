"""What is older than it has to be kept is dropped by whole chunks or months, now and then."""

from dataclasses import replace

import pytest

from argus.bars.sinks.postgres.administration import contents, initialise
from argus.bars.sinks.postgres.layout import month_of, partition_name
from argus.bars.sinks.postgres.store import PostgresStore
from argus.bars.sinks.postgres.upkeep import EVERY_NS
from argus.clock import SystemClock
from argus.telemetry import OldRowsKept
from tests.bars.sinks.postgres.rows import ask, bar, stored, table
from tests.network.doubles import TestClock

pytestmark = pytest.mark.server

DAY_NS = 86_400 * 10**9


NOW_NS = SystemClock().now_ns()


def at(days_ago: int) -> int:
    return NOW_NS - days_ago * DAY_NS


OLD, NEW = (1, 2), (3, 4)


def rows():
    old = [bar(n, ts_open=at(400) + n) for n in OLD]
    return table([*old, *(bar(n, ts_open=at(1) + n) for n in NEW)])


def test_old_rows_are_dropped_by_the_clock_of_the_server_once_an_hour(config):
    clock = TestClock()
    store = PostgresStore(replace(config, retention_days=90), clock=clock)
    store.write("binance_spot", "bar", rows())
    assert [n for _, n, _, _ in stored(config)] == list(NEW)
    store.write("binance_spot", "bar", rows())
    assert [n for _, n, _, _ in stored(config)] == [*OLD, *NEW]
    clock.set(EVERY_NS / 10**9 + 1)
    store.write("binance_spot", "bar", rows())
    assert [n for _, n, _, _ in stored(config)] == list(NEW)
    store.close()


def test_nothing_is_dropped_unless_it_is_said(config):
    store = PostgresStore(config)
    store.write("binance_spot", "bar", rows())
    store.close()
    assert len(stored(config)) == 4


def test_rows_of_a_table_that_is_not_cut_are_deleted(plain):
    ask(plain, "DROP VIEW bars; DROP TABLE fact__tick_imbalance")
    ask(plain, "CREATE TABLE fact__tick_imbalance (LIKE fact__bar INCLUDING ALL)")
    store = PostgresStore(replace(plain, retention_days=90))
    store.write("binance_spot", "bar", rows())
    store.close()
    assert ask(plain, "SELECT sequence FROM fact__tick_imbalance ORDER BY 1") == [(3,), (4,)]


def test_drop_that_fails_is_told_and_keeps_no_row_from_being_written(plain):
    """A partition that somebody's own view reads cannot be dropped."""
    store = PostgresStore(plain)
    store.write("binance_spot", "bar", rows())
    store.close()
    month = partition_name("fact__tick_imbalance", month_of(at(400)))
    ask(plain, f"CREATE VIEW mine AS SELECT * FROM {month}")
    told: list[object] = []
    again = PostgresStore(replace(plain, retention_days=90), report=told.append)
    again.write("binance_spot", "bar", table([bar(5, ts_open=at(0))]))
    again.close()
    assert [n for _, n, _, _ in stored(plain)] == [*OLD, *NEW, 5]
    (kept,) = told
    assert isinstance(kept, OldRowsKept)
    assert "other objects depend on it" in kept.why


def test_partitions_are_named_by_their_month(plain):
    store = PostgresStore(plain)
    moments = [at(0), at(400)]
    store.write("binance_spot", "bar", table([bar(n, ts_open=ts) for n, ts in enumerate(moments)]))
    store.close()
    names = ask(
        plain,
        "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
        "WHERE inhparent = 'fact__tick_imbalance'::regclass ORDER BY 1",
    )
    expected = [f"fact__tick_imbalance__{y:04}_{m:02}" for y, m in map(month_of, moments)]
    assert [name for (name,) in names] == sorted(expected)
    assert initialise(plain, _nothing()).migrations == ()
    assert contents(plain)[0].rows == 2


def _nothing() -> dict[str, frozenset[str]]:
    names = ("dim__coin", "dim__quote", "dim__exchange", "dim__interval")
    return dict.fromkeys(names, frozenset())
