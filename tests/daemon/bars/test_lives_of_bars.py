"""Bars of a recorder that is stopped, killed or taken over from: those of a fresh build."""

import dataclasses
import errno
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import pytest

from argus.config import BackfillConfig
from argus.daemon.bars import line
from argus.daemon.bars.published import file_of
from argus.simulator.faults import FaultKind
from argus.simulator.venue import Venue
from argus.storage.audit import verify
from argus.storage.disk import LocalDisk
from argus.telemetry import (
    BarsBegun,
    BarsFailed,
    BarsRewound,
    FileSetAside,
    FlushFailed,
    GapFilled,
)
from tests.daemon.bars.fresh import BARS, PROFILES, SMALL, TOML, differing, revisions
from tests.daemon.killing import Daemon, written
from tests.daemon.recorder import Notes, Recorder, recording, run, served, venue_options
from tests.daemon.taking_over import says, succession
from tests.daemon.test_kill import backfilled, killed
from tests.waiting import until

SYMBOLS = ("BTCUSDT", "ETHUSDT")
SPOT = "binance_spot"
ONLY: dict[str, Any] = {"data_types": ("trade",)}
SECTIONS = {"bars": BARS}
UP_TO_DATE = "Bars of a source are up to date"
QUICK = {**SECTIONS, "backfill": BackfillConfig(delay_s=0.5, retry_s=1.0)}


