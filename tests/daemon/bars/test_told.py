"""What was published already of a profile's bars, and which of its bars are news."""

import numpy as np
import pytest

from argus.bars import Bars, Series, profile
from argus.bars.rows import ROW
from argus.daemon.bars.told import Told, by_profile, digests, rows_of
from tests.daemon.bars.shelf import trades_of


def bars(count: int, *, price: float = 100.0, revision: int = 0, first: int = 1):
    rows = np.zeros(count, ROW)
    rows["sequence"] = np.arange(first, first + count)
    rows["close"], rows["revision"], rows["vpin"] = price, revision, np.nan
    return rows


def told(*rows, revision: int = 0) -> Told:
    made = Told(revision)
    made.add(rows)
    return made


def news(of: Told, rows) -> list[tuple[int, int]]:
    return [(int(row["sequence"]), int(row["revision"])) for row in of.news(rows)]


def test_nothing_told_is_all_news():
    assert news(Told(2), bars(2)) == [(1, 2), (2, 2)]


def test_what_was_told_is_no_news_and_what_follows_is():
    known = told(bars(3))
    assert news(known, bars(5)) == [(4, 0), (5, 0)]
    assert (known.revision, len(known)) == (0, 3)
    known.drop(2)
    assert len(known) == 1
    known.drop(9)
    assert len(known) == 0


def test_from_the_first_that_differs_on_all_is_news():
    known = told(bars(2), bars(4, first=3, revision=1))
    rows = bars(6)
    rows["close"][3] = 7.0
    assert news(known, rows) == [(4, 2), (5, 2), (6, 2)]
    assert (known.revision, len(known)) == (2, 0)


def test_revision_follows_what_was_told():
    known = told(bars(2), bars(2, revision=1, first=3))
    assert news(known, bars(5)) == [(5, 1)]
    assert known.revision == 1


def test_what_does_not_count_is_told_again():
    """It was told with a lower revision than an earlier bar has by now."""
    known = told(bars(3), bars(1, revision=1))
    assert news(known, bars(4)) == [(2, 1), (3, 1), (4, 1)]


def test_of_each_bar_the_highest_revision_counts():
    known = told(bars(2, price=5.0), bars(2, revision=3), bars(2, price=6.0, revision=1))
    assert news(known, bars(2)) == []
    assert known.highest == 3


def test_hole_in_what_was_told_is_filled():
    assert news(told(bars(1), bars(1, first=3)), bars(4)) == [(2, 0), (4, 0)]


def test_standing_at_a_bar_takes_its_revision():
    known = Told()
    known.learn([bars(2, revision=2), bars(1, first=3)], 2)
    assert (known.revision, len(known)) == (2, 1)
    known = Told(1)
    known.learn([], 0)
    assert known.revision == 1


@pytest.mark.parametrize(
    ("shown", "is_stale"), [(bars(2, first=3), False), (bars(1, first=3), True), (bars(0), True)]
)
def test_what_was_told_beyond_the_last_bar_has_to_stand(shown, is_stale):
    assert told(bars(4)).is_stale(2, shown) is is_stale


def test_what_does_not_count_is_not_stale():
    assert not told(bars(4), revision=1).is_stale(2, bars(0))
    assert not told(bars(2)).is_stale(2, bars(0))
    other = bars(1, first=3, price=1.0)
    assert told(bars(3)).is_stale(2, other)


def test_digests_tell_bars_apart_but_not_by_who_received_them():
    rows = bars(4)
    rows["sequence"] = 1
    rows["ts_recv"], rows["revision"], rows["profile"] = [1, 2, 3, 4], [0, 1, 2, 3], [0, 1, 0, 1]
    rows["vpin"][1] = -np.float64(np.nan)
    rows["vpin"][2] = 0.5
    rows["gap"][3] = 1
    first, *others = digests(rows).tolist()
    assert [one == first for one in others] == [True, False, False]


def test_rows_of_a_table_are_those_it_was_made_of():
    profiles = (profile("1s"), profile("tib_small", expected_ticks_initial=2.0))
    found = Series(profiles).feed(trades_of(range(60)))
    table = Bars(found.profiles, found.rows).table()
    rows = rows_of(table)
    assert digests(rows).tolist() == digests(found.rows).tolist()
    assert rows["ts_recv"].tolist() == found.rows["ts_recv"].tolist()
    of = by_profile(table, ["tib_small", "5s", "1s"])
    assert {name: len(of[name]) for name in of} == {
        name: int((found.rows["profile"] == at).sum()) for at, name in ((1, "tib_small"), (0, "1s"))
    }
    assert by_profile(table.slice(0, 0), ["1s"]) == {}
