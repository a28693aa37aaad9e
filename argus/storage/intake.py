"""Shell. From `temp` into the spools: every chunk of an accepted generation, and none before.

Nobody has to be told of a chunk: its folder is looked at. So it makes no difference who sealed it
(a recorder, a backfill, a recovery, an import), whether it was accepted before or later, or
whether a process died in between. And no merge deletes a chunk that was not kept.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from argus.errors import ForeignFile
from argus.storage.chunk import TEMP, Chunk, chunk_at
from argus.storage.disk import Disk
from argus.storage.generation import Acceptance, acceptance, generations
from argus.storage.partition import DAY_NS, date_of
from argus.storage.spool import Spool, stores_with_spool
from argus.storage.spooled import Note
from argus.storage.survey import file_names
from argus.telemetry import Report

ANY = frozenset({"*"})


class Intake:
    """Keeps chunks for stores; threads may share it.

    Args:
        data: the data folder.
        spools: one per store.
    """

    def __init__(self, data: Path, spools: Sequence[Spool]) -> None:
        self._data = data
        self._spools = spools
        self._turn = Lock()
        self._kept: dict[Path, dict[str, frozenset[str]]] = {}

    def look(self) -> int:
        """Keep every chunk that is new; return how many there were.

        Raises:
            OSError: the disk refuses; what is left is kept the next time.
        """
        if not self._spools:
            return 0
        with self._turn:
            folders = list(self._folders())
            gone = self._kept.keys() - {folder for folder, _ in folders}
            for folder in gone:
                del self._kept[folder]
            return sum(self._look(folder, symbols) for folder, symbols in folders)

    def _folders(self) -> Iterator[tuple[Path, frozenset[str]]]:
        """Return each folder of chunks with the symbols that are accepted in it."""
        for generation in generations(self._data):
            try:
                accepted = acceptance(self._data, generation)
            except ForeignFile:
                continue  # The merge tells of it.
            if not accepted.patterns:
                continue
            for folder in sorted((self._data / TEMP / generation).glob("[!.]*/[!.]*/")):
                symbols = _symbols(accepted, folder.parent.name, folder.name)
                if symbols and any(spool.takes(folder.name) for spool in self._spools):
                    yield folder, symbols

    def _look(self, folder: Path, symbols: frozenset[str]) -> int:
        names = file_names(folder)
        known = self._kept.get(folder, {})
        self._kept[folder] = kept = {n: known[n] for n in names if n in known}
        new = [name for name in names if kept.get(name) != symbols]
        if not new:
            return 0
        chunks = []
        for name in new:
            with suppress(ForeignFile):  # No chunk, and the merge tells of it.
                chunks.append(chunk_at(folder / name))
        self._keep(chunks, symbols)
        kept.update(dict.fromkeys(new, symbols))
        return len(chunks)

    def _keep(self, chunks: list[Chunk], symbols: frozenset[str]) -> None:
        for spool in self._spools:
            if symbols == ANY:
                spool.take(chunks)
                continue
            # Whole chunks would give away what nobody has accepted.
            for note in {note for chunk in chunks for note in _notes(chunk)}:
                if spool.takes(note.data_type):
                    spool.note(note, symbols)

    def before_delete(self, chunk: Chunk) -> None:
        """Keep a chunk of which every row is in the lake, if it was not kept before.

        Raises:
            OSError: the disk refuses, so it may not be deleted yet.
        """
        path = self._data / chunk.path
        with self._turn:
            if self._kept.get(path.parent, {}).get(path.name) != ANY:
                for spool in self._spools:
                    spool.take([chunk])


def _symbols(accepted: Acceptance, source: str, data_type: str) -> frozenset[str]:
    """Return the symbols that are accepted of a source and data type."""
    found = {
        symbol
        for s, d, symbol in accepted.patterns
        if s in {None, source} and d in {None, data_type}
    }
    return ANY if None in found else frozenset(symbol for symbol in found if symbol)


def _notes(chunk: Chunk) -> Iterator[Note]:
    for day in range(chunk.ts_first // DAY_NS, chunk.ts_last // DAY_NS + 1):
        yield Note(date_of(day), chunk.source, chunk.data_type)


def keeping(data: Path, *, disk: Disk, report: Report) -> Callable[[Chunk], None]:
    """Return what a process that only merges calls before it deletes a chunk.

    Whatever a recorder has not fed yet, and all that it has, is kept for the stores that have a
    spool: to write it twice changes nothing.
    """
    stores = stores_with_spool(data)
    return Intake(
        data, [Spool(data, store, disk=disk, report=report) for store in stores]
    ).before_delete
