"""What is expected: told on each bar, before and after, and what held it back."""

from itertools import pairwise

import pytest

from argus.bars import NAMES, Profile, bars, profile
from tests.bars.tape import tape

CHOSEN = [
    *(profile(name) for name in NAMES if name != "vpin"),
    Profile.of("ticks", "tick_imbalance"),
    Profile.of("runs", "dollar_run", sign="exchange"),
]


@pytest.mark.parametrize("chosen", CHOSEN, ids=lambda chosen: chosen.name)
def test_a_bar_begins_with_what_the_last_one_left(chosen):
    built = list(bars(tape(0.55, 10_000), chosen))
    for bar, after in pairwise(built):
        assert after.expected_ticks_before == bar.expected_ticks_after
        assert after.expected_imbalance_before == bar.expected_imbalance_after
    for bar in built:
        assert bar.expected_ticks_before is not None
        assert bar.expected_imbalance_before is not None
        wanted = bar.expected_ticks_before * abs(bar.expected_imbalance_before)
        assert bar.threshold == pytest.approx(wanted)


def test_warm_up_without_a_sign_goes_on():
    still = [(100.0, 1.0, 0, n, n) for n in range(25)]
    chosen = Profile.of("x", "tick_imbalance", warm_up=True, expected_ticks_initial=10)
    built = list(bars(still, chosen))
    assert [(bar.total_ticks, bar.threshold, bar.clamped) for bar in built] == [
        (10, None, True), (10, None, True)
    ]  # fmt: skip


def test_floor_and_cap_of_the_threshold_are_told():
    taped = tape(0.5, 3000)
    low = next(iter(bars(taped, Profile.of("x", "tick_imbalance", threshold_max=3))))
    assert (low.threshold, low.clamped) == (3, True)
    floor = Profile.of("x", "tick_imbalance", p_buy0=0.5, threshold_min=4)
    assert next(iter(bars(taped, floor))).threshold == 4
