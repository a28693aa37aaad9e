"""Shell. One websocket: open it, send text, and pump its frames into a function.

Three clients, one shape. `picows.websockets` (a drop-in for the `websockets` API) and
`websockets` share the code below; `picows` is the same implementation without the queue between
socket and reader. `ts_recv` is taken as a frame leaves the client, before anything is parsed.

Read coalescing (with `picows.websockets` it takes `picows` itself): at live rates most of the cost
is one wake-up per segment. With `coalesce_ms` above 0 reading pauses for as long after each wake-up
that follows closely on another, and what has gathered is read at once. It blurs `ts_recv` by as
much.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import picows
import picows.websockets.asyncio.client as picows_client
import picows.websockets.exceptions as picows_exceptions
import websockets.asyncio.client as websockets_client
import websockets.exceptions as websockets_exceptions

from argus.clock import Clock
from argus.errors import Unreachable

type_of_receive = Callable[[int, bytes], None]

FRAME_BYTES_MAX = 16 * 2**20
QUEUE_FRAMES_MAX = 4096
OPEN_TIMEOUT_S = 10.0
PING_EVERY_S = 15.0
PING_TIMEOUT_S = 15.0
CLOSE_TIMEOUT_S = 2.0

FAILURES = (
    OSError,
    TimeoutError,
    EOFError,
    picows_exceptions.WebSocketException,
    websockets_exceptions.WebSocketException,
    picows.WSError,
)
CLOSED = (picows_exceptions.ConnectionClosed, websockets_exceptions.ConnectionClosed)


class Link(Protocol):
    """An open websocket."""

    async def send(self, text: str) -> None:
        """Send one text message."""
        ...

    async def pump(self, receive: type_of_receive) -> str:
        """Give each frame with its `ts_recv` to `receive` until the end; return how it ended."""
        ...

    def pace(self, pause_s: float | None) -> None:
        """Read so seldom from now on; None: as it was opened.

        Without effect where a client does not let its reading be paused.
        """
        ...

    async def close(self) -> None:
        """Say goodbye and close."""
        ...


class Open(Protocol):
    """Opens websockets; the real one is `Opener`, a simulated network has its own."""

    async def __call__(self, url: str) -> Link:
        """Return an open websocket.

        Raises:
            Unreachable: there is none to be had.
        """
        ...


class Coalescer:
    """Pauses reading for `pause_s` after each wake-up that follows closely on another."""

    def __init__(self, transport: asyncio.ReadTransport, pause_s: float) -> None:
        self._transport = transport
        self._pause_s = pause_s
        self._near_ns = int(pause_s * 4e9)
        self._ts_last = 0
        self._is_paused = False
        self._loop = asyncio.get_running_loop()

    def woken(self, now_ns: int) -> None:
        """Note a frame; the first one of a wake-up may pause reading."""
        if self._is_paused:
            return
        if now_ns - self._ts_last < self._near_ns and not self._transport.is_closing():
            self._is_paused = True
            self._transport.pause_reading()
            self._loop.call_later(self._pause_s, self._resume)
        self._ts_last = now_ns

    def _resume(self) -> None:
        self._is_paused = False
        if not self._transport.is_closing():
            self._transport.resume_reading()


class QueuedLink:
    """A websocket of `picows.websockets` or `websockets`."""

    # Any: the two libraries share an API, not a type.
    def __init__(self, socket: Any, clock: Clock, coalescer: Coalescer | None) -> None:  # noqa: ANN401
        self._socket = socket
        self._clock = clock
        self._coalescer = coalescer

    async def send(self, text: str) -> None:
        """Send one text message."""
        await self._socket.send(text)

    async def pump(self, receive: type_of_receive) -> str:
        """Give each frame with its `ts_recv` to `receive` until the end; return how it ended."""
        recv, now_ns, coalescer = self._socket.recv, self._clock.now_ns, self._coalescer
        try:
            if coalescer is None:
                while True:
                    frame = await recv(decode=False)
                    receive(now_ns(), frame)
            while True:
                frame = await recv(decode=False)
                ts_recv = now_ns()
                coalescer.woken(ts_recv)
                receive(ts_recv, frame)
        except CLOSED as ended:
            return str(ended)

    def pace(self, pause_s: float | None) -> None:
        """Have no effect: the queue between socket and reader paces itself."""

    async def close(self) -> None:
        """Say goodbye and close."""
        await self._socket.close()


class DirectLink(picows.WSListener):
    """A websocket of picows' own API: frames are handed over inside the read callback."""

    def __init__(self, clock: Clock, coalesce_s: float) -> None:
        super().__init__()
        self._now_ns = clock.now_ns
        self._coalesce_s = coalesce_s
        self._coalescer: Coalescer | None = None
        self._receive: type_of_receive = self._keep
        self._early: list[tuple[int, bytes]] = []
        self._parts: list[bytes] = []
        self.transport: picows.WSTransport | None = None

    def _keep(self, ts_recv: int, frame: bytes) -> None:
        self._early.append((ts_recv, frame))

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Keep the transport."""
        self.transport = transport
        self.pace(None)

    def pace(self, pause_s: float | None) -> None:
        """Read so seldom from now on; None: as it was opened."""
        assert self.transport is not None
        pause = self._coalesce_s if pause_s is None else pause_s
        transport = self.transport.underlying_transport
        self._coalescer = Coalescer(transport, pause) if pause else None

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Stamp a frame and hand it over."""
        ts_recv = self._now_ns()
        payload = frame.get_payload_as_bytes()
        if self._coalescer is not None:
            self._coalescer.woken(ts_recv)
        if payload[:1] == b"{" and frame.fin and not self._parts:
            # Asking for the type costs as much as all the rest; JSON says it by its first byte.
            self._receive(ts_recv, payload)
        else:
            self._other(ts_recv, payload, transport, frame)

    def _other(
        self, ts_recv: int, payload: bytes, transport: picows.WSTransport, frame: picows.WSFrame
    ) -> None:
        kind = frame.msg_type
        if kind == picows.WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif kind in {
            picows.WSMsgType.TEXT,
            picows.WSMsgType.BINARY,
            picows.WSMsgType.CONTINUATION,
        }:
            self._parts.append(payload)
            if frame.fin:
                whole, self._parts = b"".join(self._parts), []
                self._receive(ts_recv, whole)

    async def send(self, text: str) -> None:
        """Send one text message."""
        assert self.transport is not None
        self.transport.send(picows.WSMsgType.TEXT, text.encode())

    async def pump(self, receive: type_of_receive) -> str:
        """Give each frame with its `ts_recv` to `receive` until the end; return how it ended."""
        assert self.transport is not None
        for ts_recv, frame in self._early:
            receive(ts_recv, frame)
        self._early.clear()
        self._receive = receive
        await self.transport.wait_disconnected()
        return _ending(self.transport.close_handshake)

    async def close(self) -> None:
        """Say goodbye and close."""
        assert self.transport is not None
        self.transport.send_close(picows.WSCloseCode.OK)
        self.transport.disconnect()


