"""REST answers like the venue: what was sent, at its weight, within its limits."""

import json
from typing import Any

import aiohttp
import pytest

from argus.simulator import Limits, Source, Venue
from tests.simulator.client import dial, play, venue_of
from tests.simulator.readers import tops_at_diffs
from tests.waiting import until

PREFIX = {Source.BINANCE_SPOT: "/api/v3/", Source.BINANCE_USDM: "/fapi/v1/"}
KEY = {"X-MBX-APIKEY": "any"}
MICRO = {"X-MBX-TIME-UNIT": "MICROSECOND"}


class Rest:
    """Requests to a venue; the answer, its status and its headers."""

    def __init__(self, venue: Venue) -> None:
        self._base = venue.rest_url + PREFIX[venue.options.source]

    async def get(
        self, path: str, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(self._base + path, headers=headers) as answer,
        ):
            return answer.status, await answer.json(), dict(answer.headers)

    async def rows(self, path: str, headers: dict[str, str] | None = None) -> Any:
        status, body, _ = await self.get(path, headers)
        assert status == 200, body
        return body


async def produced(venue: Venue, kind: str, count: int) -> list[dict[str, Any]]:
    """Wait until there are so many facts of a kind, stop, and return them."""
    await until(lambda: len(venue.truth.payloads(kind, "BTCUSDT")) >= count)
    venue.pause()
    return [json.loads(payload) for payload in venue.truth.payloads(kind, "BTCUSDT")]


@pytest.mark.parametrize("source", list(Source))
def test_history_is_what_was_sent(source):
    unit = 1000 if source is Source.BINANCE_SPOT else 1

    async def scene(venue: Venue) -> None:
        trades, rest = await produced(venue, "trade", 60), Rest(venue)
        aggregates = [json.loads(p) for p in venue.truth.payloads("aggTrade", "BTCUSDT")]
        first = trades[10]["t"]
        rows = await rest.rows(f"historicalTrades?symbol=BTCUSDT&fromId={first}&limit=20", KEY)
        assert [(r["id"], r["price"], r["qty"], r["isBuyerMaker"], r["time"]) for r in rows] == [
            (t["t"], t["p"], t["q"], t["m"], t["T"] // unit) for t in trades[10:30]
        ]
        latest = await rest.rows("trades?symbol=BTCUSDT&limit=5")
        assert [r["id"] for r in latest] == [t["t"] for t in trades[-5:]]
        rows = await rest.rows(f"aggTrades?symbol=BTCUSDT&fromId={aggregates[3]['a']}&limit=7")
        kept = [k for k in ("a", "p", "q", "nq", "f", "l", "m") if k in aggregates[0]]
        assert [[r[k] for k in kept] for r in rows] == [
            [a[k] for k in kept] for a in aggregates[3:10]
        ]
        start, end = aggregates[5]["T"] // unit, aggregates[15]["T"] // unit
        rows = await rest.rows(f"aggTrades?symbol=BTCUSDT&startTime={start}&endTime={end}")
        assert [r["a"] for r in rows] == [
            a["a"] for a in aggregates if start <= a["T"] // unit <= end
        ]
        rows = await rest.rows(f"aggTrades?symbol=BTCUSDT&endTime={end}&limit=3")
        inside = [a["a"] for a in aggregates if a["T"] // unit <= end]
        assert [r["a"] for r in rows] == inside[-3:]

    play(scene, lambda: venue_of(source))


@pytest.mark.parametrize("source", list(Source))
def test_klines_are_the_bars_that_were_sent(source):
    unit = 1000 if source is Source.BINANCE_SPOT else 1

    async def scene(venue: Venue) -> None:
        await until(
            lambda: sum(b'"x":true' in p for p in venue.truth.payloads("kline_1s", "BTCUSDT")) > 2
        )
        venue.pause()
        bars = [json.loads(p)["k"] for p in venue.truth.payloads("kline_1s", "BTCUSDT")]
        final = [bar for bar in bars if bar["x"]]
        rest = Rest(venue)
        rows = await rest.rows("klines?symbol=BTCUSDT&interval=1s")
        assert rows[: len(final)] == [
            [
                bar["t"] // unit,
                *(bar[k] for k in "ohlcv"),
                bar["T"] // unit,
                *(bar[k] for k in "qnVQB"),
            ]
            for bar in final
        ]
        start = final[1]["t"] // unit
        rows = await rest.rows(f"klines?symbol=BTCUSDT&interval=1s&startTime={start}&limit=1")
        assert [row[0] for row in rows] == [start]
        assert await rest.rows("klines?symbol=BTCUSDT&interval=1h") == []

    play(scene, lambda: venue_of(source, intervals=("1s",), speed=10.0))


@pytest.mark.parametrize("source", list(Source))
def test_a_book_of_snapshot_and_stream_has_the_announced_top(source):
    async def scene(venue: Venue) -> None:
        url = venue.websocket_urls.get("public", venue.websocket_url)
        client = await dial(url, "/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker")
        await client.has("btcusdt@depth@100ms")
        snapshot = await Rest(venue).rows("depth?symbol=BTCUSDT&limit=1000")
        await client.has("btcusdt@depth@100ms", 15)
        events = [json.loads(text)["data"] for text in client.texts]
        pairs = tops_at_diffs(snapshot, events)
        assert len(pairs) > 5
        assert [book for book, _ in pairs] == [best for _, best in pairs]

    play(scene, lambda: venue_of(source))


def test_microseconds_are_given_where_they_are_asked_for():
    async def scene(venue: Venue) -> None:
        trades, rest = await produced(venue, "trade", 5), Rest(venue)
        milli = await rest.rows("trades?symbol=BTCUSDT&limit=1")
        micro = await rest.rows("trades?symbol=BTCUSDT&limit=1", MICRO)
        assert micro[0]["time"] == trades[-1]["T"]
        assert milli[0]["time"] == trades[-1]["T"] // 1000

    play(scene, venue_of)


def test_the_present_of_futures_can_be_asked():
    async def scene(venue: Venue) -> None:
        (mark, *_), rest = await produced(venue, "markPrice", 1), Rest(venue)
        found = await rest.rows("premiumIndex?symbol=BTCUSDT")
        assert (found["markPrice"], found["nextFundingTime"]) == (mark["p"], mark["T"])
        assert {one["symbol"] for one in await rest.rows("premiumIndex")} <= {"BTCUSDT", "ETHUSDT"}
        interest = await rest.rows("openInterest?symbol=BTCUSDT")
        assert set(interest) == {"symbol", "openInterest", "time"}

    play(scene, lambda: venue_of(Source.BINANCE_USDM))


@pytest.mark.parametrize("source", list(Source))
def test_the_best_prices_are_those_announced_last(source):
    async def scene(venue: Venue) -> None:
        best, rest = (await produced(venue, "bookTicker", 3))[-1], Rest(venue)
        row = await rest.rows("ticker/bookTicker?symbol=BTCUSDT")
        assert [row[k] for k in ("bidPrice", "bidQty", "askPrice", "askQty")] == [
            best[k] for k in "bBaA"
        ]
        assert len(await rest.rows("ticker/bookTicker")) >= 1

    play(scene, lambda: venue_of(source))


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("depth?limit=5", 400, -1102),
        ("depth?symbol=NOUSDT&limit=5", 400, -1121),
        ("depth?symbol=BTCUSDT&limit=many", 400, -1100),
        ("aggTrades?symbol=btcusdt", 400, -1121),
        ("klines?symbol=BTCUSDT&interval=1x", 400, -1120),
        ("nothing", 404, -1000),
    ],
)
def test_a_wrong_request_gets_the_error_of_the_venue(source, path, status, code):
    async def scene(venue: Venue) -> None:
        found, body, _ = await Rest(venue).get(path)
        assert (found, body["code"]) == (status, code)

    play(scene, lambda: venue_of(source))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("historicalTrades?symbol=BTCUSDT", 401, -2014),
        ("depth?symbol=BTCUSDT&limit=7", 400, -4021),
        ("aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", 400, -1128),
        ("aggTrades?symbol=BTCUSDT&startTime=1&endTime=3600002", 400, -1127),
    ],
)
def test_futures_refuse_what_spot_allows(path, status, code):
    async def scene(venue: Venue) -> None:
        found, body, _ = await Rest(venue).get(path)
        assert (found, body["code"]) == (status, code)

    play(scene, lambda: venue_of(Source.BINANCE_USDM))


