"""Shell. Notes in a spool: which symbols of which dates have to be read from the lake again.

A note is a small file that lists symbols, so the disk holds no more than one a date however long a
store is away. A symbol leaves its note once all its rows of that date were written; one that was
noted again meanwhile stays.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from argus.errors import TornFile
from argus.storage.disk import Disk, writing
from argus.storage.spooled import Note, note_at

ALL = "*"
"""Stands for all symbols."""


@dataclass(slots=True)
class Notes:
    """The notes of one spool; its owner lets only one thread in at a time.

    Attributes:
        folder: where they lie.
        disk: what writes.
        turns: counts how often each symbol was noted.
    """

    folder: Path
    disk: Disk
    turns: dict[tuple[Note, str], int] = field(default_factory=dict)

    def waiting(self) -> list[Note]:
        """Return the notes there are, the oldest date first."""
        if not self.folder.is_dir():
            return []
        found = (note_at(path.name) for path in self.folder.glob("again~*.json"))
        return sorted(note for note in found if note is not None)

    def symbols(self, note: Note) -> list[str]:
        """Return the symbols of a note, in their order; `ALL` for all of them.

        Raises:
            TornFile: it is there and cannot be read.
        """
        path = self.folder / note.name
        try:
            found = json.loads(path.read_text("utf-8"))
            symbols = sorted(str(symbol) for symbol in found)
        except FileNotFoundError:
            return []
        except (ValueError, TypeError) as error:
            raise TornFile(f"found {error}, expected a list of symbols, in {path}") from error
        return [ALL] if ALL in symbols else symbols

    def add(self, note: Note, symbols: Iterable[str]) -> None:
        """Note symbols; those that are noted already, too, have to be read anew."""
        wanted = set(symbols)
        for symbol in wanted:
            self.turns[note, symbol] = self.turns.get((note, symbol), 0) + 1
        try:
            before = set(self.symbols(note))
        except TornFile:
            wanted = {ALL}  # Which ones it listed is not known any more.
            before = set()
        if not wanted <= before and ALL not in before:
            self._write(note, before | wanted)

    def turn(self, note: Note, symbol: str) -> int:
        """Return what tells whether a symbol is noted again later."""
        return self.turns.get((note, symbol), 0)

    def remove(self, note: Note, symbol: str, turn: int) -> bool:
        """Take a symbol out, unless it was noted again since `turn`; say whether that is done."""
        if self.turn(note, symbol) != turn:
            return False
        self.turns.pop((note, symbol), None)
        left = [s for s in self.symbols(note) if s != symbol]
        if left:
            self._write(note, left)
        else:
            self.disk.delete(self.folder / note.name)
        return True

    def _write(self, note: Note, symbols: Iterable[str]) -> None:
        with writing(self.disk, self.folder / note.name, scratch=self.folder) as file:
            file.write(json.dumps(sorted(symbols), ensure_ascii=False).encode())
