import random

from hypothesis import given
from hypothesis import strategies as st

from argus.storage import rebuild
from argus.storage.rebuild import Delta, Difference, Rebuild, Side, Snapshot, Top

SNAPSHOT = Snapshot(10, [(99.0, 1.0)], [(101.0, 2.0)])


def delta(first, last, previous=None, bids=(), asks=()):
    return Delta(first, last, previous, bids, asks)


levels = st.lists(st.tuples(st.integers(1, 9).map(float), st.sampled_from([0.0, 1.0, 2.0])))


@given(st.sampled_from([-1, 1]), levels, st.lists(levels))
def test_best_level_is_that_of_the_plain_way(sign, first, changes):
    side, plain = Side(sign, first), {price: size for price, size in first if size}
    for change in changes:
        side.change(change)
        for price, size in change:
            if size:
                plain[price] = size
            else:
                plain.pop(price, None)
        best = (max if sign < 0 else min)(plain, default=None)
        assert side.best() == (None if best is None else (best, plain[best]))


def test_levels_that_come_and_go_do_not_pile_up():
    side, numbers = Side(1, [(0.5, 1.0)]), random.Random(3)
    for _ in range(20_000):
        side.change([(numbers.randint(1, 50) * 1.0, numbers.choice([0.0, 1.0]))])
    assert len(side._heap) <= 4 * len(side._sizes) + 1001
    assert side.best() == (0.5, 1.0)


def test_book_begins_with_the_delta_that_joins_the_snapshot():
    book = Rebuild(iter([SNAPSHOT]))
    assert [book.apply(d) for d in (delta(5, 9), delta(9, 10), delta(10, 12), delta(13, 14))] == [
        None, None, 12, 14,
    ]  # fmt: skip


def test_named_chain_joins_by_name_or_by_range():
    for first in (delta(8, 12, previous=7), delta(15, 20, previous=10)):
        book = Rebuild(iter([SNAPSHOT]))
        assert book.apply(first) == first.last_id
    assert Rebuild(iter([SNAPSHOT])).apply(delta(11, 12, previous=9)) is None


def test_hole_ends_the_book_until_the_next_snapshot():
    book = Rebuild(iter([SNAPSHOT, Snapshot(11, [], []), Snapshot(30, [(1.0, 1.0)], [])]))
    stands_at = [
        book.apply(d) for d in (delta(11, 12), delta(14, 20), delta(21, 29), delta(30, 31))
    ]
    assert stands_at == [12, None, None, 31]
    book.compare(Top((1.0, 1.0), None))
    assert book.take().different == 0


def test_named_chain_that_breaks_ends_the_book():
    book = Rebuild(iter([SNAPSHOT]))
    assert [book.apply(delta(9, 12, previous=8)), book.apply(delta(20, 22, previous=13))] == [
        12, None,
    ]  # fmt: skip


def test_what_differs_is_counted_and_described(monkeypatch):
    monkeypatch.setattr(rebuild, "DIFFERENCES_MAX", 1)
    book = Rebuild(iter([SNAPSHOT]))
    book.apply(delta(11, 12, bids=[(99.0, 0.0), (98.0, 3.0)]))
    right, wrong = Top((98.0, 3.0), (101.0, 2.0)), Top((99.0, 1.0), (101.0, 2.0))
    for top in (right, wrong, wrong):
        book.compare(top)
    tally = book.take()
    assert (tally.compared, tally.different) == (3, 2)
    assert tally.differences == [Difference(12, right, wrong)]
    assert book.take().compared == 0
