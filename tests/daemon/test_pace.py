"""How late the event loop is, and how fast counters grow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.daemon.pace import Lateness, Rate

MS = 1_000_000
SECOND = 1000 * MS


def late(*durations_ns: int) -> Lateness:
    lateness = Lateness()
    for duration in durations_ns:
        lateness.note(due_ns=SECOND, now_ns=SECOND + duration)
    return lateness


def test_nothing_noted_is_no_lateness():
    assert late().percentiles_ms() == {"p50": 0, "p90": 0, "p99": 0, "p99.9": 0}


def test_last_and_worst_are_exact():
    lateness = late(3 * MS, 7 * MS, 2 * MS)
    assert (lateness.last_ns, lateness.max_ns, lateness.count) == (2 * MS, 7 * MS, 3)


def test_timer_that_comes_early_is_not_late():
    assert late(-5 * MS).max_ns == 0


def test_one_slow_call_in_a_thousand_shows_in_the_last_percentile_only():
    lateness = late(*[MS] * 998, 80 * MS, 80 * MS)
    found = lateness.percentiles_ms()
    assert found["p50"] == found["p99"] == pytest.approx(1, rel=0.25)
    assert found["p99.9"] == 80


@given(st.lists(st.integers(0, 10**12), min_size=1), st.floats(0.001, 1))
def test_percentile_is_at_most_a_quarter_too_high(durations: list[int], share: float):
    found = late(*durations).percentile_ns(share)
    rank = next(i for i in range(len(durations)) if i + 1 >= share * len(durations))
    exact = sorted(durations)[rank]
    assert exact <= found + 1000
    assert found <= exact * 1.25 + 1000


def test_rate_needs_two_values():
    rate = Rate()
    assert rate.per_second() == 0
    rate.note(5, 0)
    assert rate.per_second() == 0


def test_rate_of_an_instant_is_none():
    rate = Rate()
    rate.note(5, SECOND)
    rate.note(6, SECOND)
    assert rate.per_second() == 0


def test_rate_forgets_what_lies_before_its_window():
    rate = Rate(window_s=2)
    for second, count in enumerate((0, 1000, 1010, 1020, 1030)):
        rate.note(count, second * SECOND)
    assert rate.per_second() == 10
