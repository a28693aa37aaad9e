"""REST requests against a simulated venue: weights kept before anything is sent, refusals told."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from argus.clock import SystemClock
from argus.errors import RateLimited, Refused, Unreachable
from argus.events import Origin
from argus.network.limiter import Limiter
from argus.network.rest import BAN_S, RestClient
from argus.network.source import Request
from argus.network.sources import SOURCES
from argus.simulator import Fault, FaultKind, Limits, Source, Venue, VenueOptions
from tests.network.doubles import SECOND, T0, TestClock
from tests.waiting import until

MINUTE = 60 * SECOND
PING = Request("/api/v3/ping", 1)


def client_of(
    url: str, *, weight_max: int = 6000, header: str = "X-MBX-USED-WEIGHT-1M"
) -> tuple[RestClient, Limiter, TestClock]:
    clock = TestClock()
    limiter = Limiter(weight_max, MINUTE)
    return RestClient(url, limiter=limiter, weight_header=header, clock=clock), limiter, clock


def talking(
    talk: Callable[[Venue, RestClient, Limiter, TestClock], Awaitable[None]],
    *,
    source: Source = Source.BINANCE_SPOT,
    limits: Limits | None = None,
    **client_options,
) -> None:
    """Run a conversation with a venue that says nothing by itself, in the client's own time."""

    async def run() -> None:
        options = VenueOptions(source=source, symbols=("BTCUSDT", "ETHUSDT"), limits=limits)
        client, limiter, clock = client_of("", **client_options)
        async with Venue(options, now_ns=clock.now_ns) as venue:
            client._url = venue.rest_url
            try:
                await talk(venue, client, limiter, clock)
            finally:
                await client.close()

    asyncio.run(run())


@pytest.mark.parametrize("name", SOURCES)
def test_every_request_of_a_source_is_answered_with_what_it_asks_for(name):
    source = SOURCES[name]

    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        ts_recv, answer = await client.get(source.rest.universe)
        assert list(source.rest.instruments(answer, ts_recv)) == ["BTCUSDT", "ETHUSDT"]
        _, answer = await client.get(source.rest.snapshot("BTCUSDT", 100))
        book = source.rest.decode_snapshot(answer, ts_recv, Origin.SNAPSHOT)
        assert next(iter(book.bids)) < next(iter(book.asks))
        if source.rest.open_interest is not None:
            assert source.rest.decode_open_interest is not None
            _, answer = await client.get(source.rest.open_interest("BTCUSDT"))
            assert source.rest.decode_open_interest(answer, ts_recv, Origin.LIVE).open_interest > 0
        weights = [source.rest.universe.weight, source.rest.snapshot("BTCUSDT", 100).weight]
        weights += [1] if source.rest.open_interest else []
        assert limiter.used(clock.monotonic_ns()) == sum(weights)
        assert ts_recv == T0
        assert clock.slept == []

    talking(talk, source=Source(name))


def test_request_waits_until_its_weight_fits():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        for _ in range(25):
            await client.get(Request("/api/v3/ping", 10))
        assert (venue.counts["rest_requests"], venue.counts["rest_refused"]) == (25, 0)
        # Ten fit into a minute; the eleventh and the twenty-first waited for the window to pass.
        assert clock.slept == [60.0, 60.0]

    talking(talk, weight_max=100, header="")


def test_requests_side_by_side_never_exceed_the_weight():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        await asyncio.gather(*(client.get(Request("/api/v3/ping", 40)) for _ in range(5)))
        assert clock.elapsed == 2 * MINUTE
        assert venue.counts["rest_requests"] == 5

    talking(talk, weight_max=100, header="")


def test_what_the_venue_has_counted_is_believed():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        other = RestClient(  # another program with our address
            venue.rest_url, limiter=Limiter(10**6, MINUTE), weight_header="", clock=clock
        )
        await other.get(Request("/api/v3/depth?symbol=BTCUSDT&limit=5000", 250))
        await other.close()
        await client.get(PING)
        assert limiter.used(clock.monotonic_ns()) == 251

    talking(talk)


def test_venue_that_asks_to_wait_is_asked_nothing_until_then():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        await client.get(PING)
        with pytest.raises(RateLimited) as limited:
            await client.get(PING)
        assert (limited.value.status, limited.value.url) == (429, f"{venue.rest_url}/api/v3/ping")
        assert 0 < limited.value.retry_after_s <= 60
        asked = venue.counts["rest_requests"]
        await client.get(PING)
        assert sum(clock.slept) == limited.value.retry_after_s
        assert venue.counts["rest_requests"] == asked + 1

    talking(talk, limits=Limits(weight_per_minute=1), header="")


def test_ban_is_told_with_its_length():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        careless = RestClient(
            venue.rest_url, limiter=Limiter(10**6, MINUTE), weight_header="", clock=clock
        )
        await careless.get(PING)
        with pytest.raises(RateLimited):
            await careless.get(PING)
        await careless.close()
        with pytest.raises(RateLimited) as banned:
            await client.get(PING)
        assert (banned.value.status, banned.value.retry_after_s) == (418, 120)
        assert limiter.wait_ns(1, clock.monotonic_ns()) == 120 * SECOND

    talking(talk, limits=Limits(weight_per_minute=1, refusals_until_ban=1), header="")


