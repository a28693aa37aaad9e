import pytest

from argus.storage.holes import Admitted, Hole, admitted, is_admitted

HOLE = Hole(10, 19, 10, 1000, 2000)


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ([], False),
        ([Admitted(1000, 2000, None, None)], True),
        ([Admitted(1001, 2000, None, None)], False),
        ([Admitted(1000, 1999, None, None)], False),
        ([Admitted(0, 0, 10, 19)], True),
        ([Admitted(0, 0, 10, 18)], False),
        ([Admitted(0, 0, 16, 30), Admitted(0, 0, 5, 15)], True),
        ([Admitted(0, 0, 16, 30), Admitted(0, 0, 5, 14)], False),
    ],
)
def test_hole_is_admitted_by_time_or_by_all_of_its_ids(gaps, expected):
    assert is_admitted(HOLE, gaps) is expected
    assert [h.is_covered for h in admitted([HOLE], gaps)] == [expected]


CANDLES = Hole(None, None, 4, 100, 400, every_ns=100)
"""The candles that end at 100, 200, 300 and 400 are missing."""


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(100, 400)], True),
        ([(101, 400)], False),
        ([(100, 399)], False),
        ([(50, 150), (199, 201), (250, 450)], True),
        ([(250, 450), (199, 201), (50, 150)], True),
        ([(50, 150), (250, 450)], False),
        ([(0, 10), (90, 310), (120, 350), (390, 410)], True),
    ],
)
def test_missing_candles_are_admitted_when_gaps_have_the_ends_of_all_of_them(spans, expected):
    gaps = [Admitted(begin, end, None, None) for begin, end in spans]
    assert is_admitted(CANDLES, gaps) is expected


def test_gap_that_names_one_end_of_its_ids_only_admits_nothing_by_ids():
    assert not is_admitted(HOLE, [Admitted(0, 0, 10, None)])
