"""Shell. A worker: one combined connection that subscribes, decodes and publishes.

What it does inside the read callback is decode and publish; everything else waits for `run`. Its
facts go onto temporary paths, which routers relay. It never decides about itself: it tells its
shard what happened, and the rotation planner decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from argus.agora.agora import Publisher
from argus.agora.path import Path
from argus.agora.router import AgoraRouter
from argus.clock import Clock
from argus.errors import ImplausibleId
from argus.events import Event, GapReason, Origin
from argus.network.connection import Link, Open
from argus.network.letters import DeadLetters
from argus.network.memo import Memo
from argus.network.resting import Resting
from argus.network.sample import UnknownFields
from argus.network.source import (
    UNDECODABLE,
    Acknowledged,
    Declined,
    ShutdownNotice,
    Source,
    Stream,
    type_of_decode,
)
from argus.network.stray import Stray
from argus.network.subscribing import Subscribing
from argus.telemetry import FrameUndecodable, MessageUnexpected, Report

WAKE_FRAMES = 500
RESTING_PAUSE_S = 0.01
"""Blurs `ts_recv` of what a resting connection keeps by as much."""
LIVE = Origin.LIVE


class Worker:
    """One connection of a shard.

    Args:
        number: its number in the process; names its temporary paths `tmp/<number>/…`.
        source: what is subscribed.
        routers: stream name -> router of its persistent path.
        open_link: opens the websocket.
        url: address to open.
        clock: for deadlines of the message limit.
        memo: shared by the connections of a shard; None for a connection without standby.
        letters: where undecodable frames go.
        sample: looks at a frame now and then for fields we do not know.
        report: telemetry.
    """

    def __init__(
        self,
        *,
        number: int,
        source: Source,
        routers: Mapping[str, AgoraRouter],
        open_link: Open,
        url: str,
        clock: Clock,
        memo: Memo | None,
        letters: DeadLetters,
        sample: UnknownFields,
        report: Report,
    ) -> None:
        self.number = number
        self._source = source
        self._routers = routers
        self._open = open_link
        self._url = url
        self._clock = clock
        self._memo = memo or Memo()
        self._take, self._keep = self._memo.take, self._memo.keep
        self.is_shared = memo is not None
        self._sink: Callable[[int, bytes], None] = self.receive
        self._resting = Resting()
        self.is_resting = False
        self.is_waking = False
        self._was_damaged = False
        self._letters = letters
        self._stray = Stray(source, number, letters=letters, report=report)
        self._sample = sample
        self._report = report
        self._start = len(source.envelope)
        self._targets: dict[bytes, tuple[type_of_decode, Publisher, int, AgoraRouter]] = {}
        self._publishers: dict[int, tuple[Publisher, AgoraRouter]] = {}
        self._streams: dict[str, Stream] = {}
        self._subscribing = Subscribing(source, clock)
        self._link: Link | None = None
        self.ts_opened: int | None = None
        self.is_shut_down = False

    @property
    def streams(self) -> Mapping[str, Stream]:
        """Return the streams that are or will be subscribed, by name."""
        return self._streams

    @property
    def is_acknowledged(self) -> bool:
        """Return whether the venue has acknowledged every subscription."""
        return self._link is not None and self._subscribing.is_settled

    def path(self, stream: Stream) -> Path:
        """Return the temporary path of a stream on this connection."""
        p = stream.path
        return Path(p.source, p.data_type, stream.segment, self.number)

    def add(self, streams: Sequence[Stream]) -> None:
        """Subscribe to streams, now or as soon as the connection is open."""
        for stream in streams:
            self._streams[stream.name] = stream
            self._routers[stream.name].relay(self.path(stream))
            self._target(stream, self._sample.first(stream.channel))
        self._subscribing.ask(streams, is_new=True)

    def remove(self, streams: Sequence[Stream], now_ns: int) -> None:
        """End the subscription of streams that left the universe."""
        gone = tuple(s for s in streams if self._streams.pop(s.name, None) is not None)
        for stream in gone:
            self._targets.pop(stream.name.encode(), None)
            self._publishers.pop(self._memo.slot(stream.name), None)
            self._routers[stream.name].drop(self.path(stream), now_ns)
        self._subscribing.ask(gone, is_new=False)

    def detach(self, now_ns: int, reason: GapReason = GapReason.CUT) -> None:
        """Drop every temporary path: this connection delivers nothing more."""
        self._targets.clear()
        self._publishers.clear()
        for stream in self._streams.values():
            self._routers[stream.name].drop(self.path(stream), now_ns, reason)
        self._streams.clear()

    async def run(self) -> str:
        """Carry the subscriptions until the connection ends; return how it ended.

        Raises:
            Unreachable: the connection could not be opened.
        """
        link = await self._open(self._url)
        self._link = link
        self.ts_opened = self._clock.monotonic_ns()
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(self._subscribing.run(link))
            try:
                # The sink may change while `pump` runs.
                ended = await link.pump(lambda *frame: self._sink(*frame))  # noqa: PLW0108
            finally:
                asking.cancel()
        return ended

    async def close(self) -> None:
        """Close the connection; `run` returns."""
        if self._link is not None:
            await self._link.close()

    def receive(self, ts_recv: int, frame: bytes) -> None:
        """Decode one frame and publish its fact; keep what cannot be decoded."""
        known = self._take(frame, None)
        if known is not None:
            self._receive_known(known[0], known[1], frame)
            return
        start = self._start
        target = self._targets.get(frame[start : frame.find(b'"', start)])
        if target is None:
            self._receive_other(ts_recv, frame)
            return
        decode, publisher, slot, router = target
        try:
            fact = decode(frame, ts_recv, LIVE)
            router.frame = frame
            if publisher.publish(fact):
                router.append((ts_recv, frame))
            if router.released:
                router.write_released()
        except (*UNDECODABLE, ImplausibleId) as error:
            self._undecodable(ts_recv, frame, publisher, error)
            return
        if self.is_shared:
            self._keep(frame, fact, slot)

    def _receive_known(self, fact: Event, slot: int, frame: bytes) -> None:
        """Publish what another connection has decoded already."""
        if slot not in self._publishers:
            return
        publisher, router = self._publishers[slot]
        router.frame = frame
        if publisher.publish(fact):
            router.append((fact.ts_recv, frame))
        if router.released:
            router.write_released()

    def rest(self) -> None:
        """Keep frames from now on instead of decoding them, and read them in larger portions."""
        assert self._link is not None
        self._link.pace(RESTING_PAUSE_S)
        self.is_resting = True
        self._sink = self._resting.add
        self._set_resting(is_resting=True)

    async def wake(self) -> None:
        """Decode what was kept, a little at a time, and from then on what comes."""
        while batch := self._resting.take(WAKE_FRAMES):
            for ts_recv, frame in batch:
                self.receive(ts_recv, frame)
            await asyncio.sleep(0)
        self._wake_up()

    def wake_at_once(self) -> None:
        """Decode what was kept without a pause: nobody else delivers these streams."""
        if not self.is_resting:
            return
        for ts_recv, frame in self._resting.take(len(self._resting)):
            self.receive(ts_recv, frame)
        self._wake_up()

    def _wake_up(self) -> None:
        if self._link is not None:
            self._link.pace(None)
        self._sink = self.receive
        self.is_resting = self.is_waking = False
        self._set_resting(is_resting=False)

    def _set_resting(self, *, is_resting: bool) -> None:
        for name, stream in self._streams.items():
            feed = self._routers[name].feed(self.path(stream))
            feed.set_resting(self._clock.now_ns(), is_resting=is_resting)

    def is_ahead(self, now_ns: int) -> bool:
        """Look at what was kept; return whether a stream has gone on without it."""
        for name, (ts_recv, frame) in self._resting.look(now_ns, self._start).items():
            target = self._targets.get(name)
            if target is None:
                self._receive_other(ts_recv, frame)
                continue
            try:
                fact = target[0](frame, ts_recv, LIVE)
            except UNDECODABLE:
                return True  # woken, it says so properly
            router = self._routers[name.decode()]
            if not router.has_kept_up(target[1].path, fact):
                return True
        return False

    def was_damaged(self) -> bool:
        """Return whether a frame could not be decoded since this was last asked."""
        was, self._was_damaged = self._was_damaged, False
        return was

    def _target(self, stream: Stream, check: Callable[[bytes], None] | None) -> None:
        """Route a stream's frames to its decoder; the next one through `check` first, if given."""
        name = stream.name.encode()
        decode = stream.channel.decode
        router = self._routers[stream.name]
        publisher = router.source_publisher(self.path(stream))
        slot = self._memo.slot(stream.name)
        self._publishers[slot] = publisher, router
        target = self._targets[name] = (decode, publisher, slot, router)
        if check is None:
            return

        def checked(frame: bytes, ts_recv: int, origin: Origin) -> object:
            self._targets[name] = target
            fact = decode(frame, ts_recv, origin)
            check(frame)
            return fact

        self._targets[name] = (checked, publisher, slot, router)  # type: ignore[assignment]

    def _receive_other(self, ts_recv: int, frame: bytes) -> None:
        meaning = self._source.control(frame)
        match meaning:
            case Acknowledged(request):
                now_ns = self._clock.now_ns()
                for stream in self._subscribing.acknowledged(request):
                    if stream.name in self._streams:
                        self._routers[stream.name].acknowledge(self.path(stream), now_ns)
            case ShutdownNotice():
                self.is_shut_down = True
            case Declined(_, text):
                self._report(MessageUnexpected(self._source.name, self.number, text))
            case None:
                self._stray(ts_recv, frame)

    def _undecodable(
        self, ts_recv: int, frame: bytes, publisher: Publisher, error: Exception
    ) -> None:
        file = self._letters(self._source.name, ts_recv, frame)
        name = frame[self._start : frame.find(b'"', self._start)].decode("utf-8", "replace")
        router = self._routers[name]
        self._was_damaged = True
        router.damage(publisher.path)
        self._report(FrameUndecodable(self._source.name, name, str(error), file))
