"""A running recorder fills the gaps that it finds, and those that it finds open when it begins."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from argus.config import BackfillConfig
from argus.control.client import ask
from argus.errors import DaemonError
from argus.simulator.faults import FaultKind
from argus.storage.audit import verify
from argus.telemetry import BackfillDelayed, GapFilled
from tests.daemon.filling import open_entries
from tests.daemon.recorder import Notes, Recorder, recording, run, served, venue_options
from tests.waiting import until

BUSY = ("trade", "agg_trade")
QUICK = {"backfill": BackfillConfig(delay_s=0.5, retry_s=1.0)}
SYMBOLS = ("BTCUSDT", "ETHUSDT")


async def lose(recorder: Recorder) -> int:
    """Cut the connection and wait until all the loss is told; return how many gaps there are."""
    await recorder.all_sewn()
    recorder.inject(FaultKind.CUT, target="all")
    paths = len(BUSY) * len(SYMBOLS)
    await until(lambda: recorder.dispatcher.gaps >= paths, timeout_s=30)
    await recorder.goes_on()
    return recorder.dispatcher.gaps


def assert_all_is_there(recorder: Recorder) -> None:
    verdict = recorder.verdict(BUSY)
    assert (verdict.wrong, verdict.lost) == ([], 0)
    assert open_entries(recorder.data, *BUSY) == []
    assert verify(recorder.data).is_well


def test_gap_that_is_found_is_filled_while_recording_goes_on(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with recording(
            tmp_path, options, data_types=BUSY, standby=0, sections=QUICK
        ) as recorder:
            gaps = await lose(recorder)
            await until(lambda: len(recorder.notes.of(GapFilled)) >= gaps, timeout_s=30)
            await recorder.goes_on()
        assert_all_is_there(recorder)
        assert not list((tmp_path / "temp").glob("[!.]*"))

    run(main)


def test_gap_that_is_open_when_the_recorder_begins_is_filled(tmp_path: Path):
    async def begin_anew(first: Recorder) -> None:
        assert first.verdict(BUSY).lost > 0
        gaps = len(open_entries(tmp_path, *BUSY))
        second = Recorder(tmp_path, first.venue, Notes())
        async with served(second, data_types=BUSY, sections=QUICK):
            await until(lambda: len(second.notes.of(GapFilled)) >= gaps, timeout_s=30)
        assert_all_is_there(first)

    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with recording(
            tmp_path, options, data_types=BUSY, standby=0, after=begin_anew
        ) as recorder:
            await lose(recorder)

    run(main)


def test_nothing_is_filled_while_the_disk_is_low(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with recording(
            tmp_path, options, data_types=BUSY, standby=0, sections=QUICK
        ) as recorder:
            backfiller = recorder.service.backfiller
            assert backfiller is not None
            rooms = [False] * 5
            backfiller._has_room = lambda: not rooms or rooms.pop()
            gaps = await lose(recorder)
            await until(lambda: len(rooms) <= 2, timeout_s=30)
            assert recorder.notes.of(GapFilled) == []
            rooms.clear()
            await until(lambda: len(recorder.notes.of(GapFilled)) >= gaps, timeout_s=30)
        assert_all_is_there(recorder)

    run(main)


def test_venue_that_does_not_answer_is_asked_again_later(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with recording(
            tmp_path, options, data_types=BUSY, standby=0, sections=QUICK
        ) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.REFUSE_REST, for_s=60)
            gaps = await lose(recorder)
            await until(lambda: recorder.notes.of(BackfillDelayed), timeout_s=100)
            recorder.inject(FaultKind.REFUSE_REST, for_s=0.001)
            await until(lambda: len(recorder.notes.of(GapFilled)) >= gaps, timeout_s=60)
        assert_all_is_there(recorder)

    run(main)


def test_range_is_filled_on_request_and_how_far_it_is_can_be_asked(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with recording(tmp_path, options, data_types=BUSY, standby=0) as recorder:
            await lose(recorder)
            socket = tmp_path / "argus.sock"
            ts_from = recorder.service.ts_started
            told = await asked(socket, "backfill", ts_from=ts_from, dry_run=True)
            planned = await done(socket, told["job"])
            assert {(o["data_type"], o["symbol"]) for o in planned["outcomes"]} == {
                (data_type, symbol) for data_type in BUSY for symbol in SYMBOLS
            }
            assert sum(o["pages"] for o in planned["outcomes"]) > 0
            assert planned["facts"] == 0
            told = await asked(socket, "backfill", ts_from=ts_from)
            filled = await done(socket, told["job"])
            assert filled["facts"] > 0
            assert [o["missing"] for o in filled["outcomes"]] == [0] * 4
            with pytest.raises(DaemonError, match="99 is not a backfill"):
                await asked(socket, "backfilled", job=99)
        assert_all_is_there(recorder)

    run(main)


async def asked(socket: Path, verb: str, **arguments: object) -> dict[str, Any]:
    answer = await asyncio.to_thread(ask, socket, verb, arguments)
    assert isinstance(answer, dict)
    return answer


async def done(socket: Path, job: int) -> dict[str, Any]:
    while not (told := await asked(socket, "backfilled", job=job))["done"]:
        assert told["pages"] <= told["pages_total"]
    assert told["error"] == ""
    return told
