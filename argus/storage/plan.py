"""Pure. Which rows of which chunks still have to go into which date file.

A date file says, per generation, the sequence of the last chunk merged into it. Within a generation
chunks are merged in rising order, so everything after that sequence waits, and nothing before it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from argus.storage.chunk import Chunk
from argus.storage.partition import Partition


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of one symbol and date in a chunk.

    Rows `start` to `stop` are the symbol's; `rows` of them are of that date: all of them unless
    the symbol's rows span midnight.
    """

    partition: Partition
    start: int
    stop: int
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A chunk as it lies on the disk: its pieces cover all of its rows."""

    chunk: Chunk
    pieces: tuple[Piece, ...]
    size_bytes: int
    rows: int

    def share(self, piece: Piece) -> int:
        """Return the share of a piece in the size of the chunk."""
        return self.size_bytes * piece.rows // max(self.rows, 1)


type_of_merged = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to go into one date file, in the order it has to be merged."""

    partition: Partition
    parts: tuple[tuple[Stored, Piece], ...]

    @property
    def rows(self) -> int:
        """Return the rows that wait."""
        return sum(piece.rows for _, piece in self.parts)

    @property
    def size_bytes(self) -> int:
        """Return what they take in their chunks, about."""
        return sum(stored.share(piece) for stored, piece in self.parts)

    def merged(self) -> dict[str, int]:
        """Return the sequence of the last chunk per generation, once all of this is merged."""
        last: dict[str, int] = {}
        for stored, _ in self.parts:
            chunk = stored.chunk
            last[chunk.generation] = max(chunk.sequence, last.get(chunk.generation, 0))
        return last

    def without(self, chunk: Chunk) -> "Waiting":
        """Return this without the rows of a chunk."""
        return Waiting(self.partition, tuple(part for part in self.parts if part[0].chunk != chunk))


def is_merged(stored: Stored, piece: Piece, merged: Callable[[Partition], type_of_merged]) -> bool:
    """Say whether the date file of a piece already holds it."""
    last = merged(piece.partition).get(stored.chunk.generation, 0)
    return stored.chunk.sequence <= last


def in_order(chunks: Iterable[Stored]) -> list[Stored]:
    """Return chunks in the order of merging: the generation that began first goes first."""
    chunks = list(chunks)
    begin: dict[str, int] = {}
    for stored in chunks:
        chunk = stored.chunk
        begin[chunk.generation] = min(chunk.ts_first, begin.get(chunk.generation, chunk.ts_first))
    return sorted(
        chunks, key=lambda s: (begin[s.chunk.generation], s.chunk.generation, s.chunk.sequence)
    )


def waiting(
    chunks: Iterable[Stored],
    *,
    merged: Callable[[Partition], type_of_merged],
    is_wanted: Callable[[Chunk, str], bool],
) -> list[Waiting]:
    """Return what waits, by partition.

    Args:
        chunks: the chunks of one source and data type.
        merged: what a date file says it holds; empty where there is none.
        is_wanted: whether a chunk's rows of a symbol are to be merged at all.
    """
    found: dict[Partition, list[tuple[Stored, Piece]]] = {}
    for stored in in_order(chunks):
        for piece in stored.pieces:
            partition = piece.partition
            if is_wanted(stored.chunk, partition.symbol) and not is_merged(stored, piece, merged):
                found.setdefault(partition, []).append((stored, piece))
    return [Waiting(partition, tuple(parts)) for partition, parts in sorted(found.items())]


def rounds(waits: Iterable[Waiting], *, rows_max: int) -> Iterator[list[Waiting]]:
    """Cut work into rounds of at most `rows_max` rows (or one piece) that fit into memory.

    A partition with more is merged in several rounds, each a run of its parts from the front, so
    that no later chunk is merged before an earlier one.
    """
    together: list[Waiting] = []
    rows = 0
    for wait in waits:
        for share in _shares(wait, rows_max):
            is_full = rows + share.rows > rows_max
            if together and (is_full or share.partition == together[-1].partition):
                yield together
                together, rows = [], 0
            together.append(share)
            rows += share.rows
    if together:
        yield together


def _shares(wait: Waiting, rows_max: int) -> Iterator[Waiting]:
    parts: list[tuple[Stored, Piece]] = []
    rows = 0
    for part in wait.parts:
        if parts and rows + part[1].rows > rows_max:
            yield Waiting(wait.partition, tuple(parts))
            parts, rows = [], 0
        parts.append(part)
        rows += part[1].rows
    yield Waiting(wait.partition, tuple(parts))
