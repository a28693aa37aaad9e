"""A small file system of its own that runs full while a recorder with a journal writes to it."""

import os
from pathlib import Path

import pytest

from argus.telemetry import (
    DiskFreed,
    DiskFull,
    DiskLow,
    FlushFailed,
    JournalFailed,
    JournalResumed,
    MergePostponed,
)
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.daemon.test_bad_input import fill, mounted
from tests.waiting import until

SIZE_KB = 48 * 1024
LOW_BYTES = 24 << 20
DATA_TYPES = ("trade", "bbo", "book_delta")
STORAGE = {"flush_every_s": 0.5, "merge_age_s": 1.0, "day_close_grace_s": 1.0}

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")


def fill_but(ballast: Path, left_bytes: int) -> None:
    """Leave so much room."""
    found = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - left_bytes)


def told(recorder: Recorder) -> set[type]:
    return {type(happening) for happening in recorder.notes.happenings}


def left(data: Path) -> list[Path]:
    """What waits for a merge or a recovery."""
    return [*data.glob("temp/*/*/*/*.parquet"), *data.glob("journal/**/*.log")]


@only_root
def test_disk_that_runs_full_loses_nothing_while_memory_lasts(tmp_path: Path):
    """Low: merges wait and the journal goes on. Full: memory keeps it. Room again: all is there."""

    async def main() -> None:
        options = venue_options(symbols=("BTCUSDT", "ETHUSDT"), rate=1000)
        storage = {**STORAGE, "disk_low_bytes": LOW_BYTES}
        ballast = data / "ballast"
        async with recording(data, options, storage=storage, data_types=DATA_TYPES) as recorder:
            await recorder.all_sewn()
            fill_but(ballast, LOW_BYTES // 3)
            await until(lambda: {DiskLow, MergePostponed} <= told(recorder), timeout_s=30)
            written = recorder.service.journaling.size_bytes
            await until(lambda: recorder.service.journaling.size_bytes > written + 100_000)
            assert told(recorder) & {DiskFull, JournalFailed, FlushFailed} == set()
            fill(data / "rest")
            full = {DiskFull, JournalFailed, FlushFailed}
            await until(lambda: full <= told(recorder), timeout_s=30)
            facts = recorder.facts
            await until(lambda: recorder.facts > facts + 2000, timeout_s=30)
            ballast.unlink()
            (data / "rest").unlink()
            await until(lambda: {JournalResumed, DiskFreed} <= told(recorder), timeout_s=30)
            await recorder.goes_on()
        verdict = recorder.verdict(DATA_TYPES)
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
        assert verdict.facts > 3000
        assert left(data) == []

    with mounted(tmp_path / "data", SIZE_KB) as data:
        run(main)


@only_root
def test_what_memory_cannot_keep_of_a_full_disk_lies_in_recorded_gaps(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=("BTCUSDT", "ETHUSDT"), rate=2000)
        memory = {"flush_bytes_max": 50_000, "buffer_bytes_max": 100_000}
        storage = {**STORAGE, **memory}
        async with recording(data, options, storage=storage, data_types=DATA_TYPES) as recorder:
            await recorder.all_sewn()
            fill(data / "ballast")
            refused = recorder.service.recording.totals
            await until(lambda: refused.refused > 1000, timeout_s=60)
            (data / "ballast").unlink()
            await until(lambda: {JournalResumed, DiskFreed} <= told(recorder), timeout_s=30)
            refused_until = refused.refused
            await until(lambda: recorder.facts > 3000 and refused.refused == refused_until)
            await recorder.goes_on()
        verdict = recorder.verdict(DATA_TYPES)
        assert verdict.wrong == []
        assert verdict.lost == refused.refused > 1000
        assert left(data) == []

    with mounted(tmp_path / "data", SIZE_KB) as data:
        run(main)
