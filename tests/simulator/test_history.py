"""Rows are chosen by id and by time, and made of the payloads."""

import json

import pytest

from argus.simulator.history import (
    Wish,
    agg_trade_rows,
    chosen_trades,
    kline_rows,
    last_payload,
    milliseconds,
    trade_rows,
)
from argus.simulator.streams import Fact, Source, stream_of

STREAM = stream_of(Source.BINANCE_SPOT, "BTCUSDT", "trade")
MS = 1_700_000_000_000


def facts_of(*instants_ms: int, unit: int = 1000) -> list[Fact]:
    """Trades 10, 11, … at instants after `MS`, written in a unit of which `unit` make a ms."""
    return [
        (
            STREAM,
            0,
            10 + n,
            b'{"t":%d,"p":"2.50","q":"3.0","T":%d,"m":true}' % (10 + n, (MS + at) * unit),
        )
        for n, at in enumerate(instants_ms)
    ]


@pytest.mark.parametrize(
    ("wish", "ids"),
    [
        (Wish(limit=2), [14, 15]),
        (Wish(limit=2, from_id=11), [11, 12]),
        (Wish(limit=9, from_id=3), [10, 11, 12, 13, 14, 15]),
        (Wish(limit=9, from_id=99), []),
        (Wish(limit=9, ts_start_ms=MS + 1, ts_end_ms=MS + 2), [11, 12, 13]),
        (Wish(limit=2, ts_start_ms=MS + 1), [11, 12]),
        (Wish(limit=2, ts_end_ms=MS + 2), [12, 13]),
        (Wish(limit=2, ts_start_ms=MS + 9), []),
    ],
)
@pytest.mark.parametrize("unit", [1, 1000])
def test_trades_are_chosen(wish, ids, unit):
    facts = facts_of(0, 1, 1, 2, 3, 5, unit=unit)
    assert [one["t"] for one in chosen_trades(facts, wish)] == ids


@pytest.mark.parametrize(
    ("source", "quote"), [(Source.BINANCE_SPOT, "7.50000000"), (Source.BINANCE_USDM, "7.500")]
)
def test_a_trade_row_has_the_fields_of_the_venue(source, quote):
    payloads = chosen_trades(facts_of(4), Wish(limit=1))
    (row,) = trade_rows(source, payloads, is_micro=False)
    assert row["quoteQty"] == quote
    assert row["time"] == MS + 4
    assert ("isBestMatch" in row) == (source is Source.BINANCE_SPOT)
    (row,) = trade_rows(source, payloads, is_micro=True)
    assert row["time"] == (MS + 4) * 1000


def test_an_aggregate_row_drops_what_rest_does_not_give():
    payload = {"e": "aggTrade", "E": 1, "s": "X", "a": 1, "p": "1", "nq": "1", "T": MS, "st": 1}
    assert agg_trade_rows([payload], is_micro=False) == [{"a": 1, "p": "1", "nq": "1", "T": MS}]


def bar(opened: int, *, is_closed: bool) -> Fact:
    k = {"t": opened, "T": opened + 9, "x": is_closed} | dict.fromkeys("ohlcvqnVQB", str(opened))
    return STREAM, 0, opened, json.dumps({"k": k}, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("wish", "opened"),
    [
        (Wish(limit=9), [10, 20, 30]),
        (Wish(limit=1), [30]),
        (Wish(limit=1, ts_start_ms=10), [10]),
        (Wish(limit=9, ts_start_ms=11, ts_end_ms=20), [20]),
    ],
)
def test_klines_are_the_closed_bars_and_the_last(wish, opened):
    facts = [
        bar(10, is_closed=False),
        bar(10, is_closed=True),
        bar(20, is_closed=True),
        bar(30, is_closed=False),
    ]
    rows = kline_rows(facts, wish, is_micro=False)
    assert [row[0] for row in rows] == opened
    assert all(len(row) == 12 for row in rows)


def test_the_latest_is_nothing_where_there_was_nothing():
    assert last_payload([]) == []
    assert last_payload(facts_of(1, 2))[0]["t"] == 11
    assert milliseconds(MS * 1000 + 7) == milliseconds(MS) == MS
