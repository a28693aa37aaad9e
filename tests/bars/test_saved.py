"""States as bytes: what went in comes out, and what is damaged is refused."""

from zlib import crc32

import pytest

from argus.bars import saved
from argus.bars.saved import Saved, pack, unpack
from argus.errors import StateDamaged

TWO = [Saved("a", "f", 3, 1, 99, b"\n\x00numbers"), Saved("b", "g", 0, 0, -5, b"")]


def test_what_went_in_comes_out():
    assert unpack(pack(TWO)) == TWO
    assert unpack(pack([])) == []


def test_any_damage_is_found():
    data = pack(TWO)
    for at in range(len(data)):
        with pytest.raises(StateDamaged):
            unpack(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(StateDamaged):
            unpack(data[:at])


def test_list_that_cannot_be_read_is_told():
    body = b'[{"name": 1}]\n'
    data = b"argus bars 1 %08x\n" % crc32(body) + body
    with pytest.raises(StateDamaged, match="list of profiles is unreadable"):
        unpack(data)


def test_of_another_layout_only_the_marks_are_taken(monkeypatch):
    data = pack(TWO)
    monkeypatch.setattr(saved, "LAYOUT", 0)
    assert unpack(data)[0] == Saved("a", "", 3, 1, 99, b"")
