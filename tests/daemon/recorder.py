"""A simulated venue and a recorder of it in one loop: what the tests of the whole system share.

At the end of the block the venue is paused, everything it has sent is recorded, and then the
recorder stops: so the lake can be compared with the truth to the last fact.
"""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import uvloop

from argus.agora.router import AgoraRouter
from argus.clock import SystemClock
from argus.config.backfill import BackfillConfig
from argus.config.schema import Config, SourceConfig, StorageConfig, SymbolRule
from argus.daemon.replay import Means
from argus.daemon.service import Service, serve
from argus.daemon.takeover import Wish
from argus.daemon.verbs import status_of
from argus.daemon.world import this_machine
from argus.events import Origin
from argus.network.dispatcher import Dispatcher
from argus.network.shard import Shard
from argus.network.source import Stream
from argus.network.sources import SOURCES
from argus.network.worker import Worker
from argus.simulator.faults import Fault, FaultKind
from argus.simulator.limits import Limits, limits_of
from argus.simulator.options import VenueOptions
from argus.simulator.streams import Source
from argus.simulator.venue import Venue
from argus.telemetry import (
    ConnectionClosed,
    ConnectionLost,
    DialRefused,
    Happening,
    Report,
    Telemetry,
)
from tests.daemon.checker import KINDS, Verdict, check
from tests.waiting import until

T = TypeVar("T", bound=Happening)

DIALS_MAX = 100_000
"""Tests rotate a thousand times as often as the venue's limit of dials was made for."""


def means(data: Path, report: Report | None = None) -> Means:
    """What a replay needs from outside, of this machine."""
    world = this_machine()
    return Means(
        data=data,
        storage=StorageConfig(data=str(data)),
        disk=world.disk,
        threads=world.threads,
        clock=world.clock,
        report=report or Notes(),
    )


