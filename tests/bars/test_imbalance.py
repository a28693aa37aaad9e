"""Imbalance bars: the traps of Raven's, and that turnover is a volume."""

from argus.bars import Profile, bars, profile
from tests.bars.tape import tape


def buys(count, side=1):
    return [(100.0, 1.0, side, n, n) for n in range(count)]


def test_threshold_is_exceeded_not_reached():
    """2 * 0.7 - 1 is a little less than 0.4, so that 40 ticks do exceed 100 times it."""
    assert [bar.total_ticks for bar in bars(buys(40), profile("tib_small"))] == [40]
    assert list(bars(buys(39), profile("tib_small"))) == []
    even = profile("tib_small", p_buy0=0.75)
    assert [bar.total_ticks for bar in bars(buys(60), even)] == [51]


def test_first_trade_cannot_close_in_mode_raven():
    tiny = profile("tib_small", expected_ticks_initial=1, p_buy0=0.5)
    assert [bar.total_ticks for bar in bars(buys(6), tiny)] == [2, 2, 2]
    book = Profile.of("x", "tick_imbalance", expected_ticks_initial=1, sign="exchange", p_buy0=1)
    assert [bar.total_ticks for bar in bars(buys(3), book)] == [1, 1, 1]


def test_clamp_of_expected_ticks_is_told():
    bar = next(iter(bars(buys(40), profile("tib_small"))))
    assert (bar.expected_ticks_before, bar.expected_ticks_after, bar.clamped) == (100, 90, True)


def test_what_is_no_buy_is_a_sell_in_mode_raven():
    built = list(bars(buys(40, side=0), profile("tib_small")))
    assert [(bar.theta, bar.buy_ticks, bar.sell_ticks) for bar in built] == [(-40, 0, 40)]


def test_turnover_is_a_volume_of_price_times_size():
    taped = tape(0.55, 5000)
    dollars = Profile.of("x", "dollar_imbalance", "raven")
    same = [(1.0, price * size, side, ts, n) for price, size, side, ts, n in taped]
    expected = [bar.theta for bar in bars(same, profile("vib_small"))]
    assert [bar.theta for bar in bars(taped, dollars)] == expected != []
