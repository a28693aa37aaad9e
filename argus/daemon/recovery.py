"""Shell. What runs that died have left in their journals, decoded again into durable chunks."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path

from argus.agora.path import Path as AgoraPath
from argus.daemon.importer import Imported
from argus.daemon.journaling import put_away, remove_folder
from argus.daemon.recorded import first_stamp
from argus.daemon.replay import Means, Replay
from argus.daemon.site import Site
from argus.errors import ForeignFile, StorageError
from argus.events import Event, Origin
from argus.network.source import Source
from argus.storage.chunk import JOURNAL
from argus.storage.disk import locked
from argus.storage.generation import (
    accept,
    acceptance,
    alive,
    folder_of,
    generations,
    is_live,
    remove_if_finished,
    run_number,
)
from argus.storage.latest import last_facts, last_facts_of, latest
from argus.telemetry import JournalLeft, JournalRecovered

LOCK = ".recovery.lock"
ATTEMPT = "-recovered-"
"""Between a generation's hash and a number in the name of the generation that recovers it."""

type_of_last = dict[AgoraPath, Event]


class Recovery:
    """Recovers the journals of a data folder whose generations have ended, the eldest first.

    What is recovered counts from one moment on, when all of it is durable, gaps included; then the
    journal goes. If this process dies before that moment, the next one begins anew; if it dies
    after it, the merge keeps each fact once.

    A run that died may not have got round to telling what was missed before it; so where a journal
    says that a path begins, that is judged here.

    Args:
        sources: what decodes their frames, by name.
        means: what is needed from outside.
        own: the generation that recovers, which is alive.
        is_kept: whether segments go to the raw archive.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        *,
        means: Means,
        own: str,
        is_kept: bool,
    ) -> None:
        self._sources = sources
        self._means = means
        self._own = own
        self._is_kept = is_kept

    async def run(self) -> type_of_last:
        """Recover everything; return the last fact of each path before this run.

        Raises:
            StorageError: the data folder cannot be written, or not everything could be.
        """
        folders = await asyncio.to_thread(self._ended)
        last = await asyncio.to_thread(
            last_facts, self._means.data, sources=set(self._sources), but={self._own}
        )
        for folder in folders:
            source = self._sources.get(folder.name)
            if source is None:
                self._means.report(JournalLeft(str(folder), "its source is not known"))
            else:
                last = await self._recover(folder, source, last)
        await asyncio.to_thread(self._tidy)
        return last

    def _tidy(self) -> None:
        """Remove the empty folders of journals that are gone: their generations could not end."""
        means = self._means
        site = Site(means.data, self._own, means.disk(self._own))
        for folder in (means.data / JOURNAL).glob("[!.]*/"):
            if folder.name != self._own and not is_live(means.data, folder.name):
                remove_folder(site, folder.name)
        self._accept_begun(site)

    def _accept_begun(self, site: Site) -> None:
        """Accept the chunks of runs that died while they looked back: their journals are done."""
        for name in generations(site.data):
            is_over = name != self._own and not is_live(site.data, name)
            has_journal = (site.data / JOURNAL / name).is_dir()
            if is_over and not has_journal and run_number(site.data, name) is not None:
                accept(site.data, name, disk=site.disk)
                remove_if_finished(site.data, name, disk=site.disk)

    def _ended(self) -> list[Path]:
        """Return the folders of runs that have ended, one a source, in the order of the runs."""
        data = self._means.data
        found = []
        for folder in (data / JOURNAL).glob("[!.]*/*/"):
            generation = folder.parent.name
            if generation == self._own or is_live(data, generation):
                continue
            if self._counts(generation):
                number = run_number(data, generation) or 0
                found.append((number, _ts_first(folder), folder))
        return [folder for _, _, folder in sorted(found)]

    def _counts(self, generation: str) -> bool:
        """Return whether what a generation recorded belongs into the lake."""
        folder = self._means.data / JOURNAL / generation
        try:
            if run_number(self._means.data, generation) is not None:
                return True
            if acceptance(self._means.data, generation).patterns:
                return True
        except ForeignFile as error:
            self._means.report(JournalLeft(str(folder), str(error)))
            return False
        why = "its generation was never accepted; `argus stale` lists it"
        self._means.report(JournalLeft(str(folder), why))
        return False

    async def _recover(self, folder: Path, source: Source, last: type_of_last) -> type_of_last:
        """Recover one source of a generation; return the last fact of each path after it."""
        means, generation = self._means, folder.parent.name
        with locked(folder / LOCK, is_patient=False) as is_ours:
            if not is_ours:
                return last
            begun = means.clock.monotonic_ns()
            await asyncio.to_thread(self._forget_attempts, generation)
            name = f"{generation}{ATTEMPT}{secrets.token_hex(4)}"
            replay = Replay(source, origin=Origin.LIVE, means=means, generation=name)
            # Its name has to be durable before the journal goes; a lock alone would not make it so.
            await asyncio.to_thread(replay.site.disk.make_folder, folder_of(means.data, name))
            with alive(means.data, name):
                done = await self._replay(replay, folder, last)
                in_chunks = await asyncio.to_thread(
                    last_facts_of, means.data, sources={source.name}, generation=generation
                )
                replay.accept()
            await asyncio.to_thread(self._put_away, replay, folder)
        means.report(self._told(done, folder, begun))
        return latest([*last.items(), *replay.last.items(), *in_chunks.items()])

    def _forget_attempts(self, generation: str) -> None:
        """Delete what recoveries that died themselves have written of a generation."""
        data = self._means.data
        for name in generations(data):
            is_attempt = name.startswith(generation + ATTEMPT) and not is_live(data, name)
            if is_attempt and not acceptance(data, name).patterns:
                self._means.disk(name).delete_folder(folder_of(data, name))

    async def _replay(self, replay: Replay, folder: Path, last: type_of_last) -> Imported:
        replay.importer.last = last
        for segment in _segments(folder):
            await replay.feed(segment, is_ours=True)
        done = await replay.finish()
        if done.left:
            raise StorageError(f"{done.left} facts of {folder} could not be written")
        return done

    def _put_away(self, replay: Replay, folder: Path) -> None:
        for segment in _segments(folder):
            put_away(replay.site, segment, is_kept=self._is_kept)
        replay.site.disk.delete(folder / LOCK)
        remove_folder(replay.site, folder.parent.name)

    def _told(self, done: Imported, folder: Path, begun: int) -> JournalRecovered:
        seconds = round((self._means.clock.monotonic_ns() - begun) / 1e9, 1)
        return JournalRecovered(
            folder.name,
            folder.parent.name,
            done.lines,
            done.torn,
            done.undecodable,
            done.gaps,
            seconds,
        )


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log"))


def _ts_first(folder: Path) -> int:
    """Return when the first frame in a journal came, 0 if there is none."""
    return next((ts for segment in _segments(folder) if (ts := first_stamp(segment))), 0)
