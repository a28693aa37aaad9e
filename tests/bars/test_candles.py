"""What is known of each interval, once, and every change of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from argus.bars.candles import Candle, Candles, Maker, of_bar, of_kline
from argus.events import Bar, Kline, Origin

MINUTE = 60_000_000_000


def candle(minute: int, close: float = 1.0, **fields) -> Candle:
    prices = {"open": 1.0, "high": 2.0, "low": 0.5, "close": close}
    sums = {"volume": 3.0, "quote_volume": 4.0, "buy_volume": 1.0, "trades": 5}
    return Candle(ts_open=minute * MINUTE, **{"closed": True, **prices, **sums, **fields})


def venue(minute: int, close: float = 9.0) -> Candle:
    return candle(minute, close, maker=Maker.VENUE)


def known(keep: int = 100, since: int = 0) -> Candles:
    candles = Candles(MINUTE, keep)
    candles.begin(since * MINUTE, is_whole=True)
    return candles


def bar(**fields) -> Bar:
    values: dict[str, Any] = dict.fromkeys(Bar.__struct_fields__)
    values |= {
        "ts_event": 119,
        "ts_recv": 120,
        "origin": Origin.LIVE,
        "profile": "1m",
        "rule": "time",
        "sequence": 7,
        "revision": 0,
        "ts_open": 60,
        "ts_first": 61,
        "ts_last": 119,
        "open": 1.0,
        "high": 4.0,
        "low": 0.5,
        "close": 2.0,
        "volume": 3.0,
        "quote_volume": 6.0,
        "buy_volume": 2.0,
        "sell_volume": 1.0,
        "buy_ticks": 2,
        "sell_ticks": 1,
        "total_ticks": 3,
        "gap": True,
        "clamped": False,
    }
    return Bar(**(values | fields))


def test_candle_of_a_bar_says_what_the_bar_says():
    want = Candle(
        ts_open=60,
        open=1.0,
        high=4.0,
        low=0.5,
        close=2.0,
        volume=3.0,
        quote_volume=6.0,
        buy_volume=2.0,
        trades=3,
        closed=False,
        gap=True,
    )
    assert of_bar(bar(), closed=False) == want


def test_candle_of_a_kline_is_marked_as_the_venues():
    kline = Kline(
        ts_event=None,
        ts_recv=5,
        origin=Origin.BACKFILL,
        interval="1m",
        ts_open=60,
        ts_close=119,
        open=1.0,
        high=4.0,
        low=0.5,
        close=2.0,
        volume=3.0,
        quote_volume=6.0,
        trades=8,
        taker_buy_volume=2.0,
        taker_buy_quote_volume=4.0,
        closed=True,
    )
    found = of_kline(kline)
    assert (found.maker, found.trades, found.buy_volume, found.gap) == (Maker.VENUE, 8, 2.0, False)
    assert (found.ts_open, found.open, found.high, found.low, found.close) == (60, 1, 4, 0.5, 2)
    assert (found.volume, found.quote_volume, found.closed) == (3.0, 6.0, True)


def test_last_candles_come_in_the_order_of_time():
    candles = known()
    for minute in (3, 1, 2):
        assert candles.put(candle(minute))
    assert [c.ts_open // MINUTE for c in candles.last(2)] == [2, 3]
    assert [c.ts_open // MINUTE for c in candles.last(9)] == [1, 2, 3]


def test_what_changed_since_is_told_once():
    candles = known()
    candles.put(candle(1, closed=False))
    seen = candles.change
    assert not candles.put(candle(1, closed=False))
    assert candles.last(9, since=seen) == []
    candles.put(candle(1, 2.0))
    (changed,) = candles.last(9, since=seen)
    assert (changed.close, changed.closed, changed.change) == (2.0, True, candles.change)


def test_trades_come_before_what_the_venue_says():
    candles = known()
    candles.put(venue(1))
    assert candles.put(candle(1))
    assert not candles.put(venue(1))
    assert candles.last(1)[0].maker is Maker.TRADES


def test_venue_stands_in_where_trades_are_missing():
    candles = known()
    candles.put(candle(1, gap=True))
    assert candles.put(venue(1))
    assert not candles.put(candle(1, gap=True))
    assert candles.last(1)[0].maker is Maker.VENUE
    assert candles.put(candle(1))  # they were found since
    assert candles.last(1)[0].maker is Maker.TRADES


@pytest.mark.parametrize(("is_whole", "gaps"), [(True, [False, False]), (False, [True, False])])
def test_first_candle_is_whole_only_if_nothing_came_before(is_whole, gaps):
    candles = Candles(MINUTE, 10)
    candles.begin(MINUTE + 17, is_whole=is_whole)
    for minute in (1, 2):
        candles.put(candle(minute))
    assert [c.gap for c in candles.last(9)] == gaps


def test_nothing_is_whole_before_the_first_trade_is_known():
    candles = Candles(MINUTE, 10)
    candles.put(candle(1))
    assert candles.last(1)[0].gap


def test_venue_is_asked_for_what_is_absent_or_lacks_trades():
    candles = known()
    candles.put(candle(2))
    candles.put(candle(3, gap=True))
    candles.put(venue(5))
    candles.put(candle(7, closed=False))
    found = [(a // MINUTE, b // MINUTE) for a, b in candles.wanted(5, 7 * MINUTE + 5)]
    assert found == [(0, 1), (3, 4), (6, 6)]


def test_interval_that_is_not_over_is_not_asked_for():
    assert known().wanted(MINUTE, 2 * MINUTE - 1) == []
    assert known().wanted(MINUTE, 2 * MINUTE) == [(MINUTE, MINUTE)]


def test_old_candles_go_and_memory_stays_bounded():
    candles = known(keep=3)
    for minute in range(100):
        candles.put(candle(minute))
        assert len(candles) <= 6
    assert [c.ts_open // MINUTE for c in candles.last(3)] == [97, 98, 99]


puts = st.builds(
    lambda minute, close, maker, gap: replace(
        candle(minute, float(close), gap=gap and maker is Maker.TRADES), maker=maker
    ),
    st.integers(0, 5),
    st.integers(1, 3),
    st.sampled_from(Maker),
    st.booleans(),
)


@given(st.lists(puts), st.lists(st.integers(0, 40)))
def test_reader_that_asks_for_changes_ends_with_what_is_there(all_puts, reads):
    candles, seen = known(), 0
    mirror: dict[int, Candle] = {}
    for i, new in enumerate(all_puts):
        before = {c.ts_open: c for c in candles.last(9)}
        changed = candles.put(new)
        after = {c.ts_open: c for c in candles.last(9)}
        assert changed == (before != after)
        if i in reads:
            for found in candles.last(9, since=seen):
                assert mirror.get(found.ts_open) != found
                mirror[found.ts_open] = found
            seen = candles.change
    for found in candles.last(9, since=seen):
        mirror[found.ts_open] = found
    assert mirror == {c.ts_open: c for c in candles.last(9)}
    wanting = {
        ts for first, last in candles.wanted(0, 6 * MINUTE) for ts in range(first, last + 1, MINUTE)
    }
    assert all(ts not in mirror or mirror[ts].gap for ts in wanting)
