"""What Binance's markets have in common: channels, messages, keys."""

import json

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from argus.network.sources import binance_channels as channels
from tests.network.sources.golden import SPOT

CANDLE = SPOT["kline"][2]
SECOND = 1_000_000_000


def test_messages_name_their_streams_as_they_are():
    names = ["btcusdt@trade", "币安人生usdt@depth@100ms"]
    assert channels.subscribe(names, 7) == (
        '{"method":"SUBSCRIBE","params":["btcusdt@trade","币安人生usdt@depth@100ms"],"id":7}'
    )
    assert json.loads(channels.unsubscribe(names, 8)) == {
        "method": "UNSUBSCRIBE",
        "params": names,
        "id": 8,
    }


def test_candle_rises_with_its_trades_its_closing_and_the_next_candle():
    updates = [
        replace(CANDLE, ts_open=60 * minute * SECOND, trades=trades, closed=closed)
        for minute, trades, closed in [
            (0, 0, False),
            (0, 1, False),
            (0, 5000, False),
            (0, 5000, True),
            (1, 0, False),
            (1, 2, True),
        ]
    ]
    rising = [channels.kline_key(update) for update in updates]
    assert rising == sorted(rising)
    assert rising == list(dict.fromkeys(rising))


times = st.integers(0, 4_000_000_000)
candles = st.tuples(times, st.integers(0, 2**31 - 1), st.booleans())


@given(candles, candles)
def test_candles_are_ordered_by_begin_then_trades_then_closing(one, two):
    def key(candle: tuple[int, int, bool]) -> int:
        second, trades, closed = candle
        return channels.kline_key(
            replace(CANDLE, ts_open=second * SECOND, trades=trades, closed=closed)
        )

    assert (key(one) < key(two)) == (one < two)
    assert (key(one) == key(two)) == (one == two)


def test_depth_is_the_smallest_that_the_venue_allows_and_that_suffices():
    allowed = (100, 500, 1000, 5000)
    found = [channels.levels(n, allowed) for n in (1, 100, 101, 5000, 9999)]
    assert found == [100, 100, 500, 5000, 5000]


def test_channels_differ_by_route_and_evidence_only():
    for make in (channels.trade, channels.agg_trade, channels.bbo, channels.kline):
        channel = make("public", "as measured")
        assert (channel.route, channel.evidence) == ("public", "as measured")
