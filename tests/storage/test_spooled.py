"""Names in a spool."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.errors import ForeignFile
from argus.storage.chunk import Chunk
from argus.storage.spooled import Note, Spooled, note_at, spooled_at

WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
TIMES = st.integers(-(2**62), 2**62)


@given(WORDS, WORDS, WORDS, st.integers(0, 10**9), TIMES, TIMES, st.integers(0, 2**63))
def test_name_of_a_chunk_says_which_one_it_is(source, data_type, generation, number, a, b, sealed):
    spooled = Spooled(sealed, Chunk(source, data_type, generation, number, a, b))
    assert spooled_at(spooled.name) == spooled


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_names_are_in_the_order_in_which_chunks_were_sealed(one, other):
    chunk = Chunk("venue_spot", "trade", "a", 1, 0, 1)
    names = [Spooled(ts, chunk).name for ts in (one, other)]
    assert (names[0] < names[1]) == (one < other)


@pytest.mark.parametrize("name", ["x.parquet", "1~a~b~trade~00000001_1_2.parquet", "again~x.json"])
def test_name_of_anything_else_is_refused(name: str):
    with pytest.raises(ForeignFile, match="expected the name of a chunk in a spool"):
        spooled_at(name)


def test_name_of_a_note_says_what_to_read_again():
    note = Note("2026-11-20", "venue_spot", "trade")
    assert note_at(note.name) == note
    assert note_at("refused.json") is None
