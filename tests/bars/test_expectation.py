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


@pytest.mark.parametrize("rule", ["tick_imbalance", "volume_imbalance", "volume_run"])
def test_warm_up_learns_of_all_its_trades_alike(rule):
    """With a span far longer than the bar, what it leaves is plain means of its trades."""
    chosen = Profile.of("x", rule, warm_up=True, expected_ticks_initial=500, imbalance_span=10**9)
    taped = list(tape(0.55, 500))
    first = next(iter(bars(taped, chosen)))
    prices, sizes = [t[0] for t in taped], [t[1] for t in taped]
    signs, sign = [], 0
    for before, price in zip([prices[0], *prices], prices, strict=False):
        sign = sign if price == before else (1 if price > before else -1)
        signs.append(sign)
    weights = [1.0] * 500 if rule == "tick_imbalance" else sizes
    signed = [b * v for b, v in zip(signs, weights, strict=True) if b]
    bought, sold = [x for x in signed if x > 0], [-x for x in signed if x < 0]
    want = sum(signed) / len(signed)
    if rule == "volume_run":
        want = max(sum(bought), sum(sold)) / len(signed)
    assert first.total_ticks == 500
    assert first.expected_imbalance_after == pytest.approx(want, rel=1e-5)


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
