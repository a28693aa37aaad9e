"""Answers to requests for the past, as the venue's documentation has them, and the facts they are.

That they are the facts that the sockets gave is shown twice: by golden values, and against a
simulated venue, where every row of REST is compared with the frame that was sent of it.
"""

import asyncio
from typing import Any

import msgspec
import pytest

from argus.clock import SystemClock
from argus.events import AggTrade, Event, Kline, Origin, Side, Trade
from argus.network.history import History
from argus.network.limiter import Limiter
from argus.network.rest import RestClient
from argus.network.source import UNDECODABLE, Source
from argus.network.sources import SOURCES
from argus.network.sources import binance_history as history
from argus.simulator.options import VenueOptions
from argus.simulator.streams import Source as Simulated
from argus.simulator.venue import Venue
from tests.waiting import until

RECV = 1_900_000_000_000_000_123
BACKFILL = Origin.BACKFILL
MINUTE = 60 * 10**9

GOLDEN: list[tuple[Any, str, Event]] = [
    (
        history.trades,
        (
            '{"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012",'
            '"time":1499865549590,"isBuyerMaker":true,"isBestMatch":true}'
        ),
        Trade(1499865549590_000_000, RECV, BACKFILL, 28457, 4.000001, 12.0, Side.SELL, None),
    ),
    (
        history.trades,
        (
            '{"id":3735683259,"price":"61837.63","qty":"0.02","quoteQty":"1236.7526",'
            '"time":1723161255342123,"isBuyerMaker":false,"isBestMatch":true}'
        ),
        Trade(1723161255342123_000, RECV, BACKFILL, 3735683259, 61837.63, 0.02, Side.BUY, None),
    ),
    (
        history.agg_trades,
        (
            '{"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27783,"T":1498793709153,'
            '"m":true,"M":true}'
        ),
        AggTrade(
            *(1498793709153_000_000, RECV, BACKFILL, 26129, 0.01633102, 4.70443515),
            *(Side.SELL, 27781, 27783, None),
        ),
    ),
    (
        history.agg_trades,
        (
            '{"a":26129,"p":"0.01633102","q":"4.70443515","nq":"100","f":27781,"l":27781,'
            '"T":1498793709153,"m":false}'
        ),
        AggTrade(
            *(1498793709153_000_000, RECV, BACKFILL, 26129, 0.01633102, 4.70443515),
            *(Side.BUY, 27781, 27781, 100.0),
        ),
    ),
    (
        history.klines,
        (
            '[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",'
            '1499644799999,"2434.19055334",308,"1756.87402397","28.46694368","0"]'
        ),
        Kline(
            ts_event=1499644800000_000_000,
            ts_recv=RECV,
            origin=BACKFILL,
            interval="1w",
            ts_open=1499040000000_000_000,
            ts_close=1499644799999_000_000,
            open=0.0163479,
            high=0.8,
            low=0.015758,
            close=0.015771,
            volume=148976.11427815,
            quote_volume=2434.19055334,
            trades=308,
            taker_buy_volume=1756.87402397,
            taker_buy_quote_volume=28.46694368,
            closed=True,
        ),
    ),
]


@pytest.mark.parametrize(("decode", "row", "fact"), GOLDEN)
def test_row_of_the_documentation_is_this_fact(decode, row, fact):
    assert decode(f"[{row},{row}]".encode(), RECV, "1w") == [fact, fact]
    assert decode(b"[]", RECV, "1w") == []


def test_candle_in_the_making_is_left_out():
    row = '[{0},"1","1","1","1","1",{1},"1",1,"1","1","0"]'
    rows = ",".join(row.format(n * 60_000, n * 60_000 + 59_999) for n in (10, 11, 12))
    closed = history.klines(f"[{rows}]".encode(), 12 * MINUTE + 30 * 10**9, "1m")
    assert [getattr(fact, "ts_open", 0) for fact in closed] == [10 * MINUTE, 11 * MINUTE]


@pytest.mark.parametrize("decode", [history.trades, history.agg_trades, history.klines])
@pytest.mark.parametrize(
    "answer", [b"", b"{", b'{"code":-1121,"msg":"Invalid symbol."}', b"[1]", b'[["x"]]', b"[{}]"]
)
def test_what_is_no_answer_is_refused(decode, answer):
    with pytest.raises(UNDECODABLE):
        decode(answer, RECV, "1m")


def comparable(fact: Event) -> Event:
    """Return a fact without what cannot agree: how and when it came, and when a candle was sent."""
    changes: dict[str, Any] = {"ts_recv": 0, "origin": Origin.LIVE}
    if isinstance(fact, Kline):
        changes["ts_event"] = 0
    return msgspec.structs.replace(fact, **changes)


def live(source: Source, venue: Venue, data_type: str, kind: str) -> list[Event]:
    """Return what the sockets said, as the decoders of frames read it."""
    decode = next(c.decode for c in source.channels if c.data_type == data_type)
    frames = [
        b'{"stream":"btcusdt@%b","data":%b}' % (kind.encode(), payload)
        for payload in venue.truth.payloads(kind, "BTCUSDT")
    ]
    facts = [decode(frame, RECV, Origin.LIVE) for frame in frames]
    return [fact for fact in facts if getattr(fact, "closed", True)]


STREAMS = {"trade": "trade", "agg_trade": "aggTrade", "kline": "kline_1s"}
HISTORIES = [(s, h) for s in SOURCES.values() for h in s.rest.histories]


@pytest.mark.parametrize(
    ("source", "history"), HISTORIES, ids=[f"{s.name}-{h.data_type}" for s, h in HISTORIES]
)
def test_facts_of_the_past_are_those_that_the_sockets_gave(source: Source, history: History):
    kind = STREAMS[history.data_type]

    async def run() -> None:
        options = VenueOptions(
            source=Simulated(source.name), symbols=("BTCUSDT",), rate=400, intervals=("1s",)
        )
        async with Venue(options) as venue:
            await until(lambda: len(live(source, venue, history.data_type, kind)) >= 3)
            venue.pause()
            sent = live(source, venue, history.data_type, kind)
            client = RestClient(
                venue.rest_url, limiter=Limiter(6000, MINUTE), weight_header="", clock=SystemClock()
            )
            first, last = (getattr(fact, history.key) for fact in (sent[1], sent[-1]))
            request = history.request("BTCUSDT", "1s", first, last)
            ts_recv, answer = await client.get(request)
            facts = history.decode(answer, ts_recv, "1s")
            assert list(map(comparable, facts)) == list(map(comparable, sent[1:]))
            assert {fact.origin for fact in facts} == {Origin.BACKFILL}
            assert {fact.ts_recv for fact in facts} == {ts_recv}
            if history.finding is not None:
                await found(client, history, sent)
            await client.close()

    asyncio.run(run())


async def found(client: RestClient, history: History, sent: list[Event]) -> None:
    """Check that the key of the first fact at an instant, and of the latest, are found."""
    finding, middle = history.finding, sent[len(sent) // 2]
    assert finding is not None
    assert middle.ts_event is not None
    millisecond = middle.ts_event // 10**6 * 10**6
    _, answer = await client.get(finding.request("BTCUSDT", millisecond))
    keys = [getattr(f, history.key) for f in sent if (f.ts_event or 0) >= millisecond]
    at = finding.decode(answer)
    assert at is not None
    assert at[0] == keys[0]
    _, answer = await client.get(finding.request("BTCUSDT", None))
    latest = finding.decode(answer)
    assert latest is not None
    assert latest[1] == getattr(sent[-1], history.key)
    assert finding.decode(b"[]") is None
