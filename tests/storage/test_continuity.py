import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.events import AggTrade, Bbo, BookDelta, Gap, Trade
from argus.storage import continuity
from argus.storage.continuity import Continuity
from tests.storage.test_identity import table


def followed(data_type, event, pieces):
    path = Continuity(data_type, event)
    for rows in pieces:
        path.follow(table(event, [{"ts_recv": 1000 + n, **row} for n, row in enumerate(rows)]))
    return path.take()


def cut(rows, sizes):
    pieces = []
    for size in sizes:
        pieces.append(rows[:size])
        rows = rows[size:]
    return [*pieces, rows]


@given(st.sets(st.integers(0, 60), min_size=1), st.lists(st.integers(0, 7), max_size=9))
def test_missing_ids_are_those_between_however_rows_are_cut(ids, sizes):
    rows = [{"trade_id": i, "ts_event": 10 * i} for i in sorted(ids)]
    tally = followed("trade", Trade, cut(rows, sizes))
    missing = [i for h in tally.holes for i in range(h.first_id, h.last_id + 1)]
    assert missing == [i for i in range(min(ids), max(ids)) if i not in ids]
    for hole in tally.holes:
        assert hole.missing == hole.last_id - hole.first_id + 1
        assert (hole.ts_from, hole.ts_until) == (10 * hole.first_id - 10, 10 * hole.last_id + 10)
    assert (tally.rows, tally.first_id, tally.last_id) == (len(ids), min(ids), max(ids))
    assert (tally.repeats, tally.disorder) == (0, 0)


@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 7), max_size=9))
def test_repeats_in_order_are_counted_however_rows_are_cut(ids, sizes):
    rows = [{"update_id": i} for i in sorted(ids)]
    tally = followed("bbo", Bbo, cut(rows, sizes))
    assert (tally.repeats, tally.disorder, tally.holes) == (len(ids) - len(set(ids)), 0, [])


def test_disorder_is_counted_across_pieces():
    rows = [{"agg_trade_id": i} for i in (1, 2, 5, 3, 4)]
    assert followed("agg_trade", AggTrade, cut(rows, [3])).disorder == 1
    assert followed("agg_trade", AggTrade, [rows]).disorder == 1


def test_gaps_repeat_anywhere():
    row = {"of_data_type": "trade", "ts_from": 1, "ts_until": 2, "reason": "cut", "state": "open"}
    rows = [{**row, "ts_event": 5}, {**row, "ts_event": 6, "ts_until": 3}, {**row, "ts_event": 7}]
    tally = followed("gap", Gap, cut(rows, [1, 1]))
    assert (tally.repeats, tally.first_id) == (1, None)


def deltas(*found):
    names = ("first_update_id", "last_update_id", "previous_update_id")
    return [dict(zip(names, ids, strict=True)) for ids in found]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (deltas((1, 4, None), (5, 9, None)), []),
        (deltas((1, 4, None), (3, 9, None)), []),
        (deltas((1, 4, None), (6, 9, None)), [(5, 5)]),
        (deltas((1, 4, 0), (6, 9, 4)), []),
        (deltas((1, 4, 0), (6, 9, 5)), [(5, 5)]),
        (deltas((1, 4, 0), (8, 9, 7), (10, 12, None)), [(5, 7)]),
    ],
)
def test_deltas_continue_by_name_or_by_number(rows, expected):
    tally = followed("book_delta", BookDelta, cut(rows, [1]))
    assert [(h.first_id, h.last_id) for h in tally.holes] == expected
    assert {h.missing for h in tally.holes} <= {None}


def test_too_many_holes_are_counted(monkeypatch):
    monkeypatch.setattr(continuity, "HOLES_MAX", 2)
    tally = followed("trade", Trade, [[{"trade_id": i} for i in range(0, 10, 2)]])
    assert (len(tally.holes), tally.holes_left_out) == (2, 2)


def test_each_day_has_its_own_count_and_the_chain_goes_on():
    path = Continuity("trade", Trade)
    path.follow(table(Trade, [{"trade_id": 1, "ts_recv": 1}]))
    assert path.take().rows == 1
    path.follow(table(Trade, []))
    path.follow(table(Trade, [{"trade_id": 3, "ts_recv": 2}]))
    tally = path.take()
    assert [(h.first_id, h.ts_from, h.ts_until) for h in tally.holes] == [(2, 1, 2)]
