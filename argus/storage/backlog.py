"""Pure. What waits to be merged, kept up from call to call.

Chunks come by the minute and wait for hours, so what waits is not planned anew each time: a new
chunk's pieces are added to what waits for their date files, merged ones are taken out, and a chunk
of which nothing waits any more is done. Everything here can be made again from the disk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from argus.storage.chunk import Chunk
from argus.storage.partition import Partition
from argus.storage.plan import Piece, Stored, Waiting, in_order


@dataclass(slots=True)
class Gathered:
    """What waits for one date file."""

    rows: int = 0
    size_bytes: int = 0
    parts: list[tuple[Stored, Piece]] = field(default_factory=list)

    def add(self, stored: Stored, piece: Piece) -> None:
        """Add a piece."""
        self.parts.append((stored, piece))
        self.rows += piece.rows
        self.size_bytes += stored.share(piece)


class Backlog:
    """What waits of one source and data type."""

    def __init__(self) -> None:
        self.gathered: dict[Partition, Gathered] = {}
        self._left: dict[Chunk, int] = {}

    def has(self, chunk: Chunk) -> bool:
        """Say whether a chunk was added."""
        return chunk in self._left

    @property
    def chunks(self) -> set[Chunk]:
        """Return the chunks that were added and are not forgotten."""
        return set(self._left)

    def add(
        self,
        chunks: Iterable[Stored],
        *,
        is_wanted: Callable[[Chunk, str], bool],
        is_merged: Callable[[Stored, Piece], bool],
    ) -> None:
        """Add new chunks, later than all of their generation that were added before.

        Args:
            chunks: the new chunks.
            is_wanted: whether a chunk's rows of a symbol are to be merged at all.
            is_merged: whether the date file of a piece already holds it.
        """
        for stored in in_order(chunks):
            left = [piece for piece in stored.pieces if not is_merged(stored, piece)]
            self._left[stored.chunk] = len(left)
            for piece in left:
                if is_wanted(stored.chunk, piece.partition.symbol):
                    self.gathered.setdefault(piece.partition, Gathered()).add(stored, piece)

    def waiting(self, symbol: str | None = None, generation: str | None = None) -> list[Waiting]:
        """Return what waits, of all or one symbol and generation, in the order of partitions."""
        found = []
        for partition, gathered in sorted(self.gathered.items()):
            if symbol not in {None, partition.symbol}:
                continue
            parts = gathered.parts
            if generation is not None:
                parts = [part for part in parts if part[0].chunk.generation == generation]
            if parts:
                found.append(Waiting(partition, tuple(parts)))
        return found

    def merged(self, wait: Waiting) -> None:
        """Take out what was merged into a date file."""
        gone = {stored.chunk for stored, _ in wait.parts}
        before = self.gathered.pop(wait.partition)
        after = Gathered()
        for stored, piece in before.parts:
            if stored.chunk in gone:
                self._left[stored.chunk] -= 1
            else:
                after.add(stored, piece)
        if after.parts:
            self.gathered[wait.partition] = after

    def finished(self) -> list[Chunk]:
        """Return the chunks of which nothing waits any more."""
        return [chunk for chunk, left in self._left.items() if left == 0]

    def forget(self, chunk: Chunk) -> None:
        """Forget a chunk that is gone."""
        self._left.pop(chunk, None)
