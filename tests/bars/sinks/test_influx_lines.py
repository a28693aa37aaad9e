"""Rows as line protocol: Raven's measurements, and no two facts at one point."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.bars.sinks.influx_lines import MEASUREMENTS, lines_of
from argus.config.influx import DATA_TYPES
from argus.events import DATA_TYPES as DATA_TYPES_OF
from tests.bars.sinks import rows

MS = rows.T0


def lines(*facts, symbol: str = "BTCUSDT", exchange: str = "BINANCE_SPOT") -> list[str]:
    table = rows.table(*facts, symbol=symbol)
    found = lines_of(DATA_TYPES_OF[type(facts[0])], exchange, table)
    assert not found.is_wrong.any()
    return found.lines.to_list()


def test_everything_that_may_be_configured_has_a_measurement():
    assert set(MEASUREMENTS) == set(DATA_TYPES)


def test_trade_has_ravens_tags_and_fields():
    assert lines(rows.trade(7))[0] == (
        "trades,exchange=BINANCE_SPOT,side=buy,symbol=BTCUSDT price=1.5,quantity=2.0,trade_id=7i,"
        f'trade_type="MARKET",ts_event={MS}i,ts_recv={MS + 7}i {MS + 7}'
    )


def test_agg_trade_keeps_to_a_measurement_of_its_own():
    assert lines(rows.agg_trade(7))[0] == (
        "agg_trades,exchange=BINANCE_SPOT,side=sell,symbol=BTCUSDT price=1.5,quantity=2.0,"
        f"agg_trade_id=7i,first_trade_id=7i,last_trade_id=8i,ts_event={MS}i,"
        f"ts_recv={MS + 7}i {MS + 7}"
    )


def test_best_prices_come_with_what_raven_reckons_from_them():
    assert lines(rows.bbo(5))[0] == (
        "orderbook,exchange=BINANCE_SPOT,symbol=BTCUSDT bid_price=1.0,bid_qty=3.0,ask_price=2.0,"
        "ask_qty=1.0,spread=1.0,mid_price=1.5,imbalance=0.75,update_id=5i,"
        f"ts_recv={MS + 7}i {MS + 5}"
    )


def test_empty_book_has_no_imbalance():
    assert "imbalance" not in lines(rows.bbo(5, 0.0, 0.0))[0]


def test_funding_rate_comes_from_the_mark_price():
    assert lines(rows.mark_price(), exchange="BINANCE_FUTURES")[0] == (
        "funding_rate,exchange=BINANCE_FUTURES,symbol=BTCUSDT mark_price=10.5,rate=0.0001,"
        f"index_price=10.25,next_funding_time={(MS + 10**9) // 10**6}i,ts_event={MS}i,"
        f"ts_recv={MS + 7}i {MS}"
    )
    assert "rate=" not in lines(rows.mark_price(rate=None))[0].replace("funding_rate,", "")


def test_liquidation_has_ravens_tags_and_fields():
    (line,) = lines(rows.liquidation())
    assert line.startswith(
        "liquidation,exchange=BINANCE_SPOT,side=sell,symbol=BTCUSDT price=1.5,quantity=2.0,"
        'average_price=1.25,filled_quantity=1.0,order_type="LIMIT",status="FILLED",'
    )


def test_open_interest_without_a_value_has_no_such_field():
    assert lines(rows.open_interest())[0] == (
        "open_interest,exchange=BINANCE_SPOT,symbol=BTCUSDT open_interest=12.5,"
        f"ts_event={MS}i,ts_recv={MS + 7}i {MS}"
    )


def test_bar_is_known_by_profile_rule_revision_and_sequence():
    (line,) = lines(rows.bar(3, 1))
    tags, fields, time = line.split(" ")
    assert tags == (
        "bars,exchange=BINANCE_SPOT,profile=tib_small,revision=1,rule=tick_imbalance,symbol=BTCUSDT"
    )
    assert fields.startswith("open=1.0,high=2.0,low=0.5,close=1.5,volume=10.0,")
    assert {"sequence=3i", "gap=false", "clamped=true", "theta=-2.0"} <= set(fields.split(","))
    assert "vpin" not in fields
    assert int(time) == MS + 3


@given(st.sets(st.integers(1, 10**12), min_size=2, max_size=50).map(sorted))
def test_trades_of_one_millisecond_are_points_of_their_own(numbers):
    numbers = [n for n in numbers if n - numbers[0] < 10**6]
    found = lines_of("trade", "X", rows.table(*(rows.trade(n) for n in numbers)))
    assert len(set(found.times.tolist())) == len(numbers)
    assert {time // 10**6 for time in found.times.tolist()} == {MS // 10**6}


def test_same_rows_are_the_same_lines_however_they_come():
    one = [*lines(rows.trade(1), rows.trade(2)), *lines(rows.liquidation(), rows.liquidation(2.0))]
    other = [*lines(rows.trade(2)), *lines(rows.trade(1))]
    other += [*lines(rows.liquidation(2.0)), *lines(rows.liquidation())]
    assert sorted(one) == sorted(other)


def test_liquidations_of_one_millisecond_are_points_of_their_own():
    facts = [rows.liquidation(1.0 + n / 8, 2.0 + n / 16) for n in range(200)]
    found = lines_of("liquidation", "X", rows.table(*facts))
    assert len(set(found.times.tolist())) == 200
    assert {time // 10**6 for time in found.times.tolist()} == {MS // 10**6}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_number_that_is_none_has_no_line(value):
    found = lines_of("trade", "X", rows.table(rows.trade(1), rows.trade(2, price=value)))
    assert found.is_wrong.tolist() == [False, True]
    found = lines_of("mark_price", "X", rows.table(rows.mark_price(rate=-math.inf)))
    assert found.is_wrong.tolist() == [True]


def test_symbol_that_cannot_be_a_tag_has_no_line():
    assert lines_of("trade", "X", rows.table(rows.trade(1), symbol="A\\")).is_wrong.tolist() == [
        True
    ]
    assert lines(rows.trade(1), symbol="A B")[0].startswith("trades,exchange=BINANCE_SPOT,side=buy")
    assert r"symbol=A\ B " in lines(rows.trade(1), symbol="A B")[0]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_numbers_are_written_so_that_they_read_the_same(value):
    (line,) = lines(rows.trade(1, price=value))
    assert float(line.split("price=")[1].split(",")[0]) == value


def test_no_rows_are_no_lines():
    found = lines_of("liquidation", "X", rows.empty("liquidation"))
    assert (found.lines.to_list(), found.is_wrong.tolist()) == ([], [])
