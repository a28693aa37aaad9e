"""Shell. Counting what stands on the disk, for people; cheap enough to be asked for often.

Chunks never change, so each is read once. Date files are as many as there are paths times days:
they are counted anew only after a while that is long compared with what counting took.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from argus.storage.chunk import TEMP
from argus.storage.partition import LAKE

REST_FACTOR = 50
FILE_NS = 20_000
"""What finding one date file takes, about (measured on a local disk)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found."""

    chunks: int
    chunk_rows: int
    chunk_bytes: int
    date_files: int


class OnDisk:
    """Counts chunks and date files of a data folder. Call it in a thread.

    Args:
        data: the data folder.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._chunks: dict[Path, tuple[int, int]] = {}
        self._date_files = 0
        self._ts_recount = 0

    def count(self, now_ns: int) -> Counted:
        """Return the counts; `now_ns` is monotonic."""
        found = (self._data / TEMP).glob("[!.]*/*/*/*.parquet")
        self._chunks = {path: self._chunks.get(path) or _size(path) for path in found}
        if now_ns >= self._ts_recount:
            files = (self._data / LAKE).glob("*/*/*/*/*/data.parquet")
            self._date_files = sum(1 for _ in files)
            self._ts_recount = now_ns + REST_FACTOR * self._date_files * FILE_NS
        sizes = self._chunks.values()
        return Counted(
            chunks=len(sizes),
            chunk_rows=sum(rows for rows, _ in sizes),
            chunk_bytes=sum(size for _, size in sizes),
            date_files=self._date_files,
        )


def _size(path: Path) -> tuple[int, int]:
    """Return rows and bytes of a chunk; none if it is gone or torn."""
    try:
        return pq.read_metadata(path).num_rows, path.stat().st_size
    except (OSError, pa.ArrowInvalid):
        return 0, 0
