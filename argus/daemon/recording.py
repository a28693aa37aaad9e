"""Shell. From persistent agora paths to storage handlers, and from there to chunks.

It follows a pattern, not a list: a path created later is recorded from its first fact. What it
cannot store is told as a gap, never dropped in silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from msgspec.structs import replace

from argus.agora.agora import Agora, News
from argus.agora.path import Path as AgoraPath
from argus.clock import Clock
from argus.config.schema import StorageConfig
from argus.daemon.journaling import Journaling
from argus.daemon.missing import Missing, gap_between
from argus.daemon.site import Site, is_wanted
from argus.events import Event, Gap, GapReason
from argus.storage.buffer import WrongValue
from argus.storage.recorder import Flushed, Limits, StorageHandler
from argus.telemetry import FactUnstorable, Report

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
    refused: int = 0


class Recording:
    """Records every persistent path of an agora.

    Args:
        agora: whose paths are recorded.
        config: limits and tiers.
        site: where to write.
        clock: instants of gaps.
        threads: a name to what runs blocking work.
        tell_gap: takes path and gap, and publishes it.
        journaling: what is kept until it is in durable chunks; None if nothing has to be.
        report: telemetry.

    Attributes:
        last: the last fact of each path.
    """

    def __init__(
        self,
        agora: Agora,
        config: StorageConfig,
        *,
        site: Site,
        clock: Clock,
        threads: Callable[[str], Executor],
        tell_gap: Callable[[AgoraPath, Gap], None],
        journaling: Journaling | None = None,
        report: Report,
    ) -> None:
        self._agora = agora
        self._config = config
        self._site = site
        self._clock = clock
        self._tell_gap = tell_gap
        self._journaling = journaling
        self._report = report
        self._handlers: dict[tuple[str, str], StorageHandler] = {}
        self._missing: dict[AgoraPath, Missing] = {}
        self.last: dict[AgoraPath, Event] = {}
        self._is_full = False
        self._flushing = threads("flush")
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
            self._overrun(path, news.missed, facts[0])
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
            self.last[path] = facts[-1]

    def _handler(self, source: str, data_type: str) -> StorageHandler:
        config = self._config
        return StorageHandler(
            source,
            data_type,
            data=self._site.data,
            generation=self._site.generation,
            disk=self._site.disk,
            report=self._report,
            limits=Limits(
                rows_max=config.flush_rows_max,
                size_bytes_max=min(config.flush_bytes_max, config.buffer_bytes_max),
                buffer_bytes_max=config.buffer_bytes_max,
            ),
            executor=self._flushing,
            room=self._site.room,
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
            before = self.last.get(path)
            self._missing[path] = Missing(reason, before, facts[0], facts[-1], len(facts))
        else:
            known.add(facts)

    def _overrun(self, path: AgoraPath, missed: int, after: Event) -> None:
        before, now_ns = self.last.get(path, after), self._clock.now_ns()
        gap = gap_between(path.data_type, before, after, GapReason.OVERRUN, now_ns)
        self._tell_gap(path, replace(gap, missing=missed))

    def _tell(self, path: AgoraPath, missing: Missing, after: Event | None) -> None:
        if path.data_type != "gap":
            self._tell_gap(path, missing.gap(path.data_type, after, self._clock.now_ns()))

    @property
    def is_due(self) -> bool:
        """Return whether some buffer should be flushed before its time."""
        return self._is_full or any(h.is_due for h in self._handlers.values())

    async def flush(
        self, *, only_due: bool = False, source: str | None = None, data_type: str | None = None
    ) -> list[Flushed]:
        """Seal what has gathered into chunks; return those that are durable now."""
        done, _ = await self._seal(only_due=only_due, source=source, data_type=data_type)
        return done

    async def settle(self, source: str | None = None, data_type: str | None = None) -> bool:
        """Seal what has gathered; return whether all that was published before is on the disk.

        It is not if a write failed, or something was refused and no gap tells of it yet.
        """
        _, is_durable = await self._seal(only_due=False, source=source, data_type=data_type)
        paths = ((path.source, path.data_type) for path in self._missing)
        return is_durable and not any(is_wanted(path, source, data_type) for path in paths)

    async def _seal(
        self, *, only_due: bool, source: str | None, data_type: str | None
    ) -> tuple[list[Flushed], bool]:
        is_whole = self._journaling is not None and not only_due and data_type is None
        # First the cut: all that was accepted before it is in buffers after the drain.
        cut = self._journaling.cut(source) if self._journaling and is_whole else {}
        await self.drain_gently()
        wanted = {k: h for k, h in self._handlers.items() if is_wanted(k, source, data_type)}
        marks = [(handler, handler.taken) for handler in wanted.values()]
        done = []
        for handler in wanted.values():
            if only_due and not (handler.is_due or self._is_full):
                continue
            flushed = await handler.flush()
            if flushed is not None:
                done.append(flushed)
                self.totals.rows += flushed.rows
                self.totals.size_bytes += flushed.size_bytes
        is_durable = all(handler.durable >= mark for handler, mark in marks)
        if self._journaling and is_durable:
            await self._journaling.release(cut)
        return done, is_durable

    async def stop(self) -> int:
        """Flush everything; return how many facts could not be written."""
        self.drain()
        for path in list(self._missing):
            self._tell(path, self._missing.pop(path), None)
        self.drain()
        await self.flush()
        left = sum([await h.stop() for h in self._handlers.values()])
        self._flushing.shutdown()
        return left
