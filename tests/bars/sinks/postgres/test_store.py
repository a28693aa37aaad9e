"""What is written is in the tables, once, whatever is repeated, revised or badly timed."""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argus.bars.sinks.postgres.store import PostgresStore
from argus.events import Bar
from tests.bars.sinks.postgres.rows import TS, ask, bar, kline, stored, table, tables

pytestmark = pytest.mark.server


@pytest.fixture
def store(config):
    opened = PostgresStore(config)
    yield opened
    opened.close()


def test_bar_is_in_the_table_of_its_rule_with_every_field(config, store):
    assert store.write("binance_usdm", "bar", table([bar(1, vpin=None, theta=-4.25)])) == 1
    found = ask(
        config,
        "SELECT time, coin, quote, exchange, d.interval, open, high, low, close, volume, "
        "buy_ticks, sell_ticks, total_ticks, theta, sequence, revision, rule, quote_volume, vwap, "
        "buy_volume, sell_volume, threshold, expected_ticks_before, expected_imbalance_before, "
        "expected_ticks_after, expected_imbalance_after, vpin, gap, clamped, first_trade_id, "
        "last_trade_id, ts_event, ts_recv, ts_open, ts_first, ts_last, origin "
        "FROM fact__tick_imbalance JOIN dim__coin USING (coin_id) "
        "JOIN dim__quote USING (quote_id) JOIN dim__exchange USING (exchange_id) "
        "JOIN dim__interval d USING (interval_id)",
    )
    opened = TS + 60 * 10**9
    assert [tuple(map(str, row[:1])) + row[1:] for row in found] == [
        (
            *("2025-11-20 12:01:00+00:00", "BTC", "USDT", "BINANCE_FUTURES", "tib_small"),
            *(100.5, 101.25, 99.75, 100.0, 3.5, 7, 3, 10, -4.25, 1, 0, "tick_imbalance"),
            *(350.25, 100.07, 2.5, 1.0, 3.9, 100.0, 0.4, 90.0, 0.3, None, False, True, 10, 19),
            *(opened + 10, opened + 20, opened, opened, opened + 10, "live"),
        )
    ]


@pytest.mark.parametrize(
    ("rule", "profile", "where"),
    [
        ("tick_imbalance", "tib_large", "fact__tick_imbalance"),
        ("tick_run", "trb_small", "fact__tick_imbalance"),
        ("volume_imbalance", "vib_small", "fact__volume_imbalance"),
        ("vpin", "vpin", "fact__vpin"),
        ("time", "1m", "fact__bar"),
        ("dollar_run", "mine", "fact__bar"),
    ],
)
def test_table_is_chosen_by_the_rule(config, store, rule, profile, where):
    store.write("binance_spot", "bar", table([bar(1, rule=rule, profile=profile)]))
    for name in ("fact__tick_imbalance", "fact__volume_imbalance", "fact__vpin", "fact__bar"):
        assert ask(config, f"SELECT count(*) FROM {name}") == [(int(name == where),)]


def test_candles_that_are_final_are_stored(config, store):
    rows = [kline(1), kline(2, closed=False), kline(1, trades=13, close=2.5), kline(3)]
    assert store.write("binance_spot", "kline", table(rows)) == 4
    assert ask(
        config,
        "SELECT time::text, d.interval, close, volume, trades FROM fact__kline "
        "JOIN dim__interval d USING (interval_id) ORDER BY time",
    ) == [
        ("2025-11-20 12:01:00+00", "kline_1m", 2.5, 10.0, 13),
        ("2025-11-20 12:03:00+00", "kline_1m", 2.0, 10.0, 12),
    ]


def test_two_bars_that_open_in_one_millisecond_are_both_there(config, store):
    rows = [bar(1, ts_open=TS), bar(2, ts_open=TS), bar(3, ts_open=TS + 1)]
    store.write("binance_spot", "bar", table(rows))
    assert [row[1] for row in stored(config)] == [1, 2, 3]


