"""Pure. A checksum of rows that does not depend on how a file holds them.

The same values in the same order give the same checksum, whatever the row groups, encodings,
dictionaries and compression. Each column goes through SHA-256 of its own, as little-endian numbers,
so the rows may come in any pieces; the checksum is the SHA-256 of the columns' names and checksums.
"""

from collections.abc import Iterator
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.columns import Column, Kind, columns
from argus.errors import TornFile
from argus.events import Event

type_of_array = np.ndarray[Any, np.dtype[Any]]


class RowsChecksum:
    """Add up the rows of one file.

    Args:
        event: the class of the facts.
    """

    def __init__(self, event: type[Event]) -> None:
        self._columns = columns(event)
        self._sums = {column.name: [sha256(), sha256(), sha256()] for column in self._columns}
        self._validity = {column.name: sha256() for column in self._columns if column.nullable}

    def follow(self, table: pa.Table) -> None:
        """Add the next rows."""
        for column in self._columns:
            for chunk in table[column.name].chunks:
                self._add(column, chunk)

    def _add(self, column: Column, chunk: pa.Array) -> None:
        if column.nullable:
            valid = np.asarray(chunk.is_valid()).astype(np.uint8)
            self._validity[column.name].update(valid.data)
        sums = self._sums[column.name]
        for checksum, part in zip(sums, _parts(column.kind, chunk), strict=False):
            checksum.update(np.ascontiguousarray(part).data)

    def hexdigest(self) -> str:
        """Return the checksum of the rows so far."""
        whole = sha256()
        for column in self._columns:
            whole.update(column.name.encode() + b"\0")
            for checksum in self._sums[column.name]:
                whole.update(checksum.digest())
            if column.nullable:
                whole.update(self._validity[column.name].digest())
        return whole.hexdigest()


def _parts(kind: Kind, chunk: pa.Array) -> Iterator[type_of_array]:
    """Return a column's values as numbers; nulls are told apart by their validity."""
    match kind:
        case Kind.TIME | Kind.INTEGER:
            yield np.asarray(chunk.cast(pa.int64()).fill_null(0)).astype("<i8", copy=False)
        case Kind.NUMBER:
            yield np.asarray(chunk.fill_null(0.0)).astype("<f8", copy=False)
        case Kind.FLAG:
            yield np.asarray(chunk.cast(pa.uint8()).fill_null(0))
        case Kind.CATEGORY:
            yield _categories(chunk)
        case Kind.TEXT:
            yield np.asarray(pc.binary_length(chunk).fill_null(0)).astype("<i8")
            texts = "".join(chunk.fill_null("").to_pylist())
            yield np.frombuffer(texts.encode(), np.uint8)
        case Kind.LEVELS:
            yield np.asarray(chunk.value_lengths().fill_null(0)).astype("<i8")
            for values in chunk.flatten().flatten():
                yield np.asarray(values).astype("<f8", copy=False)


def _categories(chunk: pa.Array) -> type_of_array:
    """Return a number for each value that does not depend on the dictionary.

    Raises:
        TornFile: a value is not in the dictionary, as in a file with damaged metadata.
    """
    numbers = [_number(text) for text in chunk.dictionary.to_pylist()]
    # Nulls take the last one.
    codes = np.asarray(chunk.indices.cast(pa.int64()).fill_null(len(numbers)))
    if codes.max(initial=0) > len(numbers) or codes.min(initial=0) < 0:
        raise TornFile(f"found the code {codes.max()}, expected one of {len(numbers)} values")
    return np.asarray(np.array([*numbers, 0], "<u8")[codes])


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
