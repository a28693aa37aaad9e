"""Streams by name: aliases, tiers and symbols."""

import pytest

from argus.simulator.streams import Source, Tier, channel_of, kind_of, stream_of, tier_of


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("btcusdt@depth", "btcusdt@depth"),
        ("btcusdt@depth@100ms", "btcusdt@depth"),
        ("btcusdt@depth@0ms", "btcusdt@depth"),
        ("btcusdt@depth20@100ms", "btcusdt@depth20@100ms"),
        ("btcusdt@markPrice@1s", "btcusdt@markPrice"),
        ("btcusdt@kline_1m", "btcusdt@kline_1m"),
        ("BTCUSDT@trade", "BTCUSDT@trade"),
        ("btcusdt", "btcusdt"),
        ("!forceOrder@arr", "!forceOrder@arr"),
    ],
)
def test_aliases_of_a_stream_share_its_channel(name, channel):
    assert channel_of(name) == channel


def test_the_kind_is_what_stands_behind_the_symbol():
    assert kind_of("depth@100ms") == "depth"
    assert kind_of("kline_1m") == "kline_1m"


def test_each_kind_has_its_tier():
    assert {kind: tier_of(Source.BINANCE_USDM, kind) for kind in ("trade", "aggTrade")} == {
        "trade": Tier.PUBLIC,
        "aggTrade": Tier.MARKET,
    }
    assert tier_of(Source.BINANCE_SPOT, "aggTrade") is Tier.ALL


def test_a_stream_is_written_in_lower_case_and_keeps_its_symbol():
    stream = stream_of(Source.BINANCE_USDM, "币安人生USDT", "depth@0ms")
    assert (stream.name, stream.channel) == ("币安人生usdt@depth@0ms", "币安人生usdt@depth")
    assert (stream.kind, stream.symbol, stream.tier) == ("depth", "币安人生USDT", Tier.PUBLIC)
    assert stream != stream_of(Source.BINANCE_USDM, "币安人生USDT", "depth@0ms")
