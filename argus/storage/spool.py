"""Shell. The spool of a store: sealed chunks, kept by a second name until the store has them.

A link costs nothing until its chunk is merged and deleted; from then on it is a copy. So a spool
has a limit, beyond which its oldest chunks are replaced by notes to read the lake again. Nothing is
lost either way, and the disk that a store's absence takes is bounded.
"""

import errno
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import msgspec
import pyarrow as pa

from argus.columns import chunk_schema
from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS
from argus.storage.chunk import Chunk
from argus.storage.disk import Disk, link, locked, writing
from argus.storage.notes import ALL, Notes
from argus.storage.parquet import opened, row_groups
from argus.storage.partition import DAY_NS, date_of
from argus.storage.spooled import Note, Spooled, spooled_at
from argus.storage.survey import pieces_of
from argus.telemetry import FileSetAside, Report, SpoolShortened

SPOOL = "spool"
"""The folder of all spools, below the data folder."""
WANTED = "wanted.json"
FEEDING = ".feeding"
ASIDE = "aside"
COPIED = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK}
"""Errors of a file system that makes no link, or no more."""


class Wanted(msgspec.Struct, frozen=True):
    """What a spool takes, and how much of it; written beside it for those who only merge."""

    data_types: tuple[str, ...]
    size_bytes_max: int


@dataclass(frozen=True, slots=True)
class SpoolState:
    """What lies in a spool."""

    chunks: int
    size_bytes: int
    ts_oldest: int | None
    notes: int


