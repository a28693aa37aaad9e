"""Pure. Names in a spool: chunks that wait for a store, and notes to read the lake again.

A chunk's name begins with the time at which it was sealed, so names in their order are chunks in
theirs, and the same chunk always has the same name.
"""

import re
from dataclasses import dataclass

from argus.errors import ForeignFile
from argus.storage.chunk import NAME, Chunk

SEPARATOR = "~"
_SEALED = re.compile(r"\d{20}")
_CHUNK_PARTS = 5


@dataclass(frozen=True, slots=True, order=True)
class Spooled:
    """A chunk in a spool.

    Attributes:
        ts_sealed: when it was sealed (UTC ns), as its file says.
        chunk: its name in `temp`.
    """

    ts_sealed: int
    chunk: Chunk

    @property
    def name(self) -> str:
        """Return its name in the spool."""
        c = self.chunk
        parts = (f"{self.ts_sealed:020d}", c.generation, c.source, c.data_type, c.path.name)
        return SEPARATOR.join(parts)


def spooled_at(name: str) -> Spooled:
    """Return the chunk that a name in a spool stands for.

    Raises:
        ForeignFile: it is not the name of one.
    """
    parts = name.split(SEPARATOR)
    found = NAME.fullmatch(parts[-1])
    if len(parts) != _CHUNK_PARTS or found is None or not _SEALED.fullmatch(parts[0]):
        shape = SEPARATOR.join(("<sealed>", "<generation>", "<source>", "<data type>", "<chunk>"))
        raise ForeignFile(f"found {name}, expected the name of a chunk in a spool, {shape}")
    sequence, ts_first, ts_last = (int(number) for number in found.groups())
    return Spooled(int(parts[0]), Chunk(parts[2], parts[3], parts[1], sequence, ts_first, ts_last))


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """What has to be read from the lake again: a data type of a source on one date.

    Attributes:
        date: the UTC date, `YYYY-MM-DD`.
        source: the source.
        data_type: the data type.
    """

    date: str
    source: str
    data_type: str

    @property
    def name(self) -> str:
        """Return the name of the note's file."""
        return SEPARATOR.join(("again", self.date, self.source, self.data_type)) + ".json"


_NOTE = re.compile(r"again~(\d{4}-\d\d-\d\d)~([^~/]+)~([^~/]+)\.json")


def note_at(name: str) -> Note | None:
    """Return the note that a name stands for; None if it is not the name of one."""
    found = _NOTE.fullmatch(name)
    return None if found is None else Note(*found.groups())
