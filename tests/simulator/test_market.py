"""The synthetic market keeps the promises a venue keeps."""

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.simulator.market import Market, Mix
from argus.simulator.streams import Fact, Source
from tests.simulator.readers import payloads, tops_at_diffs

MINUTE_NS = 60 * 10**9
SECOND_NS = 10**9
# 3 s before a minute, so that a bar closes in each run.
START_NS = 1_760_000_040 * 10**9 - 3 * SECOND_NS
SYMBOLS = ("BTCUSDT", "ETHUSDT", "币安人生USDT")

sources = st.sampled_from(list(Source))
seeds = st.integers(0, 2**32)


def market_of(source: Source, seed: int, **options: Any) -> Market:
    given = {"rate": 600.0, "start_ns": START_NS, "levels": 40} | options
    return Market(source, SYMBOLS, seed=seed, **given)


def run(market: Market, seconds: float = 6.0) -> list[Fact]:
    return market.advance(START_NS + int(seconds * SECOND_NS))


@settings(max_examples=10, deadline=None)
@given(source=sources, seed=seeds)
def test_trade_and_aggregate_ids_rise_by_one(source, seed):
    facts = run(market_of(source, seed))
    for symbol in SYMBOLS:
        for kind, key in (("trade", "t"), ("aggTrade", "a")):
            ids = [event[key] for event in payloads(facts, kind, symbol)]
            assert len(ids) > 10
            assert ids == list(range(ids[0], ids[0] + len(ids)))


@settings(max_examples=10, deadline=None)
@given(source=sources, seed=seeds)
def test_an_aggregate_is_the_trades_it_names(source, seed):
    facts = run(market_of(source, seed))
    for symbol in SYMBOLS:
        trades = {event["t"]: event for event in payloads(facts, "trade", symbol)}
        named: list[int] = []
        for event in payloads(facts, "aggTrade", symbol):
            ids = list(range(event["f"], event["l"] + 1))
            parts = [trades[n] for n in ids]
            assert {part["p"] for part in parts} == {event["p"]}
            assert {part["m"] for part in parts} == {event["m"]}
            assert sum(Decimal(part["q"]) for part in parts) == Decimal(event["q"])
            assert Decimal(event.get("nq", event["q"])) <= Decimal(event["q"])
            named += ids
        on_book = [n for n, event in trades.items() if event.get("X", "MARKET") == "MARKET"]
        assert named == on_book


@settings(max_examples=10, deadline=None)
@given(source=sources, seed=seeds)
def test_trades_happen_at_the_best_price_announced_before(source, seed):
    facts = run(market_of(source, seed))
    best: dict[str, dict[str, Any]] = {}
    compared = 0
    for stream, _, _, payload in facts:
        event = json.loads(payload)
        if stream.kind == "bookTicker":
            assert Decimal(event["b"]) < Decimal(event["a"])
            best[stream.symbol] = event
        elif stream.kind == "trade" and stream.symbol in best:
            known = best[stream.symbol]
            # The buyer is the maker where the taker sold at the bid.
            assert event["p"] == (known["b"] if event["m"] else known["a"])
            compared += 1
    assert compared > 100


@settings(max_examples=10, deadline=None)
@given(source=sources, seed=seeds, at_s=st.floats(0.5, 3.0))
def test_the_book_of_snapshot_and_diffs_has_the_announced_top(source, seed, at_s):
    market = market_of(source, seed)
    before = run(market, at_s)
    snapshots = {symbol: json.loads(market.depth(symbol, 5000) or b"") for symbol in SYMBOLS}
    facts = before + run(market)
    for symbol in SYMBOLS:
        events = [
            json.loads(payload)
            for stream, _, _, payload in facts
            if stream.symbol == symbol and stream.kind in {"depth", "bookTicker"}
        ]
        pairs = tops_at_diffs(snapshots[symbol], events)
        assert len(pairs) > 5
        assert [book for book, _ in pairs] == [best for _, best in pairs]


