"""One symbol, action by action; what holds over time is in `test_market.py`."""

import json

import pytest

from argus.simulator.draws import Draws
from argus.simulator.instrument import LATENCY_NS, Instrument
from argus.simulator.streams import Fact, Source
from argus.simulator.symbols import spec_of
from tests.simulator.readers import ClientBook, top_of

NOW_NS = 1_760_000_000 * 10**9


def instrument_of(source: Source, seed: int = 1, levels: int = 20) -> Instrument:
    return Instrument(
        source,
        spec_of(source, "BTCUSDT"),
        Draws(seed),
        now_ns=NOW_NS,
        levels=levels,
        intervals=("1m",),
    )


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("action", ["order", "quote"])
def test_an_action_ends_with_the_new_best_prices(source, action):
    instrument = instrument_of(source)
    for n in range(500):
        out: list[Fact] = []
        getattr(instrument, action)(NOW_NS + n, out)
        kinds = [fact[0].kind for fact in out]
        if kinds == ["trade"]:
            assert json.loads(out[0][3])["X"] == "INSURANCE_FUND"
            continue
        assert kinds[-1] == "bookTicker"
        assert set(kinds[:-1]) == ({"trade", "aggTrade"} if len(kinds) > 1 else set())
        best = json.loads(out[-1][3])
        book = ClientBook(json.loads(instrument.snapshot(NOW_NS, 5000)))
        assert (book.last_id, book.top) == (best["u"], top_of(best))


@pytest.mark.parametrize("source", list(Source))
def test_without_diffs_the_best_levels_never_run_out(source):
    instrument = instrument_of(source)
    for n in range(3000):
        instrument.order(NOW_NS + n, [])
    assert min(len(instrument.book.bids), len(instrument.book.asks)) >= 10


def test_a_trade_is_told_of_a_little_later():
    out: list[Fact] = []
    instrument_of(Source.BINANCE_SPOT).order(NOW_NS, out)
    trade = json.loads(out[0][3])
    assert trade["E"] - trade["T"] == LATENCY_NS // 1000


def test_a_bar_is_sent_when_it_changed_and_when_it_ends():
    instrument, out = instrument_of(Source.BINANCE_SPOT), list[Fact]()
    instrument.send_kline("1m", NOW_NS, out)
    assert out == []
    end_ns = instrument.bar_end_ns("1m")
    instrument.send_kline("1m", end_ns, out)
    bar = json.loads(out[0][3])["k"]
    assert (bar["x"], bar["n"], bar["f"], bar["L"]) == (True, 0, -1, -1)
    assert instrument.bar_end_ns("1m") == end_ns + 60 * 10**9


def test_what_has_no_ids_cannot_skip_any():
    with pytest.raises(AssertionError):
        instrument_of(Source.BINANCE_SPOT).skip_ids("kline", 1)
