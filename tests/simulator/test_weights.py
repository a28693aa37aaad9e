"""Requests cost what the venue's tables say."""

import pytest

from argus.simulator.streams import Source
from argus.simulator.weights import weight_of

SPOT, USDM = Source.BINANCE_SPOT, Source.BINANCE_USDM


@pytest.mark.parametrize(
    ("source", "endpoint", "query", "weight"),
    [
        (SPOT, "depth", {}, 5),
        (SPOT, "depth", {"limit": "100"}, 5),
        (SPOT, "depth", {"limit": "101"}, 25),
        (SPOT, "depth", {"limit": "1000"}, 50),
        (SPOT, "depth", {"limit": "5000"}, 250),
        (SPOT, "depth", {"limit": "9999"}, 250),
        (SPOT, "aggTrades", {}, 4),
        (SPOT, "historicalTrades", {}, 25),
        (SPOT, "exchangeInfo", {}, 20),
        (SPOT, "klines", {"limit": "1000"}, 2),
        (SPOT, "ticker/bookTicker", {"symbol": "X"}, 2),
        (SPOT, "ticker/bookTicker", {}, 4),
        (SPOT, "unknown", {}, 1),
        (USDM, "depth", {"limit": "50"}, 2),
        (USDM, "depth", {}, 10),
        (USDM, "depth", {"limit": "1000"}, 20),
        (USDM, "aggTrades", {}, 20),
        (USDM, "historicalTrades", {}, 200),
        (USDM, "klines", {"limit": "99"}, 1),
        (USDM, "klines", {"limit": "1500"}, 10),
        (USDM, "premiumIndex", {}, 10),
        (USDM, "premiumIndex", {"symbol": "X"}, 1),
        (USDM, "openInterest", {"symbol": "X"}, 1),
        (USDM, "depth", {"limit": "many"}, 10),
    ],
)
def test_a_request_has_its_weight(source, endpoint, query, weight):
    assert weight_of(source, endpoint, query) == weight
