"""Shell. What lies on the disk: chunks with their pieces, date files with what they hold.

Footers are read once and remembered: a chunk never changes, and a date file that changes is a new
file (its inode and time tell).
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from argus.errors import ForeignFile, TornFile
from argus.storage.chunk import TEMP, Chunk, chunk_at
from argus.storage.parquet import judged, merged_in, opened
from argus.storage.partition import DAY_NS, Partition, date_of, days
from argus.storage.plan import Piece, Stored

type_of_set_aside = Callable[[Path, TornFile | ForeignFile], None]


@dataclass(frozen=True, slots=True)
class DateFile:
    """What a date file says about itself."""

    rows: int
    size_bytes: int
    merged: dict[str, int]


NO_FILE = DateFile(rows=0, size_bytes=0, merged={})


def chunk_paths(data: Path, generation: str, source: str, data_type: str) -> list[Path]:
    """Return the files of one generation and data type; see `file_names`."""
    folder = data / TEMP / generation / source / data_type
    return [folder / name for name in file_names(folder)]


def file_names(folder: Path) -> list[str]:
    """Return the names of a folder of chunks, complete up to the last chunk returned.

    A folder that changes while it is listed may show a newer file and not an older one. So it is
    listed twice: up to the newest chunk of the first listing the second one is complete.
    """
    newest = max(map(_sequence, _listed(folder)), default=-1)
    return sorted(name for name in _listed(folder) if _sequence(name) <= newest)


def _listed(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [name for name in names if name[0] != "." and not name.endswith(".torn")]


def _sequence(name: str) -> int:
    """Return a chunk's sequence; files that are no chunks come first."""
    digits = name.partition("_")[0]
    return int(digits) if digits.isdecimal() else -1


def pieces_of(path: Path, chunk: Chunk) -> tuple[Piece, ...]:
    """Read which symbols and dates a chunk holds.

    Raises:
        TornFile: it cannot be read to its end.
        ForeignFile: we did not write it.
    """
    first, last = (date_of(ts // DAY_NS) for ts in (chunk.ts_first, chunk.ts_last))
    names = ["symbol"] if first == last else ["symbol", "ts_event", "ts_recv"]
    with opened(path) as file, judged(path):
        if "symbol" not in file.schema_arrow.names:
            raise ForeignFile(f"found no column symbol, expected a chunk, in {path}")
        table = file.read(columns=names, use_threads=False)
    found = []
    for symbol, start, stop in _runs(table["symbol"]):
        if first == last:
            dates = {first: stop - start}
        else:
            numbers, counts = np.unique(days(table.slice(start, stop - start)), return_counts=True)
            dates = {date_of(int(n)): int(c) for n, c in zip(numbers, counts, strict=True)}
        for date, rows in dates.items():
            partition = Partition(chunk.source, chunk.data_type, symbol, date)
            found.append(Piece(partition, start, stop, rows))
    return tuple(found)


def stored_at(path: Path, chunk: Chunk) -> Stored:
    """Read what a chunk holds; see `pieces_of` for what is raised."""
    pieces = pieces_of(path, chunk)
    rows = sum(piece.rows for piece in pieces)
    return Stored(chunk, pieces, path.stat().st_size, rows)


def _runs(symbols: pa.ChunkedArray) -> Iterator[tuple[str, int, int]]:
    """Return each symbol of a sorted column with its first row and the one after its last."""
    column = symbols.unify_dictionaries().combine_chunks()
    codes = column.indices.to_numpy()
    texts = column.dictionary.to_pylist()
    changes = (np.flatnonzero(codes[1:] != codes[:-1]) + 1).tolist()
    bounds = [0, *changes, len(codes)] if len(codes) else [0]
    for start, stop in pairwise(bounds):
        yield texts[codes[start]], start, stop


class Survey:
    """Look at one source and data type of a data folder, remembering footers.

    Args:
        data: the data folder.
        source: the source.
        data_type: the data type.
        set_aside: told of every torn or foreign file found among the chunks.
    """

    def __init__(
        self, data: Path, source: str, data_type: str, *, set_aside: type_of_set_aside
    ) -> None:
        self._data = data
        self._source = source
        self._data_type = data_type
        self._set_aside = set_aside
        self._stored: dict[str, dict[str, Stored]] = {}
        self._files: dict[Path, tuple[tuple[int, int, int], DateFile]] = {}

    def chunks(self, generation: str) -> list[Stored]:
        """Return the chunks of a generation as they lie on the disk."""
        folder = self._data / TEMP / generation / self._source / self._data_type
        before = self._stored.get(generation, {})
        now = {}
        for name in file_names(folder):
            stored = before.get(name) or self._read(folder / name)
            if stored is not None:
                now[name] = stored
        self._stored[generation] = now
        return list(now.values())

    def _read(self, path: Path) -> Stored | None:
        try:
            chunk = chunk_at(path)
            return stored_at(path, chunk)
        except FileNotFoundError:
            return None  # Merged and deleted by another process since it was listed.
        except (TornFile, ForeignFile) as error:
            self._set_aside(path, error)
            return None

    def date_file(self, partition: Partition) -> DateFile:
        """Return what a date file says about itself; of one that is not there, nothing.

        Raises:
            TornFile: it cannot be read.
            ForeignFile: we did not write it.
        """
        path = self._data / partition.path
        try:
            status = path.stat()
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            remembered = self._files.get(path)
            if remembered is not None and remembered[0] == stamp:
                return remembered[1]
            with opened(path) as file:
                read = DateFile(file.metadata.num_rows, status.st_size, merged_in(file))
        except (FileNotFoundError, NotADirectoryError):
            self._files.pop(path, None)
            return NO_FILE
        self._files[path] = (stamp, read)
        return read

    def forget_but(self, partitions: set[Partition]) -> None:
        """Forget the date files of all other partitions: memory follows what waits."""
        wanted = {self._data / partition.path for partition in partitions}
        self._files = {path: entry for path, entry in self._files.items() if path in wanted}
