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
from argus.agora.router import instant
from argus.clock import Clock
from argus.config.schema import StorageConfig
from argus.events import Event, Gap, GapReason, GapState, Origin
from argus.storage.buffer import WrongValue
from argus.storage.disk import Disk
from argus.storage.flush import FlushHandler
from argus.storage.merge import Merged
from argus.storage.recorder import Flushed, Limits, StorageHandler
from argus.storage.tiers import Tiers
from argus.telemetry import FactUnstorable, GapFound, Report

EVERY_PERSISTENT_PATH = "*/*/*"


@dataclass(slots=True)
class Refused:
    """Facts of one path that found no room, until there is room again."""

    first: Event
    last: Event
    count: int


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
        self._refused: dict[AgoraPath, Refused] = {}
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
        for news in self._news.poll():
            self._take(news)

    def _take(self, news: News) -> None:
        path, facts = news.path, news.facts
        if news.missed:
            self._record_overrun(path, news.missed, facts[0])
        key = (path.source, path.data_type)
        handler = self._handlers.get(key)
        if handler is None:
            handler = self._handlers[key] = self._handler(path.source, path.data_type)
            self.totals.facts[key] = 0
        try:
            refused = handler.take(path.symbol, facts)
        except WrongValue as error:
            refused = 0
            self._unstorable(path, error)
        if refused:
            self._refuse(path, facts)
        else:
            self.totals.facts[key] += len(facts)
            if path in self._refused:
                self._tell_refused(path, self._refused.pop(path))

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

    def _unstorable(self, path: AgoraPath, error: WrongValue) -> None:
        self._report(FactUnstorable(str(path), str(error)))
        self._tell(path, error.event, error.event, 1, GapReason.DEAD_LETTER)

    def _refuse(self, path: AgoraPath, facts: list[Event]) -> None:
        self.totals.refused += len(facts)
        known = self._refused.get(path)
        if known is None:
            self._refused[path] = Refused(facts[0], facts[-1], len(facts))
        else:
            known.last = facts[-1]
            known.count += len(facts)

    def _tell_refused(self, path: AgoraPath, refused: Refused) -> None:
        self._tell(path, refused.first, refused.last, refused.count, GapReason.DISK)

    def _tell(
        self, path: AgoraPath, first: Event, last: Event, missing: int, reason: GapReason
    ) -> None:
        if path.data_type == "gap":
            return
        id_field = first.identity[0] if len(first.identity) == 1 else ""
        has_id = id_field.endswith("_id")
        gap = Gap(
            ts_event=instant(first),
            ts_recv=self._clock.now_ns(),
            origin=Origin.LIVE,
            of_data_type=path.data_type,
            ts_from=instant(first),
            ts_until=instant(last),
            first_missing_id=getattr(first, id_field) if has_id else None,
            last_missing_id=getattr(last, id_field) if has_id else None,
            missing=missing,
            reason=reason,
            state=GapState.OPEN,
        )
        self._report(GapFound(str(path), reason, missing))
        self._agora.publisher(AgoraPath(path.source, "gap", path.symbol)).publish(gap)

    @property
    def is_due(self) -> bool:
        """Return whether some buffer should be flushed before its time."""
        return any(h.is_due for h in self._handlers.values())

    async def flush(self, *, only_due: bool = False) -> list[Flushed]:
        """Seal what has gathered into chunks; return those that are durable now."""
        self.drain()
        done = []
        for handler in list(self._handlers.values()):
            if only_due and not handler.is_due:
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

    async def merge_all(self, symbols: Iterable[str] | None = None) -> Merged:
        """Merge everything that waits, or everything of some symbols."""
        if symbols is None:
            return await self._merge(lambda merger: merger.flush_all())
        total = Merged()
        for symbol in symbols:
            total += await self._merge(
                lambda merger, symbol=symbol: merger.flush(symbol, self._generation)  # type: ignore[misc]
            )
        return total

    async def _merge(self, work: Callable[[FlushHandler], Merged]) -> Merged:
        loop = asyncio.get_running_loop()
        total = Merged()
        async with self._merge_turn:
            for merger in self._all_mergers():
                merged = await loop.run_in_executor(self._merging, work, merger)
                total += merged
        self.totals.merges += total.partitions
        self.totals.merged_rows += total.rows
        self.totals.size_bytes += total.size_bytes
        return total

    def _all_mergers(self) -> list[FlushHandler]:
        """Return a flush handler for each source and data type that has chunks, ours or older."""
        found = {
            (folder.parent.name, folder.name)
            for folder in (self._data / "temp").glob("*/*/*")
            if folder.is_dir()
        }
        for key in sorted(found):
            if key not in self._mergers:
                self._mergers[key] = self._merger(*key)
        return [self._mergers[key] for key in sorted(found)]

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
        """Flush and merge everything; return the facts that could not be written, 0 if all is well."""
        self.drain()
        for path in list(self._refused):
            self._tell_refused(path, self._refused.pop(path))
        self.drain()
        await self.flush()
        left = sum([await h.stop() for h in self._handlers.values()])
        await self.merge_all()
        self._flushing.shutdown()
        self._merging.shutdown()
        return left
