"""Instruments are described with the fields of their venue."""

from typing import Any

import pytest

from argus.simulator.exchange_info import exchange_info
from argus.simulator.limits import Limits
from argus.simulator.streams import Source
from argus.simulator.symbols import spec_of


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        (Source.BINANCE_SPOT, {"baseAssetPrecision", "permissionSets", "isSpotTradingAllowed"}),
        (Source.BINANCE_USDM, {"pair", "contractType", "onboardDate", "liquidationFee"}),
    ],
)
def test_a_symbol_has_its_status_and_filters(source, fields):
    spec = spec_of(source, "ETHUSDT")
    info: dict[str, Any] = exchange_info(
        source, [(spec, "BREAK")], now_ms=5, limits=Limits(weight_per_minute=7)
    )
    (symbol,) = info["symbols"]
    assert fields <= symbol.keys()
    assert symbol["status"] == "BREAK"
    filters = {one["filterType"]: one for one in symbol["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == spec.tick_size
    assert filters["LOT_SIZE"]["stepSize"] == spec.lot_size
    assert info["serverTime"] == 5
    assert info["rateLimits"][0]["limit"] == 7
