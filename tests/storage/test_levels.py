import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argus.events import Levels
from argus.storage.levels import numbers

pairs = st.lists(st.tuples(st.floats(0, 1e12), st.floats(0, 1e12)), max_size=5)


def read(texts):
    counts = np.array([text.count(b"[") - 1 for text in texts], np.int64)
    return numbers(texts, counts).tolist()


@given(st.lists(pairs, max_size=6), st.booleans())
def test_numbers_of_many_texts_are_those_of_each(books, quoted):
    texts = [Levels.of(book).text for book in books]
    if quoted:
        quote = lambda v: f'"{v!r}"'  # noqa: E731
        texts = [
            ("[" + ", ".join(f"[{quote(p)},{quote(s)}]" for p, s in book) + "]").encode()
            for book in books
        ]
    assert read(texts) == [number for book in books for pair in book for number in pair]


def test_level_that_cannot_be_read_costs_its_own_text_only():
    found = read([b"[[1,2]]", b'[["x",3]]', b"[[4]]", b"[]", b"[[5,6],[7,8]]"])
    assert [None if math.isnan(n) else n for n in found] == [
        1.0, 2.0, None, None, None, None, 5.0, 6.0, 7.0, 8.0,
    ]  # fmt: skip


def test_no_levels_are_no_numbers():
    assert read([]) == []
    assert read([b"[]", b"[]"]) == []
