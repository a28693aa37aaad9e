"""A bar sums up what is added to it."""

import pytest

from argus.simulator.bars import Bar, interval_ns_of, quote_text


@pytest.mark.parametrize(
    ("interval", "seconds"), [("1s", 1), ("5m", 300), ("2h", 7200), ("1d", 86400)]
)
def test_an_interval_has_a_length(interval, seconds):
    assert interval_ns_of(interval) == seconds * 10**9


@pytest.mark.parametrize("interval", ["", "m", "1x", "0m", "1.5m", "1w"])
def test_what_is_no_interval_is_refused(interval):
    with pytest.raises(ValueError, match="interval"):
        interval_ns_of(interval)


def test_a_bar_sums_up_its_trades():
    bar = Bar(60, 100)
    bar.add(5, 6, 2, 103, 10, is_buy=True)
    bar.add(7, 7, 1, 99, 4, is_buy=False)
    bar.add(8, 8, 1, 105, 1, is_buy=True)
    assert (bar.open, bar.high, bar.low, bar.close) == (103, 105, 99, 105)
    assert (bar.first_id, bar.last_id, bar.trades) == (5, 8, 4)
    assert (bar.volume, bar.quote) == (15, 1030 + 396 + 105)
    assert (bar.taker_volume, bar.taker_quote) == (11, 1030 + 105)
    assert bar.is_dirty


def test_a_bar_without_trades_repeats_the_last_price():
    bar = Bar(60, 100)
    assert (bar.open, bar.high, bar.low, bar.close) == (100,) * 4
    assert (bar.first_id, bar.last_id, bar.trades, bar.is_dirty) == (-1, -1, 0, False)


def test_a_quote_volume_has_eight_digits():
    assert quote_text(123456, 4) == "12.34560000"
