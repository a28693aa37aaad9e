"""Recorder processes that take over from each other, under load and killed at every step."""

import asyncio
import signal
from pathlib import Path

import pytest

from argus.control.client import ask
from argus.storage.disk import LocalDisk
from argus.storage.gaps import read_ledger
from argus.storage.generation import delete_generation, stale
from tests.daemon.recorder import run, venue_options
from tests.daemon.taking_over import ACCEPTED, BEGUN, exits, has_died, says, succession
from tests.waiting import until

SOURCES = ("binance_spot", "binance_usdm")


@pytest.mark.parametrize("source", SOURCES)
def test_hand_overs_under_load_lose_and_repeat_nothing(tmp_path: Path, source: str):
    async def main() -> None:
        async with succession(tmp_path, venue_options(source, symbols=5, rate=400)) as line:
            for _ in range(3):
                old = await line.take_over()
                assert "Another recorder takes over" in old.log.read_text()
                assert "Chunks merged" not in old.log.read_text().rpartition("Another recorder")[2]
            verdict = await line.finish()
            assert "from_version=" in line.running.log.read_text()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
            assert verdict.facts > 1000
            assert read_ledger(line.data).entries == ()
            assert line.generations() == {"temp": set(), "journal": set()}

    run(main)


@pytest.mark.parametrize("step", ["positions:3", "accepting"])
def test_a_successor_that_dies_before_it_is_accepted_changes_nothing(tmp_path: Path, step: str):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=4, rate=300)) as line:
            before = line.generations()["temp"]
            dead = line.successor(dying_at=step)
            await dead.start()
            await exits(dead, -signal.SIGKILL)
            (left,) = line.generations()["temp"] - before
            await line.take_over()
            verdict = await line.finish()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
            # What it has left is stale, its journal too, until a person deletes it.
            (found,) = stale(line.data)
            assert (found.hash, found.is_live) == (left, False)
            assert found.journal_files > 0
            delete_generation(line.data, left, disk=LocalDisk("test"))
            assert line.generations() == {"temp": set(), "journal": set()}

    run(main)


@pytest.mark.parametrize("step", ["leaving"])
def test_a_successor_that_dies_before_the_other_leaves_is_merged(tmp_path: Path, step: str):
    async def main() -> None:
        async with succession(tmp_path, venue_options("binance_usdm", symbols=4, rate=300)) as line:
            dead = line.successor(dying_at=step)
            await dead.start()
            await exits(dead, -signal.SIGKILL)
            assert not has_died(line.running)
            await line.take_over()
            verdict = await line.finish()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
            assert stale(line.data) == []
            assert line.generations() == {"temp": set(), "journal": set()}

    run(main)


def test_a_successor_that_dies_alone_leaves_a_gap(tmp_path: Path):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=4, rate=300)) as line:
            dead = line.successor(dying_at="left")
            await dead.start()
            await exits(line.running, 0)
            await exits(dead, -signal.SIGKILL)
            await line.begin_again()
            verdict = await line.finish()
            assert verdict.wrong == []
            assert verdict.gaps > 0

    run(main)


@pytest.mark.parametrize("moment", [BEGUN, ACCEPTED])
def test_a_recorder_that_dies_while_it_is_taken_over_from_is_recovered(tmp_path: Path, moment: str):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=4, rate=300)) as line:
            old, new = line.running, line.successor()
            await new.start()
            await says(new, moment)
            await old.kill()
            line.running = new
            await says(new, "Took over")
            verdict = await line.finish()
            assert verdict.wrong == []
            assert verdict.gaps == 0 or moment != ACCEPTED
            assert line.generations() == {"temp": set(), "journal": set()}

    run(main)


def test_a_takeover_that_takes_too_long_is_given_up(tmp_path: Path):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=4, rate=300)) as line:
            before = line.generations()
            late = line.successor("--takeover-timeout", "0.4")
            await late.start()
            log = await exits(late, 1)
            assert "not sewn after 0.4 s" in log
            assert "goes on" in log
            assert line.generations()["journal"] == before["journal"]
            assert stale(line.data) == []
            verdict = await line.finish()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)


def test_a_signal_ends_a_takeover_that_has_not_happened_yet(tmp_path: Path):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=4, rate=300)) as line:
            new = line.successor()
            await new.start()
            await says(new, BEGUN)
            assert new.process is not None
            new.process.send_signal(signal.SIGTERM)
            assert "stopped before it took over" in await exits(new, 1)
            verdict = await line.finish()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
            assert line.generations() == {"temp": set(), "journal": set()}

    run(main)


def test_only_one_process_takes_over_at_a_time(tmp_path: Path):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=4, rate=300)) as line:
            old, first, second = line.running, line.successor(), line.successor()
            await first.start()
            await says(first, BEGUN)
            await second.start()
            assert "taking over already" in await exits(second, 1)
            await exits(old, 0)
            line.running = first
            verdict = await line.finish()
            assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)


def test_whoever_asks_is_answered_throughout(tmp_path: Path):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=4, rate=300)) as line:
            answered: list[str] = []

            async def look() -> None:
                while True:
                    status = await asyncio.to_thread(ask, line.data / "argus.sock", "status")
                    assert isinstance(status, dict)
                    answered.append(status["generation"])

            looking = asyncio.create_task(look())
            await line.take_over()
            await line.take_over()
            await until(lambda: len(set(answered)) == 3 or looking.done())
            looking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await looking
            assert sorted(answered, key=list(dict.fromkeys(answered)).index) == answered

    run(main)


def test_without_another_recorder_it_begins_as_usual(tmp_path: Path):
    async def main() -> None:
        async with succession(tmp_path, venue_options(symbols=2, rate=100)) as line:
            assert await line.running.stop() == 0
            line.running = line.successor()
            await line.running.start()
            await line.running.records()
            assert BEGUN not in line.running.log.read_text()
            assert (await line.finish()).wrong == []

    run(main)