@settings(max_examples=10, deadline=None)
@given(source=sources, seed=seeds, at_s=st.floats(0.5, 3.0))
def test_exactly_one_diff_joins_a_snapshot(source, seed, at_s):
    market = market_of(source, seed)
    before = run(market, at_s)
    snapshot = json.loads(market.depth("BTCUSDT", 1000) or b"")
    last = snapshot["lastUpdateId"]
    diffs = payloads(before + run(market), "depth", "BTCUSDT")
    if source is Source.BINANCE_SPOT:
        assert all(b["U"] == a["u"] + 1 for a, b in itertools.pairwise(diffs))
        joining = [d for d in diffs if d["U"] <= last + 1 <= d["u"]]
    else:
        assert all(b["pu"] == a["u"] for a, b in itertools.pairwise(diffs))
        assert any(b["U"] > a["u"] + 1 for a, b in itertools.pairwise(diffs))
        joining = [d for d in diffs if d["U"] <= last <= d["u"] or d["pu"] == last][-1:]
    assert len(joining) == 1


@settings(max_examples=10, deadline=None)
@given(source=sources, seed=seeds)
def test_closed_klines_are_contiguous_and_sum_up_their_trades(source, seed):
    facts = market_of(source, seed, intervals=("1s", "1m")).advance(START_NS + 8 * SECOND_NS)
    unit_ns = 1000 if source is Source.BINANCE_SPOT else 1_000_000
    for symbol in SYMBOLS:
        trades = payloads(facts, "trade", symbol)
        for interval in ("1s", "1m"):
            bars = [event["k"] for event in payloads(facts, f"kline_{interval}", symbol)]
            closed = [bar for bar in bars if bar["x"]]
            assert closed
            assert [b["t"] for b in closed[1:]] == [a["T"] + 1 for a in closed[:-1]]
            for bar in closed:
                if bar["T"] * unit_ns < START_NS:
                    continue
                inside = [t for t in trades if bar["t"] <= t["T"] <= bar["T"]]
                assert bar == expected_bar(inside, bar)


def expected_bar(trades: list[dict[str, Any]], bar: dict[str, Any]) -> dict[str, Any]:
    """Return what a bar must say about trades; the rest is taken from the bar itself."""
    if not trades:
        return bar | {"f": -1, "L": -1, "n": 0, "o": bar["c"], "h": bar["c"], "l": bar["c"]}
    price = [t["p"] for t in trades]
    taken = [t for t in trades if not t["m"]]
    sizes = {"v": trades, "V": taken}
    sums = {key: sum((Decimal(t["q"]) for t in of), Decimal(0)) for key, of in sizes.items()}
    quotes = {
        key: sum((Decimal(t["q"]) * Decimal(t["p"]) for t in of), Decimal(0))
        for key, of in {"q": trades, "Q": taken}.items()
    }
    digits = len(bar["v"].partition(".")[2])
    return bar | {
        "f": trades[0]["t"],
        "L": trades[-1]["t"],
        "n": len(trades),
        "o": price[0],
        "c": price[-1],
        "h": max(price, key=Decimal),
        "l": min(price, key=Decimal),
        **{key: f"{value:.{digits}f}" for key, value in sums.items()},
        **{key: f"{value:.8f}" for key, value in quotes.items()},
    }


