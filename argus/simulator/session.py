"""Shell. One websocket connection: what it asked for, what waits for it, and what ails it."""

from collections.abc import Callable
from typing import Protocol

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from argus.simulator.dial import Dial
from argus.simulator.frames import Opcode, close_frame, control_frame, text_frame
from argus.simulator.limits import SECOND_NS, Limits, Window
from argus.simulator.outbox import Outbox
from argus.simulator.requests import BadRequest, Method, Request, answer, read_request, refusal
from argus.simulator.tamper import Tamper

# How often limits of time are looked at.
_CHECK_EVERY_NS = SECOND_NS // 50

GOING_AWAY = 1001
POLICY_VIOLATION = 1008


class Switchboard(Protocol):
    """What a connection needs of the server that has accepted it."""

    def connected(self, session: "Session") -> None:
        """Note that a connection is open."""
        ...

    def disconnected(self, session: "Session") -> None:
        """Note that a connection is gone."""
        ...

    def subscribe(self, session: "Session", name: str) -> None:
        """Send a stream to a connection from now on."""
        ...

    def unsubscribe(self, session: "Session", name: str) -> None:
        """Send a stream to a connection no longer."""
        ...

    def count(self, what: str, by: int = 1) -> None:
        """Count what happened."""
        ...


class Session(WSListener):
    """One connection, numbered from 1 in the order of the dials."""

    def __init__(
        self,
        switchboard: Switchboard,
        dial: Dial,
        number: int,
        *,
        limits: Limits,
        now_ns: Callable[[], int],
        buffer_max_bytes: int,
        jitter: Callable[[], float],
        is_segment_each: bool,
    ) -> None:
        """Begin a connection that has been dialled but not yet answered."""
        self._switchboard, self._limits, self._now_ns = switchboard, limits, now_ns
        self._buffer_max_bytes, self._jitter = buffer_max_bytes, jitter
        self._is_segment_each = is_segment_each
        self._transport: WSTransport | None = None
        self._messages = Window(limits.messages_per_s, SECOND_NS)
        self._data, self._acks, self._pongs = Outbox(), Outbox(), Outbox()
        self._ping: bytes | None = None
        self._checked_ns = self._pinged_ns = self.opened_ns = now_ns()
        self._is_told = False
        self.dial, self.number = dial, number
        self.is_combined = dial.is_combined
        self.streams: dict[str, None] = {}
        self.out: list[bytes] = []
        self.tamper: Tamper | None = None
        self.is_mute = False
        self.end_ns: int | None = None  # when a half-open connection is aborted
        self.delay_ns = self.jitter_ns = self.ack_delay_ns = self.pong_delay_ns = 0
        self.delay_end_ns: int | None = None

    # --- what the socket says --------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Begin to send the streams that the address named."""
        self._transport = transport
        self._switchboard.connected(self)
        for name in self.dial.names:
            self._subscribe(name)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - the socket's call
        """Forget the connection."""
        self._transport = None
        for name in self.streams:
            self._switchboard.unsubscribe(self, name)
        self._switchboard.disconnected(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - the socket's call
        """Answer what the client sent."""
        if self.is_mute:
            return
        payload = frame.get_payload_as_bytes()
        now = self._now_ns()
        if frame.msg_type == WSMsgType.CLOSE:
            self._write(control_frame(Opcode.CLOSE, payload[:2]))
            self._hang_up()
            return
        if not self._messages.is_within(now):
            self._switchboard.count("clients_too_fast")
            self.close(POLICY_VIOLATION, "Too many requests")
            return
        if frame.msg_type == WSMsgType.PING:
            self._pongs.put(control_frame(Opcode.PONG, payload), now + self.pong_delay_ns)
        elif frame.msg_type == WSMsgType.PONG:
            # An unsolicited pong is allowed and proves nothing.
            if payload == self._ping:
                self._ping = None
        else:
            self._acks.put(text_frame(self._reply(payload)), now + self.ack_delay_ns)
        self.flush(now)

    def _reply(self, message: bytes) -> bytes:
        try:
            request = read_request(message)
            return answer(self._carry_out(request), request.id)
        except BadRequest as error:
            self._switchboard.count("requests_refused")
            return refusal(error)

    def _carry_out(self, request: Request) -> object:
        match request.method:
            case Method.SUBSCRIBE:
                self._subscribe_all(request)
            case Method.UNSUBSCRIBE:
                for name in request.streams:
                    self._unsubscribe(name)
            case Method.LIST_SUBSCRIPTIONS:
                return list(self.streams)
            case Method.GET_PROPERTY:
                return self.is_combined
            case Method.SET_PROPERTY:
                self._rewrap(is_combined=request.params[1] is True)
        return None

    def _subscribe_all(self, request: Request) -> None:
        wanted = self.streams.keys() | set(request.streams)
        if len(wanted) > self._limits.streams_per_connection:
            raise BadRequest(2, "Invalid request: too many subscriptions", request.id)
        for name in request.streams:
            self._subscribe(name)

    def _unsubscribe(self, name: str) -> None:
        if name in self.streams:
            del self.streams[name]
            self._switchboard.unsubscribe(self, name)

    def _subscribe(self, name: str) -> None:
        if name not in self.streams:
            self.streams[name] = None
            self._switchboard.subscribe(self, name)

    def _rewrap(self, *, is_combined: bool) -> None:
        for name in self.streams:
            self._switchboard.unsubscribe(self, name)
        self.is_combined = is_combined
        for name in self.streams:
            self._switchboard.subscribe(self, name)

    # --- what is sent ----------------------------------------------------------------------------

    @property
    def unread_bytes(self) -> int:
        """Return what the client has not taken from the server yet (beyond the kernel's buffer)."""
        if self._transport is None:
            return 0
        return self._transport.underlying_transport.get_write_buffer_size()

    def flush(self, now: int) -> None:
        """Send what is due; abort a connection whose client does not read."""
        if self.is_mute:
            self.out.clear()
            return
        if self.delay_ns or self.jitter_ns or self._data:
            self._hold_back(now)
        elif self.out:
            self._write_all()
        for outbox in (self._data, self._acks, self._pongs):
            if outbox:
                self._write(outbox.take(now))
        if self.unread_bytes > self._buffer_max_bytes:
            self._switchboard.count("clients_too_slow")
            self.abort()

    def send_text(self, message: bytes) -> None:
        """Send a message that belongs to no stream, in its turn."""
        self.out.append(text_frame(message))

    def _hold_back(self, now: int) -> None:
        if self.out:
            due = now + self.delay_ns + int(self.jitter_ns * self._jitter())
            self._switchboard.count("frames_sent", len(self.out))
            self._data.put(b"".join(self.out), due)
            self.out.clear()

    def _write_all(self) -> None:
        self._switchboard.count("frames_sent", len(self.out))
        if self._is_segment_each:
            for frame in self.out:
                self._write(frame)
        else:
            self._write(b"".join(self.out))
        self.out.clear()

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.underlying_transport.write(data)

    # --- how it ends -----------------------------------------------------------------------------

    def check(self, now: int) -> None:
        """Ping, and end what has lived or been silent for too long."""
        if now - self._checked_ns < _CHECK_EVERY_NS:
            return
        self._checked_ns = now
        if self.tamper is not None and not self.tamper.expire(now):
            self.tamper = None
        if self.delay_end_ns is not None and now >= self.delay_end_ns:
            self.delay_ns = self.jitter_ns = 0
            self.delay_end_ns = None
        if self.end_ns is not None and now >= self.end_ns:
            self.abort()
        elif not self.is_mute:
            self._check_life(now)

    def _check_life(self, now: int) -> None:
        limits = self._limits
        if now - self.opened_ns >= limits.lifetime_s * SECOND_NS:
            self._switchboard.count("lifetimes_ended")
            self.close(GOING_AWAY, "")
        elif self._ping is not None and now - self._pinged_ns >= limits.pong_within_s * SECOND_NS:
            self._switchboard.count("pongs_missed")
            self.close(POLICY_VIOLATION, "Pong timeout")
        elif self._ping is None and now - self._pinged_ns >= limits.ping_every_s * SECOND_NS:
            self._ping = b"%d" % (now // 1_000_000)
            self._pinged_ns = now
            self._write(control_frame(Opcode.PING, self._ping))

    def tell_shutdown(self, now: int) -> None:
        """Send the venue's notice that the connection will end, once."""
        if self._is_told:
            return
        self._is_told = True
        data = b'{"e":"serverShutdown","E":%d}' % (now // 1_000_000)
        self.send_text(
            b'{"stream":"!serverShutdown","data":%b}' % data if self.is_combined else data
        )

    def close(self, code: int, reason: str) -> None:
        """End the connection as the venue does: a close frame, then the socket."""
        self._write(close_frame(code, reason))
        self._hang_up()

    def abort(self) -> None:
        """End the connection without a word; what was not sent yet is lost."""
        if self._transport is not None:
            self.is_mute = True
            self._transport.underlying_transport.abort()

    def _hang_up(self) -> None:
        self.is_mute = True
        if self._transport is not None:
            self._transport.underlying_transport.close()