class Spool:
    """Chunks and notes that wait for one store; threads may share it.

    Args:
        data: the data folder.
        store: the store's name.
        disk: what writes.
        report: told what was replaced or set aside.
        wanted: what it takes; as it was the last time if not given.
    """

    def __init__(
        self, data: Path, store: str, *, disk: Disk, report: Report, wanted: Wanted | None = None
    ) -> None:
        self.store = store
        self.folder = data / SPOOL / store
        self._data = data
        self._disk = disk
        self._report = report
        self._notes = Notes(self.folder, disk)
        self._turn = Lock()
        self._sizes: dict[str, int] = {}
        self._size_bytes = 0
        disk.make_folder(self.folder)
        if wanted is None:
            wanted = _read(self.folder) or Wanted((), 0)
        elif _read(self.folder) != wanted:
            with writing(disk, self.folder / WANTED, scratch=self.folder) as file:
                file.write(msgspec.json.encode(wanted))
        self.wanted = wanted
        self.look()

    def feeding(self) -> AbstractContextManager[bool]:
        """Hold the right to empty it, in a `with`; gives false if another process holds it."""
        return locked(self.folder / FEEDING, is_patient=False)

    def look(self) -> None:
        """See what lies there, also what other processes put there."""
        with self._turn:
            found = {}
            for path in self.folder.glob("*.parquet"):
                try:
                    spooled_at(path.name)
                    found[path.name] = path.stat().st_size
                except FileNotFoundError:
                    continue  # Shortened or written by another process.
                except ForeignFile as error:
                    self._put_aside(path.name, error)
            self._sizes = found
            self._size_bytes = sum(found.values())

    def takes(self, data_type: str) -> bool:
        """Return whether the store wants a data type."""
        return data_type in self.wanted.data_types

    def take(self, chunks: Iterable[Chunk]) -> int:
        """Keep chunks for the store, durably; return how many are new. One that is gone is left.

        Raises:
            OSError: the disk refuses; some may be kept.
        """
        new = 0
        with self._turn:
            for chunk in chunks:
                if self.takes(chunk.data_type):
                    new += self._keep(chunk)
            if new:
                self._disk.sync_folder(self.folder)
            self._shorten()
        return new

    def _keep(self, chunk: Chunk) -> int:
        path = self._data / chunk.path
        try:
            status = path.stat()
            name = Spooled(status.st_mtime_ns, chunk).name
            if name in self._sizes:
                return 0
            self._link(path, self.folder / name)
        except FileNotFoundError:
            return 0  # Merged by another process, which keeps what it deletes.
        self._sizes[name] = status.st_size
        self._size_bytes += status.st_size
        return 1

    def _link(self, path: Path, target: Path) -> None:
        try:
            link(path, target)
        except FileExistsError:
            return
        except OSError as error:
            if error.errno not in COPIED:
                raise
            with (
                path.open("rb") as source,
                writing(self._disk, target, scratch=self.folder) as file,
            ):
                shutil.copyfileobj(source, file, 1 << 20)

    def note(self, note: Note, symbols: Iterable[str] = (ALL,)) -> None:
        """Have the lake's rows of some symbols and a date written again.

        Raises:
            OSError: the disk refuses.
        """
        with self._turn:
            self._notes.add(note, symbols)

    def _shorten(self) -> None:
        """Replace the oldest chunks by notes until the rest is within the limit."""
        if self._size_bytes <= self.wanted.size_bytes_max:
            return
        chunks = size_bytes = 0
        for name in sorted(self._sizes):
            if self._size_bytes <= self.wanted.size_bytes_max:
                break
            size = self._sizes[name]
            self._replace(name)
            chunks, size_bytes = chunks + 1, size_bytes + size
        if chunks:
            self._report(SpoolShortened(self.store, chunks, size_bytes))

    def _replace(self, name: str) -> None:
        """Replace one chunk by notes."""
        chunk = spooled_at(name).chunk
        symbols: dict[Note, set[str]] = {}
        try:
            for piece in pieces_of(self.folder / name, chunk):
                at = piece.partition
                note = Note(at.date, at.source, at.data_type)
                symbols.setdefault(note, set()).add(at.symbol)
        except FileNotFoundError:
            pass  # The store has it already.
        except (TornFile, ForeignFile) as error:
            self._give_up(name, error)
            return
        for note, found in symbols.items():
            self._notes.add(note, found)
        self._forget(name)

    def _forget(self, name: str) -> None:
        self._disk.delete(self.folder / name)
        self._size_bytes -= self._sizes.pop(name, 0)

    def oldest(self) -> Spooled | None:
        """Return the chunk that has waited longest."""
        with self._turn:
            name = min(self._sizes, default=None)
        return None if name is None else spooled_at(name)

    def read(self, spooled: Spooled) -> Iterator[pa.Table]:
        """Return a chunk's rows, a row group at a time.

        Raises:
            FileNotFoundError: it was replaced by notes meanwhile.
            TornFile: it cannot be read.
            ForeignFile: it is not ours.
        """
        path = self.folder / spooled.name
        with opened(path) as file:
            yield from row_groups(file, path, chunk_schema(EVENTS[spooled.chunk.data_type]))

    def remove(self, spooled: Spooled) -> None:
        """Let a chunk go: the store has it."""
        with self._turn:
            self._forget(spooled.name)

    def set_aside(self, spooled: Spooled, error: TornFile | ForeignFile) -> None:
        """Put a chunk aside that cannot be read; what the lake has of its time is noted."""
        with self._turn:
            self._give_up(spooled.name, error)

    def _give_up(self, name: str, error: TornFile | ForeignFile) -> None:
        chunk = spooled_at(name).chunk
        for day in range(chunk.ts_first // DAY_NS, chunk.ts_last // DAY_NS + 1):
            self._notes.add(Note(date_of(day), chunk.source, chunk.data_type), [ALL])
        self._put_aside(name, error)
        self._size_bytes -= self._sizes.pop(name, 0)

    def _put_aside(self, name: str, error: TornFile | ForeignFile) -> None:
        aside = self.folder / ASIDE / name
        self._disk.make_folder(aside.parent)
        self._disk.replace(self.folder / name, aside)
        self._report(FileSetAside(str(aside), str(error)))

    def noted(self, but: Collection[Note] = ()) -> tuple[Note, dict[str, int]] | None:
        """Return what to read from the lake next: a note, its symbols (or `ALL`) and their turns.

        Args:
            but: notes to leave out.
        """
        with self._turn:
            for note in self._notes.waiting():
                if note in but:
                    continue
                try:
                    turns = self._notes.turns(note)
                except TornFile as error:
                    self._put_aside(note.name, error)
                    self._notes.add(note, [ALL])
                    turns = self._notes.turns(note)
                if turns:
                    return note, turns
        return None

    def read_again(self, note: Note, symbol: str, turn: int) -> None:
        """Take a symbol out of a note, unless it was noted again since `turn`."""
        with self._turn:
            self._notes.remove(note, symbol, turn)

    def state(self) -> SpoolState:
        """Return what lies there."""
        with self._turn:
            name = min(self._sizes, default=None)
            oldest = None if name is None else spooled_at(name).ts_sealed
            notes = len(self._notes.waiting())
            return SpoolState(len(self._sizes), self._size_bytes, oldest, notes)


def _read(folder: Path) -> Wanted | None:
    try:
        return msgspec.json.decode((folder / WANTED).read_bytes(), type=Wanted)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def stores_with_spool(data: Path) -> list[str]:
    """Return the stores that have a spool below a data folder."""
    found = (path.parent.name for path in (data / SPOOL).glob(f"[!.]*/{WANTED}"))
    return sorted(found)
