"""What was lost is asked for over REST: each fact once, the ledger closed, nothing asked twice."""

import errno
import itertools
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from argus.cli.merging import Selection, merge_folder
from argus.clock import SystemClock
from argus.daemon.asked import Asked
from argus.daemon.backfill import Progress
from argus.errors import StorageError
from argus.simulator.faults import FaultKind
from argus.storage.audit import verify
from argus.storage.disk import LocalDisk
from argus.storage.ledger import GapEntry
from argus.telemetry import GapUnfillable, RequestFailed
from tests.daemon.checker import stored
from tests.daemon.filling import backfill, open_entries, origins
from tests.daemon.recorder import Notes, Recorder, recording, run, venue_options
from tests.network.doubles import T0, TestClock
from tests.storage.facts import Crash, FailingDisk
from tests.waiting import until

SYMBOLS = ("BTCUSDT", "ETHUSDT")
BUSY = ("trade", "agg_trade")
KEYS = {"trade": "trade_id", "agg_trade": "agg_trade_id"}
SOURCES = pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])


async def lose_something(recorder: Recorder, cuts: int = 3) -> None:
    """Cut every connection some times, and wait until each loss is told."""
    for _ in range(cuts):
        await recorder.all_sewn()
        gaps = recorder.dispatcher.gaps
        recorder.inject(FaultKind.CUT, target="all")
        await until(lambda: recorder.dispatcher.gaps > gaps, timeout_s=30)  # noqa: B023
        await recorder.goes_on()


def fillable(source: str) -> tuple[str, ...]:
    return BUSY if source == "binance_spot" else ("agg_trade",)


@SOURCES
def test_what_cuts_lost_is_filled_and_the_ledger_closed(tmp_path: Path, source: str):
    wanted = fillable(source)

    async def fill(recorder: Recorder) -> None:
        lost = recorder.verdict(wanted).lost
        assert lost > 0
        assert open_entries(tmp_path, *wanted)
        outcomes = await backfill(tmp_path, recorder.venue)
        verdict = recorder.verdict(wanted)
        assert (verdict.wrong, verdict.lost) == ([], 0)
        assert sum(o.filled for o in outcomes) == lost
        assert open_entries(tmp_path, *wanted) == []
        for data_type in wanted:
            for symbol in SYMBOLS:
                marks = origins(tmp_path, source, data_type, symbol, KEYS[data_type])
                assert set(marks.values()) == {"live", "backfill"}
        assert verify(tmp_path).is_well

        requests = recorder.venue.counts["rest_requests"]
        again = await backfill(tmp_path, recorder.venue)
        assert recorder.venue.counts["rest_requests"] == requests
        assert sum(o.filled for o in again) == 0
        assert recorder.verdict(wanted).facts == verdict.facts
        assert not list((tmp_path / "temp").glob("[!.]*"))

    async def main() -> None:
        options = venue_options(source, symbols=SYMBOLS, rate=800)
        async with recording(tmp_path, options, data_types=BUSY, standby=0, after=fill) as recorder:
            await lose_something(recorder)
            # What was lost lies between two facts; a gap without an end is another test's.
            await recorder.all_sewn()

    run(main)


async def lose_many(recorder: Recorder, count: int = 2500) -> None:
    """Have the venue leave out trades, more than two pages of them, and wait until it is told."""
    await recorder.all_sewn()
    gaps = recorder.dispatcher.gaps
    recorder.inject(FaultKind.DROP, target="all", stream="btcusdt@trade", count=count)
    await until(lambda: recorder.dispatcher.gaps > gaps, timeout_s=60)
    await recorder.goes_on()


def record_and_then(
    data: Path, lose: Callable[[Recorder], Awaitable[None]], after: Callable[..., Any]
) -> None:
    """Record trades of one symbol, lose some, stop, and then do something."""

    async def main() -> None:
        options = venue_options(symbols=("BTCUSDT",), rate=3000)
        async with recording(
            data, options, data_types=("trade",), standby=0, after=after
        ) as recorder:
            await lose(recorder)

    run(main)


def assert_trades_are_whole(recorder: Recorder) -> None:
    verdict = recorder.verdict(("trade",))
    assert (verdict.wrong, verdict.lost) == ([], 0)
    assert open_entries(recorder.data, "trade") == []
    assert verify(recorder.data).is_well


def ids_of(gap: GapEntry) -> tuple[int, int]:
    assert gap.first_missing_id is not None
    assert gap.last_missing_id is not None
    return gap.first_missing_id, gap.last_missing_id


def backfilled_ids(data: Path) -> list[int]:
    marks = origins(data, "binance_spot", "trade", "BTCUSDT", "trade_id")
    return [number for number, mark in marks.items() if mark == "backfill"]


