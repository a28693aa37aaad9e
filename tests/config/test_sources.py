"""One source's table: symbols, data types, addresses, and how they fit together."""

import tomllib

import pytest

from argus.config import Client, SourceConfig, SymbolRule
from argus.config.sources import parse_source
from argus.config.values import Where
from argus.errors import ConfigError
from tests.config.known import KNOWN


def read(text: str, name: str = "binance_spot") -> SourceConfig:
    where = Where("argus.toml", ("sources", name))
    return parse_source(name, tomllib.loads(text), KNOWN[name], where)


def refusal(text: str, name: str = "binance_spot") -> str:
    with pytest.raises(ConfigError) as raised:
        read(text, name)
    found, _, where = str(raised.value).rpartition("; at ")
    assert where.endswith("argus.toml")
    return f"{found} @ {where.removesuffix(' in argus.toml')}"


def test_everything_can_be_written():
    source = read(
        """
        symbols = ["BTCUSDT", "币安人生USDT"]
        data_types = ["trade", "kline"]
        standby = 0
        connection_lifetime_s = 3.5
        universe_every_s = 60
        websocket_url = "ws://localhost:9000/"
        rest_url = "http://localhost:9001"
        client = "websockets"
        coalesce_ms = 1
        streams_per_connection = 10
        kline_intervals = ["1s", "1m"]
        open_interest_every_s = 5
        snapshot_levels = 5000
        snapshot_every_s = 60
        seam_patience_ms = 500
        first_frame_s = 2
        silence_s = 3
        ring_facts = 64
        """
    )
    assert source == SourceConfig(
        name="binance_spot",
        symbols=("BTCUSDT", "币安人生USDT"),
        data_types=("trade", "kline"),
        standby=0,
        connection_lifetime_s=3.5,
        universe_every_s=60.0,
        websocket_urls={"": "ws://localhost:9000"},
        rest_url="http://localhost:9001",
        client=Client.WEBSOCKETS,
        coalesce_ms=1.0,
        streams_per_connection=10,
        kline_intervals=("1s", "1m"),
        open_interest_every_s=5.0,
        snapshot_levels=5000,
        snapshot_every_s=60.0,
        seam_patience_ms=500.0,
        first_frame_s=2.0,
        silence_s=3.0,
        ring_facts=64,
    )


def test_one_address_keeps_the_path_of_each_route():
    source = read('websocket_url = "ws://localhost:9000"', "binance_usdm")
    assert source.websocket_urls == {
        "public": "ws://localhost:9000/public",
        "market": "ws://localhost:9000/market",
    }


def test_a_route_that_is_not_written_keeps_its_address():
    source = read('websocket_urls = { public = "ws://localhost:1" }', "binance_usdm")
    assert source.websocket_urls == {
        "public": "ws://localhost:1",
        "market": "wss://fstream.binance.com/market",
    }


def test_default_depth_of_snapshots_is_what_the_venue_gives():
    assert read("").snapshot_levels == 1000
    assert read("", "binance_usdm").snapshot_levels == 500


def test_a_rule_asks_for_symbols():
    source = read('symbols = { quote = "USDT", base = ["BTC", "ETH"], max_symbols = 5 }')
    assert source.symbols == SymbolRule(
        quote=("USDT",), base=("BTC", "ETH"), status=("TRADING",), max_symbols=5
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            'data_types = ["trades"]',
            (
                '"trades" is not a data type of binance_spot (did you mean "trade"?); allowed: '
                "trade, agg_trade, bbo, book_delta, book_snapshot, kline "
                "@ sources.binance_spot.data_types"
            ),
        ),
        (
            "data_types = []",
            "[] is not a list of texts with at least one element @ sources.binance_spot.data_types",
        ),
        (
            'data_types = ["trade", "trade"]',
            '"trade" stands 2 times; once is enough @ sources.binance_spot.data_types',
        ),
        (
            'kline_intervals = ["2m"]',
            (
                '"2m" is not a kline interval of binance_spot; allowed: 1s, 1m '
                "@ sources.binance_spot.kline_intervals"
            ),
        ),
        (
            'symbols = "BTCUSDT"',
            (
                '"BTCUSDT" is not a list of symbols or a rule like { quote = "USDT" } '
                "@ sources.binance_spot.symbols"
            ),
        ),
        (
            'symbols = ["BTC/USDT"]',
            (
                '"BTC/USDT" is not a symbol as the venue writes it, e.g. BTCUSDT '
                "@ sources.binance_spot.symbols"
            ),
        ),
        (
            'symbols = [".."]',
            (
                '".." is not a symbol as the venue writes it, e.g. BTCUSDT '
                "@ sources.binance_spot.symbols"
            ),
        ),
        (
            "symbols = { }",
            (
                "a table is not a rule with at least one of quote, base, status, contract_type, "
                "max_symbols @ sources.binance_spot.symbols"
            ),
        ),
        (
            'symbols = { qoute = "USDT" }',
            (
                '"qoute" is not a key (did you mean "quote"?); allowed: quote, base, status, '
                "contract_type, max_symbols @ sources.binance_spot.symbols"
            ),
        ),
        (
            "symbols = { max_symbols = 0 }",
            "0 is not a whole number of at least 1 @ sources.binance_spot.symbols.max_symbols",
        ),
        (
            'websocket_url = "ws://a"\nwebsocket_urls = { }',
            (
                "websocket_url and websocket_urls are both given; one of them is allowed "
                "@ sources.binance_spot"
            ),
        ),
        (
            'websocket_url = "https://a"',
            (
                '"https://a" is not an address that begins with ws:// or wss:// '
                "@ sources.binance_spot.websocket_url"
            ),
        ),
        (
            'rest_url = "http://a:99999"',
            (
                '"http://a:99999" is not an address that begins with http:// or https:// '
                "@ sources.binance_spot.rest_url"
            ),
        ),
        (
            'websocket_urls = { public = "ws://a" }',
            (
                '"public" is not a route of binance_spot, which has no routes; allowed: '
                "websocket_url instead of websocket_urls @ sources.binance_spot.websocket_urls"
            ),
        ),
        (
            "connection_lifetime_s = 86400",
            (
                "86400 is not less than 86400 s, when the venue itself cuts a connection "
                "@ sources.binance_spot.connection_lifetime_s"
            ),
        ),
        (
            "connection_lifetime_s = 1\nseam_patience_ms = 1000",
            (
                "seam_patience_ms is 1000 and connection_lifetime_s is 1; the patience has to end "
                "before the connection does @ sources.binance_spot"
            ),
        ),
        (
            "streams_per_connection = 1025",
            (
                "1025 is more than binance_spot allows; at most 1024 "
                "@ sources.binance_spot.streams_per_connection"
            ),
        ),
        (
            "snapshot_levels = 5001",
            (
                "5001 is more than binance_spot allows; at most 5000 "
                "@ sources.binance_spot.snapshot_levels"
            ),
        ),
        ("standby = true", "true is not a whole number from 0 to 3 @ sources.binance_spot.standby"),
        (
            'client = "picow"',
            (
                '"picow" is not a value of this key (did you mean "picows"?); allowed: '
                "picows.websockets, websockets, picows @ sources.binance_spot.client"
            ),
        ),
    ],
)
def test_refusal_says_what_was_found_what_is_allowed_and_where(text: str, error: str):
    assert refusal(text) == error


def test_unknown_route_lists_the_routes():
    assert refusal('websocket_urls = { publi = "ws://a" }', "binance_usdm") == (
        '"publi" is not a route of binance_usdm (did you mean "public"?); allowed: public, market '
        "@ sources.binance_usdm.websocket_urls"
    )
