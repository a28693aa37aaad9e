"""Recorded facts: what every declaration of them has to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.columns import columns
from argus.events import DATA_TYPES, EVENTS, GapReason, Levels, Origin, Side, Trade

each_event = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
TRADE = Trade(1, 2, Origin.LIVE, 3, 4.0, 5.0, Side.BUY, None)


def test_data_types_are_those_of_the_design_in_its_order():
    assert list(EVENTS) == [
        *("trade", "agg_trade", "bbo", "book_delta", "book_snapshot", "kline", "mark_price"),
        *("liquidation", "open_interest", "instrument", "bar", "gap"),
    ]
    assert {DATA_TYPES[event]: event for event in EVENTS.values()} == EVENTS


@each_event
def test_event_begins_with_its_times_and_its_origin(event):
    assert event.__struct_fields__[:3] == ("ts_event", "ts_recv", "origin")


@each_event
def test_event_is_identified_and_ordered_by_fields_it_has(event):
    assert event.identity
    assert [f for f in (*event.identity, *event.order) if f not in event.__struct_fields__] == []


@each_event
def test_every_field_is_documented(event):
    assert [c.name for c in columns(event) if not c.doc.strip()] == []
    assert event.__doc__


def test_event_never_changes():
    with pytest.raises(AttributeError):
        TRADE.price = 1.0  # type: ignore[misc]


def test_closed_sets_are_their_words():
    assert [str(side) for side in Side] == ["buy", "sell", "unknown"]
    assert [str(origin) for origin in Origin] == ["live", "snapshot", "backfill", "import"]
    assert {Side.BUY: 1}["buy"] == 1  # type: ignore[index]
    assert {GapReason.CUT: 1}["cut"] == 1  # type: ignore[index]


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(finite, finite), max_size=20))
def test_levels_read_back_as_the_pairs_they_were_made_of(pairs):
    levels = Levels.of(pairs)
    assert (list(levels), len(levels)) == (pairs, len(pairs))


def test_levels_are_read_with_their_numbers_quoted_or_not():
    text = b'[["61837.63000000","0.5"], [1e-8,3]]'
    assert list(Levels(text)) == [(61837.63, 0.5), (1e-8, 3.0)]
    assert (list(Levels(b"[]")), len(Levels(b"[]"))) == ([], 0)
