import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.columns import lake_schema
from argus.events import EVENTS, Gap, Instrument, Kline, Liquidation, MarkPrice, Trade
from argus.storage.identity import first_key, is_streamable, key, places


def table(event, rows):
    """Make a table of an event class; what a row does not say is null."""
    schema = lake_schema(event)
    nullable = pa.schema([field.with_nullable(True) for field in schema])
    return pa.Table.from_pylist(rows, schema=nullable)


def test_only_small_data_types_are_not_streamable():
    assert [n for n, event in EVENTS.items() if not is_streamable(event)] == ["instrument", "gap"]


@pytest.mark.parametrize("event", EVENTS.values())
def test_every_key_of_every_event_can_be_compared(event):
    empty = lake_schema(event).empty_table()
    for name in (*event.order, *event.identity):
        assert len(key(event, name, empty)) == 0
    taken, repeats = places(event, empty)
    assert (len(taken), repeats) == (0, 0)


@given(st.lists(st.integers(-5, 5)))
def test_each_trade_stays_once_and_in_order_and_the_first_one_wins(ids):
    rows = [{"trade_id": i, "price": float(n)} for n, i in enumerate(ids)]
    found = table(Trade, rows)
    taken, repeats = places(Trade, found)
    assert found["trade_id"].take(taken).to_pylist() == sorted(set(ids))
    assert found["price"].take(taken).to_pylist() == [float(ids.index(i)) for i in sorted(set(ids))]
    assert repeats == len(ids) - len(set(ids))


def test_receive_time_tells_facts_apart_where_the_venue_gives_no_time():
    rows = [
        {"ts_event": e, "ts_recv": r} for e, r in [(None, 7), (None, 7), (None, 5), (6, 9), (6, 8)]
    ]
    found = table(MarkPrice, rows)
    assert first_key(MarkPrice, found).tolist() == [7, 7, 5, 6, 6]
    taken, repeats = places(MarkPrice, found)
    assert (taken.tolist(), repeats) == ([2, 3, 0], 2)


def test_facts_at_one_instant_stay_apart():
    nan = float("nan")
    fills = [("buy", 1.0), ("sell", 1.0), ("buy", 2.0), ("buy", 1.0), ("buy", nan), ("buy", nan)]
    rows = [
        {"ts_event": 1, "ts_recv": n, "side": s, "price": 1.0, "size": z, "filled_size": zero}
        for n, ((s, z), zero) in enumerate(zip(fills, [0.0, *[-0.0] * 5], strict=True))
    ]
    taken, repeats = places(Liquidation, table(Liquidation, rows))
    assert (taken.tolist(), repeats) == ([0, 1, 2, 4], 2)


def test_texts_and_flags_are_compared_by_value():
    rows = [
        {"interval": i, "ts_open": 1, "trades": 1, "closed": c}
        for i, c in [("5m", True), ("1m", True), ("1m", False), ("5m", True)]
    ]
    taken, repeats = places(Kline, table(Kline, rows))
    assert (taken.tolist(), repeats) == ([2, 1, 0], 1)


def test_equal_facts_need_not_lie_side_by_side():
    rows = [{"ts_event": e, "ts_recv": r} for e, r in [(1, 10), (2, 11), (3, 10)]]
    taken, repeats = places(Instrument, table(Instrument, rows))
    assert (taken.tolist(), repeats) == ([0, 1], 1)


def test_nulls_of_an_identity_equal_each_other():
    row = {"of_data_type": "bbo", "ts_from": 1, "ts_until": 2, "reason": "cut", "state": "open"}
    rows = [{**row, "ts_recv": 1}, {**row, "ts_recv": 2}, {**row, "ts_recv": 3, "state": "filled"}]
    taken, repeats = places(Gap, table(Gap, rows))
    assert (taken.tolist(), repeats) == ([0, 2], 1)


def test_class_without_identity_keeps_everything():
    class Note(Trade, frozen=True, gc=False):
        """Anything."""

        identity = ()
        order = ("trade_id",)

    found = table(Note, [{"trade_id": i} for i in (2, 1, 2)])
    taken, repeats = places(Note, found)
    assert (np.asarray(taken).tolist(), repeats) == ([1, 0, 2], 0)


def test_levels_are_no_key():
    with pytest.raises(AssertionError, match="levels are no key"):
        key(EVENTS["book_delta"], "bids", lake_schema(EVENTS["book_delta"]).empty_table())
