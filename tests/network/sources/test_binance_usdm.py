"""Binance USD-M futures as declared: routes, names, fields, limits, requests."""

import json

import pytest

from argus.network.source import Request
from argus.network.sources.binance_usdm import BINANCE_USDM, snapshot_weight
from tests.network.sources.golden import USDM

DOCUMENTED = {
    "trade": ["e", "E", "T", "s", "t", "p", "q", "X", "m", "st", "ps"],
    "agg_trade": ["e", "E", "s", "a", "p", "q", "nq", "f", "l", "T", "m", "st"],
    "bbo": ["e", "u", "E", "T", "s", "b", "B", "a", "A", "ps", "st"],
    "book_delta": ["e", "E", "T", "s", "U", "u", "pu", "b", "a", "ps", "st"],
    "kline": ["e", "E", "s", "k"],
    "mark_price": ["e", "E", "s", "p", "i", "P", "r", "ap", "T", "st"],
    "liquidation": ["e", "E", "o", "ps", "st"],
}


def test_streams_of_a_symbol_are_named_and_routed_as_the_venue_does():
    streams = BINANCE_USDM.streams("BTCUSDT", BINANCE_USDM.data_types, ("1m",))
    assert [(s.channel.route, s.name, s.path.data_type) for s in streams] == [
        ("public", "btcusdt@trade", "trade"),
        ("market", "btcusdt@aggTrade", "agg_trade"),
        ("public", "btcusdt@bookTicker", "bbo"),
        ("public", "btcusdt@depth@100ms", "book_delta"),
        ("market", "btcusdt@kline_1m", "kline"),
        ("market", "btcusdt@markPrice@1s", "mark_price"),
        ("market", "btcusdt@forceOrder", "liquidation"),
    ]
    assert list(BINANCE_USDM.websocket_urls) == ["public", "market"]


@pytest.mark.parametrize("channel", BINANCE_USDM.channels, ids=lambda c: c.data_type)
def test_every_documented_field_is_known(channel):
    assert [f for f in DOCUMENTED[channel.data_type] if f not in channel.fields] == []
    payload = json.loads(USDM[channel.data_type][1])
    assert [f for f in payload if f not in channel.fields] == []


@pytest.mark.parametrize("name", ["btcusdt@depth@0ms", "btcusdt@depth", "btcusdt@depth@500ms"])
def test_names_of_recordings_are_known(name):
    stream = BINANCE_USDM.identify(name)
    assert stream is not None
    assert str(stream.path) == "binance_usdm/book_delta/BTCUSDT"


@pytest.mark.parametrize("name", ["btcusdt@depth20@100ms", "btcusdt@rpiDepth@500ms", "!bookTicker"])
def test_streams_that_are_not_recorded_are_not_mistaken(name):
    assert BINANCE_USDM.identify(name) is None


@pytest.mark.parametrize(
    ("levels", "limit", "weight"),
    [(1, 50, 2), (100, 100, 5), (101, 500, 10), (1000, 1000, 20), (5000, 1000, 20)],
)
def test_snapshot_costs_what_its_depth_costs(levels, limit, weight):
    assert BINANCE_USDM.rest.snapshot("BTCUSDT", levels) == Request(
        f"/fapi/v1/depth?symbol=BTCUSDT&limit={limit}", weight
    )
    assert snapshot_weight(limit) == weight


def test_open_interest_is_asked_for_by_symbol():
    ask = BINANCE_USDM.rest.open_interest
    assert ask is not None
    assert ask("BTCUSDT_261225") == Request("/fapi/v1/openInterest?symbol=BTCUSDT_261225", 1)


def test_limits_are_the_documented_ones_and_the_weight_is_shared():
    limits = BINANCE_USDM.limits
    assert (
        limits.streams.value,
        limits.messages_per_second.value,
        limits.rest_weight.value,
        limits.rest_budget,
        limits.connection_lifetime_s.value,
    ) == (200, 10, 2400, "binance_futures", 86_400)
    assert BINANCE_USDM.rest.universe == Request("/fapi/v1/exchangeInfo", 1)
