"""Two recorders of one venue, each of which misses what the other one has, in one lake."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from argus.cli.main import main as argus
from argus.events import GapState
from argus.simulator.faults import FaultKind
from argus.simulator.venue import Venue
from argus.storage.gaps import read_ledger
from argus.storage.ledger import GapEntry
from tests.daemon.recorder import Notes, Recorder, run, served, venue_options
from tests.waiting import until

GATHERING = {"merge": False}
CHAINS = {"trade", "agg_trade", "book_delta"}


def words(data: Path, *words: str) -> str:
    result = CliRunner().invoke(argus, [*words, "--data", str(data)])
    assert result.exit_code == 0, result.output
    return result.stdout


def open_gaps(data: Path) -> list[GapEntry]:
    return [entry for entry in read_ledger(data).entries if entry.state == GapState.OPEN]


async def cut(recorder: Recorder, targets: set[int]) -> None:
    """Cut its connections, and wait until it has told gaps and records again."""
    for target in targets:
        recorder.inject(FaultKind.CUT, target=target)
    await until(
        lambda: recorder.reconnects == len(targets) and recorder.dispatcher.gaps, timeout_s=30
    )
    await recorder.all_sewn()


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_two_recorders_fill_each_others_gaps(tmp_path: Path, source: str):
    here, there = tmp_path / "here", tmp_path / "there"

    recorders: list[Recorder] = []

    async def record() -> None:
        async with Venue(venue_options(source, symbols=3, rate=400)) as venue:
            one, other = Recorder(here, venue, Notes()), Recorder(there, venue, Notes())
            async with served(one, storage=GATHERING, standby=0):
                await one.all_sewn()
                first = {session.number for session in venue.sessions}
                async with served(other, storage=GATHERING, standby=0):
                    await other.all_sewn()
                    second = {session.number for session in venue.sessions} - first
                    await cut(one, first)
                    await cut(other, second)
                    await asyncio.gather(one.goes_on(), other.goes_on())
                    venue.pause()
                    await asyncio.gather(one.settle(), other.settle())
        recorders.append(one)

    run(record)
    (one,) = recorders
    assert not (here / "lake").exists()
    (generation,) = (folder.name for folder in (there / "temp").glob("[!.]*/"))
    # Copied a second time it changes nothing.
    for _ in range(2):
        shutil.copytree(there / "temp" / generation, here / "temp" / generation)
        (here / "temp" / generation / "accepted").unlink()
        assert [s["hash"] for s in json.loads(words(here, "stale", "--json"))] == [generation]
        words(here, "bump", generation)
        words(here, "flush")
        verdict = one.verdict()
        assert (verdict.wrong, verdict.lost) == ([], 0)
    told = open_gaps(here)
    assert {gap.data_type for gap in told} >= CHAINS

    paths = [f"*/{data_type}/*" for data_type in sorted(CHAINS)]
    words(here, "prove", *paths, "--close", "--dry-run")
    assert open_gaps(here) == told
    words(here, "prove", *paths, "--close")
    words(here, "flush")
    # Of the best bid and offer, whose ids are no chain, nobody can tell.
    assert open_gaps(here) == [gap for gap in told if gap.data_type not in CHAINS]
    assert json.loads(words(here, "stale", "--json")) == []
