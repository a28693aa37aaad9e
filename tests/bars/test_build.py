"""Bars of an iterable: whatever kind of trades it gives, the bars are the same."""

from argus.bars import Trades, bars, build, profile
from argus.events import Trade
from argus.terms import Origin, Side
from tests.bars.tape import tape

TAPE = tape(0.55, 2000)
SIDES = {1: Side.BUY, -1: Side.SELL}


def test_kinds_of_trades_give_the_same_bars(monkeypatch):
    expected = list(bars(Trades.of(TAPE), profile("1s")))
    events = [
        Trade(ts, ts, Origin.LIVE, number, price, size, SIDES[side], None)
        for price, size, side, ts, number in TAPE
    ]
    monkeypatch.setattr(build, "BATCH", 7)
    assert len(expected) == 19
    assert list(bars(TAPE, profile("1s"))) == expected
    assert list(bars(iter(events), profile("1s"))) == expected
