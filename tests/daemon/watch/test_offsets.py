"""Estimates of the venues' clocks: asked for, told, and kept as lines that can be read."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from argus.daemon.watch.offsets import SAMPLES, Offsets
from argus.errors import Unreachable
from argus.network.source import Request
from argus.network.sources.binance_spot import BINANCE_SPOT
from argus.telemetry import (
    ClockOffsetEstimated,
    ClockOffsetLarge,
    ClockOffsetUnkept,
    RequestFailed,
)
from tests.network.doubles import SECOND, TestClock
from tests.storage.facts import Happenings

MS = 1_000_000
DAY = 86_400 * SECOND


class Venue:
    """Answers after a delay each way; its clock is ahead of ours."""

    def __init__(self, clock: TestClock, *, ahead_ns: int, answers: list[Any]) -> None:
        self.clock, self.ahead_ns, self.answers = clock, ahead_ns, answers
        self.asked: list[Request] = []

    async def get(self, request: Request) -> tuple[int, bytes]:
        self.asked.append(request)
        answer = self.answers.pop(0) if self.answers else 4 * MS
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, bytes):
            return self.clock.now_ns(), answer
        self.clock.elapsed += answer // 2
        time = (self.clock.now_ns() + self.ahead_ns) // MS
        self.clock.elapsed += answer - answer // 2
        return self.clock.now_ns(), b'{"serverTime":%d}' % time


def measured(
    data: Path, *rounds: list[Any], ahead_ns: int = 0
) -> tuple[Offsets, Happenings, Venue]:
    clock, told = TestClock(), Happenings()
    venue = Venue(clock, ahead_ns=ahead_ns, answers=[])
    with ThreadPoolExecutor(1) as thread:
        offsets = Offsets(data, clock=clock, large_s=1.0, every_s=300.0, thread=thread, report=told)
        for answers in rounds:
            venue.answers = list(answers)
            asyncio.run(offsets.measure(BINANCE_SPOT, venue.get))
    return offsets, told, venue


def lines(data: Path) -> list[dict[str, Any]]:
    files = sorted((data / "clock" / "binance_spot").iterdir())
    return [msgspec.json.decode(line) for f in files for line in f.read_bytes().splitlines()]


def test_quickest_of_five_answers_is_kept_and_told(tmp_path: Path):
    offsets, told, venue = measured(
        tmp_path, [80 * MS, 40 * MS, 6 * MS, 90 * MS, 8 * MS], ahead_ns=250 * MS
    )
    assert [r.path for r in venue.asked] == ["/api/v3/time"] * SAMPLES
    found = offsets.last["binance_spot"]
    assert (found.rtt_ns, found.error_ns, found.samples) == (6 * MS, 3 * MS + MS // 2, 5)
    assert abs(found.offset_ns - 250 * MS) <= found.error_ns
    assert [type(h) for h in told] == [ClockOffsetEstimated]
    assert lines(tmp_path) == [
        {
            "source": "binance_spot",
            "ts": found.ts,
            "offset_ns": found.offset_ns,
            "error_ns": found.error_ns,
            "rtt_ns": 6 * MS,
            "samples": 5,
        }
    ]


@pytest.mark.parametrize(
    ("ahead_ns", "is_large"), [(900 * MS, False), (-2 * SECOND, True), (2 * SECOND, True)]
)
def test_large_offset_is_a_warning(tmp_path: Path, ahead_ns: int, is_large: bool):
    _, told, _ = measured(tmp_path, [], ahead_ns=ahead_ns)
    assert any(isinstance(h, ClockOffsetLarge) for h in told) == is_large


@pytest.mark.parametrize(
    "answer", [Unreachable("http://venue", "no answer"), b"<html></html>", b'{"time":1}']
)
def test_venue_that_tells_no_time_leaves_the_estimate_before(tmp_path: Path, answer: Any):
    offsets, told, _ = measured(tmp_path, [], [4 * MS, answer])
    assert [type(h) for h in told] == [ClockOffsetEstimated, RequestFailed]
    assert len(lines(tmp_path)) == 1
    assert offsets.last["binance_spot"].ts == lines(tmp_path)[0]["ts"]


def test_lines_go_into_a_file_a_day_and_what_is_left_of_one_stays_alone(tmp_path: Path):
    measured(tmp_path, [])
    (file,) = (tmp_path / "clock" / "binance_spot").iterdir()
    assert file.name == "2023-11-14.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:20])  # a power cut in the middle of a line
    measured(tmp_path, [])
    assert file.read_bytes() == whole + whole[:20] + b"\n" + whole
    measured(tmp_path, [DAY, DAY])
    assert len(list(file.parent.iterdir())) == 2


def test_lines_are_read_by_the_query_of_the_documentation(tmp_path: Path):
    measured(tmp_path / "data", [], [])
    page = (Path(__file__).parents[3] / "docs/watchdogs.md").read_text()
    query = page.split("```sql\n")[1].split("```")[0].replace("'data/", f"'{tmp_path}/data/")
    with duckdb.connect() as connection:
        rows = connection.execute(query).fetchall()
    assert [(row[0], row[2], row[3]) for row in rows] == [("binance_spot", 0.5, 2.5)] * 2


def test_folder_that_cannot_be_written_costs_the_line_only(tmp_path: Path):
    (tmp_path / "clock").write_text("a file where the folder should be")
    offsets, told, _ = measured(tmp_path, [])
    assert [type(h) for h in told] == [ClockOffsetEstimated, ClockOffsetUnkept]
    assert "binance_spot" in offsets.last
