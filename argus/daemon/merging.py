"""Shell. From chunks to the lake: every source and data type that has any, ours or older."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import suppress

from argus.config.schema import StorageConfig
from argus.daemon.site import Site, is_wanted
from argus.storage.chunk import TEMP, Chunk
from argus.storage.flush import FlushHandler
from argus.storage.generation import generations
from argus.storage.merge import Merged
from argus.storage.tiers import Tiers
from argus.telemetry import Report


class Merging:
    """Merges the chunks of a data folder.

    Args:
        config: tiers.
        site: where to write.
        thread: where to read and write; not that of the flushes, which a merge must not delay.
        report: telemetry.
        before_delete: told of each chunk before it goes; see `FlushHandler`.

    Attributes:
        total: what was done since the start.
    """

    def __init__(
        self,
        config: StorageConfig,
        *,
        site: Site,
        thread: Executor,
        report: Report,
        before_delete: Callable[[Chunk], None] | None = None,
    ) -> None:
        self._config = config
        self._site = site
        self._thread = thread
        self._report = report
        self._before_delete = before_delete
        self._mergers: dict[tuple[str, str], FlushHandler] = {}
        self._turn = asyncio.Lock()
        self.total = Merged()

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
            names = generations(self._site.data) if generation is None else [generation]
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
        done = Merged()
        async with self._turn:
            for key in await loop.run_in_executor(self._thread, self._waiting):
                if is_wanted(key, source, data_type):
                    merger = self._mergers.get(key) or self._merger(*key)
                    self._mergers[key] = merger
                    done += await loop.run_in_executor(self._thread, work, merger)
        self.total += done
        return done

    def _waiting(self) -> list[tuple[str, str]]:
        """Return each source and data type that has chunks, ours or older."""
        found: set[tuple[str, str]] = set()
        for generation in generations(self._site.data):
            with suppress(FileNotFoundError):  # Its folder has just gone: all of it is merged.
                folders = (self._site.data / TEMP / generation).glob("*/*")
                found.update((f.parent.name, f.name) for f in folders if f.is_dir())
        return sorted(found)

    def _merger(self, source: str, data_type: str) -> FlushHandler:
        config = self._config
        return FlushHandler(
            source,
            data_type,
            data=self._site.data,
            generation=self._site.generation,
            disk=self._site.disk,
            report=self._report,
            tiers=Tiers(
                ratio=config.merge_ratio,
                age_max_s=config.merge_age_s,
                grace_s=min(config.day_close_grace_s, config.merge_age_s),
            ),
            room=self._site.room,
            before_delete=self._before_delete,
        )

    @property
    def is_busy(self) -> bool:
        """Return whether something is being merged."""
        return self._turn.locked()

    async def stop(self, *, is_merging: bool = True) -> None:
        """Merge everything, if asked to, and let the thread go."""
        if is_merging:
            await self.merge_all()
        self._thread.shutdown()
