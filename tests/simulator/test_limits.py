"""Limits: sliding windows, and the weight of a minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.simulator.limits import SECOND_NS, Limits, WeightBudget, Window, limits_of
from argus.simulator.streams import Source


@given(gaps=st.lists(st.integers(0, 5), max_size=60), limit=st.integers(1, 4))
def test_a_window_counts_what_lies_within_its_length(gaps, limit):
    window, now, seen = Window(limit, 10), 0, list[int]()
    for gap in gaps:
        now += gap
        seen.append(now)
        within = [one for one in seen if one > now - 10]
        assert window.is_within(now) == (len(within) <= limit)


def test_each_venue_has_its_limits():
    assert limits_of(Source.BINANCE_SPOT).messages_per_s == 5
    assert limits_of(Source.BINANCE_USDM).streams_per_connection == 200


def test_limits_of_nothing_are_refused():
    with pytest.raises(AssertionError):
        Limits(messages_per_s=0)


def test_a_budget_lasts_a_minute():
    budget = WeightBudget(Limits(weight_per_minute=100))
    assert budget.spend(100, 0).status == 200
    refused = budget.spend(1, 15 * SECOND_NS)
    assert (refused.status, refused.used_weight, refused.retry_after_s) == (429, 101, 45)
    assert budget.spend(1, 60 * SECOND_NS).status == 200


def test_who_goes_on_after_refusals_is_banned_for_a_while():
    budget = WeightBudget(Limits(weight_per_minute=1, refusals_until_ban=2, ban_s=90.0))
    statuses = [budget.spend(1, n).status for n in range(5)]
    assert statuses == [200, 429, 429, 418, 418]
    assert budget.spend(1, 60 * SECOND_NS).status == 418
    assert budget.spend(1, 120 * SECOND_NS).status == 200
