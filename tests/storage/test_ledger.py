"""The ledger: rows in any order become one entry for each gap, with its present state."""

from itertools import permutations

import pyarrow as pa
import pytest

from argus.events import Gap, GapReason, GapState, Origin
from argus.storage.ledger import GapSelection, Ledger, fold
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE
from tests.storage.gap_rows import at, entry, filled, folded, gap, table


def test_gap_is_open_until_a_row_says_it_is_filled():
    assert folded(gap()) == (entry(gap()),)
    assert [e.is_open for e in folded(gap())] == [True]


def test_fill_keeps_what_was_recorded_first_and_says_when_it_was_filled():
    closed = filled(gap())
    expected = entry(gap(), state=GapState.FILLED, ts_filled=closed.ts_recv)
    assert folded(gap(), closed) == (expected,)
    assert not expected.is_open


def test_order_of_rows_does_not_matter_and_the_first_fill_counts():
    rows = [gap(), gap(ts_recv=gap().ts_recv + 1), filled(gap(), 90), filled(gap(), 60)]
    expected = entry(gap(), state=GapState.FILLED, ts_filled=filled(gap(), 60).ts_recv)
    assert {folded(*order) for order in permutations(rows)} == {(expected,)}


def test_fill_under_another_date_closes_the_gap():
    """A gap that was filled on the day after, by a writer that filed it there."""
    rows = [(at(date="2023-11-15"), table(gap())), (at(date="2023-11-16"), table(filled(gap())))]
    assert [e.state for e in fold(rows)] == [GapState.FILLED]


def test_fill_without_the_row_that_was_open_is_a_filled_gap():
    closed = filled(gap())
    expected = entry(
        gap(), state=GapState.FILLED, ts_recorded=closed.ts_recv, ts_filled=closed.ts_recv
    )
    assert folded(closed) == (expected,)


def test_part_that_was_not_filled_is_a_gap_of_its_own():
    found = folded(gap(3, 9), filled(gap(3, 9)), gap(6, 7))
    assert [(e.first_missing_id, e.last_missing_id, e.is_open) for e in found] == [
        (3, 9, False),
        (6, 7, True),
    ]


@pytest.mark.parametrize(
    "other",
    [
        gap(of_data_type="agg_trade"),
        gap(ts_from=MIDNIGHT),
        gap(ts_until=MIDNIGHT + 60 * SECOND),
        gap(first=None, ts_from=gap().ts_from, ts_until=gap().ts_until),
        gap(last=None, ts_from=gap().ts_from, ts_until=gap().ts_until),
        gap(reason=GapReason.PROCESS_DOWN),
    ],
)
def test_fill_of_another_gap_leaves_this_one_open(other: Gap):
    found = folded(gap(), filled(other))
    assert [e for e in found if e.is_open] == [entry(gap())]
    assert len(found) == 2


def test_fill_of_another_symbol_or_source_leaves_this_one_open():
    rows = [
        (at("A"), table(gap())),
        (at("B"), table(filled(gap()))),
        (at("A", source="other"), table(filled(gap()))),
    ]
    assert [(e.source, e.symbol, e.is_open) for e in fold(rows)] == [
        ("other", "A", False),
        (SOURCE, "A", True),
        (SOURCE, "B", False),
    ]


def test_number_of_missing_facts_is_taken_from_any_row_that_has_it():
    assert [e.missing for e in folded(gap(missing=None), filled(gap(missing=3)))] == [3]
    assert [e.missing for e in folded(gap(missing=3), filled(gap(missing=None)))] == [3]


def test_gaps_without_ids_are_told_apart_by_their_times():
    one = gap(None, None, ts_from=1, ts_until=5, reason=GapReason.UNSEWN)
    other = gap(None, None, ts_from=5, ts_until=9, reason=GapReason.UNSEWN)
    assert folded(one, other, filled(one)) == (
        entry(one, state=GapState.FILLED, ts_filled=filled(one).ts_recv),
        entry(other),
    )


def test_entries_are_in_order_of_path_and_time():
    rows = [
        (at("B"), table(gap(1, 1))),
        (at("A"), table(gap(8, 9), gap(1, 2), gap(1, 2, of_data_type="agg_trade"))),
    ]
    assert [(e.path, e.first_missing_id) for e in fold(rows)] == [
        (f"{SOURCE}/agg_trade/A", 1),
        (f"{SOURCE}/trade/A", 1),
        (f"{SOURCE}/trade/A", 8),
        (f"{SOURCE}/trade/B", 1),
    ]


def test_reason_of_a_later_version_is_kept():
    rows = table(gap())
    column = rows.column_names.index("reason")
    rows = rows.set_column(column, "reason", pa.array(["solar_flare"]).dictionary_encode())
    assert [e.reason for e in fold([(at(), rows)])] == ["solar_flare"]


def test_row_of_an_entry_closes_it():
    (open_entry,) = folded(gap())
    row = open_entry.row(GapState.FILLED, ts_recv=MIDNIGHT, origin=Origin.BACKFILL)
    assert row == gap(ts_recv=MIDNIGHT, state=GapState.FILLED, origin=Origin.BACKFILL)
    assert [e.is_open for e in folded(gap(), row)] == [False]


def test_duration_is_never_negative():
    assert entry(gap(3, 5)).duration_ns == 4 * SECOND
    assert entry(gap(ts_from=9, ts_until=7)).duration_ns == 0


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (GapSelection(), [0, 1, 2]),
        (GapSelection(source=SOURCE), [0, 1, 2]),
        (GapSelection(source="other"), []),
        (GapSelection(data_type="bbo"), [0]),
        (GapSelection(symbol="B"), [2]),
        (GapSelection(reason="cut"), [1, 2]),
        (GapSelection(state=GapState.OPEN), [0, 2]),
        (GapSelection(state=GapState.FILLED), [1]),
        (GapSelection(missing_min=3), [1]),
        (GapSelection(missing_min=1), [1, 2]),
        # Bbo: 10 to 20 s; A: 2 to 6 s; B: 29 to 31 s.
        (GapSelection(ts_first=MIDNIGHT + 20 * SECOND), [0, 2]),
        (GapSelection(ts_first=MIDNIGHT + 20 * SECOND + 1), [2]),
        (GapSelection(ts_end=MIDNIGHT + 10 * SECOND), [1]),
        (GapSelection(ts_end=MIDNIGHT + 10 * SECOND + 1), [0, 1]),
        (GapSelection(ts_first=MIDNIGHT + 7 * SECOND, ts_end=MIDNIGHT + 29 * SECOND), [0]),
    ],
)
def test_selection_narrows_the_ledger_down(selection: GapSelection, expected: list[int]):
    rows = [
        gap(
            None, None, of_data_type="bbo", reason=GapReason.STALLED,
            ts_from=MIDNIGHT + 10 * SECOND, ts_until=MIDNIGHT + 20 * SECOND,
        ),
        filled(gap(3, 5)),
        gap(30, 30),
    ]  # fmt: skip
    ledger = Ledger(fold([(at("A"), table(*rows[:2])), (at("B"), table(rows[2]))]))
    everything = list(ledger.entries)
    assert [everything.index(e) for e in ledger.having(selection).entries] == expected


def test_open_entries_are_those_that_are_left_to_fill():
    ledger = Ledger(folded(gap(1, 2), gap(5, 6), filled(gap(1, 2))))
    assert ledger.open_entries == (entry(gap(5, 6)),)
