"""Shell. The one place where the parts are joined: a running recorder.

Sources publish onto agora paths, the recording reads them; neither knows of the other. Periodic
work is a function that takes `now`, called by apscheduler. The stop order is producers first, then
flush, then merge.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from argus.agora.agora import Agora
from argus.agora.path import Path as AgoraPath
from argus.clock import Clock
from argus.config.schema import Config, SourceConfig
from argus.control.server import serve_control
from argus.errors import StorageError
from argus.events import Event
from argus.network.connection import Opener
from argus.network.dispatcher import Dispatcher
from argus.network.limiter import Limiter
from argus.network.rest import RestClient
from argus.network.sources import SOURCES
from argus.daemon.collector import tune
from argus.daemon.letters import LetterBox
from argus.daemon.pace import Lateness, Rate
from argus.daemon.recording import Recording
from argus.daemon.supervisor import Supervisor
from argus.daemon.verbs import verbs
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept, alive, remove_if_finished
from argus.telemetry import RecorderStarted, RecorderStopped, Telemetry

TICK_S = 0.1
MERGE_EVERY_S = 30.0
MINUTE_NS = 60_000_000_000

type_of_work = Callable[[int], Coroutine[None, None, None]]


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

    async def refresh(self, name: str, now_ns: int) -> None:
        """Ask one source for its universe; merge what belongs to symbols that went."""
        change = await self.dispatchers[name].refresh()
        if change is None:
            self._ask_again(name)
        elif change.removed:
            await self.recording.flush()
            await self.recording.merge_all(change.removed)

    def _ask_again(self, name: str) -> None:
        async def later() -> None:
            await self.clock.sleep(5.0)
            await self.refresh(name, self.clock.now_ns())

        self.supervisor.spawn(f"universe {name}", later())

    async def flush(self, now_ns: int) -> None:
        """Seal what has gathered into chunks."""
        await self.recording.flush()

    async def merge(self, now_ns: int) -> None:
        """Merge the date files for which it is worth it."""
        await self.recording.merge(now_ns)

    async def tick_forever(self) -> None:
        """Let time pass for the sources, drain the rings, flush early where a buffer is full."""
        due = self.clock.monotonic_ns()
        while True:
            now = self.clock.monotonic_ns()
            self.lateness.note(due_ns=due, now_ns=now)
            for name, dispatcher in self.dispatchers.items():
                dispatcher.tick()
                self.rates[name].note(self.facts(name), now)
            self.recording.drain()
            if self.recording.is_due and (self._flushing is None or self._flushing.done()):
                self._flushing = self.supervisor.spawn("flush early", self._flush_due())
            due = max(now, self.clock.monotonic_ns()) + int(TICK_S * 1e9)
            await self.clock.sleep(TICK_S)

    async def _flush_due(self) -> None:
        await self.recording.flush(only_due=True)

    def facts(self, name: str) -> int:
        """Return how many facts of a source were recorded since the start."""
        return sum(n for (s, _), n in self.recording.totals.facts.items() if s == name)

    def schedule(self) -> AsyncIOScheduler:
        """Return the periodic jobs; each is a function that takes `now`."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        running: dict[str, asyncio.Task[None]] = {}

        def every(seconds: float, name: str, work: type_of_work) -> None:
            def start() -> None:
                # One at a time; the supervisor reports a failure, and a stop waits for nothing
                # that the scheduler would cancel half-way.
                if name not in running or running[name].done():
                    running[name] = self.supervisor.spawn(name, work(self.clock.now_ns()))

            async def job() -> None:  # a coroutine function, so that it runs in the loop
                start()

            scheduler.add_job(
                job, "interval", seconds=seconds, coalesce=True, id=name, misfire_grace_time=None
            )

        every(self.config.storage.flush_every_s, "flush", self.flush)
        merge_every_s = min(MERGE_EVERY_S, max(1.0, self.config.storage.flush_every_s))
        every(merge_every_s, "merge", self.merge)
        for name, config in self.config.sources.items():
            every(
                config.universe_every_s,
                f"universe {name}",
                lambda now_ns, name=name: self.refresh(name, now_ns),  # type: ignore[misc]
            )
            if "open_interest" in config.data_types:
                dispatcher = self.dispatchers[name]
                every(
                    config.open_interest_every_s,
                    f"open interest {name}",
                    lambda _, dispatcher=dispatcher: dispatcher.poll_open_interest(),  # type: ignore[misc]
                )
        return scheduler

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
        self.telemetry(RecorderStopped(self.generation, facts, gaps))


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
    try:
        service.data.mkdir(parents=True, exist_ok=True)
        accept(service.data, service.generation, disk=service.disk)
    except OSError as error:
        raise StorageError(f"data folder {service.data} cannot be written: {error}") from error
    async with AsyncExitStack() as stack:
        stack.enter_context(alive(service.data, service.generation))
        await stack.enter_async_context(
            serve_control(Path(config.socket), verbs(service, stop))
        )
        telemetry(RecorderStarted(service.generation, str(service.data)))
        for source in config.sources.values():
            dispatcher = service.add_source(source)
            if dispatcher.books is not None:
                service.supervisor.keep(f"books {source.name}", dispatcher.books.run)
        scheduler = service.schedule()
        scheduler.start()
        for name in service.dispatchers:
            service.supervisor.spawn(
                f"universe {name}", service.refresh(name, clock.now_ns())
            )
            service.supervisor.spawn(
                f"open interest {name}", service.dispatchers[name].poll_open_interest()
            )
        ticking = service.supervisor.keep("tick", service.tick_forever)
        tune()
        ready(service)
        try:
            await stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            ticking.cancel()
            await service.stop()
    await asyncio.to_thread(_forget_generation, service)
    return service


def _forget_generation(service: Service) -> None:
    """Remove the folder of this run's chunks, if all of them are merged."""
    remove_if_finished(service.data, service.generation, disk=service.disk)
