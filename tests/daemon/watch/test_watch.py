"""What a recorder watches of its machine, while it records."""

import os
from asyncio import to_thread
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from argus.clock import Clock, SystemClock
from argus.config.schema import SourceConfig
from argus.config.watching import ClockConfig, LimitsConfig
from argus.control.client import ask
from argus.control.status import from_json
from argus.daemon.watch.machine import LocalMachine
from argus.network.connection import Opener
from argus.network.limiter import Limiter
from argus.network.rest import RestClient
from argus.network.source import Source
from argus.simulator.faults import Fault, FaultKind
from argus.telemetry import (
    ChunkFlushed,
    ClockOffsetEstimated,
    ClockOffsetLarge,
    ClockStepped,
    DescriptorsHigh,
    DescriptorsShort,
    DiskFreed,
    DiskFull,
    DiskLow,
    FlushFailed,
    MemoryHigh,
    MemoryOver,
    MergePostponed,
    RequestFailed,
    StreamSilent,
)
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.daemon.test_bad_input import fill, mounted
from tests.waiting import until

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
TRADES: dict[str, Any] = {"data_types": ("trade",)}
NEVER = {"flush_every_s": 3600, "merge_age_s": 3600}
SECOND = 1_000_000_000


def options(**values: Any):
    return venue_options(symbols=("BTCUSDT",), rate=500, **values)


