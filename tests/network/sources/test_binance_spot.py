"""Binance spot as declared: names, fields, limits, requests."""

import json

import pytest

from argus.agora.path import Path
from argus.network.source import Request
from argus.network.sources.binance_spot import BINANCE_SPOT, snapshot_weight
from tests.network.sources.golden import SPOT

# web-socket-streams.md, as gathered for docs/adding-a-source.md. Order ids `b` and `a` of trades
# are no longer sent, but recordings have them.
DOCUMENTED = {
    "trade": ["e", "E", "s", "t", "p", "q", "T", "m", "M"],
    "agg_trade": ["e", "E", "s", "a", "p", "q", "f", "l", "T", "m", "M"],
    "bbo": ["u", "s", "b", "B", "a", "A"],
    "book_delta": ["e", "E", "s", "U", "u", "b", "a"],
    "kline": ["e", "E", "s", "k"],
}


def test_streams_of_a_symbol_are_named_as_the_venue_names_them():
    streams = BINANCE_SPOT.streams("BTCUSDT", BINANCE_SPOT.data_types, ("1m", "1h"))
    assert [(s.name, str(s.path)) for s in streams] == [
        ("btcusdt@trade", "binance_spot/trade/BTCUSDT"),
        ("btcusdt@aggTrade", "binance_spot/agg_trade/BTCUSDT"),
        ("btcusdt@bookTicker", "binance_spot/bbo/BTCUSDT"),
        ("btcusdt@depth@100ms", "binance_spot/book_delta/BTCUSDT"),
        ("btcusdt@kline_1m", "binance_spot/kline/BTCUSDT"),
        ("btcusdt@kline_1h", "binance_spot/kline/BTCUSDT"),
    ]


def test_one_route_serves_everything_in_microseconds():
    assert [c.route for c in BINANCE_SPOT.channels] == [""] * 5
    assert BINANCE_SPOT.websocket_urls[""] + BINANCE_SPOT.websocket_path == (
        "wss://stream.binance.com:9443/stream?timeUnit=MICROSECOND"
    )


@pytest.mark.parametrize("channel", BINANCE_SPOT.channels, ids=lambda c: c.data_type)
def test_every_documented_field_is_known(channel):
    assert [f for f in DOCUMENTED[channel.data_type] if f not in channel.fields] == []
    payload = json.loads(SPOT[channel.data_type][1])
    assert [f for f in payload if f not in channel.fields] == []


def test_names_of_recordings_are_known():
    stream = BINANCE_SPOT.identify("btcusdt@depth")
    assert stream is not None
    assert stream.path == Path("binance_spot", "book_delta", "BTCUSDT")


@pytest.mark.parametrize("name", ["btcusdt@depth20@100ms", "btcusdt@ticker", "btcusdt", ""])
def test_streams_that_are_not_recorded_are_not_mistaken(name):
    assert BINANCE_SPOT.identify(name) is None


@pytest.mark.parametrize(
    ("levels", "limit", "weight"),
    [(1, 100, 5), (100, 100, 5), (101, 500, 25), (1000, 1000, 50), (5000, 5000, 250)],
)
def test_snapshot_costs_what_its_depth_costs(levels, limit, weight):
    assert BINANCE_SPOT.rest.snapshot("BTCUSDT", levels) == Request(
        f"/api/v3/depth?symbol=BTCUSDT&limit={limit}", weight
    )
    assert snapshot_weight(limit) == weight


def test_symbol_outside_ascii_is_quoted_in_a_request():
    request = BINANCE_SPOT.rest.snapshot("币安人生USDT", 100)
    assert request.path == (
        "/api/v3/depth?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&limit=100"
    )


def test_limits_are_the_documented_ones():
    limits = BINANCE_SPOT.limits
    assert (
        limits.streams.value,
        limits.messages_per_second.value,
        limits.connections_per_window.value,
        limits.connection_window_s,
        limits.rest_weight.value,
        limits.connection_lifetime_s.value,
    ) == (1024, 5, 300, 300, 6000, 86_400)
    assert BINANCE_SPOT.rest.universe == Request("/api/v3/exchangeInfo", 20)
    assert BINANCE_SPOT.rest.open_interest is None
