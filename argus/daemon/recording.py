"""Shell. From persistent agora paths to storage handlers, and from chunks to the lake.

It follows a pattern, not a list: a path created later is recorded from its first fact. What it
cannot store is told as a gap, never dropped in silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from argus.agora.agora import Agora, News
from argus.agora.path import Path as AgoraPath
from argus.clock import Clock
from argus.config.schema import StorageConfig
from argus.daemon.missing import Missing
from argus.events import Event, GapReason
from argus.storage.buffer import WrongValue
from argus.storage.chunk import TEMP
from argus.storage.disk import Disk
from argus.storage.flush import FlushHandler
from argus.storage.generation import generations
from argus.storage.merge import Merged
from argus.storage.recorder import Flushed, Limits, StorageHandler
from argus.storage.tiers import Tiers
from argus.telemetry import FactUnstorable, GapFound, Report

EVERY_PERSISTENT_PATH = "*/*/*"
SLICE_FACTS = 1000
"""Facts taken before the event loop goes on: a millisecond or two."""
PATH_FACTS = 5
"""Reading a path costs as much as taking so many facts."""


@dataclass(slots=True)
class Totals:
    """What was written since the start."""

    facts: dict[tuple[str, str], int] = field(default_factory=dict)
    rows: int = 0
    size_bytes: int = 0
    merges: int = 0
    merged_rows: int = 0
    refused: int = 0


class Recording:
    """Records every persistent path of an agora.

    Args:
        agora: whose paths are recorded.
        config: limits and tiers.
        data: the data folder.
        generation: hash of this run.
        disk: where to write.
        clock: instants of gaps.
        record_overrun: takes path, number of facts missed and the fact after them.
        report: telemetry.
    """

    def __init__(
        self,
        agora: Agora,
        config: StorageConfig,
        *,
        data: Path,
        generation: str,
        disk: Disk,
        clock: Clock,
        record_overrun: Callable[[AgoraPath, int, Event], None],
        report: Report,
    ) -> None:
        self._agora = agora
        self._config = config
        self._data = data
        self._generation = generation
        self._disk = disk
        self._clock = clock
        self._record_overrun = record_overrun
        self._report = report
        self._handlers: dict[tuple[str, str], StorageHandler] = {}
        self._mergers: dict[tuple[str, str], FlushHandler] = {}
        self._missing: dict[AgoraPath, Missing] = {}
        self._last: dict[AgoraPath, Event] = {}
        self._is_full = False
        # One thread encodes chunks, another merges: a long merge must not delay a flush.
        self._flushing = ThreadPoolExecutor(1, "flush")
        self._merging = ThreadPoolExecutor(1, "merge")
        self._merge_turn = asyncio.Lock()
        self._news = agora.subscribe(EVERY_PERSISTENT_PATH, self._take)
        self.totals = Totals()

    @property
    def rows(self) -> int:
        """Return the facts that are in no chunk yet."""
        return sum(h.rows for h in self._handlers.values())

    @property
    def size_bytes(self) -> int:
        """Return the memory they take."""
        return sum(h.size_bytes for h in self._handlers.values())

    def drain(self) -> None:
        """Take everything that was published since the last time."""
        self._is_full = self.size_bytes >= self._config.buffer_bytes_max
        for news in self._news.poll():
            self._take(news)

    async def drain_gently(self) -> None:
        """Do the same a little at a time, so that sockets are read in between."""
        self._is_full = self.size_bytes >= self._config.buffer_bytes_max
        taken = 0
        for news in self._news.poll():
            self._take(news)
            taken += len(news.facts) + PATH_FACTS
            if taken > SLICE_FACTS:
                taken = 0
                await asyncio.sleep(0)

    def _take(self, news: News) -> None:
        path, facts = news.path, news.facts
        if news.missed:
            self._record_overrun(path, news.missed, facts[0])
        key = (path.source, path.data_type)
        handler = self._handlers.get(key)
        if handler is None:
            handler = self._handlers[key] = self._handler(path.source, path.data_type)
            self.totals.facts[key] = 0
        # A gap takes little room, and it is what tells of the rest.
        if self._is_full and path.data_type != "gap":
            self._refuse(path, facts)
            return
        try:
            refused = handler.take(path.symbol, facts)
        except WrongValue as error:
            self._took(path, facts[: error.index])
            self._leave_out(path, error)
            self._took(path, facts[error.index + 1 :])
            return
        if refused:
            self._refuse(path, facts)
        else:
            self._took(path, facts)

    def _took(self, path: AgoraPath, facts: list[Event]) -> None:
        if facts:
            self.totals.facts[path.source, path.data_type] += len(facts)
            if self._missing and path in self._missing:
                self._tell(path, self._missing.pop(path), facts[0])
            self._last[path] = facts[-1]

    def _handler(self, source: str, data_type: str) -> StorageHandler:
        config = self._config
        return StorageHandler(
            source,
            data_type,
            data=self._data,
            generation=self._generation,
            disk=self._disk,
            report=self._report,
            limits=Limits(
                rows_max=config.flush_rows_max,
                size_bytes_max=min(config.flush_bytes_max, config.buffer_bytes_max),
                buffer_bytes_max=config.buffer_bytes_max,
            ),
            executor=self._flushing,
        )

    def _leave_out(self, path: AgoraPath, error: WrongValue) -> None:
        self._report(FactUnstorable(str(path), str(error)))
        self._miss(path, [error.event], GapReason.DEAD_LETTER)

    def _refuse(self, path: AgoraPath, facts: list[Event]) -> None:
        self.totals.refused += len(facts)
        self._miss(path, facts, GapReason.DISK)

    def _miss(self, path: AgoraPath, facts: list[Event], reason: GapReason) -> None:
        known = self._missing.get(path)
        if known is None:
            before = self._last.get(path)
            self._missing[path] = Missing(reason, before, facts[0], facts[-1], len(facts))
        else:
            known.add(facts)

    def _tell(self, path: AgoraPath, missing: Missing, after: Event | None) -> None:
        if path.data_type == "gap":
            return
        gap = missing.gap(path.data_type, after, self._clock.now_ns())
        self._report(GapFound(str(path), gap.reason, gap.missing))
        self._agora.publisher(AgoraPath(path.source, "gap", path.symbol)).publish(gap)

    @property
    def is_due(self) -> bool:
        """Return whether some buffer should be flushed before its time."""
        return self._is_full or any(h.is_due for h in self._handlers.values())

    async def flush(
        self, *, only_due: bool = False, source: str | None = None, data_type: str | None = None
    ) -> list[Flushed]:
        """Seal what has gathered into chunks; return those that are durable now."""
        await self.drain_gently()
        done = []
        for key, handler in list(self._handlers.items()):
            if not _is_wanted(key, source, data_type):
                continue
            if only_due and not (handler.is_due or self._is_full):
                continue
            flushed = await handler.flush()
            if flushed is not None:
                done.append(flushed)
                self.totals.rows += flushed.rows
                self.totals.size_bytes += flushed.size_bytes
        return done

    async def merge(self, now_ns: int) -> Merged:
        """Merge the date files for which it is worth it."""
        return await self._merge(lambda merger: merger.merge(now_ns))

    async def merge_all(
        self,
        symbols: Iterable[str] | None = None,
        *,
        source: str | None = None,
        data_type: str | None = None,
        generation: str | None = None,
    ) -> Merged:
        """Merge everything that waits, or what waits of some symbols, a source, a generation."""
        wanted = None if symbols is None else tuple(symbols)

        def work(merger: FlushHandler) -> Merged:
            if wanted is None:
                return merger.flush_all(generation)
            names = generations(self._data) if generation is None else [generation]
            pairs = [(symbol, name) for symbol in wanted for name in names]
            return sum((merger.flush(*pair) for pair in pairs), Merged())

        return await self._merge(work, source=source, data_type=data_type)

    async def _merge(
        self,
        work: Callable[[FlushHandler], Merged],
        *,
        source: str | None = None,
        data_type: str | None = None,
    ) -> Merged:
        loop = asyncio.get_running_loop()
        total = Merged()
        async with self._merge_turn:
            for key in await loop.run_in_executor(self._merging, self._waiting):
                if _is_wanted(key, source, data_type):
                    merger = self._mergers.get(key) or self._merger(*key)
                    self._mergers[key] = merger
                    merged = await loop.run_in_executor(self._merging, work, merger)
                    total += merged
        self.totals.merges += total.partitions
        self.totals.merged_rows += total.rows
        self.totals.size_bytes += total.size_bytes
        return total

    def _waiting(self) -> list[tuple[str, str]]:
        """Return each source and data type that has chunks, ours or older."""
        folders = (self._data / TEMP).glob("*/*/*")
        return sorted({(f.parent.name, f.name) for f in folders if f.is_dir()})

    def _merger(self, source: str, data_type: str) -> FlushHandler:
        config = self._config
        return FlushHandler(
            source,
            data_type,
            data=self._data,
            generation=self._generation,
            disk=self._disk,
            report=self._report,
            tiers=Tiers(
                ratio=config.merge_ratio,
                age_max_s=config.merge_age_s,
                grace_s=min(config.day_close_grace_s, config.merge_age_s),
            ),
        )

    async def stop(self) -> int:
        """Flush and merge everything; return how many facts could not be written."""
        self.drain()
        for path in list(self._missing):
            self._tell(path, self._missing.pop(path), None)
        self.drain()
        await self.flush()
        left = sum([await h.stop() for h in self._handlers.values()])
        await self.merge_all()
        self._flushing.shutdown()
        self._merging.shutdown()
        return left


def _is_wanted(key: tuple[str, str], source: str | None, data_type: str | None) -> bool:
    """Return whether a source and data type are among those that are asked for, None for all."""
    return source in {None, key[0]} and data_type in {None, key[1]}
