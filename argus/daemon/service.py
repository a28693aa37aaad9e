"""Shell. The one place where the parts are joined: a running recorder.

Sources publish onto agora paths, the recording reads them; neither knows of the other. Periodic
work is a function that takes `now`, called by apscheduler. The stop order is producers first, then
flush, then merge.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from argus.agora.agora import Agora
from argus.agora.path import Path as AgoraPath
from argus.clock import Clock
from argus.config.schema import Config, SourceConfig
from argus.control.server import serve_control
from argus.daemon.collector import restore, tune
from argus.daemon.jobs import Jobs
from argus.daemon.letters import LetterBox
from argus.daemon.ondisk import OnDisk
from argus.daemon.pace import Lateness, Rate
from argus.daemon.recording import Recording
from argus.daemon.supervisor import Supervisor
from argus.daemon.verbs import verbs
from argus.errors import StorageError
from argus.events import Event
from argus.network.connection import Opener
from argus.network.dispatcher import UNIVERSE_RETRY_S, Dispatcher
from argus.network.limiter import Limiter
from argus.network.rest import RestClient
from argus.network.sources import SOURCES
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept, alive, remove_if_finished
from argus.telemetry import RecorderStarted, RecorderStopped, Telemetry

TICK_S = 0.1
DRAIN_S = 0.5
DRAIN_NS = 500_000_000
"""A ring that fills sooner asks to be drained; few large batches cost less than many small."""

PACE_S = 0.05
FLUSH_RETRY_S = 1.0
MINUTE_NS = 60_000_000_000


def capacities(ring_facts: int) -> dict[str, int]:
    """Return ring sizes by data type: a power of two, an eighth of it for what carries levels."""
    size = 1 << max(4, (ring_facts - 1).bit_length())
    levels = max(4, size // 8)
    return {"": size, "book_delta": levels, "book_snapshot": 4, "instrument": 4, "kline": levels}


class Service:
    """A running recorder.

    Args:
        config: what is recorded, and where to.
        clock: time.
        telemetry: where happenings go.
        generation: hash of this run; a new random one by default.
    """

    def __init__(
        self, config: Config, *, clock: Clock, telemetry: Telemetry, generation: str = ""
    ) -> None:
        self.config = config
        self.clock = clock
        self.telemetry = telemetry
        self.generation = generation or secrets.token_hex(4)
        self.data = Path(config.storage.data)
        self.ts_started = clock.now_ns()
        self.agora = Agora(
            capacities(max((s.ring_facts for s in config.sources.values()), default=256))
        )
        self.disk = LocalDisk(self.generation)
        self.supervisor = Supervisor(clock, telemetry)
        self.letters = LetterBox(self.data)
        self.dispatchers: dict[str, Dispatcher] = {}
        self.rest: dict[str, RestClient] = {}
        self.recording = Recording(
            self.agora,
            config.storage,
            data=self.data,
            generation=self.generation,
            disk=self.disk,
            clock=clock,
            record_overrun=self._record_overrun,
            report=telemetry,
        )
        self.lateness = Lateness()
        self.rates: dict[str, Rate] = {}
        self.left = 0
        self._numbers = itertools.count(1)
        self._budgets: dict[str, Limiter] = {}
        self._flushing: asyncio.Task[None] | None = None
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.on_disk = OnDisk(self.data)

    def _record_overrun(self, path: AgoraPath, missed: int, after: Event) -> None:
        self.dispatchers[path.source].record_overrun(path, missed, after)

    def add_source(self, config: SourceConfig) -> Dispatcher:
        """Make the dispatcher of one source."""
        source = SOURCES[config.name]
        budget = self._budgets.setdefault(
            source.limits.rest_budget, Limiter(source.limits.rest_weight.value, MINUTE_NS)
        )
        rest = RestClient(
            config.rest_url or source.rest_url,
            limiter=budget,
            weight_header=source.rest.weight_header,
            clock=self.clock,
        )
        self.rest[config.name] = rest
        random = secrets.SystemRandom().random
        dispatcher = Dispatcher(
            source,
            config,
            self.agora,
            open_link=Opener(config.client, self.clock, coalesce_ms=config.coalesce_ms),
            get=rest.get,
            clock=self.clock,
            spawn=self.supervisor.spawn,
            numbers=self._numbers,
            random=random,
            letters=self.letters,
            report=self.telemetry,
        )
        self.dispatchers[config.name] = dispatcher
        self.rates[config.name] = Rate()
        return dispatcher

    async def refresh(self, name: str, now_ns: int) -> None:  # noqa: ARG002 a job's form
        """Ask one source for its universe until it answers; merge the symbols that went.

        A source is asked by one task at a time.
        """
        async with self._asking[name]:
            while (change := await self.dispatchers[name].refresh()) is None:
                await self.clock.sleep(UNIVERSE_RETRY_S)
        if change.removed:
            await self.recording.flush(source=name)
            await self.recording.merge_all(change.removed, source=name)

    async def begin(self, name: str) -> None:
        """Ask one source for what is not streamed, as soon as its symbols are known."""
        await self.refresh(name, self.clock.now_ns())
        await self.dispatchers[name].poll_open_interest()

    async def flush(self, now_ns: int) -> None:  # noqa: ARG002 a job's form
        """Seal what has gathered into chunks."""
        await self.recording.flush()

    async def merge(self, now_ns: int) -> None:
        """Merge the date files for which it is worth it."""
        await self.recording.merge(now_ns)

    async def tick_forever(self) -> None:
        """Let time pass for the sources."""
        while True:
            for name, dispatcher in self.dispatchers.items():
                dispatcher.tick()
                self.rates[name].note(self.facts(name), self.clock.monotonic_ns())
                await asyncio.sleep(0)
            await self.clock.sleep(TICK_S)

    async def drain_forever(self) -> None:
        """Take what was published, and flush early where a buffer is full.

        The rarer it is, the more facts of a path are taken at once, and the cheaper each is; a path
        that fills a quarter of its ring is read at once.
        """
        while True:
            await self.recording.drain_gently()
            if self.recording.is_due and (self._flushing is None or self._flushing.done()):
                self._flushing = self.supervisor.spawn("flush early", self._flush_due())
            await self.clock.sleep(DRAIN_S)

    async def watch_pace(self) -> None:
        """Measure how late the event loop is; more often than it ticks, for blocks are short."""
        while True:
            due = self.clock.monotonic_ns() + int(PACE_S * 1e9)
            await self.clock.sleep(PACE_S)
            self.lateness.note(due_ns=due, now_ns=self.clock.monotonic_ns())

    async def _flush_due(self) -> None:
        if not await self.recording.flush(only_due=True):
            await self.clock.sleep(FLUSH_RETRY_S)

    def facts(self, name: str) -> int:
        """Return how many facts of a source were recorded since the start."""
        return sum(n for (s, _), n in self.recording.totals.facts.items() if s == name)

    async def stop(self) -> None:
        """End: producers first, then flush, then merge."""
        for dispatcher in self.dispatchers.values():
            await dispatcher.stop()
        for rest in self.rest.values():
            await rest.close()
        await self.supervisor.stop()
        self.left = await self.recording.stop()
        facts = sum(self.recording.totals.facts.values())
        gaps = sum(d.gaps for d in self.dispatchers.values())
        self.telemetry(RecorderStopped(self.generation, facts, gaps, self.left))


async def serve(
    config: Config,
    *,
    clock: Clock,
    telemetry: Telemetry,
    stop: asyncio.Event,
    ready: Callable[[Service], None] = lambda _: None,
    generation: str = "",
) -> Service:
    """Record until `stop` is set, then flush and merge everything.

    Args:
        config: what is recorded, and where to.
        clock: time.
        telemetry: where happenings go.
        stop: ends the recording.
        ready: called once everything runs.
        generation: hash of this run; a new random one by default.

    Returns:
        The service, stopped; `left` says how many facts could not be written.

    Raises:
        DataFolderInUse: another recorder runs on the data folder.
        StorageError: the data folder cannot be written.
    """
    service = Service(config, clock=clock, telemetry=telemetry, generation=generation)
    async with AsyncExitStack() as stack:
        try:
            service.data.mkdir(parents=True, exist_ok=True)
            # First the socket: a recorder that is refused leaves nothing behind.
            control = serve_control(Path(config.socket), verbs(service, stop))
            await stack.enter_async_context(control)
            accept(service.data, service.generation, disk=service.disk)
            stack.enter_context(alive(service.data, service.generation))
        except OSError as error:
            raise StorageError(f"data folder {service.data} cannot be written: {error}") from error
        telemetry(RecorderStarted(service.generation, str(service.data)))
        for source in config.sources.values():
            dispatcher = service.add_source(source)
            if dispatcher.books is not None:
                service.supervisor.keep(f"books {source.name}", dispatcher.books.run)
        jobs = Jobs(service)
        jobs.start()
        for name in service.dispatchers:
            service.supervisor.spawn(f"begin {name}", service.begin(name))
        ticking = service.supervisor.keep("tick", service.tick_forever)
        service.supervisor.keep("drain", service.drain_forever)
        service.supervisor.keep("pace", service.watch_pace)
        tune()
        ready(service)
        try:
            await stop.wait()
        finally:
            jobs.stop()
            ticking.cancel()
            await service.stop()
            restore()
    await asyncio.to_thread(_forget_generation, service)
    return service


def _forget_generation(service: Service) -> None:
    """Remove the folder of this run's chunks, if all of them are merged."""
    remove_if_finished(service.data, service.generation, disk=service.disk)
