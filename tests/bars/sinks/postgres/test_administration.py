"""What a person asks of the database: make it ready, judge it, say what is in it."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from argus.bars.sinks.postgres.administration import contents, examine, initialise
from argus.bars.sinks.postgres.layout import Layout
from argus.bars.sinks.postgres.schema import migrations
from argus.bars.sinks.postgres.store import PostgresStore
from argus.bars.sinks.postgres.tables import DIMENSIONS, TABLES
from argus.config.timescale import TimescaleConfig
from argus.errors import StoreRefused
from tests.bars.sinks.postgres.rows import ask, bar, kline, stored, table, tables

pytestmark = pytest.mark.server

NOTHING: dict[str, frozenset[str]] = dict.fromkeys(DIMENSIONS, frozenset())
SEED = {
    "dim__coin": frozenset({"BTC", "ETH"}),
    "dim__quote": frozenset({"USDT"}),
    "dim__exchange": frozenset({"BINANCE_SPOT"}),
    "dim__interval": frozenset({"tib_small", "kline_1m"}),
}
CUT = {"postgresql": Layout.PARTITIONED, "timescaledb": Layout.HYPERTABLE}


@pytest.fixture
def empty(server) -> Iterator[TimescaleConfig]:
    found = TimescaleConfig(url=server.database())
    yield found
    server.drop(found.url)


def names(config: TimescaleConfig, table: str, where: str = "NOT is_deleted") -> set[str]:
    column = DIMENSIONS[table][1]
    return {str(n) for (n,) in ask(config, f'SELECT "{column}" FROM {table} WHERE {where}')}


def written(config: TimescaleConfig, *rows, source: str = "binance_spot") -> None:
    store = PostgresStore(config)
    for one in rows:
        store.write(source, "kline" if hasattr(one, "closed") else "bar", table([one]))
    store.close()


def test_schema_is_made_once_and_seeded(empty, request):
    kind = request.node.callspec.params["server"]
    done = initialise(empty, SEED)
    assert done.migrations == ("0001 star_schema",)
    assert done.layouts == dict.fromkeys(TABLES, CUT[kind])
    assert bool(done.timescale) == (kind == "timescaledb")
    assert {t: set(c.added) for t, c in done.dimensions.items()} == SEED
    again = initialise(empty, SEED)
    assert again.migrations == ()
    assert all(c == replace(c, added=(), revived=(), deleted=()) for c in again.dimensions.values())
    assert {t: names(empty, t) for t in DIMENSIONS} == SEED


def test_trial_changes_nothing(empty):
    assert initialise(empty, SEED, is_trial=True).migrations
    with psycopg.connect(empty.url) as connection:
        found = connection.execute("SELECT FROM pg_namespace WHERE nspname = 'mart'").fetchall()
        assert found == []
    initialise(empty, SEED)
    changes = initialise(empty, NOTHING, is_trial=True).dimensions
    assert set(changes["dim__coin"].deleted) == {"BTC", "ETH"}
    assert names(empty, "dim__coin") == {"BTC", "ETH"}


def test_hypertables_are_made_only_if_they_are_wanted(empty):
    done = initialise(replace(empty, hypertables=False), SEED)
    assert done.layouts == dict.fromkeys(TABLES, Layout.PARTITIONED)
    written(empty, bar(1))
    assert len(stored(empty)) == 1


def test_what_a_writer_uses_is_never_deleted(config):
    """Raven's seeding deleted what its writers used: raven.md 1.10, number 12."""
    written(config, bar(1), kline(1))
    written(config, bar(1, profile="vpin_V1000", rule="vpin"), source="binance_usdm")
    initialise(config, SEED)
    done = initialise(config, NOTHING)
    assert {t: c.deleted for t, c in done.dimensions.items() if c.deleted} == {
        "dim__coin": ("ETH",)
    }
    assert names(config, "dim__interval") == {"tib_small", "kline_1m", "vpin_V1000"}
    assert names(config, "dim__exchange") == {"BINANCE_SPOT", "BINANCE_FUTURES"}
    assert ask(config, "SELECT coin FROM dim__coin WHERE deleted_date IS NOT NULL") == [("ETH",)]
    # Neither if some other seeding has marked it, nor if it is the only row that uses it.
    ask(config, "UPDATE dim__interval SET is_deleted = true, deleted_date = now()")
    assert initialise(config, NOTHING).dimensions["dim__interval"].revived == (
        *("kline_1m", "tib_small", "vpin_V1000"),
    )


