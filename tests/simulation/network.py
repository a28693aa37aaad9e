"""Connections to simulated venues: late, cut, silent, refused, and never in a wrong order.

A connection delivers what its venue says in order, and completely from its subscription on until it
ends or a stream on it falls silent for good; of two connections either may be ahead. Each has a
queue, and a timer for its head: timers of equal deadlines have no order of their own.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from argus.config.schema import SourceConfig
from argus.errors import Unreachable
from argus.network.limiter import Limiter
from argus.network.source import Request, Source
from tests.simulation.clock import SimClock
from tests.simulation.venue import Venue

type_of_receive = Callable[[int, bytes], None]


class SimLink:
    """One websocket.

    Args:
        network: whose it is.
        venue: to whom.
        delay_s: how long anything takes on its way, at least.

    Attributes:
        silent: streams that deliver nothing more here.
        is_deaf: whether requests are not even answered.
        mutes: streams that fall silent as soon as they are subscribed.
    """

    def __init__(self, network: SimNetwork, venue: Venue, delay_s: float) -> None:
        self.venue = venue
        self.streams: dict[str, None] = {}
        self.silent: set[str] = set()
        self.is_deaf = False
        self.delay_s = delay_s
        self._network = network
        self._loop = network.loop
        self._queue: deque[tuple[float, str, int, bytes]] = deque()
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._receive: type_of_receive | None = None
        self._ended: asyncio.Future[str] = network.loop.create_future()

    @property
    def is_open(self) -> bool:
        """Return whether it has not ended."""
        return not self._ended.done()

    # --- the recorder's end ----------------------------------------------------------------------

    async def send(self, text: str) -> None:
        """Send one text message."""
        if not self.is_open:
            raise ConnectionResetError("the connection has ended")
        if not self.is_deaf:
            self._loop.call_later(self.delay_s, self._asked, json.loads(text))

    async def pump(self, receive: type_of_receive) -> str:
        """Give each frame with its `ts_recv` to `receive` until the end; return how it ended."""
        self._receive = receive
        self._wind()
        return await self._ended

    def pace(self, pause_s: float | None) -> None:
        """Have no effect."""

    async def close(self) -> None:
        """Say goodbye and close."""
        self.end("closed by us")

    # --- the venue's end -------------------------------------------------------------------------

    def _asked(self, message: dict[str, Any]) -> None:
        if not self.is_open:
            return
        for stream in message["params"]:
            if message["method"] == "SUBSCRIBE":
                self.streams[stream] = None
                self.venue.subscribe(stream, self)
                self._network.subscribed(self, stream)
            elif self.streams.pop(stream, 0) is None:
                self.venue.unsubscribe(stream, self)
        self.tell(b'{"result":null,"id":%d}' % message["id"])

    def hear(self, stream: str, number: int, frame: bytes) -> None:
        """Take one frame of a stream, the venue's `number`-th."""
        if stream not in self.silent:
            self._put(stream, number, frame)

    def tell(self, frame: bytes) -> None:
        """Send a frame that belongs to no stream."""
        if not self.is_deaf:
            self._put("", -1, frame)

    def _put(self, stream: str, number: int, frame: bytes) -> None:
        self._due = max(self._due, self._loop.time() + self.delay_s)
        self._queue.append((self._due, stream, number, frame))
        self._wind()

    def _wind(self) -> None:
        if self._timer is None and self._queue and self._receive is not None and self.is_open:
            self._timer = self._loop.call_at(self._queue[0][0], self._deliver)

    def _deliver(self) -> None:
        self._timer = None
        now = self._loop.time() + 1e-6
        while self._queue and self._queue[0][0] <= now and self.is_open:
            _, stream, number, frame = self._queue.popleft()
            if stream:
                self._network.delivered(self.venue, stream, number)
            assert self._receive is not None
            self._receive(self._network.clock.now_ns(), frame)
        self._wind()

    def mute(self, stream: str) -> None:
        """Deliver nothing more of a stream, though what is on its way arrives."""
        self.silent.add(stream)

    def end(self, how: str) -> None:
        """End at once; what is on its way dies with it."""
        if not self.is_open:
            return
        for stream in self.streams:
            self.venue.unsubscribe(stream, self)
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._ended.set_result(how)
        self._network.links.remove(self)


class SimNetwork:
    """What lies between a recorder and its venues.

    Args:
        loop: lets the time pass.
        clock: the recorder's; stamps frames as they arrive.
        random: draws delays.
        venues: by the name of the source.

    Attributes:
        links: what is open, the eldest first.
        refused_until: dials are refused until then, loop time.
        asking_until: requests over REST fail until then, loop time.
        opened: told of each new connection.
        subscribed: told of each subscription.
        delivered: told of each fact that arrives: venue, stream and number.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: SimClock,
        *,
        random: Random,
        venues: dict[str, Venue],
        delay_s_max: float,
    ) -> None:
        self.loop = loop
        self.clock = clock
        self.venues = venues
        self.links: list[SimLink] = []
        self.refused_until = 0.0
        self.asking_until = 0.0
        self.opened: Callable[[SimLink], None] = lambda _link: None
        self.subscribed: Callable[[SimLink, str], None] = lambda _link, _stream: None
        self.delivered: Callable[[Venue, str, int], None] = lambda _venue, _stream, _number: None
        self._random = random
        self._delay_s_max = delay_s_max

    def open_link(self, config: SourceConfig) -> Dial:
        """Return what opens websockets to a source."""
        return Dial(self, self.venues[config.name])

    def ask(self, source: Source, config: SourceConfig, budget: Limiter) -> SimAsk:
        """Return what asks a source over REST."""
        return SimAsk(self, self.venues[source.name], budget)

    def delay_s(self) -> float:
        """Draw how long something is on its way."""
        return self._random.uniform(0.005, self._delay_s_max)


class Dial:
    """Opens websockets to one venue."""

    def __init__(self, network: SimNetwork, venue: Venue) -> None:
        self._network = network
        self._venue = venue

    async def __call__(self, url: str) -> SimLink:
        """Return an open websocket.

        Raises:
            Unreachable: dials are refused now.
        """
        network = self._network
        delay_s = network.delay_s()
        await network.clock.sleep(delay_s)
        if network.loop.time() < network.refused_until:
            raise Unreachable(url, "refused")
        link = SimLink(network, self._venue, delay_s)
        network.links.append(link)
        network.opened(link)
        return link


class SimAsk:
    """Asks one venue over REST."""

    def __init__(self, network: SimNetwork, venue: Venue, budget: Limiter) -> None:
        self._network = network
        self._venue = venue
        self._budget = budget

    async def get(self, request: Request) -> tuple[int, bytes]:
        """Return when the answer came, and the answer.

        Raises:
            Refused: there is no such thing.
            Unreachable: nothing answers now.
        """
        network = self._network
        await network.clock.sleep(network.delay_s())
        if network.loop.time() < network.asking_until:
            raise Unreachable(request.path, "no route")
        answer = self._venue.answer(request.path)
        await network.clock.sleep(network.delay_s())
        return network.clock.now_ns(), answer

    async def get_spare(self, request: Request, share: float) -> tuple[int, bytes]:
        """Do the same: nobody else needs the weight."""
        return await self.get(request)

    async def close(self) -> None:
        """Close the connections."""
