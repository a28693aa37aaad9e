"""A book's diffs carry all that changed, under ids that form the venue's chain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.simulator.book import Book
from argus.simulator.draws import Draws


def book_of(seed: int, step_max: int) -> Book:
    return Book(Draws(seed), start_ticks=50_000, levels=30, first_id=100, step_max=step_max)


def sides(book: Book) -> tuple[dict[int, int], dict[int, int]]:
    return dict(book.bids.best_first(10_000)), dict(book.asks.best_first(10_000))


@given(seed=st.integers(0, 1000), step_max=st.sampled_from([1, 50]), turns=st.integers(1, 8))
def test_a_copy_that_takes_the_diffs_is_the_book(seed, step_max, turns):
    book = book_of(seed, step_max)
    assert book.take_diff() is None
    copy, last_id = sides(book), 100
    for _ in range(turns):
        book.stir(20)
        diff = book.take_diff()
        assert diff is not None
        assert diff.previous_id == last_id
        assert diff.first_id > last_id
        assert step_max > 1 or diff.first_id == last_id + 1
        last_id = diff.last_id
        for side, levels in zip(copy, (diff.bids, diff.asks), strict=True):
            side.update(levels)
        copy = ({p: n for p, n in copy[0].items() if n}, {p: n for p, n in copy[1].items() if n})
        assert copy == sides(book)
        assert max(copy[0]) < min(copy[1])


@pytest.mark.parametrize("step_max", [1, 50])
@pytest.mark.parametrize("is_pending", [True, False])
def test_skipped_ids_are_a_hole_in_the_chain(step_max, is_pending):
    book = book_of(1, step_max)
    if is_pending:
        book.stir(3)
    book.skip_ids(10)
    book.stir(3)
    diff = book.take_diff()
    assert diff is not None
    assert diff.first_id >= 111 if step_max == 1 else diff.previous_id == 110
    assert diff.first_id <= diff.last_id


def test_a_book_needs_room():
    with pytest.raises(AssertionError):
        Book(Draws(1), start_ticks=100, levels=30, first_id=1, step_max=1)
    with pytest.raises(AssertionError):
        Book(Draws(1), start_ticks=50_000, levels=5, first_id=1, step_max=1)
