"""The three websocket clients, against a simulated venue over a real local socket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from argus.clock import SystemClock
from argus.errors import Unreachable
from argus.network.connection import FAILURES, Coalescer, Link, Opener
from argus.simulator import Fault, FaultKind, Limits, Source, Venue, VenueOptions
from tests.waiting import until

CLIENTS = ["picows.websockets", "websockets", "picows"]
each_client = pytest.mark.parametrize("client", CLIENTS)
NAMES = ["btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth@100ms"]
KINDS = {"btcusdt@trade": "trade", "btcusdt@bookTicker": "bookTicker", NAMES[2]: "depth"}


def venue_of(**changed) -> Venue:
    options = {
        "source": Source.BINANCE_SPOT,
        "symbols": ("BTCUSDT",),
        "rate": 4000.0,
        "wait_for_connections": 1,
        "facts_max": 1500,
    }
    return Venue(VenueOptions(**options | changed))  # type: ignore[arg-type]


class Ear:
    """One connection and what it heard."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.heard: list[tuple[int, bytes]] = []
        self.ended = ""

    async def listen(self) -> None:
        self.ended = await self.link.pump(lambda ts, frame: self.heard.append((ts, frame)))

    def frames(self, name: str) -> list[bytes]:
        begin = f'{{"stream":"{name}","data":'.encode()
        return [frame[len(begin) : -1] for _, frame in self.heard if frame.startswith(begin)]

    def answers(self) -> list[dict]:
        return [json.loads(frame) for _, frame in self.heard if b'"result"' in frame[:12]]


@asynccontextmanager
async def dialled(venue: Venue, client: str, coalesce_ms: float = 0.0) -> AsyncIterator[Ear]:
    """Open a connection and subscribe; close it at the end."""
    link = await Opener(client, SystemClock(), coalesce_ms=coalesce_ms)(
        venue.websocket_url + "/stream?timeUnit=MICROSECOND"
    )
    ear = Ear(link)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ear.listen())
        await link.send(json.dumps({"method": "SUBSCRIBE", "params": NAMES, "id": 1}))
        yield ear
        await link.close()


async def heard_all(venue: Venue, ear: Ear) -> None:
    await until(venue.finished.is_set)
    for name, kind in KINDS.items():
        await until(partial(is_level, venue, ear, name, kind))


def is_level(venue: Venue, ear: Ear, name: str, kind: str) -> bool:
    return len(ear.frames(name)) == len(truth(venue, kind))


def truth(venue: Venue, kind: str) -> list[bytes]:
    return venue.truth.payloads(kind, "BTCUSDT")


@each_client
@pytest.mark.parametrize("coalesce_ms", [0.0, 2.0])
def test_every_frame_arrives_as_it_was_sent_in_order_and_stamped(client, coalesce_ms):
    async def talk() -> None:
        async with venue_of() as venue:
            before = SystemClock().now_ns()
            async with dialled(venue, client, coalesce_ms) as ear:
                await heard_all(venue, ear)
            for name, kind in KINDS.items():
                assert ear.frames(name) == truth(venue, kind)
                assert ear.frames(name)
            stamps = [ts for ts, _ in ear.heard]
            assert stamps == sorted(stamps)
            assert before < stamps[0]
            assert stamps[-1] < SystemClock().now_ns()
            assert [answer["id"] for answer in ear.answers()] == [1]

    asyncio.run(talk())


def test_three_clients_hear_the_same():
    async def talk() -> None:
        async with venue_of(wait_for_connections=3) as venue:
            async with (
                dialled(venue, CLIENTS[0]) as one,
                dialled(venue, CLIENTS[1]) as two,
                dialled(venue, CLIENTS[2]) as three,
            ):
                for ear in (one, two, three):
                    await heard_all(venue, ear)
            for name in NAMES:
                assert one.frames(name) == two.frames(name) == three.frames(name)

    asyncio.run(talk())


@each_client
def test_own_close_ends_the_pump(client):
    async def talk() -> None:
        async with venue_of(facts_max=None) as venue:
            async with dialled(venue, client) as ear:
                await until(lambda: ear.frames(NAMES[0]))
            assert ear.ended
            await until(lambda: venue.sessions == [])

    asyncio.run(talk())


@each_client
@pytest.mark.parametrize("is_told", [True, False])
def test_end_by_the_venue_ends_the_pump_and_says_how(client, is_told):
    async def talk() -> None:
        limits = Limits(lifetime_s=0.3) if is_told else Limits()
        async with (
            venue_of(facts_max=None, limits=limits) as venue,
            dialled(venue, client) as ear,
        ):
            await until(lambda: ear.frames(NAMES[0]))
            if not is_told:
                venue.inject(Fault(kind=FaultKind.CUT))
            await until(lambda: ear.ended)
            assert ("1001" in ear.ended or "GOING_AWAY" in ear.ended) == is_told, ear.ended
            delivered = ear.frames(NAMES[0])
            assert delivered == truth(venue, "trade")[: len(delivered)]

    asyncio.run(talk())


