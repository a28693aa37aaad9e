"""A bounded ring: many readers, each at its own pace, and each told what it has missed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.agora.ring import Batch, Reader, Ring
from tests.agora.facts import ids, trade


def filled(ring: Ring, *numbers: int) -> None:
    for number in numbers:
        ring.append(trade(number))


def test_reader_gets_what_was_published_since_its_last_read_in_order():
    ring = Ring(8)
    reader = Reader(ring)
    filled(ring, 1, 2, 3)
    assert (reader.lag, reader.read()) == (3, Batch(0, [trade(1), trade(2), trade(3)]))
    assert (reader.lag, reader.read()) == (0, Batch(0, []))
    filled(ring, 4)
    assert reader.read() == Batch(0, [trade(4)])


def test_reader_created_later_begins_with_what_is_published_next():
    ring = Ring(8)
    filled(ring, 1, 2)
    reader = Reader(ring)
    filled(ring, 3)
    assert ids(reader.read().facts) == [3]


@pytest.mark.parametrize(
    ("back", "expected"), [(0, []), (2, [9, 10]), (8, [3, 4, 5, 6, 7, 8, 9, 10])]
)
def test_reader_may_begin_with_what_is_still_held(back, expected):
    ring = Ring(8)
    filled(ring, *range(1, 11))
    assert ids(Reader(ring, back=back).read().facts) == expected
    assert Reader(ring, back=100).lag == 8


def test_reader_that_is_overrun_is_told_how_much_it_has_missed():
    ring = Ring(4)
    slow, quick = Reader(ring), Reader(ring)
    seen = []
    for number in range(1, 8):
        filled(ring, number)
        seen += ids(quick.read().facts)
    assert slow.lag == 7
    assert slow.read() == Batch(3, [trade(4), trade(5), trade(6), trade(7)])
    assert seen == [1, 2, 3, 4, 5, 6, 7]


@given(st.sampled_from([4, 8, 16]), st.lists(st.integers(-1, 20), max_size=40))
def test_no_reader_misses_a_fact_that_it_is_not_told_of(capacity, deeds):
    """What was read and what was missed is all there was, in order (-1 reads, n writes n)."""
    ring = Ring(capacity)
    reader = Reader(ring)
    written, accounted = 0, 0
    for deed in [*deeds, -1]:
        if deed >= 0:
            filled(ring, *range(written, written + deed))
            written += deed
            continue
        lag = reader.lag
        missed, facts = reader.read()
        assert missed == max(0, lag - capacity)
        assert ids(facts) == list(range(accounted + missed, written))
        accounted = written


def test_current_value_is_the_latest_fact():
    ring = Ring(4)
    assert ring.current is None
    filled(ring, 1, 2, 3, 4, 5)
    assert ring.current == trade(5)


@pytest.mark.parametrize("capacity", [4, 16])
def test_pressed_reader_is_called_every_quarter_and_is_never_overrun(capacity):
    ring = Ring(capacity)
    reader = Reader(ring)
    batches: list[Batch] = []
    ring.press(lambda: batches.append(reader.read()))
    filled(ring, *range(capacity * 10))
    assert [len(batch.facts) for batch in batches] == [capacity // 4] * 40
    assert [batch.missed for batch in batches] == [0] * 40
    assert [i for batch in batches for i in ids(batch.facts)] == list(range(capacity * 10))


def test_reader_that_is_pressed_no_more_is_left_in_peace():
    ring = Ring(4)
    pressed: list[str] = []

    def first() -> None:
        pressed.append("first")

    def second() -> None:
        pressed.append("second")

    ring.press(first)
    ring.press(second)
    filled(ring, 1)
    ring.unpress(first)
    filled(ring, 2)
    assert pressed == ["first", "second", "second"]


@pytest.mark.parametrize("capacity", [0, 1, 2, 3, 5, 6, 12, 100])
def test_capacity_is_a_power_of_two_of_at_least_four(capacity):
    with pytest.raises(AssertionError, match=str(capacity)):
        Ring(capacity)


def test_what_is_no_longer_held_cannot_be_asked_for():
    ring = Ring(4)
    filled(ring, *range(6))
    assert ids(ring.between(2, 6)) == [2, 3, 4, 5]
    assert ring.between(4, 4) == []
    with pytest.raises(AssertionError):
        ring.between(1, 3)
    with pytest.raises(AssertionError):
        ring.between(4, 7)
