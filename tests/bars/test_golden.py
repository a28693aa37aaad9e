"""The golden vectors of Raven's state machines, exactly."""

import pytest

from argus.bars import Profile, bars, profile
from tests.bars.tape import tape

TAPE = tape(0.55)
GOLDEN = [
    ("tick_imbalance", 100, 113, [1526, 119, 79, 78, 102, 124], [40, 15, 15], 2),
    ("tick_imbalance", 500, 30, [2886, 1028, 372, 484, 354, 1316], [200, 90, 60], 0),
    ("tick_run", 100, 0, [], [], 0),
    ("tick_run", 20, 6, [2873, 3591, 1419, 1869, 8701, 389], [16, 13, 16], 0),
    ("volume_imbalance", 100, 118, [1336, 168, 90, 129, 74, 97],
     [27.226736, 7.596415, 5.577786], 7),
    ("volume_imbalance", 250, 55, [1894, 740, 165, 308, 253, 197],
     [67.976573, 22.981927, 13.893596], 0),
]  # fmt: skip


def test_tape_begins_as_told():
    assert [trade[:3] for trade in TAPE[:4]] == [
        (99.99, 0.675961, -1), (99.99, 0.490666, 1), (99.98, 0.257667, -1), (99.98, 0.173720, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(("rule", "initial", "count", "lengths", "thetas", "pairs"), GOLDEN)
def test_bars_are_ravens(rule, initial, count, lengths, thetas, pairs):
    built = list(bars(TAPE, Profile.of("x", rule, "raven", expected_ticks_initial=initial)))
    assert len(built) == count
    assert [bar.total_ticks for bar in built[:6]] == lengths
    assert [round(bar.theta or 0, 6) for bar in built[:3]] == thetas
    assert sum(bar.total_ticks == 2 for bar in built) == pairs


def test_vpin_is_ravens():
    chosen = profile("vpin", bucket_size=1000, buckets=10, sigma_window=5)
    values = [bar.vpin or 0 for bar in bars(TAPE, chosen)]
    assert len(values) == 999
    assert [round(value, 6) for value in values[:4]] == [0.697008, 0.687263, 0.592249, 0.591516]
    assert round(values[-1], 6) == 0.632054
