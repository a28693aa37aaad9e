"""Shell. From files of recorded frames into durable chunks: importing, and recovering.

Both are one way: the frames of files are fed to an importer, what it publishes is recorded by a
generation of its own.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from argus.agora.agora import Agora
from argus.agora.path import Path as AgoraPath
from argus.clock import Clock
from argus.config.schema import StorageConfig
from argus.daemon.importer import Imported, Importer
from argus.daemon.letters import LetterBox
from argus.daemon.merging import Merging
from argus.daemon.recorded import first_stamp, lines, open_recording, size_of
from argus.daemon.recording import Recording
from argus.daemon.site import Site
from argus.errors import StorageError
from argus.events import Event, Origin
from argus.network.source import Source
from argus.storage.disk import Disk
from argus.storage.generation import accept, alive, remove_if_finished
from argus.telemetry import Report

RING_FACTS = 1024
DRAIN_LINES = 20_000
YIELD_LINES = 100
"""Lines taken before the event loop goes on: a millisecond, about."""

type_of_progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a replay needs from outside.

    Attributes:
        data: the data folder.
        storage: limits and tiers.
        disk: a generation to the disk it writes to.
        threads: a name to what runs blocking work.
        clock: instants of gaps that have no end.
        report: telemetry.
    """

    data: Path
    storage: StorageConfig
    disk: Callable[[str], Disk]
    threads: Callable[[str], Executor]
    clock: Clock
    report: Report


class Replay:
    """Records what files of one source hold.

    Args:
        source: whose frames they are.
        origin: what the facts of streams say of how they reached us.
        means: what is needed from outside.
        generation: of the chunks; it counts once it is accepted.

    Attributes:
        importer: what takes the lines.
        site: where the chunks are written.
    """

    def __init__(
        self,
        source: Source,
        *,
        origin: Origin,
        means: Means,
        generation: str,
    ) -> None:
        self.means = means
        self.site = Site(means.data, generation, means.disk(generation))
        agora = Agora({"": RING_FACTS, "book_snapshot": 64})
        self.importer = Importer(
            source,
            agora,
            origin=origin,
            letters=LetterBox(means.data),
            report=means.report,
        )
        self._recording = Recording(
            agora,
            means.storage,
            site=self.site,
            clock=means.clock,
            threads=means.threads,
            tell_gap=self.importer.tell_gap,
            report=means.report,
        )

    def accept(self) -> None:
        """Let the chunks count, those that are there and those that come.

        Raises:
            StorageError: the data folder cannot be written.
        """
        data = self.means.data
        try:
            accept(data, self.site.generation, disk=self.site.disk)
        except OSError as error:
            raise StorageError(f"data folder {data} cannot be written: {error}") from error

    @property
    def last(self) -> dict[AgoraPath, Event]:
        """Return the last fact of each path."""
        return self._recording.last

    @property
    def facts(self) -> dict[str, int]:
        """Return how many facts were recorded, by data type."""
        return {d: n for (_, d), n in self._recording.totals.facts.items()}

    async def feed(
        self, path: Path, *, progress: type_of_progress = lambda _: None, is_ours: bool = False
    ) -> None:
        """Take the lines of one file; `is_ours` if it is a journal's, whose lines all end.

        A torn line of a journal is its last one, or its disk has lost some; so what follows it may
        follow a hole.

        Raises:
            StorageError: it cannot be read.
        """
        importer = self.importer
        importer.is_ours = is_ours
        if not is_ours:
            importer.begin(first_stamp(path), self.means.clock.now_ns())
        with open_recording(path) as file:
            raw = getattr(file, "fileobj", None) or file
            size_bytes = size_of(path) if raw is file else None
            for count, (ts_recv, frame) in enumerate(
                lines(file, torn=importer.torn, size_bytes=size_bytes, is_strict=is_ours), 1
            ):
                importer.take(ts_recv, frame)
                if count % YIELD_LINES == 0:
                    await asyncio.sleep(0)
                if count % DRAIN_LINES == 0:
                    self._recording.drain()
                    progress(raw.tell())
                    if self._recording.is_due:
                        await self._recording.flush(only_due=True)

    async def finish(self) -> Imported:
        """Make durable what was taken; `left` counts the facts for which that failed."""
        self.importer.close(self.means.clock.now_ns())
        done = self.importer.done
        done.left = await self._recording.stop()
        done.facts = self.facts
        return done


async def import_files(
    paths: Sequence[Path],
    source: Source,
    *,
    means: Means,
    progress: type_of_progress = lambda _: None,
) -> Imported:
    """Import recordings into a lake, in the order of their first lines.

    Args:
        paths: recordings, plain, gzipped or of the raw archive.
        source: whose frames they are.
        means: what is needed from outside.
        progress: called with the bytes of each file read so far, over all files.

    Returns:
        What was done. `left` counts facts that could not be written.

    Raises:
        StorageError: a recording cannot be read, or the data folder cannot be written.
    """
    ordered = sorted(paths, key=first_stamp)
    replay = Replay(source, origin=Origin.IMPORT, means=means, generation=secrets.token_hex(4))
    replay.accept()
    site = replay.site
    merging = Merging(means.storage, site=site, thread=means.threads("merge"), report=means.report)
    with alive(means.data, site.generation):
        read_before = 0
        for path in ordered:
            await replay.feed(path, progress=lambda n, b=read_before: progress(b + n))  # type: ignore[misc]
            read_before += path.stat().st_size
            progress(read_before)
        done = await replay.finish()
        await merging.stop()
    remove_if_finished(means.data, site.generation, disk=site.disk)
    done.stored_before = sum(done.facts.values()) - merging.total.rows - done.left
    return done
