"""Shell. The websocket server: who may dial, and the connections that are open."""

import asyncio
from collections import Counter
from collections.abc import Callable

from picows import (
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from argus.simulator.befall import befall
from argus.simulator.dial import read_dial
from argus.simulator.draws import Draws
from argus.simulator.errors import NoSuchConnection
from argus.simulator.fanout import Fanout, is_carried
from argus.simulator.faults import Fault
from argus.simulator.limits import SECOND_NS, Window
from argus.simulator.options import VenueOptions
from argus.simulator.session import Session

# A subscription of 1,024 streams of long names fits.
_MESSAGE_MAX_BYTES = 256 * 1024


class WebsocketServer:
    """The venue's stream server; a `Switchboard` for its connections."""

    def __init__(
        self,
        options: VenueOptions,
        fanout: Fanout,
        *,
        draws: Draws,
        now_ns: Callable[[], int],
        counts: Counter[str],
    ) -> None:
        """Begin closed; `start` opens the port."""
        self._options, self._limits = options, options.effective_limits
        self._fanout, self._draws, self._now_ns = fanout, draws, now_ns
        self._counts = counts
        self._dials = Window(
            self._limits.dials_per_window, int(self._limits.dial_window_s * SECOND_NS)
        )
        self._server: asyncio.Server | None = None
        self._sessions: dict[int, Session] = {}
        self._emptied = asyncio.Event()  # no connection is open
        self._emptied.set()
        self._dialled = 0
        self.port = options.websocket_port
        self.refuse_until_ns: int | None = 0
        self._closed_until_ns: int | None = None
        self.for_next: list[Fault] = []  # what befalls the connection that is dialled next

    async def start(self) -> None:
        """Listen; a port of 0 becomes the one that was found."""
        self._server = await ws_create_server(
            self._answer,
            self._options.host,
            self.port,
            enable_auto_pong=False,
            max_frame_size=_MESSAGE_MAX_BYTES,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def close_port(self, until_ns: int | None) -> None:
        """Refuse dials by TCP until an instant; connections stay."""
        self._closed_until_ns = until_ns
        if self._server is not None:
            self._server.close()
            self._server = None

    async def mind_port(self, now: int) -> None:
        """Listen again if the time of a closed port is over."""
        until = self._closed_until_ns
        if self._server is None and until is not None and now >= until:
            await self.start()

    async def stop(self) -> None:
        """Close the port and abort all connections."""
        self.close_port(None)
        for session in self.sessions:
            session.abort()
        await self._emptied.wait()

    @property
    def is_listening(self) -> bool:
        """Return whether the port is open."""
        return self._server is not None

    @property
    def sessions(self) -> list[Session]:
        """Return the connections that are open, the oldest first."""
        return list(self._sessions.values())

    def chosen(self, target: str | int) -> list[Session]:
        """Return the connections that a fault is aimed at; none may be open.

        Raises:
            NoSuchConnection: if one is named by a number that is not open.
        """
        present = self.sessions
        match target:
            case int():
                if target not in self._sessions:
                    raise NoSuchConnection(target, list(self._sessions))
                return [self._sessions[target]]
            case "all":
                return present
            case "oldest":
                return present[:1]
            case "newest":
                return present[-1:]
            case _:
                return [present[self._draws.below(len(present))]] if present else []

    def turn(self, now: int) -> None:
        """Send what is due on all connections and end those whose time has come."""
        notice_s = self._options.shutdown_notice_s
        for session in self.sessions:
            if notice_s is not None:
                left = session.opened_ns + self._limits.lifetime_s * SECOND_NS - now
                if left <= notice_s * SECOND_NS:
                    session.tell_shutdown(now)
            session.flush(now)
            session.check(now)

    # --- the switchboard -------------------------------------------------------------------------

    def connected(self, session: Session) -> None:
        """Note that a connection is open."""
        self._sessions[session.number] = session
        self._emptied.clear()
        self.count("connections_opened")
        for fault in self.for_next:
            befall(session, fault, self._now_ns())
        self.for_next.clear()

    def disconnected(self, session: Session) -> None:
        """Note that a connection is gone."""
        if self._sessions.pop(session.number, None) is not None:
            self.count("connections_ended")
        if not self._sessions:
            self._emptied.set()

    def subscribe(self, session: Session, name: str) -> None:
        """Send a stream to a connection, if its tier carries it."""
        if is_carried(self._options.source, session.dial.tier, name):
            self._fanout.add(
                session,
                name,
                is_combined=session.is_combined,
                is_micro=session.dial.is_microsecond,
            )

    def unsubscribe(self, session: Session, name: str) -> None:
        """Send a stream to a connection no longer."""
        self._fanout.remove(session, name)

    def count(self, what: str, by: int = 1) -> None:
        """Count what happened."""
        self._counts[what] += by

    # --- dials -----------------------------------------------------------------------------------

    def _answer(self, request: WSUpgradeRequest) -> Session | WSUpgradeResponseWithListener | None:
        self.count("dials")
        now = self._now_ns()
        if self.refuse_until_ns is None or now < self.refuse_until_ns:
            return self._refuse(503, "Service Unavailable")
        if not self._dials.is_within(now):
            return self._refuse(429, "Too Many Requests")
        dial = read_dial(self._options.source, request.path.decode())
        if dial is None:
            return None
        if len(dial.names) > self._limits.streams_per_connection:
            return self._refuse(400, "Too many streams")
        self._dialled += 1
        return Session(
            self,
            dial,
            self._dialled,
            limits=self._limits,
            now_ns=self._now_ns,
            buffer_max_bytes=self._options.write_buffer_max_bytes,
            jitter=self._draws.uniform,
            is_segment_each=self._options.is_segment_each,
        )

    def _refuse(self, status: int, text: str) -> WSUpgradeResponseWithListener:
        self.count("dials_refused")
        response = WSUpgradeResponse.create_error_response(status, text.encode())
        return WSUpgradeResponseWithListener(response, None)
