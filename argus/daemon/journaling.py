"""Shell. The journals of a recorder, one a source, and what keeps them going."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path

from argus.clock import Clock
from argus.config.journal import JournalConfig
from argus.daemon.site import Site
from argus.network.source import Source
from argus.storage.archive import archive, forget
from argus.storage.chunk import JOURNAL
from argus.storage.journal import Journal
from argus.telemetry import JournalFailed, Report


class Journaling:
    """Writes, syncs and releases the journals of a run.

    Args:
        config: how often, and whether segments are kept.
        site: where to write.
        clock: paces it.
        threads: a name to what runs blocking work.
        report: telemetry.

    Attributes:
        is_releasing: whether segments may go yet; until it is known what was missed before this
            run, the next one has to find where paths begin.
    """

    def __init__(
        self,
        config: JournalConfig,
        *,
        site: Site,
        clock: Clock,
        threads: Callable[[str], Executor],
        report: Report,
    ) -> None:
        self._config = config
        self._site = site
        self._clock = clock
        self._report = report
        # A disk may take its time to sync; meanwhile frames go on to the kernel, and segments go.
        self._writing = threads("journal write")
        self._syncing = threads("journal sync")
        self._releasing = threads("journal release")
        self._journals: dict[str, Journal] = {}
        self.is_releasing = False

    @property
    def size_bytes(self) -> int:
        """Return what was written since the start."""
        return sum(journal.size_bytes for journal in self._journals.values())

    def of(self, source: Source) -> Journal:
        """Return the journal of a source."""
        journal = self._journals.get(source.name)
        if journal is None:
            journal = self._journals[source.name] = Journal(
                source.name,
                data=self._site.data,
                generation=self._site.generation,
                disk=self._site.disk,
                spell=source.spell,
                room=self._site.room,
                put_away=self._put_away,
                report=self._report,
            )
        return journal

    def _put_away(self, segment: Path) -> None:
        put_away(self._site, segment, is_kept=self._config.keep_days > 0)

    async def write_forever(self) -> None:
        """Hand what was accepted to the kernel, every few milliseconds.

        Nobody waits for it: to be woken by a thread costs more than to look whether it is done.
        """
        writing: Future[None] | None = None
        while True:
            await self._clock.sleep(self._config.write_ms / 1000)
            # Sealed even while a write hangs: what waits is bounded by then.
            is_any = any([journal.seal() for journal in self._journals.values()])  # noqa: C419 each
            if writing is not None:
                if not writing.done():
                    continue
                writing.result()
                writing = None
            if is_any:
                writing = self._writing.submit(self._write)

    def _write(self) -> None:
        for journal in self._journals.values():
            journal.write()

    async def sync_forever(self) -> None:
        """Make it durable, a few times a second."""
        while True:
            await self._clock.sleep(self._config.fsync_ms / 1000)
            await self._run(self._syncing, Journal.sync)

    async def _run(self, thread: Executor, work: Callable[[Journal], None]) -> None:
        loop, journals = asyncio.get_running_loop(), list(self._journals.values())

        def each() -> None:
            for journal in journals:
                work(journal)

        await loop.run_in_executor(thread, each)

    async def settle(self) -> None:
        """Write and sync everything that was accepted or noted until now."""
        for journal in self._journals.values():
            journal.seal()
        await self._run(self._writing, Journal.write)
        await self._run(self._syncing, Journal.sync)

    def cut(self, source: str | None = None) -> dict[str, int]:
        """Begin new segments, of one source or of all; return what to release, by source."""
        return {
            name: journal.cut()
            for name, journal in self._journals.items()
            if source in {None, name}
        }

    async def release(self, cut: dict[str, int]) -> None:
        """Give away what was cut: all of it is durable elsewhere."""
        if not self.is_releasing:
            return
        loop = asyncio.get_running_loop()
        is_kept = self._config.keep_days > 0
        for name, number in cut.items():
            work = partial(self._journals[name].release, number, is_kept=is_kept)
            try:
                await loop.run_in_executor(self._releasing, work)
            except OSError as error:
                self._report(JournalFailed(name, 0, str(error)))

    async def forget(self, now_ns: int) -> None:
        """Delete what has been in the raw archive for longer than it is to be kept."""
        site = self._site
        work = partial(forget, site.disk, site.data, self._config.keep_days, now_ns)
        await asyncio.get_running_loop().run_in_executor(self._releasing, work)

    async def close(self) -> None:
        """Write and sync what is left; nothing is appended any more."""
        await self._run(self._writing, Journal.close)

    async def stop(self, *, is_all_durable: bool) -> None:
        """Close, give away everything if all of it is durable elsewhere, and let threads go."""
        cut = self.cut()
        await self.close()
        if is_all_durable:
            await self.release(cut)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._releasing, remove_folder, self._site)
        for thread in (self._writing, self._syncing, self._releasing):
            thread.shutdown()


def put_away(site: Site, segment: Path, *, is_kept: bool) -> None:
    """Delete a segment, or move it to the archive.

    Raises:
        OSError: that failed; the segment is still there.
    """
    if is_kept and segment.exists():
        archive(site.disk, site.data, segment)
    site.disk.delete(segment)


def remove_folder(site: Site, generation: str = "") -> None:
    """Remove the folder of a generation's journals, if there is nothing left in it."""
    folder = site.data / JOURNAL / (generation or site.generation)
    if folder.is_dir() and not any(path.is_file() for path in folder.rglob("*")):
        site.disk.delete_folder(folder)