@settings(max_examples=8, deadline=None)
@given(source=sources, seed=seeds, steps=st.integers(1, 400))
def test_what_happens_depends_on_the_seed_and_not_on_how_it_is_asked(source, seed, steps):
    whole = run(market_of(source, seed), 2.0)
    market, parts = market_of(source, seed), []
    for n in range(1, steps + 1):
        parts += market.advance(START_NS + 2 * SECOND_NS * n // steps)
    values = [(f[0].name, *f[1:]) for f in whole]
    assert [(f[0].name, *f[1:]) for f in parts] == values
    assert [(f[0].name, *f[1:]) for f in run(market_of(source, seed + 1), 2.0)] != values


@pytest.mark.parametrize("source", list(Source))
def test_facts_come_in_order_and_within_the_limit_that_was_asked(source):
    market, taken = market_of(source, 7), []
    while market.now_ns < START_NS + 3 * SECOND_NS:
        part = market.advance(START_NS + 3 * SECOND_NS, 50)
        assert len(part) < 60
        taken += part
    assert [f[1] for f in taken] == sorted(f[1] for f in taken)
    assert [(f[0].name, *f[1:]) for f in taken] == [
        (f[0].name, *f[1:]) for f in run(market_of(source, 7), 3.0)
    ]


@pytest.mark.parametrize("source", list(Source))
def test_the_mix_and_the_rate_are_those_asked_for(source):
    facts = market_of(source, 3, rate=3000.0).advance(START_NS + 10 * SECOND_NS)
    counts = {kind: sum(f[0].kind == kind for f in facts) for kind in ("trade", "bookTicker")}
    assert counts["trade"] == pytest.approx(0.45 * 30_000, rel=0.1)
    assert counts["bookTicker"] == pytest.approx(0.47 * 30_000, rel=0.1)


def test_weights_share_out_the_rate():
    market = market_of(Source.BINANCE_SPOT, 3, weights={"BTCUSDT": 8.0})
    facts = run(market)
    by_symbol = [len(payloads(facts, "trade", symbol)) for symbol in SYMBOLS]
    assert by_symbol[0] > 4 * max(by_symbol[1:])


def test_a_mix_without_trades_is_refused():
    with pytest.raises(AssertionError):
        Mix(trade=0.0, book_ticker=0.9, depth=0.1)


def test_futures_send_marks_each_second_and_liquidations_now_and_then():
    facts = market_of(Source.BINANCE_USDM, 5, liquidations_per_s=1.0).advance(
        START_NS + 5 * SECOND_NS
    )
    for symbol in SYMBOLS:
        marks = payloads(facts, "markPrice", symbol)
        assert [b["E"] - a["E"] for a, b in itertools.pairwise(marks)] == [1000] * 4
        assert set(marks[0]) == {"e", "E", "s", "p", "ap", "i", "P", "r", "T", "st"}
        forced = payloads(facts, "forceOrder", symbol)
        assert len(forced) == 5
        assert set(forced[0]["o"]) == {"s", "S", "o", "f", "q", "p", "ap", "X", "l", "z", "T"}


def test_insurance_trades_take_ids_but_no_part_in_aggregates():
    facts = market_of(Source.BINANCE_USDM, 11, rate=5000.0).advance(START_NS + 10 * SECOND_NS)
    trades = [event for symbol in SYMBOLS for event in payloads(facts, "trade", symbol)]
    assert {event["X"] for event in trades} == {"MARKET", "INSURANCE_FUND"}


@pytest.mark.parametrize("source", list(Source))
def test_a_delisted_symbol_is_silent_and_goes_on_where_it_was(source):
    market = market_of(source, 9)
    first = run(market, 1.0)
    market.delist_symbol("BTCUSDT")
    assert [spec.symbol for spec in market.listed()] == list(SYMBOLS[1:])
    assert market.depth("BTCUSDT", 5) is None
    assert payloads(run(market, 2.0), "trade", "BTCUSDT") == []
    market.list_symbol("BTCUSDT")
    market.list_symbol("NEWUSDT")
    later = run(market, 4.0)
    ids = [event["t"] for event in payloads(first + later, "trade", "BTCUSDT")]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert payloads(later, "trade", "NEWUSDT")


@pytest.mark.parametrize("source", list(Source))
def test_skipped_ids_break_the_chains(source):
    market = market_of(source, 9)
    first = run(market, 1.0)
    for kind in ("trade", "aggTrade", "depth"):
        market.skip_ids("BTCUSDT", kind, 5)
    later = run(market, 2.0)
    for kind, key in (("trade", "t"), ("aggTrade", "a")):
        last = payloads(first, kind, "BTCUSDT")[-1][key]
        assert payloads(later, kind, "BTCUSDT")[0][key] == last + 6
    last_diff = payloads(first, "depth", "BTCUSDT")[-1]
    next_diff = payloads(later, "depth", "BTCUSDT")[0]
    if source is Source.BINANCE_SPOT:
        assert next_diff["U"] == last_diff["u"] + 6
    else:
        assert next_diff["pu"] == last_diff["u"] + 5


def test_a_long_run_keeps_a_narrow_and_full_book():
    market = market_of(Source.BINANCE_SPOT, 1, rate=5000.0)
    market.advance(START_NS + 60 * SECOND_NS)
    for symbol in SYMBOLS:
        book = json.loads(market.depth(symbol, 5000) or b"")
        assert 20 < len(book["bids"]) < 200
        assert 20 < len(book["asks"]) < 200