def test_stop_half_way_keeps_what_came_and_the_next_run_asks_for_the_rest(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        (gap,) = open_entries(tmp_path, "trade")
        first, last = ids_of(gap)
        missing = last - first + 1
        shown = [Progress()]
        (half,) = await backfill(
            tmp_path,
            recorder.venue,
            progress=shown.append,
            is_stopping=lambda: shown[-1].pages >= 1,
        )
        assert (half.filled, half.missing, half.why) == (1000, missing - 1000, "stopped half-way")
        verdict = recorder.verdict(("trade",))
        assert (verdict.wrong, verdict.lost) == ([], missing - 1000)
        (rest,) = open_entries(tmp_path, "trade")
        assert (*ids_of(rest), rest.ts_until) == (first + 1000, last, gap.ts_until)
        assert verify(tmp_path).is_well

        requests = recorder.venue.counts["rest_requests"]
        (done,) = await backfill(tmp_path, recorder.venue)
        assert (done.filled, done.missing) == (missing - 1000, 0)
        pages = -(-(missing - 1000) // 1000)
        assert recorder.venue.counts["rest_requests"] - requests == pages
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)


@pytest.mark.slow
def test_run_that_dies_at_any_step_of_the_disk_is_made_good_by_the_next(tmp_path: Path):
    whole, data = tmp_path / "whole", tmp_path / "data"

    async def dies(recorder: Recorder, fails_at: int) -> bool:
        try:
            await backfill(
                data, recorder.venue, disk=lambda name: FailingDisk(name, fails_at=fails_at)
            )
        except Crash:
            return True
        return False

    async def lose_few(recorder: Recorder) -> None:
        # One page: a hundred runs have to fit into the weight of a minute.
        await lose_many(recorder, 300)

    async def fill(recorder: Recorder) -> None:
        shutil.copytree(data, whole)
        for steps in itertools.count():
            has_died = await dies(recorder, steps)
            requests = recorder.venue.counts["rest_requests"]
            await backfill(data, recorder.venue)
            assert recorder.venue.counts["rest_requests"] - requests <= 1
            # Of a run that died after its last chunk, everything is there but merged.
            merge_folder(data, Selection(), report=Notes())
            assert_trades_are_whole(recorder)
            if not has_died:
                break
            shutil.rmtree(data)
            shutil.copytree(whole, data)
        assert steps > 10

    record_and_then(data, lose_few, fill)


class FailingAt(LocalDisk):
    """Fails to place chunks of one data type."""

    def __init__(self, generation: str, data_type: str, error: Exception) -> None:
        super().__init__(generation, is_durable=False)
        self.data_type, self.error = data_type, error

    def replace(self, source: Path, target: Path) -> None:
        if target.parent.name == self.data_type:
            raise self.error
        super().replace(source, target)


def test_ledger_is_not_told_of_what_could_not_be_written(tmp_path: Path):
    full = OSError(errno.ENOSPC, "no room")

    async def fill(recorder: Recorder) -> None:
        before = open_entries(tmp_path, "trade")
        with pytest.raises(StorageError, match="2500 rows could not be written"):
            await backfill(
                tmp_path, recorder.venue, disk=lambda name: FailingAt(name, "trade", full)
            )
        assert open_entries(tmp_path, "trade") == before
        assert verify(tmp_path).is_well
        await backfill(tmp_path, recorder.venue)
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)


def test_what_a_run_that_died_had_written_is_merged_by_the_next(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        with pytest.raises(Crash):
            await backfill(
                tmp_path, recorder.venue, disk=lambda name: FailingAt(name, "gap", Crash())
            )
        requests = recorder.venue.counts["rest_requests"]
        await backfill(tmp_path, recorder.venue)
        assert recorder.venue.counts["rest_requests"] == requests
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)


def test_storm_of_refusals_is_waited_out(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        recorder.inject(FaultKind.LIMIT_REST, value_s=1, for_s=2.5)
        notes, refused = Notes(), recorder.venue.counts["rest_refused"]
        (outcome,) = await backfill(tmp_path, recorder.venue, notes=notes)
        assert outcome.why == ""
        failed = notes.of(RequestFailed)
        assert len(failed) >= 2
        assert {"status 429" in one.error for one in failed} == {True}
        assert recorder.venue.counts["rest_refused"] - refused == len(failed)
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)


def test_venue_that_does_not_answer_leaves_gaps_as_they_are(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        before = open_entries(tmp_path, "trade")
        recorder.inject(FaultKind.REFUSE_REST, for_s=600)
        clock = TestClock()
        clock.elapsed = SystemClock().now_ns() - T0
        (outcome,) = await backfill(tmp_path, recorder.venue, clock=clock)
        assert (outcome.filled, outcome.is_well, "503" in outcome.why) == (0, False, True)
        assert open_entries(tmp_path, "trade") == before
        recorder.inject(FaultKind.REFUSE_REST, for_s=0.001)
        await backfill(tmp_path, recorder.venue)
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)


