"""Shell. The one place where the parts are joined: a running recorder.

Sources publish onto agora paths, the recording reads them; neither knows of the other. The stop
order is producers first, then flush, then merge.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from argus.agora.agora import Agora
from argus.agora.path import Path as AgoraPath
from argus.config.schema import Config, SourceConfig
from argus.daemon.backfiller import Backfiller
from argus.daemon.course import record
from argus.daemon.flushing import bars_of, flush, flush_finally
from argus.daemon.hand_over import HandOver
from argus.daemon.journaling import Journaling
from argus.daemon.letters import LetterBox
from argus.daemon.merging import Merging
from argus.daemon.ondemand import OnDemand
from argus.daemon.ondisk import OnDisk
from argus.daemon.pace import Lateness, Rate
from argus.daemon.past import Past
from argus.daemon.recording import Recording
from argus.daemon.rings import capacities
from argus.daemon.sinks.sinks import Sinks
from argus.daemon.sinks.stores import stores
from argus.daemon.site import Site
from argus.daemon.supervisor import Supervisor
from argus.daemon.takeover import Takeover, Wish
from argus.daemon.universes import Universes
from argus.daemon.verbs import verbs
from argus.daemon.watch.room import RoomWatch
from argus.daemon.watch.watch import Watch
from argus.daemon.world import Ask, World
from argus.errors import StorageError, TakeoverFailed
from argus.events import Gap
from argus.network.dispatcher import Dispatcher
from argus.network.limiter import Limiter
from argus.network.sources import SOURCES
from argus.storage.generation import alive, begin_run, delete_generation, remove_if_finished
from argus.telemetry import RecorderStarted, RecorderStopped, Telemetry

MINUTE_NS = 60_000_000_000


class Service:
    """A running recorder.

    Args:
        config: what is recorded, and where to.
        world: time, network, disk, threads.
        telemetry: where happenings go.
        stop: ends the recording.
        generation: hash of this run; a new random one by default.
    """

    def __init__(
        self,
        config: Config,
        *,
        world: World,
        telemetry: Telemetry,
        stop: asyncio.Event,
        generation: str = "",
    ) -> None:
        self.config = config
        self.world = world
        self.clock = clock = world.clock
        self.telemetry = telemetry
        self.generation = generation or secrets.token_hex(4)
        self.data = Path(config.storage.data)
        self.ts_started = clock.now_ns()
        self.agora = Agora(
            capacities(max((s.ring_facts for s in config.sources.values()), default=256))
        )
        self.disk = world.disk(self.generation)
        self.supervisor = Supervisor(clock, telemetry)
        self.letters = LetterBox(self.data)
        self.dispatchers: dict[str, Dispatcher] = {}
        self.rest: dict[str, Ask] = {}
        self.room = RoomWatch(
            self.data,
            self.disk,
            machine=world.machine,
            low_bytes=config.storage.disk_low_bytes,
            report=telemetry,
        )
        site = self.site = Site(self.data, self.generation, self.disk, self.room)
        self.journaling = Journaling(
            config.journal, site=site, clock=clock, threads=world.threads, report=telemetry
        )
        wishes = stores(config, report=telemetry)
        self.sinks = Sinks(wishes, agora=self.agora, site=site, world=world, report=telemetry)
        self.merging = Merging(
            config.storage,
            site=site,
            thread=world.threads("merge"),
            report=telemetry,
            before_delete=self.sinks.before_delete,
        )
        self.recording = Recording(
            self.agora,
            config.storage,
            site=site,
            clock=clock,
            threads=world.threads,
            tell_gap=self.tell_gap,
            journaling=self.journaling,
            report=telemetry,
        )
        self.lateness = Lateness()
        self.rates: dict[str, Rate] = {}
        self.left = 0
        self._numbers = itertools.count(1)
        self._budgets: dict[str, Limiter] = {}
        self.on_disk = OnDisk(self.data)
        self.watch = Watch(self)
        self.hand_over = HandOver(self, stop)
        self.is_on_trial = False  # Another recorder runs, and this one is not accepted yet.
        self.universes = Universes(self)
        self.backfiller: Backfiller | None = None
        self.past = Past(
            config,
            site=site,
            world=world,
            tell_gap=self.tell_gap,
            journaling=self.journaling,
            report=telemetry,
        )
        self.bars = bars_of(self)
        self.candles = OnDemand(self)

    def tell_gap(self, path: AgoraPath, gap: Gap) -> None:
        """Publish a gap of a path."""
        self.dispatchers[path.source].tell_gap(path, gap)

    def add_source(self, config: SourceConfig) -> Dispatcher:
        """Make the dispatcher of one source."""
        source = SOURCES[config.name]
        budget = self._budgets.setdefault(
            source.limits.rest_budget, Limiter(source.limits.rest_weight.value, MINUTE_NS)
        )
        rest = self.rest[config.name] = self.world.ask(source, config, budget)
        dispatcher = Dispatcher(
            source,
            config,
            self.agora,
            open_link=self.world.open_link(config),
            get=rest.get,
            clock=self.clock,
            spawn=self.supervisor.spawn,
            numbers=self._numbers,
            random=self.world.random,
            journal=self.journaling.of(source),
            letters=self.letters,
            books_every_s=self.world.rhythm.books_s,
            report=self.telemetry,
        )
        dispatcher.beginnings.begun = self.past.downtime.begin
        self.dispatchers[config.name] = dispatcher
        self.rates[config.name] = Rate()
        return dispatcher

    async def flush(self, now_ns: int) -> None:  # noqa: ARG002 a job's form
        """Seal what has gathered into chunks."""
        await flush(self)

    async def merge(self, now_ns: int) -> None:
        """Merge the date files for which it is worth it."""
        if self.may_merge:
            await self.merging.merge(now_ns)

    @property
    def may_merge(self) -> bool:
        """Return whether what lies in the data folder is ours alone, and known."""
        is_ours = self.past.is_known and not self.hand_over.is_claimed
        return is_ours and self.config.storage.merge

    def facts(self, name: str) -> int:
        """Return how many facts of a source were recorded since the start."""
        return sum(n for (s, _), n in self.recording.totals.facts.items() if s == name)

    async def stop(self) -> None:
        """End: producers first, then flush, then merge, unless another recorder does that."""
        is_last = not (self.is_on_trial or self.hand_over.is_leaving)
        if self.backfiller is not None:
            self.backfiller.stop()
        for dispatcher in self.dispatchers.values():
            await dispatcher.stop()
        for rest in self.rest.values():
            await rest.close()
        await self.supervisor.stop()
        self.candles.stop()
        await self.journaling.close()
        if is_last and not self.past.is_known:
            await self.supervisor.spawn("look back", self.past.look_back())
        self.left = await flush_finally(self)
        await self.journaling.stop(is_all_durable=self.left == 0)
        await self.merging.stop(is_merging=is_last and self.config.storage.merge)
        await self.sinks.stop(is_last=is_last)
        self.watch.stop()
        if self.backfiller is not None:
            await self.backfiller.close()
        facts = sum(self.recording.totals.facts.values())
        gaps = sum(d.gaps for d in self.dispatchers.values())
        self.telemetry(RecorderStopped(self.generation, facts, gaps, self.left))


async def serve(
    config: Config,
    *,
    world: World,
    telemetry: Telemetry,
    stop: asyncio.Event,
    ready: Callable[[Service], None] = lambda _: None,
    generation: str = "",
    takeover: Wish | None = None,
) -> Service:
    """Record until `stop` is set, then flush and merge everything.

    Args:
        config: what is recorded, and where to.
        world: time, network, disk, threads.
        telemetry: where happenings go.
        stop: ends the recording.
        ready: called once everything runs.
        generation: hash of this run; a new random one by default.
        takeover: how to take over from a recorder that runs there; None for not at all.

    Returns:
        The service, stopped; `left` says how many facts could not be written.

    Raises:
        ConfigError: bars are asked for that cannot be built.
        DataFolderInUse: another recorder runs on the data folder, or takes over already.
        TakeoverFailed: the other recorder could not be taken over from, and goes on.
        StorageError: the data folder cannot be written.
    """
    service = Service(config, world=world, telemetry=telemetry, stop=stop, generation=generation)
    listen = partial(world.listen, Path(config.socket), verbs(service, stop))
    heir = Takeover(service, takeover, stop=stop, listen=listen)
    try:
        # What the socket's lock keeps others from is done when it goes: so it goes last.
        async with AsyncExitStack() as control, AsyncExitStack() as stack:
            try:
                service.data.mkdir(parents=True, exist_ok=True)
                # First the socket: a recorder that is refused leaves nothing behind.
                await heir.begin(control)
                if not service.is_on_trial:
                    begin_run(service.data, service.generation, disk=service.disk)
                stack.enter_context(alive(service.data, service.generation))
            except OSError as error:
                found = f"data folder {service.data} cannot be written: {error}"
                raise StorageError(found) from error
            telemetry(RecorderStarted(service.generation, str(service.data)))
            await record(service, stop, ready, partial(heir.run, control))
    except TakeoverFailed:
        delete_generation(service.data, service.generation, disk=service.disk)
        raise
    # Its folder goes if all of its chunks are merged.
    await asyncio.to_thread(remove_if_finished, service.data, service.generation, disk=service.disk)
    return service
