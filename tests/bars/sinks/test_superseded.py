"""Which bars count, however they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.bars.sinks.superseded import Begin, Revisions
from tests.bars.sinks import rows

SERIES = (rows.SOURCE, "BTCUSDT", "tib_small")


def told(known: Revisions, *bars):
    table = rows.table(*bars)
    begins = known.begun(rows.SOURCE, table, [bar.sequence for bar in bars])
    counts = known.counting(rows.SOURCE, table, begins).tolist()
    known.learn(begins)
    return begins, counts


def test_bars_of_the_first_revision_count():
    assert told(Revisions(), rows.bar(1), rows.bar(2)) == ([], [True, True])


def test_later_revision_takes_the_place_of_all_that_follow_its_first_bar():
    known = Revisions()
    begins, counts = told(known, rows.bar(2), rows.bar(3), rows.bar(3, 1), rows.bar(4))
    assert begins == [Begin(SERIES, 1, 3, 3)]
    assert counts == [True, False, True, False]
    assert told(known, rows.bar(9), rows.bar(2), rows.bar(4, 1)) == ([], [False, True, True])


def test_first_bar_of_a_revision_may_come_after_others_of_it():
    known = Revisions()
    assert told(known, rows.bar(5, 1))[0] == [Begin(SERIES, 1, 5, 5)]
    assert told(known, rows.bar(4, 1))[0] == [Begin(SERIES, 1, 4, 4)]
    assert told(known, rows.bar(6, 1))[0] == []
    assert told(known, rows.bar(4))[1] == [False]


def test_other_series_are_not_touched():
    known = Revisions()
    told(known, rows.bar(1, 1))
    assert told(known, rows.bar(1, profile="tib_large")) == ([], [True])
    table = rows.table(rows.bar(1))
    assert known.counting("another", table, []).tolist() == [True]


KEYS = st.tuples(st.integers(1, 8), st.integers(0, 3))


@given(st.lists(KEYS, min_size=1, unique=True), st.data())
def test_what_counts_in_the_end_is_what_the_view_says(keys, data):
    """Whatever the order: kept are those that no earlier or equal sequence of a later beats."""
    order = data.draw(st.permutations(keys))
    known, kept = Revisions(), set()
    for sequence, revision in order:
        begins, (counts,) = told(known, rows.bar(sequence, revision))
        kept |= {(sequence, revision)} if counts else set()
        for b in begins:
            kept -= {(s, r) for s, r in kept if s >= b.sequence and r < b.revision}
    assert kept == {
        (s, r) for s, r in keys if not any(other <= s and later > r for other, later in keys)
    }


@given(st.lists(KEYS, min_size=1, unique=True))
def test_what_is_known_is_read_as_it_was_written(keys):
    known = Revisions()
    for sequence, revision in keys:
        told(known, rows.bar(sequence, revision))
    assert Revisions.from_bytes(known.to_bytes()) == known


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'[["a"]]'])
def test_what_makes_no_sense_is_nothing_known(content):
    assert Revisions.from_bytes(content) == Revisions()