def test_repeated_write_changes_nothing(config, store):
    rows = table([bar(n) for n in range(1, 6)])
    store.write("binance_spot", "bar", rows)
    before = ask(config, "SELECT ctid, * FROM fact__tick_imbalance ORDER BY sequence")
    assert store.write("binance_spot", "bar", rows) == 5
    assert ask(config, "SELECT ctid, * FROM fact__tick_imbalance ORDER BY sequence") == before


def test_revised_bars_take_the_place_of_all_that_follow(config, store):
    store.write("binance_spot", "bar", table([bar(n) for n in range(1, 8)]))
    store.write("binance_spot", "bar", table([bar(n, 1) for n in (4, 5)]))
    assert stored(config) == [
        *(("tib_small", n, 0, 100.0) for n in (1, 2, 3)),
        *(("tib_small", n, 1, 101.0) for n in (4, 5)),
    ]
    # What was superseded does not come back, and what goes on in the new revision is taken.
    store.write("binance_spot", "bar", table([bar(6), bar(6, 1), bar(2)]))
    assert [(n, r) for _, n, r, _ in stored(config)] == [
        *((1, 0), (2, 0), (3, 0), (4, 1), (5, 1), (6, 1)),
    ]


def test_other_series_are_left_alone_by_a_revision(config, store):
    same = [bar(1), bar(2)]
    other = [bar(n, profile="tib_large") for n in (1, 2)]
    store.write("binance_spot", "bar", tables({"BTCUSDT": [*same, *other], "ETHUSDT": same}))
    store.write("binance_usdm", "bar", table(same))
    store.write("binance_spot", "bar", table([bar(1, 3)]))
    assert set(
        ask(config, "SELECT exchange, symbol, profile, count(*) FROM bars GROUP BY 1, 2, 3")
    ) == {
        ("BINANCE_SPOT", "BTCUSDT", "tib_small", 1),
        ("BINANCE_SPOT", "BTCUSDT", "tib_large", 2),
        ("BINANCE_SPOT", "ETHUSDT", "tib_small", 2),
        ("BINANCE_FUTURES", "BTCUSDT", "tib_small", 2),
    }


def test_profile_with_another_rule_than_before_leaves_its_old_table(config, store):
    store.write("binance_spot", "bar", table([bar(1, rule="vpin"), bar(2, rule="vpin")]))
    store.write("binance_spot", "bar", table([bar(2, 1, rule="dollar"), bar(3, 1, rule="dollar")]))
    assert [(n, r) for _, n, r, _ in stored(config)] == [(1, 0), (2, 1), (3, 1)]


def test_null_is_null_and_not_a_number_is_kept_where_a_number_may_be_missing(config, store):
    rows = [bar(1, theta=None, vwap=None), bar(2, theta=float("nan"), threshold=float("inf"))]
    store.write("binance_spot", "bar", table(rows))
    assert (
        str(
            ask(
                config,
                "SELECT theta, vwap, threshold, vpin FROM fact__tick_imbalance ORDER BY sequence",
            )
        )
        == "[(None, None, 3.9, None), (nan, 100.07, inf, None)]"
    )


def test_only_wanted_profiles_and_data_types_are_written(config):
    store = PostgresStore(replace(config, profiles=("1m",), data_types=("bar",)))
    rows = [bar(1), bar(1, profile="1m", rule="time")]
    assert store.write("binance_spot", "bar", table(rows)) == 2
    assert store.write("binance_spot", "kline", table([kline(1)])) == 1
    store.close()
    assert [row[0] for row in stored(config)] == ["1m"]
    assert ask(config, "SELECT count(*) FROM fact__kline") == [(0,)]


