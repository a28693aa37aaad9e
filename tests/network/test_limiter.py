"""The limiter: in any window, never more than the venue allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.network.limiter import Limiter

SECOND = 1_000_000_000


@given(
    st.integers(1, 50),
    st.integers(1, 1000),
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 700)), max_size=60),
)
def test_no_window_ever_holds_more_than_its_weight(weight_max, window, asked):
    """Whoever waits as told spends at most `weight_max` in any stretch of `window`."""
    limiter, now = Limiter(weight_max, window), 0
    spent: list[tuple[int, int]] = []
    for wanted, idle in asked:
        weight = min(wanted, weight_max)
        now += idle
        now += limiter.wait_ns(weight, now)
        assert limiter.wait_ns(weight, now) == 0, "waiting as told is enough"
        limiter.spend(weight, now)
        spent.append((now, weight))
    for end, _ in spent:
        assert sum(w for ts, w in spent if end - window < ts <= end) <= weight_max


@given(st.integers(1, 20), st.lists(st.integers(1, 20), max_size=30))
def test_nobody_waits_longer_than_needed(weight_max, weights):
    limiter, now = Limiter(weight_max, 100), 0
    spent: list[tuple[int, int]] = []
    for weight in (min(w, weight_max) for w in weights):
        wait = limiter.wait_ns(weight, now)
        if wait:
            end = now + wait - 1
            assert sum(w for ts, w in spent if end - 100 < ts) + weight > weight_max
        now += wait
        limiter.spend(weight, now)
        spent.append((now, weight))


def test_asking_spends_nothing():
    limiter = Limiter(10, SECOND)
    assert [limiter.wait_ns(10, 0) for _ in range(3)] == [0, 0, 0]
    assert limiter.used(0) == 0


def test_wait_lasts_until_enough_has_left_the_window():
    limiter = Limiter(10, 100)
    limiter.spend(4, 0)
    limiter.spend(6, 30)
    assert [limiter.wait_ns(w, 40) for w in (1, 4, 5, 10)] == [60, 60, 90, 90]
    assert (limiter.used(99), limiter.used(100), limiter.used(130)) == (10, 6, 0)


def test_venue_counts_more_than_we_do_and_is_believed():
    limiter = Limiter(10, 100)
    limiter.spend(2, 0)
    limiter.observe(7, 10)
    limiter.observe(5, 20)
    assert limiter.used(20) == 7
    assert limiter.wait_ns(4, 20) == 80
    assert limiter.wait_ns(9, 20) == 90


def test_nothing_is_spent_before_the_venue_opens_again():
    limiter = Limiter(10, 100)
    limiter.close_until(500)
    limiter.close_until(300)
    assert [limiter.wait_ns(1, now) for now in (0, 499, 500)] == [500, 1, 0]


def test_weight_that_never_fits_is_refused():
    with pytest.raises(ValueError, match="weight 11 exceeds the limit of 10"):
        Limiter(10, 100).wait_ns(11, 0)


@pytest.mark.parametrize(("weight_max", "window"), [(0, 1), (1, 0)])
def test_limits_are_positive(weight_max, window):
    with pytest.raises(AssertionError):
        Limiter(weight_max, window)


@given(
    st.integers(1, 50),
    st.sampled_from([0.1, 0.5, 1.0]),
    st.lists(st.tuples(st.booleans(), st.integers(1, 50), st.integers(0, 40)), max_size=60),
)
def test_whoever_asks_for_a_share_leaves_the_rest_to_others(weight_max, share, asked):
    limiter, now = Limiter(weight_max, 100), 0
    for is_shared, wanted, idle in asked:
        weight, now = min(wanted, weight_max), now + idle
        now += limiter.wait_ns(weight, now, share if is_shared else 1.0)
        used = limiter.used(now)
        limiter.spend(weight, now)
        if is_shared:
            assert used + weight <= int(weight_max * share) or used == 0
        assert used + weight <= weight_max


def test_share_is_waited_for_until_enough_has_left_the_window():
    limiter = Limiter(10, 100)
    limiter.spend(4, 0)
    limiter.spend(2, 30)
    assert [limiter.wait_ns(3, 40, share) for share in (1.0, 0.9, 0.5, 0.2)] == [0, 0, 60, 90]
