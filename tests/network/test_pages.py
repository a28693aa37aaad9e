"""Spans of what is missing: what is asked and what is left are together what was wanted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.network.pages import answered, pages, total, within, without

numbers_of = st.sets(st.integers(0, 60)).map(lambda s: np.array(sorted(s), np.int64))


@st.composite
def spans_of(draw, most: int = 60):
    edges = sorted(draw(st.sets(st.integers(0, most), max_size=12)))
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]


def numbers_in(spans) -> list[int]:
    return [n for first, last in spans for n in range(first, last + 1)]


@given(spans_of(), numbers_of)
def test_what_is_left_and_what_is_there_are_together_what_was_wanted(spans, numbers):
    left = without(spans, numbers)
    there = [n for n in numbers_in(spans) if n in set(numbers.tolist())]
    assert sorted(numbers_in(left) + there) == numbers_in(spans)
    assert numbers_in(left) == sorted(set(numbers_in(left)))
    assert total(left) == len(numbers_in(left))
    assert all(first <= last for first, last in left)


@given(spans_of(), numbers_of)
def test_number_lies_within_spans_if_it_is_one_of_theirs(spans, numbers):
    inside = set(numbers_in(spans))
    assert within(spans, numbers).tolist() == [n in inside for n in numbers.tolist()]


@given(spans_of(), st.integers(1, 25))
def test_pages_ask_for_all_that_is_wanted_and_for_no_number_twice(spans, rows_max):
    asked = list(pages(spans, rows_max))
    everything = numbers_in(asked)
    assert everything == sorted(set(everything))
    assert set(numbers_in(spans)) <= set(everything)
    assert all(last - first + 1 <= rows_max for first, last in asked)
    wanted = set(numbers_in(spans))
    assert {n for page in asked for n in page} <= wanted, "begins and ends at what is wanted"


@given(spans_of(), st.integers(1, 25))
def test_no_fewer_pages_would_do(spans, rows_max):
    wanted, needed = numbers_in(spans), 0
    while wanted:
        needed += 1
        wanted = [n for n in wanted if n > wanted[0] + rows_max - 1]
    assert len(list(pages(spans, rows_max))) == needed


@given(spans_of(), numbers_of, st.integers(1, 25))
def test_what_is_not_answered_is_absent_or_late(spans, numbers, rows_max):
    for page in pages(spans, rows_max):
        came = numbers[numbers >= page[0]][: page[1] - page[0] + 1]
        found = answered(page, spans, came)
        wanted = [n for n in numbers_in(spans) if page[0] <= n <= page[1]]
        got = [n for n in wanted if n in set(came.tolist())]
        absent, late = numbers_in(found.absent), numbers_in(found.late)
        assert sorted(got + absent + late) == wanted
        newest = max(came.tolist(), default=-1)
        assert all(n < newest for n in absent)
        assert all(n > newest for n in late)


@pytest.mark.parametrize(
    ("spans", "rows_max", "expected"),
    [
        ([], 10, []),
        ([(5, 5)], 10, [(5, 5)]),
        ([(1, 25)], 10, [(1, 10), (11, 20), (21, 25)]),
        ([(1, 2), (8, 9), (20, 21)], 10, [(1, 9), (20, 21)]),
        ([(1, 2), (9, 12), (13, 13)], 10, [(1, 10), (11, 13)]),
    ],
)
def test_near_holes_share_a_page(spans, rows_max, expected):
    assert list(pages(spans, rows_max)) == expected
