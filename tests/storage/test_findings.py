from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.events import EVENTS
from argus.storage.findings import CHAINS, Book, Fingerprint, Gaps, Grade, PathDay, Verdict
from argus.storage.holes import Hole
from argus.storage.partition import Partition


def day(data_type="trade", **found) -> PathDay:
    plain = PathDay(Partition("venue", data_type, "A", "2023-11-14"), 3, None, 1, 3, 0, 0, (), 0)
    return replace(plain, **found)


def hole(missing: int | None = 2, *, is_covered: bool = False) -> Hole:
    return Hole(4, 5, missing, 0, 9, is_covered=is_covered)


def test_grades_are_those_of_the_documentation():
    assert {name: day(name).grade.value for name in EVENTS} == {
        "trade": "A",
        "agg_trade": "A",
        "book_delta": "B",
        "book_snapshot": "D",
        "open_interest": "D",
        "bbo": "E",
        "kline": "E",
        "mark_price": "E",
        "liquidation": "E",
        "instrument": "E",
        "bar": "E",
        "gap": "E",
    }


def test_bbo_has_a_grade_where_it_was_compared_with_books():
    assert day("bbo", book=Book(1, 0)).grade is Grade.SNAPSHOTS
    assert day("bbo", book=Book(0, 0)).grade is Grade.NONE
    assert day("book_delta", book=Book(1, 0)).grade is Grade.CHAINED
    assert day("kline", book=Book(1, 0)).grade is Grade.NONE


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, 3),
        ({"previous_id": 0}, 3),
        ({"previous_id": -5}, 8),
        ({"first_id": 10, "last_id": 19}, 10),
        ({"previous_id": 7}, 0),
        ({"first_id": None}, None),
        ({"last_id": None}, None),
    ],
)
def test_expected_rows_are_counted_from_the_last_id_before(found, expected):
    assert day(**found).expected == expected


def test_nothing_is_expected_where_ids_do_not_rise_by_one():
    assert [name for name in EVENTS if day(name).expected is not None] == ["trade", "agg_trade"]


@pytest.mark.parametrize(
    ("data_type", "found", "verdict"),
    [
        ("trade", {}, Verdict.COMPLETE),
        ("book_delta", {"book": Book(9, 0)}, Verdict.COMPLETE),
        ("trade", {"holes": (hole(is_covered=True),)}, Verdict.BUT_FOR_GAPS),
        ("trade", {"gaps": Gaps(1, 2, reaches_on=True)}, Verdict.BUT_FOR_GAPS),
        # The ids show that nothing is missing, whatever an open gap suspects.
        ("trade", {"gaps": Gaps(1, 2)}, Verdict.COMPLETE),
        # They also show that nothing of a torn chunk is missing.
        ("trade", {"set_aside": 1}, Verdict.COMPLETE),
        ("bbo", {}, Verdict.UNPROVEN),
        ("bbo", {"book": Book(9, 0)}, Verdict.UNPROVEN),
        ("book_snapshot", {}, Verdict.UNPROVEN),
        ("kline", {"holes": (hole(is_covered=True),)}, Verdict.UNPROVEN),
        ("kline", {"holes": (hole(),)}, Verdict.INCOMPLETE),
        ("bbo", {"set_aside": 1}, Verdict.INCOMPLETE),
        ("bbo", {"book": Book(9, 1)}, Verdict.INCOMPLETE),
        ("book_delta", {"book": Book(9, 1)}, Verdict.INCOMPLETE),
        ("trade", {"holes": (hole(is_covered=True), hole())}, Verdict.INCOMPLETE),
        ("trade", {"holes_left_out": 1}, Verdict.INCOMPLETE),
        ("trade", {"repeats": 1}, Verdict.INCOMPLETE),
        ("trade", {"disorder": 1}, Verdict.INCOMPLETE),
        ("mark_price", {"error": "torn"}, Verdict.INCOMPLETE),
    ],
)
def test_verdict_says_what_is_proven(data_type, found, verdict):
    assert day(data_type, **found).verdict is verdict


HOLES = st.builds(hole, st.sampled_from([None, 1, 5]), is_covered=st.booleans())


@given(
    data_type=st.sampled_from(list(EVENTS)),
    holes=st.lists(HOLES, max_size=3).map(tuple),
    repeats=st.integers(0, 1),
    disorder=st.integers(0, 1),
    reaches_on=st.booleans(),
    book=st.sampled_from([None, Book(0, 0), Book(5, 0), Book(5, 2)]),
    set_aside=st.integers(0, 1),
    error=st.sampled_from([None, "torn"]),
)
def test_nothing_is_called_complete_that_is_not_proven(
    data_type, holes, repeats, disorder, reaches_on, book, set_aside, error
):
    gaps = Gaps(open=int(reaches_on), reaches_on=reaches_on)
    found = day(
        data_type, holes=holes, repeats=repeats, disorder=disorder, gaps=gaps, book=book,
        set_aside=set_aside, error=error,
    )  # fmt: skip
    is_flawed = bool(repeats or disorder or error or (book and book.different))
    is_flawed |= any(not h.is_covered for h in holes)
    is_proof = found.grade in CHAINS
    assert (found.verdict is Verdict.COMPLETE) == (
        is_proof and not is_flawed and not holes and not reaches_on
    )
    assert (found.verdict is Verdict.BUT_FOR_GAPS) == (
        is_proof and not is_flawed and bool(holes or reaches_on)
    )
    assert (found.verdict is Verdict.INCOMPLETE) == (is_flawed or bool(set_aside and not is_proof))
    assert found.is_well or found.verdict is Verdict.INCOMPLETE


def test_rows_that_no_date_file_has_wait():
    file = Fingerprint("lake/x", 10, "00", rows=2, schema_version=1)
    assert [day().rows_waiting, day(file=file).rows_waiting] == [3, 1]
    assert day(file=replace(file, rows=4)).rows_waiting == 0


def test_holes_of_unknown_size_count_as_one():
    found = day(holes=(hole(), hole(None), hole(5, is_covered=True)), holes_left_out=3)
    assert (found.missing, found.missing_unadmitted) == (11, 6)