class Notes(Telemetry):
    """Keeps what happened."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.happenings: list[Happening] = []

    def __call__(self, happening: Happening) -> None:
        self.happenings.append(happening)
        super().__call__(happening)

    def of(self, kind: type[T]) -> list[T]:
        return [h for h in self.happenings if isinstance(h, kind)]


@dataclass
class Recorder:
    """A running recorder of one simulated venue."""

    data: Path
    venue: Venue
    notes: Notes
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    service: Service = field(init=False)

    @property
    def source(self) -> str:
        return str(self.venue.options.source)

    @property
    def dispatcher(self) -> Dispatcher:
        return self.service.dispatchers[self.source]

    @property
    def facts(self) -> int:
        return self.service.facts(self.source)

    @property
    def rotations(self) -> int:
        return sum(shard.rotations for shard in self.dispatcher.shards())

    @property
    def reconnects(self) -> int:
        return sum(shard.reconnects for shard in self.dispatcher.shards())

    def states(self) -> list[str]:
        return [c.state for shard in self.dispatcher.shards() for c in shard.connections()]

    def router(self, data_type: str, symbol: str) -> AgoraRouter:
        for router in self.dispatcher.routers().values():
            if (router.to_path.data_type, router.to_path.symbol) == (data_type, symbol):
                return router
        raise LookupError(data_type, symbol)

    def published(self, data_type: str, symbol: str) -> int:
        return self.router(data_type, symbol).splice.published

    def streams(self) -> dict[str, Stream]:
        return {n: s for shard in self.dispatcher.shards() for n, s in shard.streams.items()}

    async def all_sewn(self) -> None:
        """Wait until losing any one connection would lose nothing, as far as standby goes."""
        await until(
            lambda: all(map(self.is_safe, self.dispatcher.shards())) and self.dispatcher.shards(),
            timeout_s=30,
        )
        await self.goes_on()

    def is_safe(self, shard: Shard) -> bool:
        """Return whether losing any one connection of a shard would lose nothing."""
        states = {c.connection: c.state for c in shard.connections()}
        workers = [c.worker for c in shard._carried.values()]
        live = [w for w in workers if states[w.number] in {"active", "standby"}]
        slots = 1 + self.service.config.sources[self.source].standby
        return len(live) == slots and all(self._is_sewn(worker) for worker in live)

    def safe_shards(self) -> list[Shard]:
        return [shard for shard in self.dispatcher.shards() if self.is_safe(shard)]

    def workers(self) -> list[Worker]:
        return [c.worker for shard in self.dispatcher.shards() for c in shard._carried.values()]

    def _is_sewn(self, worker: Worker) -> bool:
        now_ns, routers = self.service.clock.now_ns(), self.dispatcher.routers()
        return all(
            routers[name].is_sewn(worker.path(stream), now_ns)
            for name, stream in worker.streams.items()
        )

    def carriers(self, stream: str) -> list[int]:
        """Return the venue's numbers of the connections that carry a stream, the oldest first."""
        return [s.number for s in self.venue.sessions if any(fnmatch(n, stream) for n in s.streams)]

    async def goes_on(self, timeout_s: float = 30) -> None:
        """Wait until every stream that has a fact in the truth has been recorded up to now."""
        wanted = self._newest()
        await until(lambda: self._behind(wanted) == [], timeout_s=timeout_s, every_s=0.02)

    async def settle(self) -> None:
        """Pause the venue and wait until all it has sent is recorded, or known to be lost."""
        self.venue.pause()
        wanted = self._newest()
        try:
            await until(lambda: self._behind(wanted) == [], timeout_s=30, every_s=0.02)
        except TimeoutError as error:
            behind = [(n, wanted[n], self._last(n)) for n in self._behind(wanted)]
            raise AssertionError(f"{len(behind)} streams are behind: {behind[:5]}") from error

    def _newest(self) -> dict[str, int]:
        """Return the key of the newest fact of each stream that is subscribed."""
        newest = {}
        for name, stream in self.streams().items():
            kind = KINDS[stream.path.data_type].stream
            facts = self.venue.truth.latest(kind, stream.path.symbol)
            if facts and self._is_awaited(name, facts[-1][1]):
                frame = b'{"stream":"%b","data":%b}' % (name.encode(), facts[-1][3])
                fact = stream.channel.decode(frame, 0, Origin.LIVE)
                splice = self.dispatcher.routers()[name].splice
                key = getattr(splice, "_key", None) or splice._last  # type: ignore[attr-defined]
                newest[name] = key(fact)
        return newest

    def _is_awaited(self, name: str, ts: int) -> bool:
        """Return whether a fact came after the subscription, or the stream has begun anyhow."""
        splice = self.dispatcher.routers()[name].splice
        asked = [f.ts_acknowledged for f in splice.feeds if f.ts_acknowledged is not None]
        return splice.last is not None or any(ts >= ts_asked for ts_asked in asked)

    def _last(self, name: str) -> int | None:
        return self.dispatcher.routers()[name].splice.last

    def _behind(self, wanted: dict[str, int]) -> list[str]:
        return [name for name, key in wanted.items() if self._is_behind(name, key)]

    def _is_behind(self, name: str, key: int) -> bool:
        router = self.dispatcher.routers().get(name)
        if router is None or router.splice.suspicion is not None:
            return False
        return router.splice.last is None or router.splice.last < key

    def inject(self, kind: FaultKind, **values: Any) -> None:
        self.venue.inject(Fault(kind=kind, **values))

    async def cut(self, random: Random) -> None:
        """Cut any connection of a shard that can spare one, and wait until it is noticed."""
        shard = random.choice(await until(self.safe_shards, timeout_s=30))
        (name, *_) = shard.streams
        replaced = self.notes.of(ConnectionClosed)
        lost = len(self.notes.of(ConnectionLost)) + len(self.notes.of(DialRefused))
        self.inject(FaultKind.CUT, target=random.choice(self.carriers(name)))
        await until(
            lambda: (
                len(self.notes.of(ConnectionLost)) + len(self.notes.of(DialRefused)) > lost
                or self.notes.of(ConnectionClosed) != replaced
            ),  # it was just being replaced
            timeout_s=30,
        )

    def status(self):
        return status_of(self.service)

    def verdict(self, data_types: tuple[str, ...] = ()) -> Verdict:
        """Compare the lake with the truth; the recorder has stopped."""
        wanted = data_types or self.service.config.sources[self.source].data_types
        return check(self.data, self.source, self.venue.truth, wanted)


