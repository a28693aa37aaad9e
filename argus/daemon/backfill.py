"""Shell. Fills what is missing from the venue's past: looks, asks, writes, and tells the ledger.

First the lake is looked at, so that nothing is asked for that is there; then pages are asked for;
then facts are made durable; only then the ledger is told. So a run that dies at any moment has
lost nothing but the page it was waiting for, and the next run asks only for the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import numpy as np

from argus.clock import Clock
from argus.daemon.access import Access
from argus.daemon.backfill_store import BackfillStore
from argus.daemon.refusals import Refusals
from argus.daemon.wanted import Task, Wanted, rows
from argus.errors import ForeignFile, StorageError, TornFile, VenueError
from argus.events import Event, Gap
from argus.network.history import History, type_of_span
from argus.network.pages import answered, total, type_of_numbers
from argus.storage.presence import Place, look
from argus.telemetry import FactsBackfilled, GapFilled, GapUnfillable, Report

FLUSH_ROWS = 200_000
FLUSH_NS = 10 * 1_000_000_000
"""What came is made durable so often: this much of a run is lost when it is killed."""
SETTLE_TASKS = 200
"""Gaps are told to the ledger in lots: each lot is a chunk, and small chunks cost as much."""

LATE_NS = 3600 * 1_000_000_000
"""A venue has its past for REST by then."""
NEAR_NS = 86_400 * 1_000_000_000
NOT_WRITTEN = "what came could not be written"

T = TypeVar("T")

type_of_publish = Callable[[str, str, Sequence[Gap]], None]
"""Takes rows of the ledger for a source and a symbol."""


@dataclass(slots=True)
class Progress:
    """How far a run is; `pages_total` may fall, when a venue refuses."""

    pages: int = 0
    pages_total: int = 0
    facts: int = 0


class Backfill:
    """Fills what is wanted.

    Args:
        data: the data folder.
        accesses: sources by name.
        store: where facts are written.
        publish: where rows of the ledger go.
        thread: where to read.
        clock: instants of those rows.
        report: telemetry.
    """

    def __init__(
        self,
        data: Path,
        accesses: Mapping[str, Access],
        *,
        store: BackfillStore,
        publish: type_of_publish,
        thread: Executor,
        clock: Clock,
        report: Report,
    ) -> None:
        self.data = data
        self.accesses = accesses
        self._store = store
        self._publish = publish
        self._thread = thread
        self._clock = clock
        self._report = report
        self._told: set[tuple[str, str, str]] = set()
        self._ts_flushed = clock.monotonic_ns()
        self.progress = Progress()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what waits for the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def begun(self, wanted: Sequence[Wanted]) -> list[Task]:
        """Return a task for each thing wanted, with what the lake has of it already."""
        tasks: list[Task] = []
        for _, of_one in groupby(sorted(wanted, key=self._order), key=_kind):
            for together in _near(of_one):
                tasks += await self.in_thread(partial(self._begun, together))
        return tasks

    def _order(self, wanted: Wanted) -> tuple[object, ...]:
        """Order by data type and time, those first that the venue forgets."""
        history = self.accesses[wanted.source].source.rest.history(wanted.data_type)
        is_forgotten = history is not None and history.reach_s is not None
        return (not is_forgotten, *_kind(wanted), wanted.ts_from or 0, wanted.symbol)

    def _begun(self, together: list[Wanted]) -> list[Task]:
        askable = [w for w in together if w.ranges]
        spans: dict[str, dict[str, list[type_of_span]]] = {}
        for symbol, r in ((w.symbol, r) for w in askable for r in w.ranges):
            spans.setdefault(symbol, {}).setdefault(r.interval, []).append(r.keys)
        if not askable:
            return [Task.begun(w, {}) for w in together]
        source, data_type = _kind(together[0])
        history = self.accesses[source].source.rest.history(data_type)
        assert history is not None, f"{data_type} has ranges but no history"
        firsts, lasts = [w.ts_from for w in askable], [w.ts_until for w in askable]
        place = Place(
            *(source, data_type, history.key),
            ts_from=None if None in firsts else min(ts for ts in firsts if ts is not None),
            ts_until=None if None in lasts else max(ts for ts in lasts if ts is not None),
        )
        try:
            seen = look(self.data, place, spans)
        except (TornFile, ForeignFile) as error:
            return [Task.ended(w, f"what is there cannot be read: {error}") for w in together]
        return [Task.begun(w, seen.get(w.symbol, {})) for w in together]

    def pages(self, task: Task) -> list[tuple[int, type_of_span]]:
        """Return the pages that a task has still to ask for, each with the index of its range."""
        history = self.accesses[task.wanted.source].source.rest.history(task.wanted.data_type)
        return [] if history is None or task.why else task.pages(history.rows_max)

    def weight(self, task: Task) -> int:
        """Return what these pages cost together."""
        wanted = task.wanted
        history = self.accesses[wanted.source].source.rest.history(wanted.data_type)
        if history is None:
            return 0
        weight = 0
        for at, (first, last) in self.pages(task):
            r = wanted.ranges[at]
            keys = r.scale.key(first), r.scale.key(last)
            weight += history.request(wanted.symbol, r.interval, *keys).weight
        return weight

    async def fill(
        self, tasks: Sequence[Task], *, is_stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """Ask for what is missing, write it, and tell the ledger.

        A stop, or a cancellation, leaves what has come so far written and told.
        """
        self.progress.pages_total += sum(len(self.pages(task)) for task in tasks)
        refusals = Refusals()
        unsettled: list[Task] = []
        try:
            for task in tasks:
                if is_stopping():
                    task.why = task.why or "stopped before it was asked for"
                    continue
                unsettled.append(task)
                await self._fill_one(task, refusals, is_stopping)
                if len(unsettled) >= SETTLE_TASKS or self._is_due():
                    lot, unsettled = unsettled, []
                    await self.settle(lot)
        finally:
            await self.settle(unsettled)

    async def _fill_one(
        self,
        task: Task,
        refusals: Refusals,
        is_stopping: Callable[[], bool],
    ) -> None:
        todo = self.pages(task)
        done = 0
        refusal = refusals.of(task.wanted.path)
        if refusal is not None and todo:
            task.why, task.is_final = str(refusal), refusal.is_final
        try:
            for at, page in todo:
                if task.why or is_stopping():
                    task.why = task.why or "stopped half-way"
                    break
                await self._ask(task, at, page)
                done += 1
                if self._is_due() and not await self._flush():
                    task.why = NOT_WRITTEN
        except VenueError as error:
            task.why, task.is_final = str(error), error.is_final
            refusals.add(task.wanted.path, error)
        finally:
            self.progress.pages_total -= len(todo) - done
        self._tell(task)

    def _is_due(self) -> bool:
        is_old = self._clock.monotonic_ns() - self._ts_flushed > FLUSH_NS
        return self._store.rows >= FLUSH_ROWS or (is_old and self._store.rows > 0)

    async def _flush(self) -> bool:
        self._ts_flushed = self._clock.monotonic_ns()
        return await self._store.flush()

    async def _ask(self, task: Task, at: int, page: type_of_span) -> None:
        wanted, asked = task.wanted, task.wanted.ranges[at]
        access = self.accesses[wanted.source]
        history = access.source.rest.history(wanted.data_type)
        assert history is not None
        task.requests += 1
        facts = await access.past.page(history, wanted.symbol, asked.interval, asked.scale, page)
        came = [(history.number(fact, asked.scale), fact) for fact in facts]
        came = _rising(came)
        found = answered(page, task.left[at], _numbers(came))
        task.absent += total(found.absent)
        if self._is_settled(history, wanted, asked.scale.key(page[1])):
            task.absent += total(found.late)
        else:
            task.late += total(found.late)
        is_new = task.take(at, [(number, fact.ts_event or 0) for number, fact in came])
        new = [fact for (_, fact), is_so in zip(came, is_new, strict=True) if is_so]
        try:
            refused = self._store.take(*wanted.path, new) if new else 0
        except StorageError:
            task.why = NOT_WRITTEN
            raise
        if refused:
            task.why = NOT_WRITTEN
        self.progress.pages += 1
        self.progress.facts += len(new)

    def _is_settled(self, history: History, wanted: Wanted, key: int) -> bool:
        """Say whether what the venue does not give of a time will not come any more."""
        ts = key if history.is_timed else wanted.ts_until
        return ts is not None and ts < self._clock.now_ns() - LATE_NS

    def _tell(self, task: Task) -> None:
        wanted = task.wanted
        if task.filled:
            path = "/".join(wanted.path)
            self._report(FactsBackfilled(path, task.filled, task.requests))
        if task.is_final and task.why:
            key = (wanted.source, wanted.data_type, task.why)
            if key not in self._told:
                self._told.add(key)
                self._report(GapUnfillable(*key))

    async def settle(self, tasks: Sequence[Task]) -> None:
        """Make what came durable, then tell the ledger which gaps it filled."""
        if not tasks:
            return
        if not await self._flush():
            for task in tasks:
                task.why = NOT_WRITTEN if task.filled else task.why
            return
        for task in tasks:
            told = rows(task, now_ns=self._clock.now_ns())
            if told and task.why != NOT_WRITTEN:
                self._publish(task.wanted.source, task.wanted.symbol, told)
                self._report(GapFilled("/".join(task.wanted.path), task.filled, task.missing))
        await self._store.flush()


def _kind(wanted: Wanted) -> tuple[str, str]:
    return wanted.source, wanted.data_type


def _near(wanted: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    """Put together what lies near in time: so long a stretch of the lake is read at once."""
    together: list[Wanted] = []
    for one in wanted:
        until = together[-1].ts_until if together else None
        if until is not None and one.ts_from is not None and one.ts_from - until > NEAR_NS:
            yield together
            together = []
        together.append(one)
    if together:
        yield together


def _rising(came: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """Return facts by their numbers, each number once."""
    return sorted(dict(came).items())


def _numbers(came: list[tuple[int, Event]]) -> type_of_numbers:
    return np.array([number for number, _ in came], np.int64)