def test_ids_that_the_venue_never_had_stay_missing_and_admitted(tmp_path: Path):
    async def skip(recorder: Recorder) -> None:
        await recorder.all_sewn()
        recorder.inject(FaultKind.SKIP_IDS, symbol="BTCUSDT", stream="btcusdt@trade", count=7)
        await until(lambda: recorder.dispatcher.gaps, timeout_s=30)
        await recorder.goes_on()

    async def fill(recorder: Recorder) -> None:
        (gap,) = open_entries(tmp_path, "trade")
        for _ in range(2):
            requests = recorder.venue.counts["rest_requests"]
            (outcome,) = await backfill(tmp_path, recorder.venue)
            assert (outcome.filled, outcome.missing, outcome.absent) == (0, 7, 7)
            assert outcome.is_well
            assert recorder.venue.counts["rest_requests"] == requests + 1
            assert open_entries(tmp_path, "trade") == [gap]
        assert verify(tmp_path).is_well

    record_and_then(tmp_path, skip, fill)


def test_dry_run_asks_and_changes_nothing(tmp_path: Path):
    def files() -> dict[Path, bytes]:
        return {f: f.read_bytes() for f in tmp_path.rglob("*.parquet")}

    async def fill(recorder: Recorder) -> None:
        before, requests = files(), recorder.venue.counts["rest_requests"]
        (gap,) = open_entries(tmp_path, "trade")
        (outcome,) = await backfill(tmp_path, recorder.venue, dry_run=True)
        pages = -(-(gap.missing or 0) // 1000)
        assert (outcome.pages, outcome.weight) == (pages, 25 * pages)
        assert (outcome.missing, outcome.filled) == (gap.missing, 0)
        assert recorder.venue.counts["rest_requests"] == requests
        assert files() == before

    record_and_then(tmp_path, lose_many, fill)


def test_range_of_ids_is_made_complete_and_nothing_else(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        (gap,) = open_entries(tmp_path, "trade")
        first, last = ids_of(gap)
        path = ("binance_spot", "trade", "BTCUSDT")
        some = Asked(*path, first_id=first - 50, last_id=first + 49)
        (outcome,) = await backfill(tmp_path, recorder.venue, some)
        assert (outcome.wanted, outcome.filled, outcome.missing) == (100, 50, 0)
        assert backfilled_ids(tmp_path) == list(range(first, first + 50))
        assert open_entries(tmp_path, "trade") == [gap], "it is still missing the rest"
        assert verify(tmp_path).is_well
        await backfill(tmp_path, recorder.venue, Asked(*path, first_id=first, last_id=last))
        assert backfilled_ids(tmp_path) == list(range(first, last + 1))
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)


def test_range_of_time_is_made_complete(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        (gap,) = open_entries(tmp_path, "trade")
        begin = gap.ts_from // 10**6 * 10**6
        middle = (gap.ts_from + gap.ts_until) // 2 // 10**6 * 10**6
        asked = Asked("binance_spot", "trade", ts_from=begin, ts_until=middle)
        (outcome,) = await backfill(tmp_path, recorder.venue, asked, symbols=("BTCUSDT",))
        sent = [json.loads(p) for p in recorder.venue.truth.payloads("trade", "BTCUSDT")]
        wanted = [t["t"] for t in sent if begin <= t["T"] * 1000 < middle]
        assert (outcome.first, outcome.last) == (wanted[0], wanted[-1])
        first, last = ids_of(gap)
        assert backfilled_ids(tmp_path) == list(range(first, wanted[-1] + 1))
        whole = Asked("binance_spot", "trade", ts_from=begin)
        await backfill(tmp_path, recorder.venue, whole)
        assert backfilled_ids(tmp_path) == list(range(first, last + 1))
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)


def test_closed_candles_are_filled_each_once(tmp_path: Path):
    seconds: dict[str, Any] = {"kline_intervals": ("1s",)}

    async def cut(recorder: Recorder) -> None:
        await until(lambda: recorder.facts > 10, timeout_s=30)
        recorder.inject(FaultKind.REFUSE_DIAL, for_s=3.0)
        recorder.inject(FaultKind.CUT, target="all")
        await until(lambda: recorder.dispatcher.gaps, timeout_s=60)
        await recorder.goes_on()

    def begins() -> list[int]:
        columns = ("ts_open", "closed")
        found = stored(tmp_path, "binance_spot", "kline", "BTCUSDT", columns)
        return [ts_open for ts_open, is_closed in found if is_closed]

    async def fill(recorder: Recorder) -> None:
        before = begins()
        whole = list(range(before[0], before[-1] + 1, 10**9))
        assert len(before) < len(whole)
        await backfill(tmp_path, recorder.venue, **seconds)
        assert begins() == whole
        assert open_entries(tmp_path, "kline") == []
        requests = recorder.venue.counts["rest_requests"]
        await backfill(tmp_path, recorder.venue, **seconds)
        asked = Asked("binance_spot", "kline", ts_from=whole[0], ts_until=whole[-1] + 10**9)
        (outcome,) = await backfill(tmp_path, recorder.venue, asked, **seconds)
        assert (outcome.wanted, outcome.missing, outcome.filled) == (len(whole), 0, 0)
        assert recorder.venue.counts["rest_requests"] == requests

    async def main() -> None:
        options = venue_options(symbols=("BTCUSDT",), rate=500, intervals=("1s",))
        async with recording(
            tmp_path, options, data_types=("kline",), standby=0, after=fill, **seconds
        ) as recorder:
            await cut(recorder)

    run(main)


class Ahead(SystemClock):
    """A clock that is two days ahead."""

    def __init__(self) -> None:
        ahead = 49 * 3600 * 10**9
        object.__setattr__(self, "now_ns", lambda: SystemClock().now_ns() + ahead)


def test_aggregates_of_futures_are_filled_as_far_as_the_venue_goes_back(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        venue = recorder.venue
        gap = next(g for g in open_entries(tmp_path, "agg_trade") if g.first_missing_id)
        first, last = ids_of(gap)
        truth = map(json.loads, venue.truth.payloads("aggTrade", "BTCUSDT"))
        sent = {one["a"]: one["T"] for one in truth}
        oldest_ms = sent[(first + last) // 2]
        now_ms = venue._feed.now_ns / 10**6
        # A quarter of a millisecond before the oldest one is forgotten.
        ahead_ms = 48 * 3600_000 + oldest_ms + 0.25 - now_ms
        recorder.inject(FaultKind.CLOCK_OFFSET, value_s=ahead_ms / 1000)
        kept = [n for n in range(first, last + 1) if sent[n] >= oldest_ms]
        outcomes = await backfill(tmp_path, venue)
        outcome = next(o for o in outcomes if o.first == first)
        assert outcome.filled == len(kept)
        assert outcome.missing == outcome.absent == last - first + 1 - len(kept)
        left = [g for g in open_entries(tmp_path, "agg_trade") if g.first_missing_id == first]
        assert [ids_of(g) for g in left] == [(first, kept[0] - 1)]
        assert verify(tmp_path).is_well

        requests = venue.counts["rest_requests"]
        outcomes = await backfill(tmp_path, venue, clock=Ahead())
        assert {o.why for o in outcomes} == {"older than the 48 h that the venue goes back"}
        assert all(o.is_well for o in outcomes)
        assert venue.counts["rest_requests"] == requests

    async def main() -> None:
        options = venue_options("binance_usdm", symbols=("BTCUSDT",), rate=800)
        async with recording(
            tmp_path, options, data_types=("agg_trade",), standby=0, after=fill
        ) as recorder:
            await lose_something(recorder, cuts=1)

    run(main)


def test_trades_of_futures_stay_missing_and_it_is_said_once_why(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        before, requests = open_entries(tmp_path, "trade"), recorder.venue.counts["rest_requests"]
        assert len(before) > 1
        notes = Notes()
        outcomes = await backfill(tmp_path, recorder.venue, notes=notes)
        assert {o.is_unfillable for o in outcomes} == {True}
        assert all(o.is_well for o in outcomes)
        (told,) = notes.of(GapUnfillable)
        assert "asks for an API key" in told.why
        assert recorder.venue.counts["rest_requests"] == requests
        assert open_entries(tmp_path, "trade") == before

    async def main() -> None:
        options = venue_options("binance_usdm", symbols=SYMBOLS, rate=600)
        async with recording(
            tmp_path, options, data_types=("trade",), standby=0, after=fill
        ) as recorder:
            await lose_something(recorder, cuts=2)

    run(main)


def test_symbol_that_the_venue_does_not_know_is_refused_and_stops_no_other(tmp_path: Path):
    async def fill(recorder: Recorder) -> None:
        asked = Asked("binance_spot", "trade", "NOUSDT", first_id=1, last_id=9)
        (outcome,) = await backfill(tmp_path, recorder.venue, asked)
        assert ("Invalid symbol" in outcome.why, outcome.is_well) == (True, False)
        (gap,) = open_entries(tmp_path, "trade")
        both = Asked("binance_spot", "trade", ts_from=gap.ts_from - 10**8)
        outcomes = await backfill(tmp_path, recorder.venue, both, symbols=("NOUSDT", "BTCUSDT"))
        assert {o.symbol: o.is_well for o in outcomes} == {"BTCUSDT": True, "NOUSDT": False}
        assert_trades_are_whole(recorder)

    record_and_then(tmp_path, lose_many, fill)
