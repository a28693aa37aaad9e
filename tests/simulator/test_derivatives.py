"""The futures side of a symbol: marks near the last price, liquidations by chance."""

import json

import pytest

from argus.simulator.derivatives import FUNDING_EVERY_MS, Derivatives
from argus.simulator.draws import Draws
from argus.simulator.instrument import Instrument
from argus.simulator.streams import Fact, Source
from argus.simulator.symbols import spec_of

NOW_NS = 1_760_000_000 * 10**9


def derivatives_of(liquidations_per_s: float) -> Derivatives:
    draws = Draws(3)
    spec = spec_of(Source.BINANCE_USDM, "BTCUSDT")
    instrument = Instrument(
        Source.BINANCE_USDM, spec, draws, now_ns=NOW_NS, levels=30, intervals=("1m",)
    )
    return Derivatives(instrument, draws, liquidations_per_s)


@pytest.mark.parametrize(
    ("per_s", "kinds"), [(0.0, ["markPrice"]), (1.0, ["markPrice", "forceOrder"])]
)
def test_a_second_has_a_mark_and_perhaps_a_liquidation(per_s, kinds):
    out: list[Fact] = []
    derivatives_of(per_s).send(NOW_NS, out)
    assert [fact[0].kind for fact in out] == kinds
    mark = json.loads(out[0][3])
    assert abs(float(mark["p"]) - 61837.63) < 1
    assert mark["T"] > mark["E"]
    assert mark["T"] % FUNDING_EVERY_MS == 0


def test_open_interest_moves():
    derivatives = derivatives_of(0.0)
    before = derivatives.open_interest_text()
    derivatives.send(NOW_NS, [])
    assert derivatives.open_interest_text() != before
    assert float(before) > 0