def test_used_weight_is_told_and_too_much_of_it_refused_then_banned():
    async def scene(venue: Venue) -> None:
        rest = Rest(venue)
        _, _, headers = await rest.get("exchangeInfo")
        assert headers["X-MBX-USED-WEIGHT-1M"] == "20"
        _, _, headers = await rest.get("depth?symbol=BTCUSDT&limit=5000")
        assert headers["X-MBX-USED-WEIGHT-1M"] == "270"
        statuses = [(await rest.get("depth?symbol=BTCUSDT&limit=5000"))[0] for _ in range(2)]
        assert statuses == [429, 429]
        status, body, headers = await rest.get("ping")
        assert (status, body["code"]) == (418, -1003)
        assert 0 < int(headers["Retry-After"]) <= 60

    limits = Limits(weight_per_minute=300, refusals_until_ban=2, ban_s=60.0)
    # A clock that stands still: the budget is that of one minute.
    play(scene, lambda: Venue(venue_of(limits=limits).options, now_ns=lambda: 10**18))


@pytest.mark.parametrize("source", list(Source))
def test_the_symbols_carry_the_rules_of_the_venue(source):
    async def scene(venue: Venue) -> None:
        info = await Rest(venue).rows("exchangeInfo")
        (first, _) = info["symbols"]
        filters = {one["filterType"]: one for one in first["filters"]}
        assert float(filters["PRICE_FILTER"]["tickSize"]) == 0.01
        assert float(filters["LOT_SIZE"]["stepSize"]) == 0.00001
        assert (first["baseAsset"], first["quoteAsset"]) == ("BTC", "USDT")
        assert info["rateLimits"][0]["rateLimitType"] == "REQUEST_WEIGHT"

    play(scene, lambda: venue_of(source))
