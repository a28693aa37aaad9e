from hypothesis import given
from hypothesis import strategies as st

from argus.events import Kline
from argus.storage.candles import Candles
from tests.storage.test_identity import table

SECOND = 10**9
LENGTHS = {"1m": 60 * SECOND, "1h": 3600 * SECOND}


def candle(number, interval="1m", *, closed=True):
    """The candle of this number since 1970, its last instant told to the millisecond."""
    begin, length = number * LENGTHS[interval], LENGTHS[interval]
    last = begin + length - SECOND // 1000
    return {"interval": interval, "ts_open": begin, "ts_close": last, "closed": closed}


def holes(*pieces):
    candles = Candles()
    found = [hole for piece in pieces for hole in candles.holes(table(Kline, piece))]
    return [
        (h.missing, h.ts_from // SECOND, h.ts_until // SECOND, (h.every_ns or 0) // SECOND)
        for h in found
    ]


def test_candles_that_follow_each_other_leave_no_hole():
    assert holes([candle(1), candle(2)], [], [candle(3)]) == []


def test_hole_goes_from_the_end_of_the_first_missing_candle_to_that_of_the_last():
    assert holes([candle(1), candle(4)]) == [(2, 180, 240, 60)]
    assert holes([candle(1)], [candle(3)]) == [(1, 180, 180, 60)]


def test_candle_that_never_closed_is_missing():
    assert holes([candle(1), candle(2, closed=False), candle(3)]) == [(1, 180, 180, 60)]


def test_each_interval_is_a_chain_of_its_own():
    rows = [candle(60), candle(1, "1h"), candle(61), candle(62), candle(3, "1h"), candle(64)]
    assert holes(rows) == [(1, 10800, 10800, 3600), (1, 3840, 3840, 60)]


def test_candle_that_closed_twice_is_no_hole():
    assert holes([candle(1), candle(1), candle(2)]) == []


def test_hole_shorter_than_a_candle_is_one_candle():
    """Months differ in length; a hole after a long one may be a short one."""
    late = {**candle(3), "ts_open": candle(3)["ts_open"] - 30 * SECOND}
    assert holes([candle(1), late]) == [(1, 150, 150, 60)]


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(0, 40))
def test_missing_candles_are_those_between_however_rows_are_cut(numbers, at):
    rows = [candle(number) for number in sorted(numbers)]
    missing = [
        end // 60 - 1
        for _, begin, until, every in holes(rows[:at], rows[at:])
        for end in range(begin, until + 1, every)
    ]
    assert missing == [n for n in range(min(numbers), max(numbers)) if n not in numbers]