def test_everything_that_any_of_many_series_uses_stays(config):
    rows = {
        f"{coin}{quote}": [bar(n, profile=p, rule="time") for n in (1, 2) for p in ("1s", "1m")]
        for coin in ("BTC", "ETH", "SOL")
        for quote in ("USDT", "USDC")
    }
    store = PostgresStore(config)
    for source in ("binance_usdm", "binance_spot"):
        store.write(source, "bar", tables(rows))
    store.close()
    assert initialise(config, SEED).dimensions["dim__interval"].deleted == ()
    initialise(config, NOTHING)
    assert names(config, "dim__coin") == {"BTC", "ETH", "SOL"}
    assert names(config, "dim__quote") == {"USDT", "USDC"}
    assert names(config, "dim__exchange") == {"BINANCE_SPOT", "BINANCE_FUTURES"}
    assert names(config, "dim__interval") == {"1s", "1m"}


def test_what_is_wanted_again_is_taken_back_with_its_number(config):
    initialise(config, SEED)
    before = ask(config, "SELECT coin_id, coin FROM dim__coin ORDER BY 1")
    initialise(config, NOTHING)
    assert names(config, "dim__coin") == set()
    assert set(initialise(config, SEED).dimensions["dim__coin"].revived) == {"BTC", "ETH"}
    assert ask(config, "SELECT coin_id, coin FROM dim__coin ORDER BY 1") == before
    assert names(config, "dim__coin", "deleted_date IS NULL") == {"BTC", "ETH"}


def test_schema_may_have_any_name_and_others_are_left_alone(empty):
    other = replace(empty, schema='My "other" mart', retention_days=36_500)
    initialise(empty, SEED)
    assert initialise(other, SEED).migrations
    written(other, bar(1), bar(2), bar(1, 1), kline(1))
    assert examine(other).problems == ()
    assert {t.table: t.rows for t in contents(other) if t.rows} == {
        "fact__tick_imbalance": 1,
        "fact__kline": 1,
    }
    assert {t.rows for t in contents(empty)} == {0}


def test_compression_that_cannot_be_had_is_noted(config, request):
    kind = request.node.callspec.params["server"]
    (note,) = initialise(replace(config, compress_after_days=7), SEED).notes
    told = {"postgresql": "not TimescaleDB's", "timescaledb": "(Apache) cannot"}
    assert told[kind] in note


def test_database_that_is_ready_has_no_problem(config, server):
    found = examine(config)
    assert found.problems == ()
    assert found.version == len(migrations())
    assert found.server.split(".")[0] in {"17", "18"}


def test_missing_schema_is_told(empty):
    assert examine(empty).problems == ("there is no schema mart: run `argus db init`",)
    store = PostgresStore(empty)
    with pytest.raises(StoreRefused, match="no schema mart: run `argus db init`"):
        store.open()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP TABLE fact__kline", "mart has no fact__kline: run `argus db init`"),
        (
            "DROP VIEW bars; ALTER TABLE fact__bar ALTER COLUMN volume TYPE integer",
            (
                "mart.fact__bar.volume is integer, expected double precision: ALTER TABLE "
                "mart.fact__bar ALTER COLUMN volume TYPE double precision"
            ),
        ),
        (
            "ALTER TABLE fact__vpin DROP COLUMN origin",
            (
                "mart.fact__vpin has no column origin, expected text: ALTER TABLE mart.fact__vpin "
                "ADD COLUMN origin text"
            ),
        ),
        (
            "INSERT INTO schema_version VALUES (99, 'later')",
            (
                "schema mart is at version 99, this Argus knows versions up to 1: use the newer "
                "Argus that made it"
            ),
        ),
        (
            "DELETE FROM schema_version",
            "schema mart is at version 0, expected 1: run `argus db init`",
        ),
    ],
)
def test_schema_that_is_not_as_it_should_be_is_told(config, statement, told):
    ask(config, statement)
    assert examine(config).problems == (told,)
    with pytest.raises(StoreRefused) as refused:
        PostgresStore(config).write("binance_spot", "bar", table([bar(1)]))
    assert told in str(refused.value)


def test_schema_of_a_newer_argus_is_not_touched(config):
    ask(config, "INSERT INTO schema_version VALUES (99, 'later')")
    with pytest.raises(StoreRefused, match="version 99"):
        initialise(config, SEED)


def test_tables_say_what_they_hold(config):
    written(config, bar(1), bar(2), kline(1))
    found = {t.table: t for t in contents(config)}
    assert list(found) == list(TABLES)
    assert [(t, s.rows) for t, s in found.items() if s.rows] == [
        ("fact__tick_imbalance", 2),
        ("fact__kline", 1),
    ]
    one = found["fact__tick_imbalance"]
    assert (one.is_estimate, str(one.newest)) == (False, "2025-11-20 12:02:00+00:00")
    assert one.size_bytes > found["fact__vpin"].size_bytes
    assert found["fact__vpin"].newest is None


