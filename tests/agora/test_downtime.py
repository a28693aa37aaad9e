"""Whether what two runs recorded of one stream joins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.agora.downtime import hole_between
from argus.agora.router import Seam
from argus.agora.splice import Hole, Identity
from argus.events import Event, GapReason
from tests.agora.facts import bbo, delta, trade

CHAIN = Seam(Identity.CHAIN, "trade_id")
RANGE = Seam(Identity.RANGE, "last_update_id", first="first_update_id")
LINK = Seam(Identity.LINK, "last_update_id", first="first_update_id", previous="previous_update_id")
RISING = Seam(Identity.RISING, "update_id")
NONE = Seam(Identity.NONE, "update_id")


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_chain_names_exactly_what_lies_between(last: int, first: int):
    hole = hole_between(CHAIN, trade(last), trade(first))
    between = list(range(last + 1, first))
    if not between:
        assert hole is None
    else:
        assert hole is not None
        assert (hole.first_missing_id, hole.last_missing_id, hole.missing) == (
            *(between[0], between[-1]),
            len(between),
        )
        assert hole.reason is GapReason.PROCESS_DOWN


@pytest.mark.parametrize(
    ("seam", "before", "after", "ids"),
    [
        (RANGE, delta(1, 9, 0), delta(10, 12, 9), None),
        (RANGE, delta(1, 9, 0), delta(8, 12, 7), None),
        (RANGE, delta(1, 9, 0), delta(3, 9, 2), None),
        (RANGE, delta(1, 9, 0), delta(13, 15, 12), (10, 12)),
        (LINK, delta(1, 9, 0), delta(30, 40, 9), None),
        (LINK, delta(1, 9, 0), delta(30, 40, 7), None),
        (LINK, delta(1, 9, 0), delta(30, 40, 25), (10, 25)),
    ],
)
def test_book_deltas_join_by_their_ranges_or_by_what_they_name(
    seam: Seam, before: Event, after: Event, ids: tuple[int, int] | None
):
    hole = hole_between(seam, before, after)
    found = None if hole is None else (hole.first_missing_id, hole.last_missing_id)
    assert found == ids
    assert hole is None or hole.missing is None


def test_rising_ids_prove_nothing_unless_the_first_fact_was_recorded_before():
    assert hole_between(RISING, bbo(5), bbo(6)) == Hole(GapReason.PROCESS_DOWN, bbo(5), bbo(6))
    assert hole_between(RISING, bbo(5), bbo(5)) is None
    assert hole_between(RISING, bbo(5), bbo(4)) is None


def test_without_identity_nothing_is_ever_proven():
    assert hole_between(NONE, bbo(5), bbo(4)) == Hole(GapReason.PROCESS_DOWN, bbo(5), bbo(4))
