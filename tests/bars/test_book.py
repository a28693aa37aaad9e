"""Mode `afml` is the book's rules: each value of each bar as in the transcription of them."""

from math import erf
from random import Random
from typing import Any

import pytest

from argus.bars import Profile, bars
from argus.events import Bar
from tests.bars.book import Row, expected_bars, expected_vpin
from tests.bars.tape import tape

RULES = [f"{unit}_{kind}" for kind in ("imbalance", "run") for unit in ("tick", "volume", "dollar")]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"expected_ticks_initial": 20.0, "num_prev_bars": 1.0, "imbalance_span": 50.0, "p_buy0": 0.55},
    {"warm_up": True, "expected_ticks_initial": 37.5},
    {"warm_up": True, "length_max": 25, "expected_ticks_initial": 40.0},
    {"threshold_min": 5.0},
    {"threshold_max": 8.0, "expected_ticks_initial": 1000.0},
    {"ticks_min": 90.0, "ticks_max": 110.0},
    {"length_max": 30},
    {"warm_up": True, "expected_ticks_initial": 100.0, "ticks_min": 50.0, "ticks_max": 200.0,
     "length_max": 300, "threshold_min": 0.5, "threshold_max": 900.0, "imbalance_span": 500.0},
]  # fmt: skip


def unsided(trades: list[Row], seed: int = 5) -> list[Row]:
    """The same trades, the side of some of them unknown."""
    random = Random(seed)
    return [(p, v, random.choice([side, side, 0]), ts, n) for p, v, side, ts, n in trades]


def assert_told(bar: Bar, told: dict[str, Any]) -> None:
    """Compare each value: numbers but for the last digits, what is not there exactly."""
    found = {key: getattr(bar, key) for key in told}
    missing = {key for key, value in told.items() if value is None}
    assert {key for key, value in found.items() if value is None} == missing
    for key in told.keys() - missing:
        assert found[key] == pytest.approx(told[key], rel=1e-9, abs=1e-12), key


TAPES = {"drifting": tape(0.55, 4000), "even": tape(0.5, 4000), "unsided": unsided(tape(0.5, 4000))}


@pytest.mark.parametrize("name", TAPES)
@pytest.mark.parametrize("sign", ["tick_rule", "exchange"])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(options) or "book")
@pytest.mark.parametrize("rule", RULES)
def test_every_value_is_the_books(rule, options, sign, name):
    given = options | {"sign": sign}
    expected = expected_bars(TAPES[name], rule, **given)
    built = list(bars(TAPES[name], Profile.of("x", rule, "afml", **given)))
    assert len(built) == len(expected)
    for bar, told in zip(built, expected, strict=True):
        assert_told(bar, told)


def test_options_have_bars_to_act_on():
    """The comparison above would be empty if nothing closed."""
    for rule in RULES:
        for options in OPTIONS:
            assert len(expected_bars(TAPES["drifting"], rule, **options)) > 0


def test_first_size_may_be_told():
    options = {"size_initial": 2.5}
    chosen = Profile.of("x", "volume_imbalance", "afml", **options)
    expected = expected_bars(TAPES["even"], "volume_imbalance", **options)
    built = list(bars(TAPES["even"], chosen))
    assert [bar.theta for bar in built] == pytest.approx([told["theta"] for told in expected])
    assert built[0].threshold == pytest.approx(100 * (2 * 0.7 - 1) * 2.5)


@pytest.mark.parametrize("unit", ["quote", "base"])
@pytest.mark.parametrize("classification", ["bulk", "exchange"])
@pytest.mark.parametrize("name", TAPES)
def test_vpin_is_the_papers(name, classification, unit):
    size = {"quote": 600.0, "base": 6.0}[unit]
    chosen = Profile.of(
        "x", "vpin", bucket_size=size, buckets=7, sigma_window=5, unit=unit,
        classification=classification,
    )  # fmt: skip
    expected = expected_vpin(
        TAPES[name], size=size, n=7, window=5, floor=1e-12, unit=unit,
        bulk=classification == "bulk", cdf=lambda x: 0.5 * (1 + erf(x / 2**0.5)),
    )  # fmt: skip
    built = list(bars(TAPES[name], chosen))
    assert len(built) == len(expected) > 100
    for bar, told in zip(built, expected, strict=True):
        assert_told(bar, told)
