"""Spot's payloads have exactly the fields the venue writes."""

import json

import pytest

from argus.simulator import payloads_spot as spot

US = 1_723_161_255_343_123

FIELDS = [
    (spot.trade("S", US, 1, "1.0", "2.0", US, "true", "MARKET"), "e E s t p q T m M"),
    (
        spot.agg_trade("S", US, 1, "1.0", "2.0", "2.0", 1, 2, US, "true"),
        "e E s a p q f l T m M",
    ),
    (spot.book_ticker("S", US, 1, "1.0", "2.0", "3.0", "4.0"), "u s b B a A"),
    (spot.depth("S", US, 1, 2, 0, '["1","2"]', ""), "e E s U u b a"),
    (spot.kline("S", US, "{}"), "e E s k"),
    (spot.snapshot(US, 1, '["1","2"]', ""), "lastUpdateId bids asks"),
]


@pytest.mark.parametrize(("payload", "fields"), FIELDS)
def test_the_fields_are_those_of_the_venue(payload, fields):
    assert list(json.loads(payload)) == fields.split(" ")


@pytest.mark.parametrize(("payload", "fields"), FIELDS)
def test_milliseconds_are_microseconds_without_their_end(payload, fields):
    exact, short = json.loads(payload), json.loads(spot.in_milliseconds(payload))
    times = {key: value // 1000 for key, value in exact.items() if value == US}
    assert short == exact | times


def test_the_times_of_a_bar_are_shortened_too():
    bar = '{"t":1723161240000000,"T":1723161299999999,"f":12345}'
    short = json.loads(spot.in_milliseconds(spot.kline("S", US, bar)))["k"]
    assert short == {"t": 1723161240000, "T": 1723161299999, "f": 12345}


def test_a_recorded_trade_has_the_same_form():
    recorded = (
        b'{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000",'
        b'"q":"0.02000000","T":1723161255342,"m":true,"M":true}'
    )
    ours = spot.trade(
        "BTCUSDT",
        1723161255343,
        3735683259,
        "61837.63000000",
        "0.02000000",
        1723161255342,
        "true",
        "MARKET",
    )
    assert ours == recorded
