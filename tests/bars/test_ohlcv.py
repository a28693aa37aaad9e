"""What every bar adds up."""

import pytest

from argus.bars import Profile, bars
from argus.bars.ohlcv import is_tick
from tests.bars.tape import tape

ROWS = [
    (10.0, 1.0, 0, 5, 1), (12.0, 2.0, 0, 6, 2), (9.0, 3.0, -1, 4, 3), (11.0, 4.0, 0, 8, 4),
]  # fmt: skip


def bar_of(mode):
    (bar,) = bars(ROWS, Profile.of("x", "tick", mode, size=4))
    return bar


def test_prices_volumes_and_times():
    bar = bar_of("afml")
    assert (bar.open, bar.high, bar.low, bar.close) == (10, 12, 9, 11)
    assert (bar.volume, bar.quote_volume, bar.vwap) == (10, 105, 10.5)
    assert (bar.ts_open, bar.ts_first, bar.ts_last, bar.ts_event, bar.ts_recv) == (5, 5, 8, 8, 8)
    assert (bar.first_trade_id, bar.last_trade_id, bar.total_ticks) == (1, 4, 4)


def test_unknown_side_is_that_of_the_last_change_of_the_price():
    bar = bar_of("afml")
    assert (bar.buy_ticks, bar.sell_ticks) == (2, 1)
    assert (bar.buy_volume, bar.sell_volume) == (6, 3)


def test_unknown_side_is_a_sell_in_mode_raven():
    bar = bar_of("raven")
    assert (bar.buy_ticks, bar.sell_ticks, bar.sell_volume) == (0, 4, 10)


def test_sums_are_those_of_python():
    taped = tape(0.55, 5000)
    (bar,) = bars(taped, Profile.of("x", "tick", size=5000))
    volume = quote = bought = 0.0
    for price, size, side, _, _ in taped:
        volume += size
        quote += price * size
        bought += size if side > 0 else 0.0
    assert (bar.volume, bar.quote_volume, bar.buy_volume) == (volume, quote, bought)
    assert bar.vwap == quote / volume
    assert bar.high == max(row[0] for row in taped)
    assert bar.low == min(row[0] for row in taped)


@pytest.mark.parametrize("odd", [0.0, -1.0, float("nan"), float("inf"), 1e100])
def test_what_is_no_tick(odd):
    plain = is_tick.py_func  # type: ignore[attr-defined]
    assert not plain(odd, 1.0)
    assert not plain(1.0, odd)
    assert plain(5e-324, 5e-324)