@each_client
def test_message_on_a_connection_that_has_ended_fails_as_expected(client):
    async def talk() -> None:
        async with venue_of(facts_max=None) as venue, dialled(venue, client) as ear:
            await until(lambda: ear.heard)
            venue.inject(Fault(kind=FaultKind.CUT))
            await until(lambda: ear.ended)
            try:
                await ear.link.send("{}")
            except FAILURES:
                return

    asyncio.run(talk())


@each_client
def test_pings_of_the_venue_are_answered(client):
    async def talk() -> None:
        limits = Limits(ping_every_s=0.05, pong_within_s=0.3, messages_per_s=1000)
        async with (
            venue_of(facts_max=None, rate=50.0, limits=limits) as venue,
            dialled(venue, client) as ear,
        ):
            start = SystemClock().monotonic_ns()
            await until(lambda: SystemClock().monotonic_ns() - start > 700_000_000)
            assert (ear.ended, venue.counts["pongs_missed"]) == ("", 0)

    asyncio.run(talk())


@each_client
def test_frame_in_pieces_is_one_frame(client):
    """RFC 6455, 5.4: a message may come in fragments, with control frames between."""

    async def talk() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            key = next(
                line.partition(": ")[2]
                for line in request.splitlines()
                if line.lower().startswith("sec-websocket-key")
            )
            writer.write(accepted(key))
            writer.write(
                b"\x01\x03" + b'{"a' + b"\x89\x00" + b"\x00\x02" + b'":' + b"\x80\x02" + b"1}"
            )
            writer.write(b"\x81\x02{}" + b"\x82\x02[]")
            writer.write(b"\x88\x02\x03\xe8")
            writer.write_eof()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            link = await Opener(client, SystemClock())(f"ws://127.0.0.1:{port}/")
            ear = Ear(link)
            await ear.listen()
            await link.close()
        assert [bytes(frame) for _, frame in ear.heard] == [b'{"a":1}', b"{}", b"[]"]

    asyncio.run(talk())


def accepted(key: str) -> bytes:
    """The answer to a handshake (RFC 6455, 4.2.2)."""
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n\r\n"
    ).encode()


@each_client
def test_refused_dials_are_unreachable(client):
    async def talk() -> None:
        opener = Opener(client, SystemClock())
        async with venue_of() as venue:
            venue.inject(Fault(kind=FaultKind.REFUSE_DIAL))
            with pytest.raises(Unreachable) as refused:
                await opener(venue.websocket_url + "/stream?timeUnit=MICROSECOND")
            assert refused.value.url == venue.websocket_url + "/stream"
            assert refused.value.cause
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with pytest.raises(Unreachable):
            await opener(f"ws://127.0.0.1:{port}/stream")

    asyncio.run(talk())


def test_unknown_client_is_refused():
    with pytest.raises(AssertionError):
        Opener("telegraph", SystemClock())


# --- coalescing ------------------------------------------------------------------------------


class Gate(asyncio.ReadTransport):
    """A transport that only notes whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.deeds: list[str] = []
        self.is_ending = False

    def pause_reading(self) -> None:
        self.deeds.append("pause")

    def resume_reading(self) -> None:
        self.deeds.append("resume")

    def is_closing(self) -> bool:
        return self.is_ending


def test_reading_pauses_after_a_frame_that_follows_closely_and_goes_on():
    async def talk() -> None:
        gate = Gate()
        coalescer = Coalescer(gate, 0.001)
        coalescer.woken(10**9)
        assert gate.deeds == []
        coalescer.woken(10**9 + 3_999_999)
        coalescer.woken(10**9 + 3_999_999)
        assert gate.deeds == ["pause"]
        await until(lambda: gate.deeds == ["pause", "resume"])
        coalescer.woken(2 * 10**9)
        assert gate.deeds == ["pause", "resume"]

    asyncio.run(talk())


def test_transport_that_is_closing_is_let_be():
    async def talk() -> None:
        gate = Gate()
        coalescer = Coalescer(gate, 0.001)
        coalescer.woken(10**9)
        coalescer.woken(10**9 + 1)
        gate.is_ending = True
        await until(lambda: not coalescer._is_paused)
        coalescer.woken(10**9 + 2)
        assert gate.deeds == ["pause"]

    asyncio.run(talk())
