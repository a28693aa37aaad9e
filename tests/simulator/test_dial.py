"""Addresses say what a socket is for."""

import pytest

from argus.simulator.dial import Dial, read_dial
from argus.simulator.streams import Source, Tier

SPOT, USDM = Source.BINANCE_SPOT, Source.BINANCE_USDM


@pytest.mark.parametrize(
    ("source", "target", "tier", "is_combined", "names"),
    [
        (SPOT, "/stream?streams=a@trade/b@trade", Tier.ALL, True, ("a@trade", "b@trade")),
        (SPOT, "/stream?streams=a%40trade%2Fb%40trade", Tier.ALL, True, ("a@trade", "b@trade")),
        (SPOT, "/stream", Tier.ALL, True, ()),
        (SPOT, "/ws/a@trade/b@trade", Tier.ALL, False, ("a@trade", "b@trade")),
        (SPOT, "/ws", Tier.ALL, False, ()),
        (SPOT, "/ws/%E5%B8%81@trade", Tier.ALL, False, ("币@trade",)),
        (USDM, "/public/stream?streams=a@trade", Tier.PUBLIC, True, ("a@trade",)),
        (USDM, "/market/ws/a@aggTrade", Tier.MARKET, False, ("a@aggTrade",)),
        (USDM, "/ws/a@trade", Tier.PUBLIC, False, ("a@trade",)),
    ],
)
def test_an_address_is_read(source, target, tier, is_combined, names):
    assert read_dial(source, target) == Dial(tier, is_combined, names)


@pytest.mark.parametrize(
    ("source", "target", "is_microsecond"),
    [
        (SPOT, "/stream?streams=a&timeUnit=MICROSECOND", True),
        (SPOT, "/ws/a?timeUnit=microsecond", True),
        (SPOT, "/ws/a?timeUnit=Microsecond", False),
        (USDM, "/public/ws/a?timeUnit=MICROSECOND", False),
    ],
)
def test_microseconds_are_asked_for_in_the_address(source, target, is_microsecond):
    dial = read_dial(source, target)
    assert dial is not None
    assert dial.is_microsecond is is_microsecond


@pytest.mark.parametrize(("source", "target"), [(SPOT, "/"), (SPOT, "/public/ws"), (USDM, "/api")])
def test_other_addresses_are_unknown(source, target):
    assert read_dial(source, target) is None
