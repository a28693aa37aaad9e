"""Bars of time, ticks, volume and turnover: what belongs to which."""

import pytest

from argus.bars import Profile, Series, Trades, bars, profile

SECOND = 10**9


def at(*seconds: float):
    return [(100.0 + n, 1.0, 1, int(s * SECOND), n) for n, s in enumerate(seconds)]


def held(rows, chosen):
    return [(bar.first_trade_id, bar.last_trade_id) for bar in bars(rows, chosen)]


def test_trade_of_a_later_interval_closes_and_is_the_next_bars_first():
    assert held(at(0, 0.999, 1.0, 1.5, 7, 8), profile("1s")) == [(0, 1), (2, 3), (4, 4)]


def test_trade_of_an_earlier_interval_stays_in_the_open_bar():
    assert held(at(5, 6, 4, 5.5, 6.5, 7), profile("1s")) == [(0, 0), (1, 4)]


def test_interval_begins_on_the_grid():
    (bar,) = bars(at(61.5, 62, 125), profile("1m"))
    assert (bar.ts_open, bar.ts_first, bar.ts_last) == (60 * SECOND, 61_500_000_000, 62 * SECOND)
    assert (bar.theta, bar.threshold, bar.expected_ticks_before) == (None, None, None)


def test_times_before_the_epoch_are_on_the_grid_too():
    (bar,) = bars(at(-0.5, 1), profile("1s"))
    assert bar.ts_open == -SECOND


@pytest.mark.parametrize("chosen", [profile("1m"), profile("1m", empty=True)])
def test_interval_that_ends_beyond_the_last_instant_stays_open(chosen):
    rows = [(1.0, 1.0, 1, 2**63 - 1 - n, 10 - n) for n in range(9, -1, -1)]
    series = Series([chosen])
    assert not series.feed(Trades.of(rows))
    assert not series.pending(2**63 - 1)
    (bar,) = series.open_bars()
    assert bar.total_ticks == 10


def test_empty_intervals_have_the_price_before():
    built = list(bars(at(0, 0.5, 3), profile("1s", empty=True)))
    assert [bar.total_ticks for bar in built] == [2, 0, 0]
    empty = built[1]
    assert (empty.open, empty.high, empty.low, empty.close) == (101.0,) * 4
    assert (empty.volume, empty.vwap, empty.first_trade_id) == (0.0, None, None)
    assert (empty.ts_open, empty.ts_first, empty.ts_event) == (SECOND, SECOND, 2 * SECOND - 1)


def test_hole_may_lie_in_what_it_ends():
    rows = at(0, 0.5, 3, 3.5, 5)
    rows = [(*row[:4], row[4] + (10 if row[4] > 1 else 0)) for row in rows]
    built = list(bars(rows, profile("1s", empty=True)))
    assert [bar.gap for bar in built] == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("rule", "size", "expected"),
    [("tick", 2, [(0, 1), (2, 3)]), ("volume", 3, [(0, 2)]), ("dollar", 300, [(0, 2)])],
)
def test_trade_that_fills_belongs_whole(rule, size, expected):
    rows = at(0, 1, 2, 3, 4)
    assert held(rows, Profile.of("x", rule, size=size)) == expected
    bar = next(iter(bars(rows, Profile.of("x", rule, size=size))))
    assert bar.theta == {"tick": 2, "volume": 3, "dollar": 303}[rule]
    assert bar.threshold == size
