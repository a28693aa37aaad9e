"""What is wanted of a path, and what the ledger is told of what became of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.daemon.wanted import (
    NO_IDS,
    Range,
    Task,
    Wanted,
    entry_of,
    rows,
    unfillable,
    wanted_by,
)
from argus.events import Gap, GapReason, GapState, Origin
from argus.network.history import IDS, NS, Scale
from argus.network.sources import SOURCES
from argus.storage.ledger import GapEntry

SPOT, USDM = SOURCES["binance_spot"], SOURCES["binance_usdm"]
MINUTE = 60 * NS
NOW = 1_700_000_000 * NS
TICK = 1_000_000


def gap(
    data_type: str = "trade",
    first: int | None = 100,
    last: int | None = 199,
    *,
    ts_from: int = NOW - 10 * MINUTE,
    ts_until: int = NOW - 5 * MINUTE,
    source: str = "binance_spot",
) -> GapEntry:
    row = Gap(
        ts_event=ts_from,
        ts_recv=ts_until,
        origin=Origin.LIVE,
        of_data_type=data_type,
        ts_from=ts_from,
        ts_until=ts_until,
        first_missing_id=first,
        last_missing_id=last,
        missing=None if first is None or last is None else last - first + 1,
        reason=GapReason.CUT,
        state=GapState.OPEN,
    )
    return entry_of(source, "BTCUSDT", row)


def ts_of(number: int) -> int:
    return NOW - 10 * MINUTE + (number - 99) * TICK


def task_of(entry: GapEntry, there: list[int]) -> Task:
    wanted = wanted_by(entry, SPOT, ("1m",), now_ns=NOW)
    keys = np.array(sorted(there), np.int64)
    return Task.begun(wanted, {"": (keys, np.array([ts_of(n) for n in sorted(there)], np.int64))})


def came(task: Task, numbers: list[int]) -> list[bool]:
    return task.take(0, [(n, ts_of(n)) for n in numbers])


def test_entry_of_a_row_gives_the_row_again():
    entry = gap()
    row = entry.row(GapState.OPEN, ts_recv=entry.ts_recorded, origin=Origin.LIVE)
    assert entry_of("binance_spot", "BTCUSDT", row) == entry
    filled = entry.row(GapState.FILLED, ts_recv=NOW, origin=Origin.BACKFILL)
    assert entry_of("binance_spot", "BTCUSDT", filled).ts_filled == NOW
    assert entry_of("binance_spot", "BTCUSDT", filled).key == entry.key


def test_gap_of_a_chain_wants_its_ids():
    wanted = wanted_by(gap(), SPOT, ("1m", "1h"), now_ns=NOW)
    assert wanted.ranges == (Range("", IDS, 100, 199),)
    assert wanted.path == ("binance_spot", "trade", "BTCUSDT")
    assert (wanted.ts_from, wanted.ts_until) == (NOW - 10 * MINUTE, NOW - 5 * MINUTE)
    assert wanted.why == ""


def test_gap_of_candles_wants_those_that_closed_of_each_interval():
    begin = 28_333_333 * MINUTE
    entry = gap("kline", None, None, ts_from=begin + 5, ts_until=begin + 3 * MINUTE + 5)
    wanted = wanted_by(entry, SPOT, ("1m", "1h"), now_ns=NOW)
    assert wanted.ranges == (Range("1m", Scale(MINUTE), 28_333_333, 28_333_335),)
    later = gap("kline", None, None, ts_from=begin - 60 * MINUTE, ts_until=begin)
    hour = 60 * MINUTE
    assert [r.interval for r in wanted_by(later, SPOT, ("1m", "1h"), now_ns=NOW).ranges] == [
        "1m",
        *(["1h"] if begin // hour > (begin - hour) // hour else []),
    ]


@pytest.mark.parametrize(
    ("entry", "source", "intervals", "told"),
    [
        (gap("bbo", 1, 2), SPOT, (), "present best bid and offer only"),
        (gap("trade"), USDM, (), "asks for an API key"),
        (gap("trade", None, None), SPOT, (), NO_IDS),
        (gap("kline", None, None), SPOT, ("1m", "1M"), "candles of 1M have no fixed length"),
        (
            gap("agg_trade", ts_from=NOW - 60 * 60 * MINUTE, ts_until=NOW - 48 * 60 * MINUTE),
            USDM,
            (),
            "older than the 48 h that the venue goes back",
        ),
    ],
)
def test_what_cannot_be_asked_for_says_why(entry, source, intervals, told):
    wanted = wanted_by(entry, source, intervals, now_ns=NOW)
    assert told in wanted.why
    task = Task.begun(wanted, {})
    assert (task.is_final, task.is_complete, rows(task, now_ns=NOW)) == (True, False, [])
    assert (task.total, task.missing, task.pages(10)) == (0, 0, [])


def test_gap_that_reaches_into_what_the_venue_remembers_is_asked_for():
    entry = gap("agg_trade", ts_from=NOW - 60 * 60 * MINUTE, ts_until=NOW - 47 * 60 * MINUTE)
    assert wanted_by(entry, USDM, (), now_ns=NOW).why == ""


def test_why_a_data_type_cannot_be_filled_is_the_words_of_its_source():
    assert unfillable(SPOT, "trade") == ""
    assert unfillable(SPOT, "bbo") == SPOT.rest.unfillable["bbo"]
    assert unfillable(SPOT, "mark_price") == "binance_spot has no mark_price"


def test_task_asks_only_for_what_is_not_there():
    task = task_of(gap(), [99, *range(100, 150), 160, 200])
    assert (task.total, task.missing) == (100, 49)
    assert task.left == [[(150, 159), (161, 199)]]
    assert task.pages(30) == [(0, (150, 179)), (0, (180, 199))]
    assert came(task, [150, 151, 160, 161, 300]) == [True, True, False, True, False]
    assert (task.filled, task.missing) == (3, 46)
    assert came(task, [150, 161]) == [False, False]
    assert came(task, []) == []


def test_gap_that_is_filled_is_closed_by_its_own_row():
    task = task_of(gap(), [99, 200])
    came(task, list(range(100, 200)))
    (row,) = rows(task, now_ns=NOW)
    assert row == gap().row(GapState.FILLED, ts_recv=NOW, origin=Origin.BACKFILL)
    assert entry_of("binance_spot", "BTCUSDT", row).key == gap().key


def test_gap_that_the_lake_fills_already_is_closed():
    (row,) = rows(task_of(gap(), list(range(99, 201))), now_ns=NOW)
    assert row.state == GapState.FILLED


def test_nothing_is_told_of_a_gap_of_which_nothing_came():
    assert rows(task_of(gap(), [99, 200]), now_ns=NOW) == []


def test_what_is_left_of_a_gap_is_a_gap_of_its_own():
    task = task_of(gap(), [99, 200])
    came(task, [*range(100, 120), *range(130, 150)])
    *parts, closed = rows(task, now_ns=NOW)
    assert closed.state == GapState.FILLED
    assert [
        (p.first_missing_id, p.last_missing_id, p.missing, p.ts_from, p.ts_until, p.state)
        for p in parts
    ] == [
        (120, 129, 10, ts_of(119), ts_of(130), GapState.OPEN),
        (150, 199, 50, ts_of(149), ts_of(200), GapState.OPEN),
    ]
    assert {p.ts_event - p.ts_from for p in parts if p.ts_event is not None} == {0}


def test_part_at_an_end_keeps_the_end_of_its_gap():
    task = task_of(gap(), [])
    came(task, list(range(110, 190)))
    first, last, _ = rows(task, now_ns=NOW)
    assert (first.ts_from, first.ts_until) == (gap().ts_from, ts_of(110))
    assert (last.ts_from, last.ts_until) == (ts_of(189), gap().ts_until)


@given(st.sets(st.integers(100, 199)), st.sets(st.integers(95, 205)))
def test_what_is_there_what_came_and_what_is_left_are_the_whole_gap(there, answer):
    task = task_of(gap(), sorted(there))
    is_new = came(task, sorted(answer))
    fresh = {n for n, is_so in zip(sorted(answer), is_new, strict=True) if is_so}
    left = {n for first, last in task.left[0] for n in range(first, last + 1)}
    assert fresh == (answer & set(range(100, 200))) - there
    assert there | fresh | left == set(range(100, 200))
    assert not left & (there | fresh)
    assert (task.filled, task.missing) == (len(fresh), len(left))
    told = rows(task, now_ns=NOW)
    if left and not (there or fresh):
        assert told == []
        return
    assert [r.state for r in told] == [GapState.OPEN] * (len(told) - 1) + [GapState.FILLED]
    spans = [(r.first_missing_id, r.last_missing_id) for r in told[:-1]]
    assert spans == task.left[0]
    assert len({r.identity and entry_of("s", "y", r).key for r in told}) == len(told)


def candles(task: Task, at: int, numbers: list[int]) -> None:
    task.take(at, [(n, n) for n in numbers])


def test_candles_that_are_left_are_stretches_of_time():
    begin = 28_333_333 * MINUTE
    entry = gap("kline", None, None, ts_from=begin + 5, ts_until=begin + 6 * MINUTE + 5)
    wanted = wanted_by(entry, SPOT, ("1m", "3m"), now_ns=NOW)
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    task = Task.begun(wanted, {"1m": none, "3m": none})
    minutes, threes = wanted.ranges
    candles(task, 0, [minutes.first, minutes.first + 1, minutes.last])
    candles(task, 1, list(range(threes.first, threes.last + 1)))
    *parts, closed = rows(task, now_ns=NOW)
    assert closed.state == GapState.FILLED
    assert [(p.ts_from, p.ts_until) for p in parts] == [(begin + 2 * MINUTE, begin + 5 * MINUTE)]
    again = [
        wanted_by(entry_of("binance_spot", "BTCUSDT", p), SPOT, ("1m",), now_ns=NOW) for p in parts
    ]
    assert [(w.ranges[0].first, w.ranges[0].last) for w in again] == [
        (minutes.first + 2, minutes.last - 1)
    ]


def test_rest_that_is_the_gap_itself_leaves_it_open():
    begin = 28_333_320 * MINUTE
    entry = gap("kline", None, None, ts_from=begin, ts_until=begin + 60 * MINUTE)
    wanted = wanted_by(entry, SPOT, ("1m", "1h"), now_ns=NOW)
    assert [r.interval for r in wanted.ranges] == ["1m", "1h"]
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    task = Task.begun(wanted, {"1m": none, "1h": none})
    minutes = wanted.ranges[0]
    candles(task, 0, list(range(minutes.first, minutes.last + 1)))
    assert task.missing == 1
    assert rows(task, now_ns=NOW) == []


def test_gap_in_which_no_candle_closed_is_complete():
    begin = 28_333_333 * MINUTE
    entry = gap("kline", None, None, ts_from=begin + 5, ts_until=begin + 9)
    task = Task.begun(wanted_by(entry, SPOT, ("1m",), now_ns=NOW), {})
    assert task.is_complete
    assert [r.state for r in rows(task, now_ns=NOW)] == [GapState.FILLED]


def test_asked_range_tells_the_ledger_nothing():
    wanted = Wanted("binance_spot", "trade", "BTCUSDT", (Range("", IDS, 1, 9),))
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    task = Task.begun(wanted, {"": none})
    came(task, list(range(1, 10)))
    assert task.is_complete
    assert rows(task, now_ns=NOW) == []


def test_what_cannot_be_looked_for_is_missing_and_not_final():
    wanted = Wanted("binance_spot", "trade", "BTCUSDT", (Range("", IDS, 1, 9),))
    task = Task.ended(wanted, "torn")
    assert (task.missing, task.is_complete, task.is_final, task.why) == (9, False, False, "torn")
