from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.errors import ForeignFile
from argus.storage.chunk import Chunk, chunk_at

words = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1)
instants = st.integers(-(2**62), 2**62)


@given(words, words, words, st.integers(0, 10**12), instants, instants)
def test_name_says_what_the_chunk_is(source, data_type, generation, sequence, first, last):
    chunk = Chunk(source, data_type, generation, sequence, first, last)
    assert chunk_at(chunk.path) == chunk
    assert chunk_at(PurePosixPath("/some/where") / chunk.path) == chunk


def test_name_is_readable():
    chunk = Chunk("binance_spot", "trade", "3f9a", 7, 1, 20)
    assert str(chunk.path) == "temp/3f9a/binance_spot/trade/00000007_1_20.parquet"
    assert chunk.metadata()[b"argus.sequence"] == b"7"
    assert chunk.metadata()[b"argus.generation"] == b"3f9a"


@pytest.mark.parametrize(
    "path",
    [
        "00000007_1_20.parquet",
        "temp/g/s/trade/notes.parquet",
        "temp/g/s/trade/7_1_20.parquet",
        "temp/g/s/trade/000000007_1_20.parquet",
        "temp/g/s/trade/00000007_01_20.parquet",
        "tmp/g/s/trade/00000007_1_20.parquet",
        "temp/g/s/trade/00000007_1_20.parquet.torn",
    ],
)
def test_what_is_no_chunk_is_told(path):
    with pytest.raises(ForeignFile, match="expected"):
        chunk_at(PurePosixPath(path))
