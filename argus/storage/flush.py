"""Shell. The flush handler: chunks of accepted generations into date files, each fact once.

Everything it knows lies on the disk: which generations are accepted (`temp/<hash>/accepted`), which
chunks there are, and in each date file the last chunk of each generation it holds. So
any number of calls, in any order, by one process or several, after any crash, ends the same.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock

import pyarrow as pa

from argus.errors import ForeignFile, TornFile
from argus.storage.backlog import Backlog
from argus.storage.chunk import TEMP, Chunk
from argus.storage.disk import Disk, locked
from argus.storage.generation import (
    Acceptance,
    accept,
    acceptance,
    folder_of,
    generations,
    remove_if_finished,
)
from argus.storage.intake import keeping
from argus.storage.merge import Merged, TornChunk, merge_into, place_aside, read_round
from argus.storage.partition import Partition
from argus.storage.plan import Waiting, is_merged, rounds
from argus.storage.room import Plenty, Room
from argus.storage.survey import NO_FILE, DateFile, Survey
from argus.storage.tiers import Load, Tiers, due
from argus.telemetry import FileSetAside, MergeFailed, MergePostponed, PartitionMerged, Report


class FlushHandler:
    """Merge the chunks of one source and data type into the lake.

    Its methods wait for the disk: call them in a thread. Two calls, also in two processes,
    take turns.

    Args:
        source: the source.
        data_type: the data type.
        data: the data folder.
        generation: this process's own; what is being written lies in its folder.
        disk: where to write.
        report: told what was merged, what failed and what was set aside.
        tiers: when `merge` finds a date file worth merging.
        room: asked before each date file whether there is room for one more copy of it.
        before_delete: told of each chunk before it goes; what it raises keeps the chunk.
    """

    def __init__(  # noqa: PLR0913 - collaborators, by name
        self,
        source: str,
        data_type: str,
        *,
        data: Path,
        generation: str,
        disk: Disk,
        report: Report,
        tiers: Tiers | None = None,
        room: Room | None = None,
        before_delete: Callable[[Chunk], None] | None = None,
    ) -> None:
        self._source = source
        self._data_type = data_type
        self._data = data
        self._scratch = folder_of(data, generation)
        self._disk = disk
        self._report = report
        self._tiers = tiers or Tiers()
        self._room: Room = room or Plenty()
        self._before_delete = before_delete or keeping(data, disk=disk, report=report)
        self._is_postponed = False
        self._survey = Survey(data, source, data_type, set_aside=self._set_aside)
        self._backlog = Backlog()
        self._accepted: dict[str, Acceptance] = {}
        self._since: dict[Partition, int] = {}
        self._known: dict[Partition, DateFile] = {}
        self._foreign: set[Path] = set()
        self._turn = Lock()

    def bump(self, symbol: str, generation: str) -> None:
        """Accept from now on a generation's chunks for one symbol; this survives a crash."""
        accept(
            self._data,
            generation,
            disk=self._disk,
            source=self._source,
            data_type=self._data_type,
            symbol=symbol,
        )

    def bump_all(self, generation: str) -> None:
        """Accept from now on a generation's chunks for all symbols; this survives a crash."""
        accept(
            self._data, generation, disk=self._disk, source=self._source, data_type=self._data_type
        )

    def flush(self, symbol: str, generation: str) -> Merged:
        """Merge what an accepted generation has of one symbol, creating date files when missing.

        Chunks that still hold rows of other symbols stay.
        """
        return self._merge(lambda: self._backlog.waiting(symbol, generation), is_tidied=True)

    def flush_all(self, generation: str | None = None) -> Merged:
        """Merge everything that is accepted, of one generation or of all; done at a stop."""
        return self._merge(lambda: self._backlog.waiting(None, generation), is_tidied=True)

    def merge(self, now_ns: int) -> Merged:
        """Merge the date files for which it is worth it now, or due."""

        def chosen() -> list[Waiting]:
            partitions = set(due(self._loads(now_ns), now_ns, self._tiers))
            return [wait for wait in self._backlog.waiting() if wait.partition in partitions]

        return self._merge(chosen, is_tidied=False)

    def _loads(self, now_ns: int) -> Iterator[Load]:
        # Seen by us, not the files' times: those are another clock's, and old facts are new, too.
        since, gathered_of = self._since, self._backlog.gathered
        self._since = {partition: since.get(partition, now_ns) for partition in gathered_of}
        for partition, gathered in gathered_of.items():
            yield Load(
                partition=partition,
                rows=gathered.rows,
                size_bytes=gathered.size_bytes,
                file_bytes=self._held(partition).size_bytes,
                ts_since=self._since[partition],
            )

    def _merge(self, chosen: Callable[[], list[Waiting]], *, is_tidied: bool) -> Merged:
        lock = self._data / TEMP / f".{self._source}.{self._data_type}.lock"
        merged = Merged()
        with self._turn, locked(lock):
            self._known.clear()
            names = generations(self._data)
            self._look_around(names)
            blocked: set[Partition] = set()
            postponed: dict[Partition, int] = {}
            work = [fresh for wait in chosen() if (fresh := self._unmerged(wait)).parts]
            for together in rounds(work, rows_max=self._tiers.rows_max):
                left = [wait for wait in together if wait.partition not in blocked]
                merged += self._merge_round(self._roomy(left, postponed), blocked)
            merged += Merged(postponed=len(postponed))
            merged += Merged(chunks_deleted=self._delete_merged())
            self._survey.forget_but(set(self._backlog.gathered))
            # Looking into every folder takes long when they are full: not each minute for nothing.
            if merged.chunks_deleted or is_tidied:
                for name in names:
                    remove_if_finished(self._data, name, disk=self._disk)
        if merged.partitions:
            self._report(
                PartitionMerged(
                    self._source, self._data_type, merged.partitions, merged.rows, merged.size_bytes
                )
            )
        self._tell_postponed(postponed, is_asked=is_tidied)
        return merged

    def _roomy(self, waits: list[Waiting], postponed: dict[Partition, int]) -> list[Waiting]:
        """Leave out what there is no room for, and note what it would need.

        A date file is copied, and chunks are deleted only when all that they feed is merged.
        """
        found, grown = [], 0
        for wait in waits:
            need = grown + self._held(wait.partition).size_bytes + wait.size_bytes
            if wait.partition not in postponed and self._room.may_merge(need):
                grown += wait.size_bytes
                found.append(wait)
            else:
                postponed[wait.partition] = need
        return found

    def _tell_postponed(self, postponed: dict[Partition, int], *, is_asked: bool) -> None:
        """Tell it once, and whenever somebody asked for the merge."""
        if postponed and (is_asked or not self._is_postponed):
            files, need_bytes = len(postponed), max(postponed.values())
            self._report(MergePostponed(self._source, self._data_type, files, need_bytes))
        self._is_postponed = bool(postponed)

    def _look_around(self, names: list[str]) -> None:
        """Add what is new on the disk to what waits; begin anew if something else changed."""
        accepted: dict[str, Acceptance] = {}
        for name in names:
            try:
                accepted[name] = acceptance(self._data, name)
            except ForeignFile as error:
                self._set_aside(folder_of(self._data, name), error)
        accepted = {name: found for name, found in accepted.items() if found.patterns}
        chunks = {s.chunk: s for name in accepted for s in self._survey.chunks(name)}
        if accepted != self._accepted or self._backlog.chunks - chunks.keys():
            self._accepted, self._backlog = accepted, Backlog()

        def is_wanted(chunk: Chunk, symbol: str) -> bool:
            return accepted[chunk.generation].covers(chunk.source, chunk.data_type, symbol)

        self._backlog.add(
            [stored for chunk, stored in chunks.items() if not self._backlog.has(chunk)],
            is_wanted=is_wanted,
            is_merged=lambda stored, piece: is_merged(stored, piece, self._merged),
        )

    def _unmerged(self, wait: Waiting) -> Waiting:
        """Leave out what another process merged since it was added."""
        is_done = [is_merged(stored, piece, self._merged) for stored, piece in wait.parts]
        if not any(is_done):
            return wait
        done = [part for part, is_so in zip(wait.parts, is_done, strict=True) if is_so]
        left = [part for part, is_so in zip(wait.parts, is_done, strict=True) if not is_so]
        self._backlog.merged(Waiting(wait.partition, tuple(done)))
        return Waiting(wait.partition, tuple(left))

    def _merged(self, partition: Partition) -> dict[str, int]:
        return self._held(partition).merged

    def _held(self, partition: Partition) -> DateFile:
        """Return what a date file holds, looking at it once per turn unless it was merged into."""
        known = self._known.get(partition)
        if known is None:
            known = self._known[partition] = self._look(partition)
        return known

    def _look(self, partition: Partition) -> DateFile:
        try:
            return self._survey.date_file(partition)
        except TornFile as error:
            path = self._data / partition.path
            aside = place_aside(self._data, partition)
            self._disk.make_folder(aside.parent)
            self._disk.replace(path, aside)
            self._report(FileSetAside(str(aside), str(error)))
        except ForeignFile as error:
            # Left alone, so nothing can be merged here; the chunks wait until a person moved it.
            self._set_aside(self._data / partition.path, error)
        return NO_FILE

    def _merge_round(self, waits: list[Waiting], blocked: set[Partition]) -> Merged:
        merged = Merged()
        try:
            for wait, rows in read_round(self._data, waits):
                merged += self._merge_one(wait, rows, blocked)
        except TornChunk as error:
            path = self._data / error.chunk.path
            # Gone when an earlier round set it aside.
            if path.exists():
                self._set_aside(path, error)
            left = [wait.without(error.chunk) for wait in waits]
            return merged + self._merge_round([wait for wait in left if wait.parts], blocked)
        except OSError as error:
            self._fail(error)
            blocked |= {wait.partition for wait in waits}
            merged += Merged(failures=1)
        return merged

    def _merge_one(self, wait: Waiting, rows: pa.Table, blocked: set[Partition]) -> Merged:
        try:
            merged = merge_into(self._disk, self._data, wait, rows, scratch=self._scratch)
        except (OSError, TornFile, ForeignFile) as error:
            self._fail(error)
            blocked.add(wait.partition)
            return Merged(failures=1)
        finally:
            self._known.pop(wait.partition, None)
        self._backlog.merged(wait)
        self._since.pop(wait.partition, None)
        return merged

    def _fail(self, error: Exception) -> None:
        self._report(MergeFailed(self._source, self._data_type, str(error)))

    def _delete_merged(self) -> int:
        """Delete the chunks of which every row is in the lake; return how many."""
        deleted = 0
        for chunk in self._backlog.finished():
            try:
                self._before_delete(chunk)
                self._disk.delete(self._data / chunk.path)
            except OSError as error:
                self._fail(error)
                break
            self._backlog.forget(chunk)
            deleted += 1
        return deleted

    def _set_aside(self, path: Path, error: TornFile | ForeignFile) -> None:
        """Rename a torn chunk so that it blocks nothing; leave a foreign file alone."""
        if isinstance(error, TornFile):
            aside = path.with_name(f"{path.name}.torn")
            self._disk.replace(path, aside)
            self._report(FileSetAside(str(aside), str(error)))
        elif path not in self._foreign:
            self._foreign.add(path)
            self._report(FileSetAside(str(path), str(error)))
