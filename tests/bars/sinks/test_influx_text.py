"""Texts as line protocol wants them."""

import polars as pl
import pytest

from argus.bars.sinks.influx_text import quoted, tag, written_field, written_tag


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("BTCUSDT", "BTCUSDT"),
        ("a b,c=d", r"a\ b\,c\=d"),
        ("我踏马来了USDT", "我踏马来了USDT"),
        (r"a\b", r"a\b"),
    ],
)
def test_tag_is_escaped(text: str, written: str):
    assert written_tag(text) == written


@pytest.mark.parametrize("text", ["", "a\nb", "a\rb", "a\\"])
def test_text_that_cannot_be_a_tag_is_none(text: str):
    assert written_tag(text) is None


def test_field_is_quoted():
    assert written_field('a "b" \\ c, d=e\n') == '"a \\"b\\" \\\\ c, d=e\n"'


def test_columns_are_written_whole():
    texts = pl.Series(["a b", None, "", "a b"], dtype=pl.String)
    assert tag(texts).to_list() == [r"a\ b", None, None, r"a\ b"]
    assert quoted(texts).to_list() == ['"a b"', None, '""', '"a b"']
    assert tag(pl.Series([], dtype=pl.String)).to_list() == []
