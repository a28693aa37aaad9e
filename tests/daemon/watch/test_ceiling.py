"""How near a limit is, without flapping."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.daemon.watch.ceiling import Ceiling, Height

OK, HIGH, OVER = Height.OK, Height.HIGH, Height.OVER


def heights(*uses: int, limit: int | None = 1000) -> list[Height]:
    ceiling, found = Ceiling(0.8), []
    for used in uses:
        ceiling = ceiling.step(used, limit)
        found.append(ceiling.height)
    return found


def test_each_bound_is_reached_at_it_and_left_a_twentieth_below():
    uses = (799, 800, 751, 749, 999, 1000, 951, 949, 751, 700)
    assert heights(*uses) == [OK, HIGH, HIGH, OK, HIGH, OVER, OVER, HIGH, HIGH, OK]


def test_use_may_jump_over_a_height():
    assert heights(5000, 0, 1000) == [OVER, OK, OVER]


@pytest.mark.parametrize("limit", [None, 0])
def test_without_a_limit_everything_is_well(limit):
    assert heights(10**12, limit=limit) == [OK]


@given(st.sampled_from([800, 1000]), st.lists(st.integers(-24, 24), max_size=50))
def test_use_that_wavers_around_a_bound_never_flaps(bound, wobbles):
    found = [OK if bound == 800 else HIGH, *heights(*(bound + w for w in wobbles))]
    assert sum(a is not b for a, b in pairwise(found)) <= 1 + (not wobbles)


@given(st.lists(st.integers(0, 2000), min_size=1))
def test_height_never_contradicts_the_use_by_more_than_the_slack(uses):
    for used, height in zip(uses, heights(*uses), strict=True):
        assert (height is OVER) <= (used >= 950)
        assert (height is OVER) >= (used >= 1000)
        assert (height is OK) <= (used < 800)
        assert (height is OK) >= (used < 750)
