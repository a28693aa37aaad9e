"""Pure. What was recorded and not yet flushed: records in memory, one buffer per data type.

Growing never copies: memory is a list of segments of a fixed size. Taking never copies either:
the segments are handed over whole and the buffer begins anew, so the event loop goes on while a
thread turns them into a table.
"""

import struct
from collections.abc import Sequence

import numpy as np

from argus.events import Event
from argus.storage.packing import Codes, Packing, packing
from argus.storage.sealed import Sealed

SEGMENT_BYTES = 256 * 1024
"""Allocating this much takes 10 us (measured); it is what growth may cost the event loop."""

PACKING_ERRORS = (struct.error, ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What packing a value of a wrong type raises, or reading a field that is not there."""


class WrongValue(TypeError):
    """An event holds a value its column cannot hold; `index` is the event's place in the batch.

    The events before it are in the buffer, the event itself and those after it are not.
    """

    def __init__(self, event: Event, symbol: str, index: int, cause: Exception) -> None:
        """Keep the event and its place, and say what was found."""
        self.event, self.symbol, self.index = event, symbol, index
        kind = type(event).__name__
        super().__init__(f"{cause}, in event {index} of a batch of {symbol} ({kind}): {event!r}")


class Segment:
    """A stretch of records with the levels and texts that belong to them."""

    __slots__ = ("at", "levels", "memory", "size_bytes", "text_bytes", "texts")

    def __init__(self, packing: Packing, capacity: int) -> None:
        self.size_bytes = capacity * packing.record.itemsize
        self.memory = bytearray(self.size_bytes)
        self.at = 0
        self.levels: list[list[bytes]] = [[] for _ in packing.levels]
        self.texts: list[list[str]] = [[] for _ in packing.texts]
        self.text_bytes = 0

    def records(self, packing: Packing) -> "np.ndarray[tuple[int], np.dtype[np.void]]":
        """Return the records as a numpy view, without copying."""
        rows = self.at // packing.record.itemsize
        return np.frombuffer(self.memory, packing.record, count=rows)

    def cut_back(self, packing: Packing) -> None:
        """Forget what was added for an event that is not whole."""
        rows = len(self.records(packing))
        for texts in self.texts:
            del texts[rows:]
        for levels in self.levels:
            del levels[rows:]


class Buffer:
    """Facts of one data type, all symbols, packed as they come.

    Args:
        event: the class of the facts.
    """

    def __init__(self, event: type[Event]) -> None:
        self.event = event
        self._packing = packing(event)
        self._pack = self._packing.pack
        self._size = self._packing.record.itemsize
        self._begin()

    def _begin(self) -> None:
        self._symbols = Codes(nullable=False)
        self._codes = [Codes(nullable=c.nullable) for c in self._packing.categories]
        self._full: list[Segment] = []
        self._full_bytes = 0
        self._full_rows = 0
        self._open(0)

    def _open(self, rows: int) -> None:
        self._segment = Segment(self._packing, max(rows, SEGMENT_BYTES // self._size))
        self._stores = (*self._codes, *self._segment.levels, *self._segment.texts)

    def _grow(self, rows: int) -> None:
        self._full.append(self._segment)
        self._full_rows += self._segment.at // self._size
        self._full_bytes += self._bytes(self._segment)
        self._open(rows)

    @staticmethod
    def _bytes(segment: Segment) -> int:
        return segment.at + segment.text_bytes

    @property
    def rows(self) -> int:
        """Return the number of facts held."""
        return self._full_rows + self._segment.at // self._size

    @property
    def size_bytes(self) -> int:
        """Return the memory that the facts take."""
        return self._full_bytes + self._bytes(self._segment)

    def append(self, symbol: str, batch: Sequence[Event]) -> None:
        """Pack the facts of one symbol, in their order.

        Raises:
            WrongValue: a value has the wrong type; see there for what is in the buffer then.
        """
        segment = self._segment
        whole = segment.at + len(batch) * self._size
        if whole > segment.size_bytes:
            self._grow(len(batch))
            segment, whole = self._segment, len(batch) * self._size
        try:
            self._pack(batch, self._symbols[symbol], segment, *self._stores)
        except PACKING_ERRORS as error:
            index = len(batch) - (whole - segment.at) // self._size
            raise WrongValue(batch[index], symbol, index, error) from error
        finally:
            if segment.at != whole:
                segment.cut_back(self._packing)

    def take(self) -> Sealed:
        """Hand over everything held and begin anew; the cost does not depend on the rows."""
        sealed = Sealed(
            event=self.event,
            segments=[*self._full, self._segment],
            symbols=self._symbols,
            codes=self._codes,
            rows=self.rows,
            size_bytes=self.size_bytes,
        )
        self._begin()
        return sealed
