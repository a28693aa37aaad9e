"""Shell. A shard: streams that travel together, and the connections that carry them.

It carries out what the rotation planner commands and tells the planner what happened. A listing
disturbs one shard only; the others do not notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argus.agora.router import AgoraRouter
from argus.clock import Clock
from argus.errors import VenueError
from argus.network import rotation
from argus.network.duty import Duty
from argus.network.limiter import Limiter
from argus.network.rotation import Close, Dial, Doomed, Ended, Live, Policy, Promote, Sewn, Tick
from argus.network.silence import Deadlines
from argus.network.silence_watch import SilenceWatch
from argus.network.source import Stream
from argus.network.spawn import Spawn
from argus.network.venue_time_watch import VenueTimeWatch
from argus.network.worker import Worker
from argus.telemetry import (
    ConnectionClosed,
    ConnectionLost,
    ConnectionOpened,
    DialRefused,
    Report,
    RotationFinished,
    ShutdownAnnounced,
    StreamSilent,
)

WATCH_EVERY_NS = 1_000_000_000
ACKNOWLEDGE_NS = 20_000_000_000


@dataclass(slots=True)
class Carried:
    """One connection with what the shard knows about it."""

    worker: Worker
    task: asyncio.Task[None] | None = None
    ts_dialled: int = 0
    ts_live: int | None = None
    is_closing: bool = False
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One connection, for people. `state`: dialling, sewing, active, standby or closing."""

    shard: str
    connection: int
    state: str
    age_s: float
    streams: int