def test_contents_of_nothing_are_refused(empty):
    with pytest.raises(StoreRefused, match="argus db init"):
        contents(empty)


RAVEN = """
CREATE SCHEMA mart;
SET search_path TO mart, public;
CREATE TABLE dim__coin (coin_id SERIAL PRIMARY KEY, coin TEXT UNIQUE,
    is_deleted BOOL DEFAULT false, deleted_date TIMESTAMPTZ);
CREATE TABLE dim__quote (quote_id SERIAL PRIMARY KEY, quote TEXT UNIQUE,
    is_deleted BOOL DEFAULT false, deleted_date TIMESTAMPTZ);
CREATE TABLE dim__exchange (exchange_id SERIAL PRIMARY KEY, exchange TEXT UNIQUE,
    is_deleted BOOL DEFAULT false, deleted_date TIMESTAMPTZ);
CREATE TABLE dim__interval (interval_id SERIAL PRIMARY KEY, interval TEXT UNIQUE,
    is_deleted BOOL DEFAULT false, deleted_date TIMESTAMPTZ);
INSERT INTO dim__coin (coin) VALUES ('BTC');
INSERT INTO dim__quote (quote) VALUES ('USDT');
INSERT INTO dim__exchange (exchange) VALUES ('BINANCE_SPOT');
INSERT INTO dim__interval (interval) VALUES ('tib_small');
"""
RAVEN_FACT = """
CREATE TABLE {name} (time TIMESTAMPTZ NOT NULL,
    coin_id INT NOT NULL REFERENCES dim__coin, quote_id INT NOT NULL REFERENCES dim__quote,
    exchange_id INT NOT NULL REFERENCES dim__exchange,
    interval_id INT NOT NULL REFERENCES dim__interval,
    open DOUBLE PRECISION NOT NULL, high DOUBLE PRECISION NOT NULL, low DOUBLE PRECISION NOT NULL,
    close DOUBLE PRECISION NOT NULL, volume DOUBLE PRECISION NOT NULL{more},
    UNIQUE (time, coin_id, quote_id, exchange_id, interval_id));
"""
TICKS = (
    ", buy_ticks BIGINT DEFAULT 0, sell_ticks BIGINT DEFAULT 0, total_ticks BIGINT DEFAULT 0, "
    "theta DOUBLE PRECISION DEFAULT 0"
)
BY_RAVEN = (
    "INSERT INTO mart.fact__tick_imbalance (time, coin_id, quote_id, exchange_id, interval_id, "
    "open, high, low, close, volume, buy_ticks, sell_ticks, total_ticks, theta) "
    "VALUES ('2025-11-20 12:01:00+00', 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 5, 10, 0)"
)


def test_tables_of_raven_are_taken_over_with_their_rows(empty, request):
    kind = request.node.callspec.params["server"]
    facts = {t: TICKS if t != "fact__kline" else "" for t in TABLES if t != "fact__bar"}
    with psycopg.connect(empty.url, autocommit=True) as connection:
        connection.execute(RAVEN.encode())
        for name, more in facts.items():
            connection.execute(RAVEN_FACT.format(name=name, more=more).encode())
        if kind == "timescaledb":
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public")
            for name in facts:
                connection.execute(f"SELECT create_hypertable('{name}', 'time')".encode())
        connection.execute(BY_RAVEN.encode())
    done = initialise(empty, SEED)
    assert done.layouts["fact__tick_imbalance"] is (
        Layout.HYPERTABLE if kind == "timescaledb" else Layout.WHOLE
    )
    # Two bars of the very millisecond of Raven's, of the same series.
    opened = 1_763_640_060 * 10**9
    written(empty, bar(1, ts_open=opened), bar(2, ts_open=opened))
    assert ask(
        empty, "SELECT sequence, total_ticks, close FROM fact__tick_imbalance ORDER BY 1"
    ) == [(0, 10, 1.0), (1, 10, 100.0), (2, 10, 100.0)]
    assert examine(empty).problems == ()


def test_writer_of_raven_goes_on_beside_ours(config):
    initialise(config, SEED)
    ids = ask(
        config,
        "SELECT coin_id, quote_id, exchange_id, interval_id FROM dim__coin, dim__quote, "
        "dim__exchange, dim__interval LIMIT 1",
    )[0]
    written(config, bar(1))
    ask(config, BY_RAVEN.replace("'2025-11-20 12:01:00+00', 1, 1, 1, 1,", "%s, %s, %s, %s, %s,"),
        "2025-11-20 12:01:00+00", *ids)  # fmt: skip
    assert ask(config, "SELECT count(*) FROM fact__tick_imbalance") == [(2,)]
