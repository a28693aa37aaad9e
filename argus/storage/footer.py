"""Pure. Joining the footers of Parquet files without decoding what they describe.

A footer is one Thrift struct in the compact protocol. Of its fields only two are touched: the
number of rows and the list of row groups, whose entries are copied as they are. Arrow can append
row groups to a footer, but neither leave some out nor put new ones between.

Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md and
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift (FileMetaData).
"""

from collections.abc import Sequence
from dataclasses import dataclass

ROWS_FIELD, GROUPS_FIELD = 3, 4
"""FileMetaData's `num_rows` and `row_groups`."""

_STOP = 0
_BOOLEANS = (1, 2)
_BYTE = 3
_INTEGERS = (4, 5, 6)
_DOUBLE = 7
_BINARY = 8
_LISTS = (9, 10)
_MAP = 11
_STRUCT = 12
_LONG = 15


@dataclass(frozen=True, slots=True)
class Footer:
    """A footer taken apart: where the two fields lie, and each row group's own bytes."""

    raw: bytes
    rows_span: tuple[int, int]
    groups_span: tuple[int, int]
    groups: tuple[bytes, ...]


class _Cursor:
    """A place in a compact struct that moves over whole values."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.raw[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the bit that says "more follows"
                return value

    def field(self, before: int) -> tuple[int, int]:
        """Return the next field's number and type; the type is 0 at the end."""
        header = self.byte()
        if header == _STOP:
            return before, _STOP
        delta = header >> 4
        if delta:
            return before + delta, header & 0x0F
        number = self.varint()
        return (number >> 1) ^ -(number & 1), header & 0x0F

    def list_header(self) -> tuple[int, int]:
        """Return how many elements follow, and their type."""
        header = self.byte()
        count = header >> 4
        return (self.varint() if count == _LONG else count), header & 0x0F

    def skip(self, kind: int) -> None:
        """Move over a field's value."""
        if kind in _INTEGERS:
            self.varint()
        elif kind == _BINARY:
            size = self.varint()
            self.at += size
        elif kind in {_BYTE, _DOUBLE}:
            self.at += 1 if kind == _BYTE else 8
        elif kind not in _BOOLEANS:
            self._skip_many(kind)

    def _skip_many(self, kind: int) -> None:
        if kind == _STRUCT:
            number, inner = self.field(0)
            while inner != _STOP:
                self.skip(inner)
                number, inner = self.field(number)
        elif kind in _LISTS:
            count, inner = self.list_header()
            for _ in range(count):
                self._skip_element(inner)
        else:
            assert kind == _MAP, f"found the type {kind}, expected one of the compact protocol"
            self._skip_map()

    def _skip_map(self) -> None:
        count = self.varint()
        kinds = self.byte() if count else 0
        for _ in range(count):
            self._skip_element(kinds >> 4)
            self._skip_element(kinds & 0x0F)

    def _skip_element(self, kind: int) -> None:
        """Move over an element; a flag's value lies in its field's header, but here in a byte."""
        self.skip(_BYTE if kind in _BOOLEANS else kind)


def parsed(raw: bytes) -> Footer:
    """Take a footer apart."""
    cursor = _Cursor(raw)
    rows_span = groups_span = (0, 0)
    groups: list[bytes] = []
    number, kind = cursor.field(0)
    while kind != _STOP:
        start = cursor.at
        if number == GROUPS_FIELD:
            count, inner = cursor.list_header()
            assert inner == _STRUCT, f"found row groups of type {inner}, expected structs"
            for _ in range(count):
                begin = cursor.at
                cursor.skip(_STRUCT)
                groups.append(raw[begin : cursor.at])
            groups_span = (start, cursor.at)
        else:
            cursor.skip(kind)
            if number == ROWS_FIELD:
                rows_span = (start, cursor.at)
        number, kind = cursor.field(number)
    assert rows_span[1] < groups_span[1], "found no rows before the row groups"
    return Footer(raw, rows_span, groups_span, tuple(groups))


def joined(base: Footer, groups: Sequence[bytes], *, rows: int) -> bytes:
    """Return a footer that says what `base` says, of other row groups."""
    header = len(groups) << 4 if len(groups) < _LONG else _LONG << 4
    listed = bytes([header | _STRUCT])
    if len(groups) >= _LONG:
        listed += _varint(len(groups))
    return b"".join(
        [
            base.raw[: base.rows_span[0]],
            _varint(rows << 1),
            base.raw[base.rows_span[1] : base.groups_span[0]],
            listed,
            *groups,
            base.raw[base.groups_span[1] :],
        ]
    )


def _varint(value: int) -> bytes:
    written = bytearray()
    while value >= 0x80:  # noqa: PLR2004 - what does not fit into seven bits
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