class Shard:
    """The streams of one shard and their connections.

    Args:
        name: for people, e.g. `public-0`.
        source: name of the source.
        policy: how many connections, how long they live.
        routers: stream name -> router.
        make_worker: returns a new worker for this shard.
        deadlines: stream name -> how long it may be silent.
        frozen_s: how long the venue's time may stand still while facts come.
        dials: the venue's limit of new connections.
        spawn: starts tasks.
        clock: monotonic for the planner, wall for the seam.
        random: returns numbers in [0, 1).
        report: telemetry.
    """

    def __init__(
        self,
        *,
        name: str,
        source: str,
        policy: Policy,
        routers: Mapping[str, AgoraRouter],
        make_worker: Callable[[], Worker],
        deadlines: Callable[[Stream], Deadlines],
        frozen_s: float,
        dials: Limiter,
        spawn: Spawn,
        clock: Clock,
        random: Callable[[], float],
        report: Report,
    ) -> None:
        self.name = name
        self._source = source
        self._state = rotation.start(policy)
        self.streams: dict[str, Stream] = {}
        self._routers = routers
        self._make_worker = make_worker
        self._silence = SilenceWatch(routers, deadlines)
        self.venue_time = VenueTimeWatch(source, name, routers, frozen_s=frozen_s, report=report)
        self._dials = dials
        self._spawn = spawn
        self._clock = clock
        self._random = random
        self._report = report
        self._carried: dict[int, Carried] = {}
        self._ts_watched = 0
        self._duty = Duty(routers, spawn=spawn, clock=clock)
        self.rotations = 0
        self.reconnects = 0

    def change(self, streams: Mapping[str, Stream]) -> None:
        """Carry exactly these streams from now on."""
        now_ns = self._clock.now_ns()
        gone = [s for name, s in self.streams.items() if name not in streams]
        new = [s for name, s in streams.items() if name not in self.streams]
        self.streams = dict(streams)
        for carried in self._carried.values():
            if not carried.is_closing:
                carried.worker.wake_at_once()
                carried.worker.remove(gone, now_ns)
                carried.worker.add(new)

    def tick(self) -> None:
        """Tell the planner what has become true, let time pass, and watch for silence."""
        now = self._clock.monotonic_ns()
        for number in list(self._carried):
            self._look(number, now)
        self._sew(now)
        self._step(Tick(), now)
        self._duty.tick(self._live(), is_rotating=rotation.successor(self._state) is not None)
        if now - self._ts_watched >= WATCH_EVERY_NS:
            self._ts_watched = now
            self._watch(now)

    def _live(self) -> list[Worker]:
        """Return the workers that deliver, the eldest first."""
        found = [c for c in self._carried.values() if c.ts_live is not None and not c.is_closing]
        return [c.worker for c in sorted(found, key=lambda c: c.ts_dialled)]

    def _look(self, number: int, now: int) -> None:
        carried = self._carried[number]
        worker = carried.worker
        if carried.is_closing:
            return
        if carried.ts_live is None and worker.is_acknowledged:
            carried.ts_live = now
            self._report(ConnectionOpened(self._source, self.name, worker.number))
            self._step(Live(number), now)
        elif (
            carried.ts_live is None
            and worker.ts_opened is not None
            and now - worker.ts_opened >= ACKNOWLEDGE_NS
        ):
            # An open socket that does not answer is worth no more than none.
            self._spawn(f"close {worker.number}", worker.close())
        if worker.is_shut_down:
            worker.is_shut_down = False
            self._report(ShutdownAnnounced(self._source, self.name, worker.number))
            self._step(Doomed(number), now)

    def _sew(self, now: int) -> None:
        successor = rotation.successor(self._state)
        if successor is None or not successor.is_live:
            return
        worker = self._carried[successor.number].worker
        now_ns = self._clock.now_ns()
        if all(
            self._routers[name].is_sewn(worker.path(stream), now_ns)
            for name, stream in worker.streams.items()
        ):
            self._step(Sewn(successor.number), now)

    def _step(self, given: rotation.type_of_input, now: int) -> None:
        self._state, commands = rotation.step(self._state, given, now)
        for command in commands:
            match command:
                case Dial(number):
                    self._dial(number, now)
                case Promote(number, predecessor):
                    self._promoted(number, predecessor, now)
                case Close(number):
                    self._close(number)

    def _dial(self, number: int, now: int) -> None:
        worker = self._make_worker()
        carried = Carried(worker, ts_dialled=now)
        self._carried[number] = carried
        worker.add(list(self.streams.values()))
        carried.task = self._spawn(f"connection {worker.number}", self._carry(number, carried))

    async def _carry(self, number: int, carried: Carried) -> None:
        try:
            while wait := self._dials.wait_ns(1, self._clock.monotonic_ns()):
                await self._clock.sleep(wait / 1e9)
            self._dials.spend(1, self._clock.monotonic_ns())
            carried.ended = await carried.worker.run()
        except VenueError as error:
            carried.ended = str(error)
        finally:
            self._ended(number, carried)

    def _ended(self, number: int, carried: Carried) -> None:
        now = self._clock.monotonic_ns()
        del self._carried[number]
        if not carried.is_closing and all(w.is_resting for w in self._live()):
            carried.worker.wake_at_once()  # what it kept may be nowhere else
        carried.worker.detach(self._clock.now_ns())
        self._duty.wake([w for w in self._live() if w.is_resting])
        if carried.is_closing:
            self._report(
                ConnectionClosed(self._source, self.name, carried.worker.number, "replaced")
            )
            return
        connection = rotation.find(self._state, number)
        self._step(Ended(number, self._random()), now)
        if connection is None:
            return
        reason = carried.ended or "task ended"
        if carried.ts_live is not None:
            self.reconnects += 1
            self._report(ConnectionLost(self._source, self.name, carried.worker.number, reason))
        else:
            retry_s = max(0, self._state.slots[connection.slot].ts_dial - now) / 1e9
            self._report(DialRefused(self._source, self.name, reason, round(retry_s, 1)))

    def _promoted(self, number: int, predecessor: int, now: int) -> None:
        new, old = self._carried[number], self._carried[predecessor]
        self.rotations += 1
        seam_s = round((now - new.ts_dialled) / 1e9, 3)
        self._report(
            RotationFinished(self._source, self.name, old.worker.number, new.worker.number, seam_s)
        )

    def _close(self, number: int) -> None:
        carried = self._carried[number]
        carried.is_closing = True
        carried.worker.detach(self._clock.now_ns())
        if carried.worker.ts_opened is None and carried.task is not None:
            carried.task.cancel()
        else:
            self._spawn(f"close {carried.worker.number}", carried.worker.close())

    def _watch(self, now: int) -> None:
        frozen = self.venue_time.find(self._live(), now)
        for number, carried in list(self._carried.items()):
            if carried.ts_live is None or carried.is_closing or carried.worker.is_resting:
                continue
            found = self._silence.find(carried.worker, now, self._clock.now_ns())
            if found is not None:
                stream, why = found
                self._report(StreamSilent(self._source, stream, carried.worker.number, why))
            if found is not None or carried.worker is frozen:
                self._step(Doomed(number), now)

    async def stop(self) -> None:
        """Close every connection."""
        now = self._clock.monotonic_ns()
        tasks = [c.task for c in self._carried.values() if c.task is not None]
        self._step(rotation.Stop(), now)
        if tasks:
            await asyncio.wait(tasks, timeout=5.0)
        for task in tasks:
            task.cancel()

    def connections(self) -> list[Standing]:
        """Return the state of every connection, for people."""
        now = self._clock.monotonic_ns()
        return [
            Standing(
                shard=self.name,
                connection=carried.worker.number,
                state=_state(carried, rotation.find(self._state, number)),
                age_s=(now - carried.ts_dialled) / 1e9,
                streams=len(carried.worker.streams),
            )
            for number, carried in self._carried.items()
        ]


def _state(carried: Carried, connection: rotation.Connection | None) -> str:
    if carried.is_closing or connection is None:
        return "closing"
    if carried.ts_live is None:
        return "dialling"
    if connection.is_successor:
        return "sewing"
    return "standby" if connection.slot else "active"