class FullDisk(LocalDisk):
    """A disk that is full when it is told so."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.is_full = False

    def create(self, folder: Path, name: str) -> tuple[Path, BinaryIO]:
        if self.is_full:
            raise OSError(errno.ENOSPC, "no space left")
        return super().create(folder, name)


def built(recorder: Recorder) -> int:
    """Bars that were published since the recorder began."""
    assert recorder.service.bars is not None
    lines = recorder.service.bars.sources[recorder.source].lines.values()
    return 0 if any(line.is_behind for line in lines) else sum(line.bars for line in lines)


async def builds(recorder: Recorder, bars: int = 1) -> None:
    await until(lambda: built(recorder) >= bars, timeout_s=60)


def assert_fresh(data: Path, source: str = SPOT, of: str = "trade") -> None:
    assert differing(data, source, SYMBOLS, PROFILES, of) == []
    assert verify(data).is_well


@pytest.mark.parametrize(
    ("source", "of"), [("binance_spot", "trade"), ("binance_usdm", "agg_trade")]
)
def test_bars_are_those_of_a_fresh_build(tmp_path: Path, source: str, of: str):
    async def main() -> None:
        options = venue_options(source, symbols=SYMBOLS, rate=600)
        bars = dataclasses.replace(BARS, of={source: of})
        async with recording(tmp_path, options, sections={"bars": bars}) as recorder:
            await builds(recorder, 300)
            (status,) = recorder.status().bars
            assert (status.of_data_type, status.symbols, status.behind) == (of, len(SYMBOLS), 0)
            assert status.bars >= 300
            assert status.errors == {}
        assert_fresh(tmp_path, source, of)
        assert set(revisions(tmp_path, source, "BTCUSDT", "ticks")) == {0}

    run(main)


def test_recorder_that_begins_again_goes_on_as_if_nothing_had_happened(tmp_path: Path):
    async def main() -> None:
        async with Venue(venue_options(symbols=SYMBOLS, rate=600)) as venue:
            for number in range(3):
                recorder = Recorder(tmp_path, venue, Notes())
                async with served(recorder, sections=SECTIONS, **ONLY):
                    await builds(recorder, 100)
                    if number == 2:
                        await recorder.settle()
                (begun,) = recorder.notes.of(BarsBegun)
                assert begun.from_states == (len(SYMBOLS) if number else 0)
        assert_fresh(tmp_path)

    run(main)


def test_gap_that_is_filled_raises_the_revision(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with recording(tmp_path, options, standby=0, sections=QUICK, **ONLY) as recorder:
            await builds(recorder, 100)
            await recorder.all_sewn()
            recorder.inject(FaultKind.CUT, target="all")
            await until(lambda: len(recorder.notes.of(GapFilled)) >= len(SYMBOLS), timeout_s=60)
            await until(lambda: len(recorder.notes.of(BarsRewound)) >= len(SYMBOLS), timeout_s=60)
            await builds(recorder)
            await recorder.goes_on()
        assert_fresh(tmp_path)
        assert max(revisions(tmp_path, SPOT, "BTCUSDT", "ticks")) > 0
        assert revisions(tmp_path, SPOT, "BTCUSDT", "ticks")[0] == 0

    run(main)


def test_gap_that_was_filled_while_nobody_built_is_found_in_the_ledger(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with Venue(options) as venue:
            first = Recorder(tmp_path, venue, Notes())
            async with served(first, standby=0, sections=SECTIONS, **ONLY):
                await builds(first, 100)
                await first.all_sewn()
                first.inject(FaultKind.CUT, target="all")
                await until(lambda: first.dispatcher.gaps >= len(SYMBOLS), timeout_s=30)
                await first.goes_on()
            assert differing(tmp_path, SPOT, SYMBOLS, PROFILES) == []
            second = Recorder(tmp_path, venue, Notes())
            plain = {"backfill": QUICK["backfill"]}
            async with served(second, standby=0, sections=plain, **ONLY):
                await until(lambda: len(second.notes.of(GapFilled)) >= len(SYMBOLS), timeout_s=60)
            third = Recorder(tmp_path, venue, Notes())
            async with served(third, sections=SECTIONS, **ONLY):
                await builds(third)
                await third.settle()
            rewound = third.notes.of(BarsRewound)
            assert {one.path for one in rewound} >= {f"{SPOT}/trade/{s}" for s in SYMBOLS}
            assert all(one.after_id is not None for one in rewound)
        assert_fresh(tmp_path)

    run(main)


@pytest.mark.parametrize("harm", ["torn", "foreign", "gone"])
def test_without_states_bars_are_built_from_the_first_trade(tmp_path: Path, harm: str):
    async def main() -> None:
        async with Venue(venue_options(symbols=SYMBOLS, rate=600)) as venue:
            first = Recorder(tmp_path, venue, Notes())
            async with served(first, sections=SECTIONS, **ONLY):
                await builds(first, 100)
            file = file_of(tmp_path, SPOT)
            whole = file.read_bytes()
            match harm:
                case "torn":
                    file.write_bytes(whole[: len(whole) // 2])
                case "foreign":
                    file.write_bytes(b"something else")
                case _:
                    file.unlink()
            second = Recorder(tmp_path, venue, Notes())
            async with served(second, sections=SECTIONS, **ONLY):
                await builds(second)
                await second.settle()
            assert len(second.notes.of(FileSetAside)) == (harm != "gone")
            assert len(list(file.parent.iterdir())) == 1 + (harm != "gone")
        assert_fresh(tmp_path)
        assert set(revisions(tmp_path, SPOT, "BTCUSDT", "ticks")) == {0}

    run(main)


def test_profile_with_other_parameters_is_built_anew(tmp_path: Path):
    changed = dataclasses.replace(BARS, own={**SMALL, "ticks": {"rule": "tick", "size": 11}})

    async def main() -> None:
        async with Venue(venue_options(symbols=SYMBOLS, rate=600)) as venue:
            for config in (BARS, changed, BARS):
                recorder = Recorder(tmp_path, venue, Notes())
                async with served(recorder, sections={"bars": config}, **ONLY):
                    await builds(recorder, 50)
                    await recorder.goes_on()
            venue.pause()
        assert_fresh(tmp_path)
        assert set(revisions(tmp_path, SPOT, "BTCUSDT", "ticks")) == {2}
        assert set(revisions(tmp_path, SPOT, "BTCUSDT", "runs")) == {0}

    run(main)


def test_trouble_of_a_symbol_stays_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """And once it is over, nothing of it is left."""
    monkeypatch.setattr(line, "RETRY_S", 0.3)

    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        async with recording(tmp_path, options, sections=SECTIONS, **ONLY) as recorder:
            await builds(recorder, 50)
            assert recorder.service.bars is not None
            lines = recorder.service.bars.sources[SPOT].lines

            def fail(_: object) -> None:
                raise ValueError("a trade that no rule can take")

            before = lines["ETHUSDT"].bars
            with monkeypatch.context() as broken:
                broken.setattr(lines["BTCUSDT"].building, "feed", fail)
                await until(lambda: len(recorder.notes.of(BarsFailed)) >= 2, timeout_s=30)
                (status,) = recorder.status().bars
                assert list(status.errors) == ["BTCUSDT"]
                assert "no rule can take" in status.errors["BTCUSDT"]
                await until(lambda: lines["ETHUSDT"].bars > before + 20, timeout_s=30)
                assert not lines["ETHUSDT"].is_behind
            await until(lambda: not lines["BTCUSDT"].is_behind, timeout_s=30)
            assert recorder.status().bars[0].errors == {}
        assert_fresh(tmp_path)
        assert set(revisions(tmp_path, SPOT, "BTCUSDT", "ticks")) == {0}

    run(main)


def test_bars_wait_for_room_on_the_disk(tmp_path: Path):
    disks: list[FullDisk] = []

    def disk(generation: str) -> FullDisk:
        disks.append(FullDisk(generation))
        return disks[-1]

    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=600)
        world = {"disk": disk}
        async with recording(tmp_path, options, sections=SECTIONS, world=world, **ONLY) as recorder:
            await builds(recorder, 50)
            for one in disks:
                one.is_full = True
            await until(lambda: recorder.notes.of(FlushFailed), timeout_s=30)
            before = built(recorder)
            await until(lambda: built(recorder) > before + 50, timeout_s=30)
            for one in disks:
                one.is_full = False
            await recorder.goes_on()
        assert_fresh(tmp_path)

    run(main)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_recorder_goes_on_with_its_bars(tmp_path: Path):
    async def main() -> None:
        random = Random(7)
        async with Venue(venue_options(symbols=SYMBOLS, rate=1500)) as venue:
            file = written(tmp_path, venue, more=TOML, data_types=["trade"])
            daemon = Daemon(file, tmp_path / "data")
            for _ in range(6):
                await killed(daemon, random)
            await daemon.start()
            await daemon.records(10_000)
            venue.pause()
            await daemon.settled()
            assert await daemon.stop() == 0, daemon.log.read_text()[-3000:]
            assert differing(daemon.data, SPOT, SYMBOLS, PROFILES) == []
            await backfilled(daemon)
            daemon.log.write_text("")
            await daemon.start()
            await says(daemon, UP_TO_DATE)
            assert "Bars are built anew" in daemon.log.read_text()
            assert await daemon.stop() == 0, daemon.log.read_text()[-3000:]
        assert_fresh(daemon.data)

    run(main)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_hand_overs_go_on_with_the_bars(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=400)
        async with succession(tmp_path, options, more=TOML) as heirs:
            for _ in range(3):
                await heirs.take_over()
            verdict = await heirs.finish()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
        assert_fresh(heirs.data)
        assert set(revisions(heirs.data, SPOT, "BTCUSDT", "ticks")) == {0}

    run(main)
