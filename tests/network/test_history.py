"""Numbers of facts: ids as they are, candles by their length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.events import Gap, GapReason, GapState, Origin
from argus.network.history import IDS, NS, Scale, candles, ids
from argus.network.sources import SOURCES

MINUTE = 60 * NS
HISTORIES = {
    (name, h.data_type): h for name, source in SOURCES.items() for h in source.rest.histories
}


def gap(data_type: str, ts_from: int, ts_until: int, first=None, last=None) -> Gap:
    return Gap(
        ts_event=ts_from,
        ts_recv=ts_until,
        origin=Origin.LIVE,
        of_data_type=data_type,
        ts_from=ts_from,
        ts_until=ts_until,
        first_missing_id=first,
        last_missing_id=last,
        missing=None,
        reason=GapReason.CUT,
        state=GapState.OPEN,
    )


@given(st.integers(1, 1000), st.integers(-1000, 1000), st.integers(-5000, 5000))
def test_key_of_a_number_has_that_number(step, begin, number):
    scale = Scale(step, begin)
    assert scale.number(scale.key(number)) == number
    assert scale.number(scale.key(number) + step - 1) == number
    assert scale.number(scale.key(number) - 1) == number - 1


@pytest.mark.parametrize(
    ("interval", "scale"),
    [
        ("1s", Scale(NS)),
        ("3m", Scale(3 * MINUTE)),
        ("12h", Scale(12 * 60 * MINUTE)),
        ("1d", Scale(24 * 60 * MINUTE)),
        ("1w", Scale(7 * 24 * 60 * MINUTE, 4 * 24 * 60 * MINUTE)),
        ("3d", None),
        ("1M", None),
        ("m", None),
        ("", None),
    ],
)
def test_candles_are_numbered_by_their_length(interval, scale):
    assert candles(interval) == scale


def test_week_begins_on_a_monday():
    # 2017-08-14 was a Monday, and the first week of BTCUSDT began then.
    monday = 1_502_668_800 * NS
    scale = candles("1w")
    assert scale is not None
    assert scale.key(scale.number(monday + 3 * 24 * 60 * MINUTE)) == monday


def test_gap_of_a_chain_is_missing_its_ids():
    history = HISTORIES["binance_spot", "trade"]
    assert ids("") == IDS
    assert history.numbers_of(gap("trade", 1, 2, 7, 9), IDS) == (7, 9)
    assert history.numbers_of(gap("trade", 1, 2), IDS) is None


@pytest.mark.parametrize(
    ("ts_from", "ts_until", "closed"),
    [
        (10 * MINUTE + 5, 13 * MINUTE + 5, [10, 11, 12]),
        (10 * MINUTE, 11 * MINUTE, [10]),
        (10 * MINUTE + 5, 11 * MINUTE - 1, []),
        (10 * MINUTE - 1, 10 * MINUTE, [9]),
    ],
)
def test_gap_of_candles_is_missing_those_that_closed_in_it(ts_from, ts_until, closed):
    history = HISTORIES["binance_spot", "kline"]
    span = history.numbers_of(gap("kline", ts_from, ts_until), Scale(MINUTE))
    assert span is not None
    assert list(range(span[0], span[1] + 1)) == closed


def test_venue_answers_as_far_back_as_it_says():
    assert HISTORIES["binance_spot", "agg_trade"].ts_reached(10**18) == 0
    reach = HISTORIES["binance_usdm", "agg_trade"].ts_reached(10**18)
    assert reach == 10**18 - 48 * 3600 * NS


@pytest.mark.parametrize("name", SOURCES)
def test_every_data_type_can_be_filled_or_it_is_said_why_not(name):
    source = SOURCES[name]
    fillable = {h.data_type for h in source.rest.histories}
    assert fillable.isdisjoint(source.rest.unfillable)
    assert fillable | set(source.rest.unfillable) == set(source.data_types)
    for data_type in source.data_types:
        assert (source.rest.history(data_type) is None) == (data_type in source.rest.unfillable)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=map(str, HISTORIES))
def test_page_asks_for_no_more_rows_than_the_venue_gives(history):
    scale = history.scale("1m")
    assert scale is not None
    first = scale.key(scale.number(1_700_000_000 * NS) if history.is_timed else 1000)
    last = first + scale.step * (history.rows_max - 1)
    request = history.request("BTCUSDT", "1m", first, last)
    assert f"limit={history.rows_max}" in request.path
