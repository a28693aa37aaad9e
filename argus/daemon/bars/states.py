"""Pure. The states of a source's bars as the bytes of a file, and back.

A line that says what it is, a checksum, and a record. The states themselves are opaque here: they
are what `Series.to_bytes` gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from msgspec import DecodeError, Struct, ValidationError, msgpack

from argus.bars import Profile, Series
from argus.bars.rows import ROW
from argus.daemon.bars.building import Saved, Standing
from argus.errors import ForeignFile, StateDamaged, TornFile

MAGIC = b"argus states of bars 2\n"
_HEAD = len(MAGIC) + 9
_LAYOUT = crc32(repr(ROW.descr).encode())


class _Standing(Struct, array_like=True):
    after: int | None
    ts: int
    state: bytes
    last: bytes
    until: int | None


class _Symbol(Struct, array_like=True):
    at: _Standing
    kept: list[_Standing]
    forgotten: list[tuple[int, int]]


class _File(Struct):
    data_type: str
    profiles: list[tuple[str, str]]
    layout: int
    symbols: dict[str, _Symbol]


def pack(data_type: str, profiles: Sequence[Profile], symbols: Mapping[str, Saved]) -> bytes:
    """Return states of a source as bytes.

    Args:
        data_type: what the bars are built of.
        profiles: those of every series.
        symbols: what is kept of each.
    """
    record = _File(
        data_type,
        [(profile.name, profile.fingerprint) for profile in profiles],
        _LAYOUT,
        {
            name: _Symbol(_packed(one.at), [_packed(at) for at in one.kept], list(one.forgotten))
            for name, one in symbols.items()
        },
    )
    body = msgpack.encode(record)
    return MAGIC + b"%08x\n" % crc32(body) + body


def _packed(at: Standing) -> _Standing:
    return _Standing(at.after, at.ts, at.series.to_bytes(), at.last.tobytes(), at.until)


def unpack(
    data: bytes, *, data_type: str, profiles: Sequence[Profile], where: str
) -> dict[str, Saved] | None:
    """Return the states that `pack` was given; None if they are of other bars.

    They are if a profile is new or has other parameters, or if they were built of something else.
    Profiles that are left out do not matter.

    Raises:
        ForeignFile: the bytes are not its, or another version's.
        TornFile: they are not whole.
    """
    if not data.startswith(MAGIC):
        found = data[: len(MAGIC)]
        raise ForeignFile(f"found {found!r} at the begin, expected {MAGIC!r}, in {where}")
    body = data[_HEAD:]
    if data[len(MAGIC) : _HEAD] != b"%08x\n" % crc32(body):
        raise TornFile(f"found {len(data)} bytes with another checksum than theirs in {where}")
    try:
        record = msgpack.decode(body, type=_File)
        if not _fits(record, data_type, profiles):
            return None
        places = [[name for name, _ in record.profiles].index(p.name) for p in profiles]
        return {name: _saved(symbol, profiles, places) for name, symbol in record.symbols.items()}
    except (DecodeError, ValidationError, StateDamaged, ValueError, IndexError) as error:
        raise ForeignFile(f"found {error}, expected the states of bars, in {where}") from error


def _fits(record: _File, data_type: str, profiles: Sequence[Profile]) -> bool:
    known = dict(record.profiles)
    is_known = all(known.get(profile.name) == profile.fingerprint for profile in profiles)
    return is_known and record.data_type == data_type and record.layout == _LAYOUT


def _saved(symbol: _Symbol, profiles: Sequence[Profile], places: list[int]) -> Saved:
    at, *kept = (_unpacked(one, profiles, places) for one in (symbol.at, *symbol.kept))
    return Saved(at, tuple(kept), tuple(symbol.forgotten))


def _unpacked(one: _Standing, profiles: Sequence[Profile], places: list[int]) -> Standing:
    last = np.frombuffer(one.last, ROW)[places].copy()
    series = Series.from_bytes(profiles, one.state)
    return Standing(one.after, one.ts, series, last, one.until)