class SettableClock:
    """The machine's clock; a test may set the wall clock, as an administrator does."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self.ahead_ns = 0

    def now_ns(self) -> int:
        return self._clock.now_ns() + self.ahead_ns

    def monotonic_ns(self) -> int:
        return self._clock.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


def by(clock: Clock) -> dict[str, Any]:
    """A world in which everybody has this clock."""

    def ask(source: Source, config: SourceConfig, budget: Limiter) -> RestClient:
        return RestClient(config.rest_url, limiter=budget, weight_header="", clock=clock)

    def open_link(config: SourceConfig) -> Opener:
        return Opener(config.client, clock, coalesce_ms=config.coalesce_ms)

    return {"clock": clock, "ask": ask, "open_link": open_link}


@dataclass
class SmallMachine(LocalMachine):
    """A machine of which a test says how much is used and allowed."""

    used: int = 10
    allowed: int | None = 1000
    taken: int = 10
    memory: int | None = None

    def raise_descriptors(self) -> int | None:
        return self.allowed

    def descriptors(self) -> int:
        return self.used

    def memory_bytes(self) -> int:
        return self.taken

    def memory_bytes_max(self) -> int | None:
        return self.memory

    def disk_bytes(self, folder: Path) -> int:
        return 10**9


def lines(data: Path) -> list[dict[str, Any]]:
    files = sorted((data / "clock").glob("*/*.jsonl"))
    return [msgspec.json.decode(line) for f in files for line in f.read_bytes().splitlines()]


def waiting(data: Path) -> list[Path]:
    return list(data.glob("temp/*/*/trade/*.parquet"))


def told(recorder: Recorder, *kinds: type) -> Iterator[type]:
    return (type(h) for h in recorder.notes.happenings if isinstance(h, kinds))


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_offset_of_the_venues_clock_is_estimated_kept_and_shown(tmp_path: Path, source: str):
    async def main() -> None:
        venue = venue_options(source, symbols=("BTCUSDT",), rate=100)
        often = {"clock": ClockConfig(offset_every_s=1)}
        async with recording(tmp_path, venue, sections=often, **TRADES) as recorder:
            (near, *_) = await until(lambda: recorder.notes.of(ClockOffsetEstimated), timeout_s=30)
            assert abs(near.offset_s) < 0.1 + near.error_s
            assert recorder.notes.of(ClockOffsetLarge) == []
            recorder.inject(FaultKind.CLOCK_OFFSET, value_s=5.0)
            (far, *_) = await until(lambda: recorder.notes.of(ClockOffsetLarge), timeout_s=30)
            assert abs(far.offset_s - 5.0) < 0.1 + far.error_s
            clock = recorder.status().sources[0].clock
            assert clock is not None
            assert 0 < clock.rtt_s < 1
            assert abs(clock.offset_s - 5.0) < 0.1 + clock.error_s
        kept = lines(tmp_path)
        assert len(kept) == len(recorder.notes.of(ClockOffsetEstimated))
        assert {line["source"] for line in kept} == {source}
        assert [line["offset_ns"] / 1e9 for line in kept] == [
            e.offset_s for e in recorder.notes.of(ClockOffsetEstimated)
        ]
        assert all(line["error_ns"] > 0 and line["samples"] == 5 for line in kept)

    run(main)


def test_venue_that_does_not_tell_its_time_is_asked_again(tmp_path: Path):
    refused = Fault(kind=FaultKind.REFUSE_REST, for_s=1.5)

    async def main() -> None:
        often = {"clock": ClockConfig(offset_every_s=1)}
        async with recording(
            tmp_path,
            options(),
            sections=often,
            before=lambda venue: venue.inject(refused),
            **TRADES,
        ) as recorder:
            await until(lambda: recorder.notes.of(ClockOffsetEstimated), timeout_s=30)
            assert any(f.retry_s == 1 for f in recorder.notes.of(RequestFailed))

    run(main)


@pytest.mark.parametrize("ahead_s", [3600, -3600])
def test_clock_that_is_set_is_told_with_its_step_and_compared_with_the_venue_again(
    tmp_path: Path, ahead_s: int
):
    async def main() -> None:
        clock = SettableClock()
        async with recording(
            tmp_path, options(), world=by(clock), silence_s=60, data_types=("trade", "book_delta")
        ) as recorder:
            await recorder.all_sewn()
            await until(lambda: recorder.service.watch.wall.difference_ns)
            await until(lambda: len(recorder.notes.of(ClockOffsetEstimated)) == 1)
            clock.ahead_ns = ahead_s * SECOND
            (step,) = await until(lambda: recorder.notes.of(ClockStepped))
            assert abs(step.step_s - ahead_s) < 0.5
            await until(lambda: len(recorder.notes.of(ClockOffsetEstimated)) == 2)
            machine = recorder.status().machine
            assert (machine.clock_steps, machine.clock_step_s) == (1, pytest.approx(step.step_s))
            offset = recorder.notes.of(ClockOffsetEstimated)[1].offset_s
            assert abs(offset + ahead_s) < 1
            assert len(recorder.notes.of(ClockOffsetLarge)) == 1
            assert recorder.notes.of(StreamSilent) == []
            await recorder.goes_on()
        # The truth has the venue's times: none was touched.
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)


def test_descriptors_are_told_once_near_their_limit_and_again_after_they_were_few(
    tmp_path: Path,
):
    async def main() -> None:
        machine = SmallMachine(used=799)
        async with recording(tmp_path, options(), world={"machine": machine}, **TRADES) as recorder:
            watch = recorder.service.watch

            def is_seen(used: int) -> bool:
                return watch.descriptors.used == used

            for used in (799, 800, 900, 770, 850, 700, 800):
                machine.used = used
                await until(partial(is_seen, used))
            assert recorder.notes.of(DescriptorsHigh) == [
                DescriptorsHigh(800, 1000),
                DescriptorsHigh(800, 1000),
            ]
            found = recorder.status().machine
            assert (found.descriptors, found.descriptors_max) == (800, 1000)
            assert 0 < found.descriptors_needed < 1000
        assert recorder.notes.of(DescriptorsShort) == []

    run(main)


def test_plan_that_needs_more_descriptors_than_there_are_is_said(tmp_path: Path):
    async def main() -> None:
        machine = SmallMachine(allowed=100)
        async with recording(tmp_path, options(), world={"machine": machine}, **TRADES) as recorder:
            await until(lambda: recorder.notes.of(DescriptorsShort))
            await recorder.all_sewn()
        needed = [short.needed for short in recorder.notes.of(DescriptorsShort)]
        assert needed == sorted(set(needed))
        assert needed[-1] == 131  # 128 of its own, and three connections of the one shard

    run(main)


def test_memory_at_its_limit_has_the_buffers_flushed_early(tmp_path: Path):
    async def main() -> None:
        machine = SmallMachine(memory=1000)
        async with recording(
            tmp_path, options(), storage=NEVER, world={"machine": machine}, **TRADES
        ) as recorder:
            await recorder.all_sewn()
            machine.taken = 900
            await until(lambda: recorder.notes.of(MemoryHigh) == [MemoryHigh(900, 1000)])
            await until(lambda: recorder.service.recording.rows)
            assert (recorder.notes.of(ChunkFlushed), recorder.notes.of(MemoryOver)) == ([], [])
            machine.taken = 1000
            (over,) = await until(lambda: recorder.notes.of(MemoryOver))
            assert (over.used_bytes, over.limit_bytes, over.rows > 0) == (1000, 1000, True)
            (chunk,) = await until(lambda: recorder.notes.of(ChunkFlushed))
            assert chunk.rows >= over.rows
            machine.taken = 10
            await until(lambda: recorder.service.watch.memory.used == 10)
            assert recorder.status().machine.memory_bytes_max == 1000
            assert recorder.notes.of(MemoryOver) == [over]
        assert recorder.verdict().wrong == []

    run(main)


def test_configured_limit_of_memory_wins_over_that_of_the_machine(tmp_path: Path):
    async def main() -> None:
        machine = SmallMachine(memory=1000, taken=1500)
        limits = {"limits": LimitsConfig(memory_bytes_max=2000)}
        async with recording(
            tmp_path, options(), world={"machine": machine}, sections=limits, **TRADES
        ) as recorder:
            await until(lambda: recorder.service.watch.memory.used)
            assert recorder.status().machine.memory_bytes_max == 2000
        assert recorder.notes.of(MemoryOver) == []

    run(main)


@ROOT_ONLY
def test_disk_that_is_low_ends_merging_and_nothing_else(tmp_path: Path):
    """On a file system of its own: low, room again, then low at the stop."""

    async def main(data: Path) -> None:
        low = {**NEVER, "flush_every_s": 0.5, "merge_age_s": 0.5, "disk_low_bytes": 8 * 2**20}
        low["day_close_grace_s"] = 0.5
        async with recording(data, options(), storage=low, **TRADES) as recorder:
            await recorder.all_sewn()
            await until(lambda: recorder.status().storage.merges, timeout_s=30)
            (data / "ballast").write_bytes(bytes(9 * 2**20))
            await until(lambda: recorder.notes.of(DiskLow))
            status = from_json(await to_thread(ask, data / "argus.sock", "status"))
            assert status.machine.disk == "low"
            assert status.machine.disk_free_bytes < status.machine.disk_low_bytes == 8 * 2**20
            merges, chunks = recorder.status().storage.merges, recorder.status().storage.chunks
            await until(lambda: recorder.status().storage.chunks >= chunks + 4, timeout_s=30)
            assert recorder.status().storage.merges == merges
            (data / "ballast").unlink()
            await until(lambda: recorder.status().storage.merges > merges, timeout_s=30)
            await until(lambda: recorder.notes.of(DiskFreed))
            (data / "ballast").write_bytes(bytes(9 * 2**20))
            await until(lambda: len(recorder.notes.of(DiskLow)) == 2)
        assert list(told(recorder, DiskLow, DiskFreed)) == [DiskLow, DiskFreed, DiskLow]
        assert isinstance(recorder.notes.of(MergePostponed)[-1], MergePostponed)
        assert waiting(data)  # left for the next run
        (data / "ballast").unlink()
        async with recording(data, options(), storage=NEVER, data_types=("bbo",)):
            pass
        assert waiting(data) == []
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    with mounted(tmp_path / "data", 16 * 1024) as data:
        run(lambda: main(data))


@ROOT_ONLY
def test_full_disk_is_told_once_and_so_is_its_end(tmp_path: Path):
    async def main(data: Path) -> None:
        async with recording(
            data, options(), storage={"flush_every_s": 0.2, "disk_low_bytes": 0}, **TRADES
        ) as recorder:
            await recorder.all_sewn()
            fill(data / "ballast")
            await until(lambda: len(recorder.notes.of(FlushFailed)) > 3, timeout_s=30)
            (full,) = await until(lambda: recorder.notes.of(DiskFull))
            assert full.writer in {"binance_spot trade", "binance_spot journal"}  # the first
            assert "No space left on device" in full.error
            assert recorder.status().machine.disk == "full"
            (data / "ballast").unlink()
            await until(lambda: recorder.notes.of(DiskFreed), timeout_s=30)
            assert recorder.status().machine.disk == "ok"
        assert list(told(recorder, DiskFull, DiskFreed)) == [DiskFull, DiskFreed]
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    with mounted(tmp_path / "data", 2 * 1024) as data:
        run(lambda: main(data))
