"""Pure. The bytes in which a series is kept: a line of JSON, the numbers, and a checksum.

```
argus bars 1 <crc32 of all that follows, 8 hexadecimal digits>
[{"name": "tib_small", "fingerprint": "…", "layout": …, "size": 616, …}, …]
<numbers of the first><numbers of the second>…
```

`layout` tells records of numbers apart that have other fields: from another layout only the
sequence, the revision and the last trade id are taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from msgspec import DecodeError, ValidationError, json

from argus.bars.state import STATE
from argus.errors import StateDamaged

_MAGIC = b"argus bars 1 "
_HEAD = len(_MAGIC) + 9
LAYOUT = crc32(repr(STATE.descr).encode())


@dataclass(frozen=True, slots=True)
class Saved:
    """One profile's state: `numbers` is empty if it has none that can be taken up."""

    name: str
    fingerprint: str
    sequence: int
    revision: int
    last_trade_id: int
    numbers: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    fingerprint: str
    sequence: int
    revision: int
    last_trade_id: int
    layout: int
    size: int


def pack(saved: Iterable[Saved]) -> bytes:
    """Return states as bytes."""
    listed = list(saved)
    entries = [
        _Entry(
            name=one.name,
            fingerprint=one.fingerprint,
            sequence=one.sequence,
            revision=one.revision,
            last_trade_id=one.last_trade_id,
            layout=LAYOUT,
            size=len(one.numbers),
        )
        for one in listed
    ]
    body = json.encode(entries) + b"\n" + b"".join(one.numbers for one in listed)
    return _MAGIC + b"%08x\n" % crc32(body) + body


def unpack(data: bytes) -> list[Saved]:
    """Return the states that `pack` was given.

    Raises:
        StateDamaged: the bytes are not its, or not whole.
    """
    if not data.startswith(_MAGIC):
        raise StateDamaged(f"a state that begins with {data[:16]!r}; expected {_MAGIC!r}")
    body = data[_HEAD:]
    if data[len(_MAGIC) : _HEAD] != b"%08x\n" % crc32(body):
        raise StateDamaged(f"a state of {len(data)} bytes whose checksum is not that of its text")
    text, _, numbers = body.partition(b"\n")
    try:
        entries = json.decode(text, type=list[_Entry])
    except (DecodeError, ValidationError) as error:
        raise StateDamaged(f"a state whose list of profiles is unreadable: {error}") from error
    saved, offset = [], 0
    for entry in entries:
        own = numbers[offset : offset + entry.size]
        offset += entry.size
        is_known = entry.layout == LAYOUT
        saved.append(
            Saved(
                entry.name,
                entry.fingerprint if is_known else "",
                entry.sequence,
                entry.revision,
                entry.last_trade_id,
                own if is_known else b"",
            )
        )
    return saved