def _ending(handshake: Any) -> str:  # noqa: ANN401 picows does not export its type
    """Return how a connection ended, in the words of the other two clients."""
    told = [
        f"{way} {int(info.code)} {info.reason or ''}".rstrip()
        for way, info in (
            ("received", handshake.recv if handshake else None),
            ("sent", handshake.sent if handshake else None),
        )
        if info is not None
    ]
    return "; then ".join(told) or "no close frame received or sent"


class Opener:
    """Opens websockets with one of the clients.

    Args:
        client: `picows.websockets`, `websockets` or `picows`.
        clock: stamps `ts_recv`.
        coalesce_ms: see the module's text; 0 reads at each wake-up.
    """

    def __init__(self, client: str, clock: Clock, *, coalesce_ms: float = 0.0) -> None:
        assert client in {"picows.websockets", "websockets", "picows"}
        self._client = client
        self._clock = clock
        self._coalesce_s = coalesce_ms / 1000
        # The drop-in keeps its transport to itself, so it cannot be told to pause.
        self._is_direct = client == "picows.websockets" and coalesce_ms > 0

    async def __call__(self, url: str) -> Link:
        """Return an open websocket.

        Raises:
            Unreachable: there is none to be had.
        """
        try:
            if self._client == "picows" or self._is_direct:
                return await self._open_direct(url)
            return await self._open_queued(url)
        except FAILURES as error:
            text = str(error) or type(error).__name__
            raise Unreachable(url.partition("?")[0], text) from error

    async def _open_queued(self, url: str) -> Link:
        library: Any = picows_client if self._client == "picows.websockets" else websockets_client
        socket = await library.connect(
            url,
            compression=None,
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=FRAME_BYTES_MAX,
            max_queue=QUEUE_FRAMES_MAX,
        )
        coalescer = None
        if self._coalesce_s:
            coalescer = Coalescer(socket.transport, self._coalesce_s)
        return QueuedLink(socket, self._clock, coalescer)

    async def _open_direct(self, url: str) -> Link:
        _, link = await picows.ws_connect(
            lambda: DirectLink(self._clock, self._coalesce_s),
            url,
            websocket_handshake_timeout=OPEN_TIMEOUT_S,
            enable_auto_ping=True,
            auto_ping_idle_timeout=PING_EVERY_S,
            auto_ping_reply_timeout=PING_TIMEOUT_S,
            enable_auto_pong=True,
            max_frame_size=FRAME_BYTES_MAX,
        )
        assert isinstance(link, DirectLink)
        return link
