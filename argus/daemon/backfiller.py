"""Shell. The backfill of a running recorder: gaps it finds, gaps it found open, and what is asked.

Facts go into chunks of a generation of their own; only what the ledger has to know goes onto a
persistent path. One run at a time: whatever asks shares one store and one order of pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from argus.agora.agora import Agora
from argus.agora.path import Path as AgoraPath
from argus.config.schema import Config
from argus.daemon.access import AskSpare, accesses_of
from argus.daemon.asked import Asked, of_gap
from argus.daemon.backfill import Backfill
from argus.daemon.backfill_store import BackfillStore
from argus.daemon.backfilling import run_asked
from argus.daemon.outcome import Outcome
from argus.daemon.wanted import entry_of, unfillable
from argus.daemon.world import World
from argus.errors import ArgusError, DaemonError
from argus.events import Event, Gap, GapState
from argus.storage.gaps import read_ledger
from argus.storage.ledger import GapEntry
from argus.telemetry import BackfillDelayed, Report

RETRY_S_MAX = 3600.0
JOBS_KEPT = 16


@dataclass(slots=True)
class Due:
    """A gap, and when it is asked for what it misses (monotonic ns)."""

    gap: GapEntry
    ts: int
    failures: int = 0


@dataclass(slots=True)
class Job:
    """A run that a person asked for."""

    is_done: bool = False
    error: str = ""
    outcomes: list[Outcome] = field(default_factory=list)


class Backfiller:
    """Fills gaps of a running recorder.

    Args:
        config: what is recorded, and how gaps are filled.
        asks: what asks each source, by its name.
        agora: its gap paths are followed, and told what was filled.
        world: time, disk, threads.
        generation: hash of the recorder's run; what is filled has one of its own.
        report: telemetry.
        has_room: whether there is room on the disk for more than what is recorded live.
    """

    def __init__(
        self,
        config: Config,
        asks: Mapping[str, AskSpare],
        agora: Agora,
        world: World,
        generation: str,
        report: Report,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._config = config.backfill
        self._agora = agora
        self._has_room = has_room
        self._clock = clock = world.clock
        self._look_s = world.rhythm.backfill_s
        self._report = report
        self._thread = thread = world.threads("backfill")
        data, own = Path(config.data), f"{generation}-backfill"
        self._store = BackfillStore(
            data,
            config.storage,
            generation=own,
            disk=world.disk(own),
            thread=thread,
            report=report,
        )
        self.backfill = Backfill(
            data,
            accesses_of(config, asks, clock=clock, report=report),
            store=self._store,
            publish=self._publish,
            thread=thread,
            clock=clock,
            report=report,
        )
        self._turn = asyncio.Lock()
        self._due: dict[tuple[object, ...], Due] = {}
        self._jobs: dict[int, Job] = {}
        self._number = 0
        self._is_stopping = False

    def _publish(self, source: str, symbol: str, rows: Sequence[Gap]) -> None:
        publisher = self._agora.publisher(AgoraPath(source, "gap", symbol))
        for row in rows:
            publisher.publish(row)

    async def run(self) -> None:
        """Fill what is open in the ledger, and then what is found, for ever."""
        news = self._agora.subscribe("*/gap/*")
        try:
            await self._clock.sleep(self._config.delay_s)
            await self._add_open()
            while not self._is_stopping:
                for heard in news.poll():
                    self._hear(heard.path, heard.facts)
                    if heard.missed:
                        await self._add_open()
                await self._fill_due()
                await self._clock.sleep(self._look_s)
        finally:
            self._agora.unsubscribe(news)

    async def _add_open(self) -> None:
        now = self._clock.monotonic_ns()
        ledger = await self.backfill.in_thread(partial(read_ledger, self.backfill.data))
        for gap in ledger.open_entries:
            self._add(gap, now)

    def _hear(self, path: AgoraPath, facts: Sequence[Event]) -> None:
        due = self._clock.monotonic_ns() + int(self._config.delay_s * 1e9)
        for gap in facts:
            if isinstance(gap, Gap) and gap.state == GapState.OPEN:
                self._add(entry_of(path.source, path.symbol, gap), due)

    def _add(self, gap: GapEntry, due: int) -> None:
        access = self.backfill.accesses.get(gap.source)
        if access is not None and not unfillable(access.source, gap.data_type):
            self._due.setdefault(gap.key, Due(gap, due))

    async def _fill_due(self) -> None:
        now = self._clock.monotonic_ns()
        due = [one.gap for one in self._due.values() if one.ts <= now]
        if not due or not self._has_room():
            return
        async with self._turn:
            now_ns = self._clock.now_ns()
            accesses = self.backfill.accesses
            wanted = [await of_gap(gap, accesses[gap.source], now_ns=now_ns) for gap in due]
            tasks = await self.backfill.begun(wanted)
            await self.backfill.fill(tasks, is_stopping=lambda: self._is_stopping)
        for task in tasks:
            assert task.wanted.gap is not None
            one = self._due.pop(task.wanted.gap.key)
            # What was filled in part was told: its rest is a gap of its own, and was heard.
            is_untouched = not task.is_complete and task.missing == task.total
            if is_untouched and not task.is_final and (task.why or task.late):
                self._postpone(one, task.why or "it does not have it yet")

    def _postpone(self, due: Due, why: str) -> None:
        wait_s = min(RETRY_S_MAX, self._config.retry_s * 2**due.failures)
        ts = self._clock.monotonic_ns() + int(wait_s * 1e9)
        self._due[due.gap.key] = Due(due.gap, ts, due.failures + 1)
        self._report(BackfillDelayed(due.gap.path, why, wait_s))

    # --- what is asked over the control socket ---------------------------------------------------

    def begin(self, asked: Asked, *, dry_run: bool) -> tuple[int, Coroutine[None, None, None]]:
        """Return the number of a new job, and the work that does it."""
        self._number += 1
        for number in list(self._jobs)[: max(0, len(self._jobs) - JOBS_KEPT)]:
            del self._jobs[number]
        job = self._jobs[self._number] = Job()

        async def work() -> None:
            try:
                async with self._turn:
                    job.outcomes = await run_asked(
                        self.backfill,
                        asked,
                        now_ns=self._clock.now_ns(),
                        dry_run=dry_run,
                        is_stopping=lambda: self._is_stopping,
                    )
            except (ArgusError, OSError) as error:
                job.error = str(error)
            finally:
                job.is_done = True

        return self._number, work()

    def told(self, number: int) -> dict[str, object]:
        """Return how far a job is, in plain values.

        Raises:
            DaemonError: there is no such job.
        """
        job = self._jobs.get(number)
        if job is None:
            raise DaemonError(f"{number} is not a backfill; found: {sorted(self._jobs) or 'none'}")
        return {
            "done": job.is_done,
            "error": job.error,
            **asdict(self.backfill.progress),
            "outcomes": [asdict(outcome) for outcome in job.outcomes],
        }

    def stop(self) -> None:
        """Ask for no more pages; what has come is written and told when the tasks end."""
        self._is_stopping = True

    async def close(self) -> None:
        """End: what came is durable; its chunks are merged by then, or wait for whoever merges."""
        await self._store.close()
        self._thread.shutdown()
