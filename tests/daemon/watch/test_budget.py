"""Room on the disk: judged without flapping, whatever is free."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.daemon.watch.budget import LOW_BYTES, DiskBudget, DiskState, low_bytes

OK, LOW, FULL = DiskState.OK, DiskState.LOW, DiskState.FULL
FRESH = DiskBudget(1000)
LOOKS = st.lists(st.tuples(st.integers(0, 2000), st.booleans()), max_size=60)


def states(looks: list[tuple[int, bool]], budget: DiskBudget = FRESH) -> list[DiskState]:
    found = []
    for free, is_refused in looks:
        budget = budget.step(free, is_refused=is_refused)
        found.append(budget.state)
    return found


def test_merging_waits_below_the_limit_and_goes_on_a_quarter_above_it():
    frees = [1000, 999, 1000, 1249, 1250, 1000, 999]
    assert states([(free, False) for free in frees]) == [OK, LOW, LOW, LOW, OK, OK, LOW]


def test_refused_write_is_full_and_the_next_that_succeeds_ends_it():
    looks = [(5000, True), (5000, True), (1100, False), (5000, True), (5000, False)]
    assert states(looks) == [FULL, FULL, LOW, FULL, OK]


@given(LOOKS)
def test_full_is_said_exactly_while_a_write_is_refused(looks):
    assert [s is FULL for s in states(looks)] == [is_refused for _, is_refused in looks]


@given(st.lists(st.integers(0, 249), min_size=2), st.integers(1000, 1000))
def test_room_that_varies_by_less_than_a_quarter_of_the_limit_never_flaps(wobbles, low):
    found = states([(low - 1 + wobble, False) for wobble in wobbles])
    assert sum(a is not b for a, b in pairwise([OK, *found])) <= 1


@given(LOOKS)
def test_merging_goes_on_whenever_there_is_room_again_and_not_below_the_limit(looks):
    budget = FRESH
    for free, is_refused in looks:
        budget = budget.step(free, is_refused=is_refused)
        assert not budget.may_merge(0) or free >= 1000
    assert budget.step(1250, is_refused=False).may_merge(250)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_no_merge_that_is_begun_may_take_the_disk_below_the_limit(free, need):
    budget = FRESH.step(free, is_refused=False)
    assert budget.may_merge(need) == (free - need >= 1000)


@pytest.mark.parametrize(
    ("configured", "total", "expected"),
    [
        (None, 10**12, LOW_BYTES),
        (None, 20 * 2**30, 2**30),
        (None, 2**20, 52_428),
        (7, 10**12, 7),
        (0, 10**12, 0),
    ],
)
def test_limit_is_what_is_configured_or_follows_the_disk(configured, total, expected):
    assert low_bytes(configured, total) == expected
