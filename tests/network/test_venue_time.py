"""The venue's time goes on, or it stands still while facts come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.network.venue_time import LOOKS_MIN, Cure, VenueTime, cure

SECOND = 1_000_000_000


def frozen(*looks: list[tuple[str, int, int]]) -> list[int]:
    """Seconds of standstill after each look, a second apart."""
    time, found = VenueTime(), []
    for i, streams in enumerate(looks):
        time.look(streams, i * SECOND)
        found.append(time.frozen_ns(i * SECOND) // SECOND)
    return found


def test_time_that_stands_still_while_facts_come_is_found_and_ends_with_the_first_later_one():
    still = [[("a", 100, n), ("b", 90, n)] for n in range(8)]
    assert frozen(*still, [("a", 100, 9), ("b", 91, 9)]) == [0, 0, 0, 0, 0, 5, 6, 7, 0]


def test_silence_is_no_standstill():
    assert frozen(*[[("a", 100, 50)]] * 100) == [0] * 100


def test_one_burst_at_one_time_is_no_standstill():
    assert frozen([("a", 100, 1)], [("a", 100, 80)], *[[("a", 100, 90)]] * 60) == [0] * 62


def test_one_stream_that_goes_on_is_enough():
    looks = [[("a", 100, n), ("b", n, n)] for n in range(50)]
    assert frozen(*looks) == [0] * 50


def test_clock_of_the_venue_that_is_set_back_stands_still_for_no_longer_than_one_look():
    looks = [[("a", 1000 + n, n), ("b", 900, 1)] for n in range(5)]
    looks += [[("a", n, 10 + n), ("b", 900, 1)] for n in range(20)]
    assert frozen(*looks) == [0] * 25


def test_without_streams_that_carry_time_nothing_is_judged():
    assert frozen(*[[]] * 20) == [0] * 20
    assert VenueTime().newest is None


def test_latest_time_is_known():
    time = VenueTime()
    time.look([("a", 5, 1), ("b", 7, 1)], 0)
    assert time.newest == 7


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=60))
def test_standstill_is_told_exactly_when_facts_came_in_enough_looks_without_a_later_time(steps):
    looks, ts, facts, expected = [], 1, 1, []
    since, came = 0, 0
    for i, (later, more) in enumerate([(1, 0), *steps]):
        ts, facts = ts + later, facts + more
        since, came = (i, 0) if later else (since, came + (more > 0))
        looks.append([("a", ts, facts)])
        expected.append(i - since if came >= LOOKS_MIN else 0)
    assert frozen(*looks) == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (None, Cure.REPLACED),
        (100 * SECOND, Cure.NONE),
        (114 * SECOND, Cure.NONE),
        (115 * SECOND, Cure.REPLACED),
        (0, Cure.NONE),
    ],
)
def test_connection_is_replaced_if_others_are_ahead_or_there_are_none(others, expected):
    assert cure(100 * SECOND, others, 30 * SECOND) is expected
