"""Endpoints without a server around them; over HTTP they are in `test_rest.py`."""

import json
from typing import Any

import pytest

from argus.simulator.answers import Answers, Question, RestError
from argus.simulator.limits import limits_of
from argus.simulator.market import Market
from argus.simulator.streams import Source
from argus.simulator.truth import Truth

START_NS = 1_760_000_000 * 10**9
HOURS_48_NS = 48 * 3600 * 10**9


def answers_of(source: Source) -> tuple[Answers, Market, Truth]:
    market = Market(
        source, ("BTCUSDT", "ETHUSDT"), seed=1, start_ns=START_NS, rate=500.0, levels=30
    )
    truth = Truth(keep=1000)
    truth.extend(market.advance(START_NS + 2 * 10**9))
    return Answers(source, market, limits_of(source), truth.latest), market, truth


def ask(answers: Answers, endpoint: str, **query: str) -> Any:
    body = answers.answer(endpoint, Question(query, has_key=True))
    return json.loads(body) if isinstance(body, bytes) else body


@pytest.mark.parametrize("source", list(Source))
def test_the_time_is_that_of_the_market(source):
    answers, market, _ = answers_of(source)
    assert ask(answers, "ping") == {}
    assert ask(answers, "time") == {"serverTime": market.now_ns // 10**6}


def test_spot_shows_the_symbols_that_are_asked_for():
    answers, market, _ = answers_of(Source.BINANCE_SPOT)

    def shown(**query: str) -> list[tuple[str, str]]:
        info = ask(answers, "exchangeInfo", **query)
        return [(one["symbol"], one["status"]) for one in info["symbols"]]

    assert shown(symbol="ETHUSDT") == [("ETHUSDT", "TRADING")]
    assert len(shown(symbols='["BTCUSDT","ETHUSDT"]')) == 2
    with pytest.raises(RestError, match="Invalid symbol"):
        shown(symbol="NOUSDT")
    market.delist_symbol("ETHUSDT")
    assert shown() == [("BTCUSDT", "TRADING")]
    answers.closing["ETHUSDT"] = "BREAK"
    assert shown() == [("BTCUSDT", "TRADING"), ("ETHUSDT", "BREAK")]


def test_a_depth_has_at_most_the_levels_that_are_asked_for():
    spot, _, _ = answers_of(Source.BINANCE_SPOT)
    assert len(ask(spot, "depth", symbol="BTCUSDT", limit="3")["bids"]) == 3
    assert len(ask(spot, "depth", symbol="BTCUSDT", limit="9999")["bids"]) > 20
    usdm, market, _ = answers_of(Source.BINANCE_USDM)
    assert len(ask(usdm, "depth", symbol="BTCUSDT")["asks"]) > 20
    market.delist_symbol("BTCUSDT")
    with pytest.raises(RestError):
        ask(usdm, "depth", symbol="BTCUSDT", limit="5")


def test_aggregates_of_futures_older_than_two_days_are_gone():
    answers, market, truth = answers_of(Source.BINANCE_USDM)
    first = json.loads(truth.payloads("aggTrade", "BTCUSDT")[0])["a"]
    assert ask(answers, "aggTrades", symbol="BTCUSDT", fromId=str(first))
    market.shift_clock(HOURS_48_NS + 10 * 10**9)
    assert ask(answers, "aggTrades", symbol="BTCUSDT", fromId=str(first)) == []


def test_what_was_never_sent_is_empty():
    answers = Answers(
        Source.BINANCE_USDM,
        Market(Source.BINANCE_USDM, ("BTCUSDT",), seed=1, start_ns=START_NS, levels=30),
        limits_of(Source.BINANCE_USDM),
        Truth(keep=1).latest,
    )
    assert ask(answers, "premiumIndex", symbol="BTCUSDT") == {}
    assert ask(answers, "ticker/bookTicker", symbol="BTCUSDT") == {}
    assert ask(answers, "premiumIndex") == []
    assert ask(answers, "trades", symbol="BTCUSDT") == []


def test_futures_questions_are_unknown_to_spot():
    answers, _, _ = answers_of(Source.BINANCE_SPOT)
    with pytest.raises(RestError) as raised:
        ask(answers, "openInterest", symbol="BTCUSDT")
    assert raised.value.status == 404