def test_refusal_is_told_with_the_words_of_the_venue():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        with pytest.raises(Refused) as refused:
            await client.get(Request("/api/v3/depth?symbol=NOTHING", 5))
        assert (refused.value.status, refused.value.text) == (
            400,
            '{"code":-1121,"msg":"Invalid symbol."}',
        )
        venue.inject(Fault(kind=FaultKind.REFUSE_REST))
        with pytest.raises(Refused) as unavailable:
            await client.get(PING)
        assert unavailable.value.status == 503

    talking(talk)


def test_venue_without_an_answer_is_unreachable():
    async def run() -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        client, _, _ = client_of(f"http://127.0.0.1:{port}")
        with pytest.raises(Unreachable) as unreachable:
            await client.get(PING)
        assert unreachable.value.url == f"http://127.0.0.1:{port}/api/v3/ping"
        await client.close()
        await client.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n", BAN_S),
        (b"HTTP/1.1 418 Teapot\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 7.0),
        (b"HTTP/1.1 429 Too Many\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", BAN_S),
    ],
)
def test_wait_that_is_not_told_is_a_long_one(answer, expected):
    async def talk(client: RestClient) -> None:
        with pytest.raises(RateLimited) as limited:
            await client.get(PING)
        assert limited.value.retry_after_s == expected

    scripted(answer, talk)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"nonsense\r\n\r\n"]
)
def test_answer_that_breaks_off_is_none(answer):
    async def talk(client: RestClient) -> None:
        with pytest.raises(Unreachable):
            await client.get(PING)

    scripted(answer, talk)


def scripted(answer: bytes, talk: Callable[[RestClient], Awaitable[None]]) -> None:
    """Run a conversation with a server that has one answer to everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            client, _, _ = client_of(f"http://127.0.0.1:{port}")
            await talk(client)
            await client.close()

    asyncio.run(run())


def test_answer_is_stamped_when_its_last_byte_came():
    async def run() -> None:
        options = VenueOptions(source=Source.BINANCE_SPOT, symbols=("BTCUSDT",))
        async with Venue(options) as venue:
            clock = SystemClock()
            client = RestClient(
                venue.rest_url, limiter=Limiter(100, MINUTE), weight_header="", clock=clock
            )
            before = clock.now_ns()
            ts_recv, _ = await client.get(PING)
            assert before < ts_recv < clock.now_ns()
            await client.close()

    asyncio.run(run())


def test_spare_request_waits_while_others_need_the_weight():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        depth = SOURCES["binance_spot"].rest.snapshot("BTCUSDT", 100)
        assert depth.weight == 5
        await client.get(depth)
        clock.set(1)
        await client.get_spare(depth, 0.5)
        assert clock.slept == []
        await client.get_spare(depth, 0.5)
        assert clock.slept == [59.0]
        clock.slept.clear()
        await client.get(depth)
        assert clock.slept == []

    talking(talk, weight_max=20)


def test_nobody_waits_for_a_spare_request_that_waits():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        limiter.spend(15, 0)
        clock.is_held = True
        async with asyncio.TaskGroup() as tasks:
            spare = tasks.create_task(client.get_spare(PING, 0.5))
            await until(lambda: clock.slept)
            await client.get(PING)
            assert not spare.done()
            clock.is_held = False
        assert clock.slept == [60.0]

    talking(talk, weight_max=20)


def test_spare_request_lets_one_that_waits_for_its_weight_go_first():
    async def talk(venue: Venue, client: RestClient, limiter: Limiter, clock: TestClock) -> None:
        limiter.spend(10, 0)
        clock.is_held = True
        async with asyncio.TaskGroup() as tasks:
            heavy = tasks.create_task(client.get(Request(PING.path, 95)))
            await until(lambda: clock.slept)
            spare = tasks.create_task(client.get_spare(PING, 0.5))
            await until(lambda: len(clock.slept) == 2)
            assert (heavy.done(), spare.done()) == (False, False)
            clock.is_held = False
        assert clock.slept[:2] == [60.0, 0.1]

    talking(talk, weight_max=100)


def test_headers_of_a_request_are_sent():
    micro = (("X-MBX-TIME-UNIT", "MICROSECOND"),)
    path = "/api/v3/trades?symbol=BTCUSDT&limit=1"

    async def run() -> None:
        clock = SystemClock()
        async with Venue(VenueOptions(source=Source.BINANCE_SPOT, symbols=("BTCUSDT",))) as venue:
            client = RestClient(
                venue.rest_url, limiter=Limiter(100, MINUTE), weight_header="", clock=clock
            )
            await until(lambda: venue.truth.payloads("trade", "BTCUSDT"))
            venue.pause()
            answers = [await client.get(Request(path, 1, headers)) for headers in ((), micro)]
            milli, exact = (json.loads(answer)[0]["time"] for _, answer in answers)
            (*_, last) = venue.truth.payloads("trade", "BTCUSDT")
            assert (milli, exact) == (exact // 1000, json.loads(last)["T"])
            await client.close()

    asyncio.run(run())
