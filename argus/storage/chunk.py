"""Pure. Names of chunks and what a chunk says about itself.

One function makes the names and one parses them. A chunk is one source, one data type, one
generation and one slice of time with all its symbols; within a generation `sequence` rises by one
from chunk to chunk, which is what date files remember of it.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath

from argus.errors import ForeignFile
from argus.events import SCHEMA_VERSION

NAME = re.compile(r"(\d{8,})_(-?\d+)_(-?\d+)\.parquet")

PARTS = 5
"""Parts of a chunk's path below the data folder."""

TEMP = "temp"
"""The folder of all generations, below the data folder."""

JOURNAL = "journal"
"""The folder of all journals, below the data folder."""

MERGED = b"argus.merged"
"""Metadata of a date file: JSON, generation -> sequence of the last chunk merged into it."""

SCHEMA = b"argus.schema_version"
"""Metadata of every file of ours."""


@dataclass(frozen=True, slots=True, order=True)
class Chunk:
    """A chunk's identity: where it lies and which stretch of time it covers.

    `ts_first` and `ts_last` are the earliest and latest instant in it (venue time, else receive
    time).
    """

    source: str
    data_type: str
    generation: str
    sequence: int
    ts_first: int
    ts_last: int

    @property
    def path(self) -> PurePosixPath:
        """Return the chunk's path below the data folder."""
        name = f"{self.sequence:08d}_{self.ts_first}_{self.ts_last}.parquet"
        return PurePosixPath(TEMP, self.generation, self.source, self.data_type, name)

    def metadata(self) -> dict[bytes, bytes]:
        """Return what the chunk's Parquet metadata says besides its schema."""
        return {
            b"argus.generation": self.generation.encode(),
            b"argus.sequence": str(self.sequence).encode(),
            b"argus.source": self.source.encode(),
            b"argus.data_type": self.data_type.encode(),
            SCHEMA: str(SCHEMA_VERSION).encode(),
        }


def chunk_at(path: PurePath) -> Chunk:
    """Return the chunk that a path names; only its last five parts are looked at.

    Raises:
        ForeignFile: it is not the name of a chunk.
    """
    parts = path.parts[-PARTS:]
    name = NAME.fullmatch(path.name)
    if len(parts) < PARTS or parts[0] != TEMP or name is None:
        shape = f"{TEMP}/<generation>/<source>/<data type>/<sequence>_<from>_<until>.parquet"
        raise ForeignFile(f"found {path}, expected the name of a chunk, {shape}")
    sequence, ts_first, ts_last = (int(number) for number in name.groups())
    chunk = Chunk(parts[2], parts[3], parts[1], sequence, ts_first, ts_last)
    if chunk.path != PurePosixPath(*parts):
        raise ForeignFile(f"found {path}, expected {chunk.path.name}")
    return chunk
