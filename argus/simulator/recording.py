"""Pure. The lines of a recording: `<ns> <json>`, the layout of hftbacktest's collector.

A stream's line is `{"stream":…,"data":…}`. A REST depth snapshot stands there bare, or wrapped as
`<symbol>@depthSnapshot` with `"generated":true`, as our own journal writes it.
"""

import re
from typing import NamedTuple

_STREAM = b'{"stream":"'
_DATA = b'"data":'
_SNAPSHOT = b'{"lastUpdateId":'
_SNAPSHOT_KIND = "depthSnapshot"

_ID = {
    "trade": re.compile(rb'"t":(\d+)'),
    "aggTrade": re.compile(rb'"a":(\d+)'),
    "bookTicker": re.compile(rb'"u":(\d+)'),
    "depth": re.compile(rb'"u":(\d+)'),
}
_KLINE_OPEN = re.compile(rb'"t":(\d+)')


class Line(NamedTuple):
    """One line; `name` is empty for a bare snapshot, `payload` are the bytes as they stand."""

    ts: int
    name: str
    payload: bytes

    @property
    def is_snapshot(self) -> bool:
        """Return whether the line is the answer to a depth request."""
        return not self.name or self.name.endswith(f"@{_SNAPSHOT_KIND}")


def read_line(line: bytes) -> Line | None:
    """Return what a line says, `None` if it is not one of a recording."""
    instant, _, rest = line.rstrip(b"\r\n").partition(b" ")
    if not instant.isdigit():
        return None
    if rest.startswith(_STREAM):
        name, _, behind = rest[len(_STREAM) :].partition(b'"')
        at = behind.find(_DATA)
        if at < 0 or not behind.endswith(b"}"):
            return None
        return Line(int(instant), name.decode(), behind[at + len(_DATA) : -1])
    if rest.startswith(_SNAPSHOT) and rest.endswith(b"}"):
        return Line(int(instant), "", rest)
    return None


def symbol_of(line: Line) -> str:
    """Return the symbol a line is about, as it stands in its payload, else from its name."""
    _, found, behind = line.payload.partition(b'"s":"')
    if found:
        return behind.partition(b'"')[0].decode()
    return line.name.partition("@")[0].upper()


def id_of(kind: str, payload: bytes) -> int:
    """Return the venue's own id of a fact, 0 where its kind has none."""
    pattern = _KLINE_OPEN if kind.startswith("kline") else _ID.get(kind)
    found = pattern.search(payload) if pattern else None
    return int(found.group(1)) if found else 0