def test_facts_of_an_instrument_decide_over_the_spelling(config):
    known = {"BTCUSDT_260925": ("BTC", "USDT"), "BTCUSDT": ("BTC", "USDT"), "ABCU": ("ABC", "U")}
    store = PostgresStore(config, pairs=lambda _source, symbol: known.get(symbol))
    for symbol in (*known, "XUSDT"):
        store.write("binance_spot", "bar", table([bar(1)], symbol))
    # The same instruments, without their facts: nothing is divided among two names.
    again = PostgresStore(config)
    for symbol in (*known, "XUSDT"):
        again.write("binance_spot", "bar", table([bar(1), bar(2)], symbol))
    store.close()
    again.close()
    assert set(ask(config, "SELECT symbol, coin, quote, count(*) FROM bars GROUP BY 1, 2, 3")) == {
        ("BTCUSDT_260925", "BTC_260925", "USDT", 2),
        ("BTCUSDT", "BTC", "USDT", 2),
        ("ABCU", "ABC", "U", 2),
        ("XUSDT", "X", "USDT", 2),
    }


def test_months_before_1970_and_far_away_have_their_place(config, store):
    moments = [-(10**18), 0, TS, 4 * 10**18]
    store.write("x", "bar", table([bar(n, ts_open=ts) for n, ts in enumerate(moments)]))
    assert [row[0] for row in ask(config, "SELECT ts_open FROM bars ORDER BY time")] == moments


def test_dimension_that_was_deleted_softly_is_taken_back_by_a_write(config, store):
    store.write("binance_spot", "bar", table([bar(1)]))
    for name in ("coin", "quote", "exchange", "interval"):
        ask(config, f"UPDATE dim__{name} SET is_deleted = true, deleted_date = now()")
    store.write("binance_spot", "bar", table([bar(2)]))
    for name in ("coin", "quote", "exchange", "interval"):
        assert ask(config, f"SELECT is_deleted, deleted_date FROM dim__{name}") == [(False, None)]


def test_dimensions_that_were_emptied_are_filled_again(config, store):
    store.write("binance_spot", "bar", table([bar(1)]))
    for name in ("fact__tick_imbalance", "dim__symbol", "dim__coin", "dim__interval"):
        ask(config, f"DELETE FROM {name}")
    store.write("binance_spot", "bar", table([bar(1), bar(2)]))
    assert [row[1] for row in stored(config)] == [1, 2]


SERIES = [("BTCUSDT", "tib_small"), ("ETHUSDT", "tib_small"), ("BTCUSDT", "1m")]
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(SERIES),
        st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4)), max_size=3),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda history: history[0],
)


def bars_of(history) -> list[tuple[str, Bar]]:
    """Return the bars of a series that was built, then built anew from some bars on."""
    (symbol, profile), rebuilt = history
    rule = "time" if profile == "1m" else "tick_imbalance"
    spans = [(1, 5), *rebuilt]
    return [
        (symbol, bar(n, revision, profile=profile, rule=rule))
        for revision, (first, count) in enumerate(spans)
        for n in range(first, first + count)
    ]


def counting(bars: list[tuple[str, Bar]]) -> list[tuple[str, str, int, int]]:
    """Return the bars that count, as the lake's view `bars` has it."""
    found = set()
    for symbol, one in bars:
        same = [b for s, b in bars if (s, b.profile) == (symbol, one.profile)]
        if one.revision == max(b.revision for b in same if b.sequence <= one.sequence):
            found.add((symbol, one.profile, one.sequence, one.revision))
    return sorted(found)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories=HISTORIES, seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_any_order_repetition_and_batching_ends_in_the_same_table(config, histories, seed, size):
    bars = [found for history in histories for found in bars_of(history)]
    draws = random.Random(seed)
    written = [*bars, *draws.choices(bars, k=len(bars) // 2)]
    draws.shuffle(written)
    for name in ("fact__tick_imbalance", "fact__bar", "bar__revision"):
        ask(config, f"TRUNCATE {name}")
    store = PostgresStore(config)
    for first in range(0, len(written), size):
        part = written[first : first + size]
        by_symbol = {s: [b for t, b in part if t == s] for s in {s for s, _ in part}}
        store.write("binance_spot", "bar", tables(by_symbol))
    store.close()
    assert (
        ask(config, "SELECT symbol, profile, sequence, revision FROM bars ORDER BY 1, 2, 3, 4")
        == counting(bars)
    )  # fmt: skip
