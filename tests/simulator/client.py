"""Shell. A client that keeps all it gets, on picows; and a venue that is small and quick."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from argus.simulator import Source, Venue, VenueOptions
from tests.waiting import until


class Client(WSListener):
    """One connection; text messages, pings, pongs and the close are kept."""

    def __init__(self, *, answers_pings: bool = True) -> None:
        self.answers_pings = answers_pings
        self.texts: list[bytes] = []
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []
        self.close_code: WSCloseCode | None = None
        self.is_over = False
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if frame.msg_type == WSMsgType.TEXT:
            self.texts.append(payload)
        elif frame.msg_type == WSMsgType.PING:
            self.pings.append(payload)
            if self.answers_pings:
                transport.send_pong(payload)
        elif frame.msg_type == WSMsgType.PONG:
            self.pongs.append(payload)
        elif frame.msg_type == WSMsgType.CLOSE:
            self.close_code = frame.get_close_code()
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_over = True

    def ask(self, request: object) -> None:
        assert self.transport is not None
        text = request if isinstance(request, bytes) else json.dumps(request).encode()
        self.transport.send(WSMsgType.TEXT, text)

    def subscribe(self, *streams: str, number: int = 1) -> None:
        self.ask({"method": "SUBSCRIBE", "params": streams, "id": number})

    async def reply(self, number: object = 1) -> dict[str, Any]:
        """Wait for the answer to a request and return it."""

        def found() -> list[dict[str, Any]]:
            answers = [json.loads(t) for t in self.texts if b'"id":' in t]
            return [a for a in answers if a["id"] == number]

        return (await until(found))[0]

    async def ended(self) -> None:
        await until(lambda: self.is_over)

    def data(self, stream: str) -> list[bytes]:
        """Return the payloads that came of a stream, as bytes."""
        head = f'{{"stream":"{stream}","data":'.encode()
        return [t[len(head) : -1] for t in self.texts if t.startswith(head)]

    async def has(self, stream: str, count: int = 1) -> list[bytes]:
        """Wait until so many payloads of a stream have come."""
        return await until(lambda: len(d := self.data(stream)) >= count and d)


async def dial(url: str, path: str = "/stream", **options: Any) -> Client:
    _, client = await ws_connect(lambda: Client(**options), url + path, enable_auto_pong=False)
    assert isinstance(client, Client)
    return client


def venue_of(source: Source = Source.BINANCE_SPOT, **options: Any) -> Venue:
    """Return a venue of two symbols that speaks often."""
    given: dict[str, Any] = {
        "symbols": ("BTCUSDT", "ETHUSDT"),
        "rate": 400.0,
        "tick_ms": 2.0,
        "book_levels": 40,
    }
    return Venue(VenueOptions(source=source, **(given | options)))


def play(scene: Callable[[Venue], Awaitable[None]], venue: Callable[[], Venue]) -> Venue:
    """Run a scene with a venue and return the venue, closed."""

    async def run() -> Venue:
        async with venue() as entered:
            await scene(entered)
        return entered

    return asyncio.run(run())


async def caught_up(venue: Venue, client: Client, stream: str, kind: str, symbol: str) -> None:
    """Stop production and wait until a client has the last fact of a stream."""
    venue.pause()
    last = venue.truth.payloads(kind, symbol)[-1]
    await until(lambda: client.data(stream)[-1:] == [last])
