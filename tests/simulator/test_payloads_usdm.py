"""The payloads of futures have exactly the fields the venue writes."""

import json

import pytest

from argus.simulator import payloads_usdm as usdm

MS = 1_723_161_255_343


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (usdm.trade("S", MS, 1, "1", "2", MS, "true", "ADL"), "e E T s t p q X m st ps"),
        (usdm.agg_trade("S", MS, 1, "1", "2", "1", 1, 2, MS, "true"), "e E s a p q nq f l T m st"),
        (usdm.book_ticker("S", MS, 1, "1", "2", "3", "4"), "e u s b B a A T E st ps"),
        (usdm.depth("S", MS, 1, 2, 0, '["1","2"]', ""), "e E T s U u pu b a st ps"),
        (usdm.kline("S", MS, "{}"), "e E s k st"),
        (usdm.snapshot(MS, 1, "", ""), "lastUpdateId E T bids asks"),
        (usdm.mark_price("S", MS, "1", "2", "3", "4", "0.1", MS), "e E s p ap i P r T st"),
        (usdm.force_order("S", MS, "SELL", "1", "2", "3", MS), "e E o ps st"),
    ],
)
def test_the_fields_are_those_of_the_venue(payload, fields):
    assert list(json.loads(payload)) == fields.split(" ")
    assert usdm.in_milliseconds(payload) == payload


def test_a_liquidation_tells_of_its_order():
    order = json.loads(usdm.force_order("S", MS, "SELL", "1", "2", "3", MS))["o"]
    assert list(order) == ["s", "S", "o", "f", "q", "p", "ap", "X", "l", "z", "T"]
