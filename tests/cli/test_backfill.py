"""`argus backfill`: a plan, a run, a stop half-way, and a running recorder that does the work."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from argus.cli.main import main
from argus.simulator.faults import FaultKind
from argus.simulator.venue import Venue
from tests.daemon.filling import open_entries
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.waiting import until

PATH = ("--source", "binance_spot", "--data-type", "trade", "--symbol", "BTCUSDT")


async def lose(recorder: Recorder, count: int = 2500) -> None:
    await recorder.all_sewn()
    gaps = recorder.dispatcher.gaps
    recorder.inject(FaultKind.DROP, target="all", stream="btcusdt@trade", count=count)
    await until(lambda: recorder.dispatcher.gaps > gaps, timeout_s=60)
    await recorder.goes_on()


def options():
    return venue_options(symbols=("BTCUSDT",), rate=3000)


async def begun(data: Path, venue: Venue, *words: str) -> asyncio.subprocess.Process:
    file = data.parent / "argus.toml"
    file.write_text(
        f"[storage]\ndata = {json.dumps(str(data))}\n[sources.binance_spot]\n"
        f'websocket_url = "{venue.websocket_url}"\nrest_url = "{venue.rest_url}"\n'
        'symbols = { quote = "USDT" }\n'
    )
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "argus", "backfill", *words, "--config", str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def answered(data: Path, venue: Venue, *words: str) -> tuple[int | None, str]:
    process = await begun(data, venue, *words)
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def outcomes(data: Path, venue: Venue, *words: str) -> tuple[int | None, list[Any]]:
    code, text = await answered(data, venue, *words, "--json")
    return code, json.loads(text)


def test_plan_is_shown_then_carried_out_then_nothing_is_left_to_do(tmp_path: Path):
    data = tmp_path / "data"

    async def fill(recorder: Recorder) -> None:
        venue = recorder.venue
        (gap,) = open_entries(data, "trade")
        code, text = await answered(data, venue, "--dry-run")
        assert code == 0
        assert f"{gap.first_missing_id}-{gap.last_missing_id}" in text
        assert "weight 75 of 3,000 a minute that backfills may use" in text
        code, found = await outcomes(data, venue, "--dry-run")
        assert [(o["missing"], o["pages"], o["weight"]) for o in found] == [(gap.missing, 3, 75)]
        assert open_entries(data, "trade") == [gap]
        code, text = await answered(data, venue)
        assert code == 0
        assert "2,500 facts filled; 1 of 1 gaps closed" in text
        assert recorder.verdict(("trade",)).lost == 0
        assert await answered(data, venue) == (0, "nothing to do: no gap is open\n")
        assert await answered(data, venue, "--dry-run") == (
            0,
            "nothing to do: nothing that can be asked for is missing\n",
        )
        ids = f"{gap.first_missing_id}-{gap.last_missing_id}"
        code, text = await answered(data, venue, *PATH, "--ids", ids)
        assert (code, text) == (0, "nothing to do: everything that is asked for is there\n")
        code, text = await answered(data, venue, "--data-type", "bbo", "--from", "2026-01-01")
        assert code == 1
        assert "binance_spot bbo" in text
        assert "the venue gives the present best bid and offer only" in text

    async def scene() -> None:
        async with recording(
            data, options(), data_types=("trade", "bbo"), standby=0, after=fill
        ) as recorder:
            await lose(recorder)

    run(scene)


def test_interrupt_keeps_what_came_and_says_that_something_is_missing(tmp_path: Path):
    data = tmp_path / "data"

    async def fill(recorder: Recorder) -> None:
        venue = recorder.venue
        recorder.inject(FaultKind.SLOW_REST, value_s=1.0, for_s=600)
        requests = venue.counts["rest_requests"]
        process = await begun(data, venue, "--json")
        await until(lambda: venue.counts["rest_requests"] >= requests + 2, timeout_s=60)
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()
        (outcome,) = json.loads(out)
        assert process.returncode == 1
        assert (outcome["filled"], outcome["why"]) == (2000, "stopped half-way")
        assert recorder.verdict(("trade",)).lost == 500
        recorder.inject(FaultKind.SLOW_REST, value_s=0.0, for_s=0.001)
        code, (rest,) = await outcomes(data, venue)
        assert (code, rest["filled"]) == (0, 500)
        assert recorder.verdict(("trade",)).lost == 0

    async def scene() -> None:
        async with recording(
            data, options(), data_types=("trade",), standby=0, after=fill
        ) as recorder:
            await lose(recorder)

    run(scene)


def test_running_recorder_does_the_work(tmp_path: Path):
    data = tmp_path / "data"

    async def scene() -> None:
        async with recording(data, options(), data_types=("trade",), standby=0) as recorder:
            await lose(recorder)
            code, (planned,) = await outcomes(data, recorder.venue, "--dry-run")
            assert (code, planned["missing"], planned["filled"]) == (0, 2500, 0)
            code, (outcome,) = await outcomes(data, recorder.venue)
            assert (code, outcome["missing"], outcome["filled"]) == (0, 0, 2500)
            assert recorder.service.backfiller is not None
            assert recorder.service.backfiller.backfill.progress.facts == 2500
        verdict = recorder.verdict(("trade",))
        assert (verdict.wrong, verdict.lost) == ([], 0)
        assert open_entries(data, "trade") == []

    run(scene)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--until", "2026-11-20"], "--until needs --from"),
        (["--ids", "1-9"], "--ids needs --source, --data-type and --symbol"),
        ([*PATH, "--ids", "1-9", "--from", "2026-11-20"], "contradict each other"),
        ([*PATH, "--ids", "9-1"], '"9-1" is not a range of ids like 100-250'),
        ([*PATH, "--ids", "many"], '"many" is not a range of ids'),
        (
            [*PATH[:3], "kline", *PATH[4:], "--ids", "1-9"],
            "kline has no ids; --from and --until are allowed",
        ),
        (["--source", "nowhere"], '"nowhere" is not a source of the configuration'),
        (["--from", "yesterday"], "yesterday"),
    ],
)
def test_options_that_contradict_each_other_are_refused(tmp_path: Path, words, told):
    done = CliRunner().invoke(main, ["backfill", *words, "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert told in done.output


def test_folder_that_is_not_there_is_said(tmp_path: Path):
    done = CliRunner().invoke(main, ["backfill", "--data", str(tmp_path / "nothing")])
    assert done.exit_code == 1
    assert "a data folder is expected there" in done.output
