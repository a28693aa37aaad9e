"""Waiting times between attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.network.backoff import Backoff

jitters = st.floats(0, 1, exclude_max=True)


def test_delays_double_up_to_the_longest():
    backoff = Backoff(first_ns=1000, longest_ns=6000)
    assert [backoff.delay_ns(n, 0.0) for n in range(1, 7)] == [500, 1000, 2000, 3000, 3000, 3000]


def test_jitter_spreads_a_delay_over_the_upper_half_of_its_bound():
    backoff = Backoff(first_ns=1000, longest_ns=6000)
    assert [backoff.delay_ns(1, j) for j in (0.0, 0.5, 0.999)] == [500, 750, 999]


@given(st.integers(1, 10**6), jitters)
def test_no_delay_is_longer_than_the_longest_or_shorter_than_half_the_first(failures, jitter):
    backoff = Backoff()
    assert backoff.first_ns // 2 <= backoff.delay_ns(failures, jitter) <= backoff.longest_ns


@pytest.mark.parametrize(("failures", "jitter"), [(0, 0.5), (1, 1.0), (1, -0.1)])
def test_what_cannot_be_is_refused(failures, jitter):
    with pytest.raises(AssertionError):
        Backoff().delay_ns(failures, jitter)


@pytest.mark.parametrize(("first", "longest"), [(0, 1), (2, 1)])
def test_first_delay_does_not_exceed_the_longest(first, longest):
    with pytest.raises(AssertionError, match="exceeds"):
        Backoff(first, longest)
