"""Shell. All stores of a recorder: their spools, what fills them, and a feeder each.

Feeders are threads that nobody waits for longer than `STOP_S`: a store that hangs holds up nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from itertools import groupby
from threading import Thread

import pyarrow as pa

from argus.agora.agora import Agora, News
from argus.control.status import SinkStatus
from argus.daemon.sinks.feeder import Feeder
from argus.daemon.sinks.loading import notes_of
from argus.daemon.sinks.stores import Wish
from argus.daemon.sinks.wanted import Wanted
from argus.daemon.site import Site
from argus.daemon.supervisor import run_again
from argus.daemon.world import World
from argus.errors import DaemonError
from argus.events import Bar
from argus.storage.buffer import Buffer, WrongValue
from argus.storage.chunk import Chunk
from argus.storage.intake import Intake
from argus.storage.spool import Spool
from argus.storage.spool import Wanted as Takes
from argus.telemetry import FeederLeft, Report, SpoolFailed

EVERY_BAR = "*/bar/*"
RELAY_S = 0.25
STOP_S = 10.0
"""How long a stop waits for stores that take what is left for them."""
HANG_S = 2.0
"""And how much longer for one to answer what it was asked last."""
LOOK_S = 0.05


class Sinks:
    """The stores of a recorder.

    Args:
        wishes: stores that are configured.
        agora: where bars are published.
        site: where chunks lie.
        world: clock, chance, threads.
        report: telemetry.
    """

    def __init__(
        self, wishes: Sequence[Wish], *, agora: Agora, site: Site, world: World, report: Report
    ) -> None:
        self._wishes = wishes
        self._site = site
        self._world = world
        self._report = report
        self._feeders: list[Feeder] = []
        self._threads: list[Thread] = []
        self._intake: Intake | None = None
        self._turn = threading.Lock()
        self._looking: Executor | None = world.threads("spool") if wishes else None
        is_any = any("bar" in wish.store.data_types for wish in wishes)
        self._bars: list[News] = []
        self._news = agora.subscribe(EVERY_BAR, self._bars.append) if is_any else None

    def __bool__(self) -> bool:
        """Return whether any store is configured."""
        return bool(self._wishes)

    async def look(self, now_ns: int = 0) -> None:  # noqa: ARG002 a job's form
        """Keep what is new for the stores."""
        if self._looking is not None:
            await asyncio.get_running_loop().run_in_executor(self._looking, self._look)

    def _look(self) -> None:
        try:
            found = self._ready().look()
        except OSError as error:
            self._report(SpoolFailed("all", str(error)))
            return
        if found:
            for feeder in self._feeders:
                feeder.wake()

    def before_delete(self, chunk: Chunk) -> None:
        """Keep a chunk for the stores before a merge deletes it.

        Raises:
            OSError: the disk refuses, so the chunk has to stay.
        """
        if self._wishes:
            self._ready().before_delete(chunk)

    def _ready(self) -> Intake:
        """Return what fills the spools; the first time they are made and feeders begin.

        Raises:
            OSError: the disk refuses.
        """
        with self._turn:
            if self._intake is None:
                self._feeders = [self._feeder(wish) for wish in self._wishes]
                self._intake = Intake(self._site.data, [feeder.spool for feeder in self._feeders])
                for feeder in self._feeders:
                    self._threads.append(self._started(feeder))
            return self._intake

    def _feeder(self, wish: Wish) -> Feeder:
        store, site = wish.store, self._site
        wanted = Takes(tuple(sorted(store.data_types)), wish.spool_bytes_max)
        return Feeder(
            store,
            Spool(site.data, store.name, disk=site.disk, report=self._report, wanted=wanted),
            data=site.data,
            disk=site.disk,
            clock=self._world.clock,
            random=self._world.random,
            report=self._report,
        )

    def _started(self, feeder: Feeder) -> Thread:
        name = f"store {feeder.store.name}"
        # A daemon thread: the process may end while a store hangs.
        work = partial(run_again, name, feeder.run, report=feeder.failed, pause=feeder.rest)
        thread = Thread(target=work, name=name, daemon=True)
        thread.start()
        return thread

    async def relay(self) -> None:
        """Give bars to the stores as they are published."""
        while True:
            self.relay_now()
            await self._world.clock.sleep(RELAY_S)

    def relay_now(self) -> None:
        """Give what bars there are to the stores."""
        if self._news is None:
            return
        news = [*self._bars, *self._news.poll()]
        self._bars.clear()
        if not news or not self._feeders:
            return
        for source, of_one in groupby(sorted(news, key=_source), key=_source):
            table = _table(of_one)
            for feeder in self._feeders:
                if (
                    table.num_rows
                    and feeder.spool.takes("bar")
                    and feeder.lane.offer(source, table)
                ):
                    feeder.wake()

    async def load(self, wanted: Wanted) -> int:
        """Have what the lake has written to a store; return how many days were noted.

        Raises:
            DaemonError: there is no such store.
            OSError: the disk refuses.
        """
        known = [wish.store.name for wish in self._wishes]
        if self._looking is None or wanted.store not in known:
            found = ", ".join(known) or "none"
            raise DaemonError(f'"{wanted.store}" is not a store of the recorder; it has: {found}')
        return await asyncio.to_thread(self._note, wanted)

    def _note(self, wanted: Wanted) -> int:
        self._ready()
        (feeder,) = (f for f in self._feeders if f.store.name == wanted.store)
        notes = notes_of(self._site.data, feeder.store.data_types, wanted)
        for note, symbols in notes:
            feeder.spool.note(note, symbols)
        feeder.wake()
        return len(notes)

    def status(self) -> tuple[SinkStatus, ...]:
        """Return what each store does; reads folders, so call it in a thread."""
        return tuple(feeder.status() for feeder in self._feeders)

    async def stop(self, *, is_last: bool = True) -> None:
        """Let stores take what is left, for a while; what they do not take waits in spools.

        Args:
            is_last: whether no other recorder goes on; one that does takes the rest at once.
        """
        if self._looking is None:
            return
        await self.look()
        self.relay_now()
        for feeder in self._feeders:
            feeder.finish()
        await self._ended(STOP_S if is_last else 0)
        for feeder in self._feeders:
            feeder.end()
        await self._ended(HANG_S)
        for feeder, thread in zip(self._feeders, self._threads, strict=True):
            if thread.is_alive():
                self._report(FeederLeft(feeder.store.name, feeder.spool.state().chunks))
        self._looking.shutdown()

    async def _ended(self, seconds: float) -> None:
        """Wait until all feeders have ended, or a time has passed."""
        clock = self._world.clock
        deadline = clock.monotonic_ns() + int(seconds * 1e9)
        while any(t.is_alive() for t in self._threads) and clock.monotonic_ns() < deadline:
            await clock.sleep(LOOK_S)


def _source(news: News) -> str:
    return news.path.source


def _table(news: Iterable[News]) -> pa.Table:
    buffer = Buffer(Bar)
    for path, _, facts in news:
        # The recording tells of what cannot be stored, and of the hole it leaves.
        with suppress(WrongValue):
            buffer.append(path.symbol, facts)
    return buffer.take().to_table()
