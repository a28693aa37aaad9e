"""Shell. Notes in a spool: which symbols of which dates have to be read from the lake again.

A note is a small file that lists symbols, so the disk holds no more than one a date however long a
store is away. A symbol leaves its note once all its rows of that date were written; one that was
noted again meanwhile stays.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from argus.errors import TornFile
from argus.storage.disk import Disk, locked, writing
from argus.storage.spooled import Note, note_at

ALL = "*"
"""Stands for all symbols."""
NOTING = ".noting"


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one spool; its owner lets only one thread in at a time.

    Other processes note things, too: so which time a symbol was noted stands in the note itself.

    Attributes:
        folder: where they lie.
        disk: what writes.
    """

    folder: Path
    disk: Disk

    def waiting(self) -> list[Note]:
        """Return the notes there are, the oldest date first."""
        if not self.folder.is_dir():
            return []
        found = (note_at(path.name) for path in self.folder.glob("again~*.json"))
        return sorted(note for note in found if note is not None)

    def turns(self, note: Note) -> dict[str, int]:
        """Return the symbols of a note, `ALL` for all of them, each with the time it was noted.

        That is no instant, but another number each time.

        Raises:
            TornFile: it is there and cannot be read.
        """
        path = self.folder / note.name
        try:
            found = json.loads(path.read_text("utf-8"))
            turns = {symbol: int(found[symbol]) for symbol in sorted(found)}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError) as error:
            raise TornFile(f"found {error}, expected symbols with numbers, in {path}") from error
        return {ALL: turns[ALL]} if ALL in turns else turns

    def add(self, note: Note, symbols: Iterable[str]) -> None:
        """Note symbols; those that are noted already, too, have to be read anew."""
        wanted = set(symbols)
        if not wanted:
            return
        with self._alone():
            try:
                turns = self.turns(note)
            except TornFile:
                turns, wanted = {}, {ALL}  # Which ones it listed is not known any more.
            if ALL in turns or ALL in wanted:
                turns, wanted = {}, {ALL}
            self._write(note, turns | {symbol: secrets.randbits(48) for symbol in wanted})

    def remove(self, note: Note, symbol: str, turn: int) -> bool:
        """Take a symbol out, unless it was noted again since `turn`; say whether that is done."""
        with self._alone():
            turns = self.turns(note)
            if turns.pop(symbol, None) != turn:
                return False
            if turns:
                self._write(note, turns)
            else:
                self.disk.delete(self.folder / note.name)
            return True

    def _alone(self) -> AbstractContextManager[bool]:
        return locked(self.folder / NOTING)

    def _write(self, note: Note, turns: Mapping[str, int]) -> None:
        with writing(self.disk, self.folder / note.name, scratch=self.folder) as file:
            file.write(json.dumps(turns, ensure_ascii=False, sort_keys=True).encode())