def venue_options(source: str = "binance_spot", **options: Any) -> VenueOptions:
    """A venue that does not mind many dials; `lifetime_s` and its like are taken as its limits."""
    known = Source(source)
    names = {f.name for f in dataclasses.fields(Limits)}
    own = {name: options.pop(name) for name in list(options) if name in names}
    limits = dataclasses.replace(limits_of(known), **{"dials_per_window": DIALS_MAX, **own})
    return VenueOptions(source=known, limits=limits, truth_keep=10**6, **options)


def source_config(venue: Venue, **keys: Any) -> SourceConfig:
    """A configuration of a simulated venue: everything it has."""
    name = str(venue.options.source)
    config = SourceConfig(
        name=name,
        symbols=SymbolRule(),
        data_types=SOURCES[name].data_types,
        websocket_urls=venue.websocket_urls or {"": venue.websocket_url},
        rest_url=venue.rest_url,
        snapshot_levels=100,
    )
    return dataclasses.replace(config, **keys)


NO_BACKFILL = BackfillConfig(auto=False)
"""What is lost stays lost, and is told: so most tests want it."""

STORAGE = {
    "flush_every_s": 1.0,
    "merge_age_s": 5.0,
    "day_close_grace_s": 5.0,
    "disk_low_bytes": 0,  # else nothing would be merged on a machine with little room
}


@asynccontextmanager
async def recording(
    data: Path,
    options: VenueOptions,
    *,
    storage: dict[str, Any] | None = None,
    before: Callable[[Venue], None] = lambda _: None,
    world: dict[str, Any] | None = None,
    sections: dict[str, Any] | None = None,
    after: Callable[[Recorder], Awaitable[None]] | None = None,
    **keys: Any,
) -> AsyncIterator[Recorder]:
    """Record a simulated venue while the block runs, then settle and stop.

    Args:
        data: the data folder.
        options: the venue.
        storage: keys of `[storage]`.
        before: is given the venue before the recorder begins.
        world: what differs from this machine.
        sections: other sections of the configuration; by default no gap is filled.
        after: is awaited when the recorder has stopped; the venue still answers.
        keys: keys of the source's section.
    """
    async with Venue(options) as venue:
        before(venue)
        recorder = Recorder(data, venue, Notes())
        async with served(recorder, storage=storage, world=world, sections=sections, **keys):
            yield recorder
            await recorder.settle()
        if after is not None:
            await after(recorder)


@asynccontextmanager
async def served(
    recorder: Recorder,
    *,
    storage: dict[str, Any] | None = None,
    world: dict[str, Any] | None = None,
    sections: dict[str, Any] | None = None,
    takeover: Wish | None = None,
    **keys: Any,
) -> AsyncIterator[None]:
    """Let a recorder of a venue run while the block does; then it stops."""
    begun, venue = asyncio.Event(), recorder.venue

    def ready(service: Service) -> None:
        recorder.service = service
        for dispatcher in service.dispatchers.values():
            dispatcher._dials.weight_max = DIALS_MAX
        begun.set()

    config = Config(
        storage=StorageConfig(data=str(recorder.data), **{**STORAGE, **(storage or {})}),
        sources={recorder.source: source_config(venue, **keys)},
        **{"backfill": NO_BACKFILL, **(sections or {})},
    )
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(
            serve(
                config,
                world=dataclasses.replace(this_machine(), **(world or {})),
                telemetry=recorder.notes,
                stop=recorder.stop,
                ready=ready,
                takeover=takeover,
            )
        )
        await begun.wait()
        yield
        recorder.stop.set()
        await serving


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run a test on the loop that recorders run on."""

    async def begin() -> None:
        await main()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(begin())
