"""Shell. The journal of one source: accepted frames on the disk until their chunks are durable.

Frames are appended in the event loop, at the cost of a list; `write` and `sync` run in threads of
their own, since a disk may take its time for either. Segments follow the flush: `cut` begins a new
one, and `release` is called with its number once everything before the cut is durable elsewhere.

A process that is killed loses what was not written yet, milliseconds; a power cut what was not
synced. What cannot be written waits in memory, up to a limit; then it is left out and counted, and
a line says so in its place. The facts themselves are in memory all the while: only a death before
the next flush would lose them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from argus.agora.path import Path as AgoraPath
from argus.agora.router import type_of_line
from argus.events import DATA_TYPES, Event
from argus.storage.chunk import JOURNAL
from argus.storage.disk import Disk
from argus.storage.lines import begin, generated, joined, lost
from argus.storage.room import Plenty, Room
from argus.telemetry import JournalFailed, JournalResumed, Report

BATCHES_MAX = 4000
"""Batches that wait to be written: twenty seconds of them at the default of `journal.write_ms`."""


def segment_path(data: Path, generation: str, source: str, number: int) -> Path:
    """Return where a segment lies."""
    return data / JOURNAL / generation / source / f"{number:08d}.log"


@dataclass(slots=True, eq=False)
class _Segment:
    """A file being written. `is_needless`: everything in it is durable elsewhere."""

    number: int
    file: BinaryIO
    size_bytes: int = 0
    is_dirty: bool = False
    is_torn: bool = False
    is_needless: bool = False


class Journal:
    """The journal of one source in one generation.

    Args:
        source: name of the source.
        data: the data folder.
        generation: hash of this run.
        disk: where to write.
        spell: symbol to its spelling in names of streams.
        room: told how each write ended.
        put_away: takes the path of a segment that is not needed any more; deletes or archives it.
        report: telemetry.

    Attributes:
        append: takes `ts_recv` and frame of an accepted fact; costs as much as a list's.
        number: of the current segment.
        size_bytes: written since the start.
    """

    def __init__(
        self,
        source: str,
        *,
        data: Path,
        generation: str,
        disk: Disk,
        spell: Callable[[str], str],
        room: Room | None = None,
        put_away: Callable[[Path], None],
        report: Report,
    ) -> None:
        self.source = source
        self.number = 1
        self.size_bytes = 0
        self._data = data
        self._generation = generation
        self._disk = disk
        self._spell = spell
        self._room: Room = room or Plenty()
        self._put_away = put_away
        self._report = report
        self._pending: list[int | bytes] = []
        self.append: Callable[[type_of_line], None] = self._pending.extend
        self._batches: deque[tuple[int, list[int | bytes]]] = deque()
        self._left_out = 0
        self._is_failing = False
        self._segment: _Segment | None = None
        self._ended: list[_Segment] = []
        self._paths: dict[int, Path] = {}
        self._turn = Lock()

    def note(self, path: AgoraPath, fact: Event, answer: bytes = b"") -> None:
        """Append a fact that came over no stream; a gap's path may be the one it is a gap of."""
        frame = generated(self._spell(path.symbol), DATA_TYPES[type(fact)], fact, answer)
        self.append((fact.ts_recv, frame))

    def begin(self, path: AgoraPath, fact: Event) -> None:
        """Note that a path begins with this fact, which is appended next."""
        self.append((fact.ts_recv, begin(self._spell(path.symbol), path.data_type)))

    def seal(self) -> bool:
        """Give what has gathered to `write`; return whether there is anything to be written.

        Call it in the event loop.
        """
        pending = self._pending
        if not pending:
            return bool(self._batches)
        if len(self._batches) >= BATCHES_MAX:
            self._left_out += len(pending) // 2
        else:
            if self._left_out:
                pending[:0] = [pending[0], lost(self._left_out)]
                self._left_out = 0
            self._batches.append((self.number, pending.copy()))
        pending.clear()
        return True

    def cut(self) -> int:
        """Begin a new segment; return the number of the one that ends. Call it in the loop."""
        self.seal()
        self.number += 1
        return self.number - 1

    def write(self) -> None:
        """Hand everything that is sealed to the kernel; what fails is tried again next time."""
        with self._turn:
            while self._batches:
                number, lines = self._batches[0]
                try:
                    self._write(number, joined(lines))
                except OSError as error:
                    self._is_failing = True
                    self._room.note(f"{self.source} journal", error)
                    waiting = sum(len(batch) // 2 for _, batch in list(self._batches))
                    self._report(JournalFailed(self.source, waiting, str(error)))
                    return
                self._batches.popleft()
            if self._is_failing:
                self._is_failing = False
                self._room.note(f"{self.source} journal", None)
                self._report(JournalResumed(self.source))

    def _write(self, number: int, whole: bytes) -> None:
        segment = self._segment
        if segment is None or segment.number != number:
            segment = self._begin(number)
        if segment.is_torn:
            # Half a line would swallow the next one.
            segment.file.truncate(segment.size_bytes)
            segment.is_torn = False
        left = memoryview(whole)
        try:
            while left:
                left = left[segment.file.write(left) :]
        except OSError:
            segment.is_torn = True
            raise
        segment.size_bytes += len(whole)
        segment.is_dirty = True
        self.size_bytes += len(whole)

    def _begin(self, number: int) -> _Segment:
        path = segment_path(self._data, self._generation, self.source, number)
        self._disk.make_folder(path.parent)
        segment = _Segment(number, self._disk.open_end(path))
        self._paths[number] = path
        try:
            self._disk.sync_folder(path.parent)
        except OSError:
            # Its name is not durable; so nothing goes there before it is.
            segment.file.close()
            raise
        if self._segment is not None:
            self._ended.append(self._segment)
        self._segment = segment
        return segment

    def sync(self) -> None:
        """Make everything durable that was written, and close segments that have ended."""
        with self._turn:
            ended, self._ended = self._ended, []
            current = self._segment
        for segment in [*ended, *([current] if current else [])]:
            try:
                if segment.is_dirty and not segment.is_needless:
                    segment.is_dirty = False
                    self._disk.sync(segment.file)
            except OSError as error:
                segment.is_dirty = True
                self._report(JournalFailed(self.source, 0, str(error)))
        for segment in ended:
            if segment.is_dirty and not segment.is_needless:
                self._ended.append(segment)  # tried again next time
            else:
                segment.file.close()

    def release(self, number: int, *, is_kept: bool = False) -> None:
        """Give away the segments up to this one: all they hold is durable elsewhere.

        Args:
            number: of the last one.
            is_kept: whether each line is wanted nevertheless; then what cannot be written yet is
                not given away yet.

        Raises:
            OSError: one of them could not be deleted or archived; it is tried again next time.
        """
        if is_kept:
            self.write()
        with self._turn:
            is_behind = bool(self._batches) and self._batches[0][0] <= number
            if is_kept and is_behind:
                return
            while self._batches and self._batches[0][0] <= number:
                self._batches.popleft()
            current = self._segment
            if current is not None and current.number <= number:
                self._ended.append(current)
                self._segment = None
            for segment in self._ended:
                segment.is_needless = segment.number <= number
            paths = {n: path for n, path in self._paths.items() if n <= number}
        for n, path in paths.items():
            self._put_away(path)
            del self._paths[n]

    def close(self) -> None:
        """Write and sync what is left, and close the files."""
        self.seal()
        self.write()
        with self._turn:
            if self._segment is not None:
                self._ended.append(self._segment)
                self._segment = None
        self.sync()
