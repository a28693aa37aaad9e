"""VPIN: Raven's toy, its normal distribution, and what the options change."""

from math import erf

import pytest

from argus.bars import Profile, bars, profile
from argus.bars.vpin import exact_normal, normal

TOY = [(100, 1), (100, 6), (101, 5), (102, 10), (100, 10)]


def rows(pairs, side=1):
    return [(float(p), float(v), side, n, n) for n, (p, v) in enumerate(pairs, 1)]


def test_ravens_toy():
    """The first trade is only the previous close; the fourth after it gives the first value."""
    chosen = profile("vpin", bucket_size=1000, buckets=2, sigma_window=2)
    (bar,) = bars(rows(TOY), chosen)
    assert bar.vpin == bar.theta == pytest.approx(0.9082, abs=0.001)
    assert (bar.sequence, bar.volume, bar.quote_volume) == (1, 1000.0, 1000.0)
    assert (bar.buy_ticks, bar.sell_ticks, bar.total_ticks) == (0, 0, 1)
    assert (bar.open, bar.close, bar.threshold) == (100.0, 100.0, 1000.0)


def test_ravens_normal_is_that_of_abramowitz_and_stegun():
    plain, exact = normal.py_func, exact_normal.py_func  # type: ignore[attr-defined]
    for x in (-6.0, -1.5, -1e-9, 0.0, 0.3, 2.0, 40.0):
        assert exact(x) == 0.5 * (1 + erf(x / 2**0.5))
        assert plain(x) == pytest.approx(exact(x), abs=1.5e-7)
        assert plain(-x) == pytest.approx(1 - plain(x))


def test_the_book_shows_buckets_before_there_is_a_value():
    chosen = Profile.of("x", "vpin", bucket_size=1000, buckets=2, sigma_window=2)
    built = list(bars(rows(TOY), chosen))
    assert [bar.vpin is None for bar in built] == [True, True, False]
    assert [bar.volume for bar in built] == [1205.0, 1020.0, 1000.0]


def test_by_side_one_sided_trading_is_one():
    for mode in ("raven", "afml"):
        chosen = Profile.of(
            "x", "vpin", mode, bucket_size=1000, buckets=1, classification="exchange"
        )  # fmt: skip
        assert {bar.vpin for bar in bars(rows(TOY, side=-1), chosen)} == {1.0}


def test_still_price_gives_the_floor_and_says_so():
    chosen = Profile.of("x", "vpin", bucket_size=100, buckets=1, sigma_window=2)
    built = list(bars(rows([(100, 1)] * 5), chosen))
    assert [bar.vpin for bar in built] == [None, 0.0, 0.0, 0.0, 0.0]
    assert [bar.clamped for bar in built] == [False, True, True, True, True]
