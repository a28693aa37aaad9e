"""`kill -9` of a real recorder at random moments: what it had, it still has; the rest is a gap."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from random import Random
from typing import Any

import pytest

from argus.clock import SystemClock
from argus.network.sources import SOURCES
from argus.simulator.venue import Venue
from tests.daemon.checker import check
from tests.daemon.killing import Daemon, written
from tests.daemon.recorder import run, venue_options

CHAINS = {"binance_spot": ("trade", "agg_trade"), "binance_usdm": ("agg_trade",)}
"""What the venue gives over REST by id."""

UP_S_MAX = 2.0


def compared(source: str) -> tuple[str, ...]:
    # Forced orders are rare: a path of them may not have begun before the first death.
    return tuple(d for d in SOURCES[source].data_types if d != "liquidation")


async def killed(daemon: Daemon, random: Random) -> None:
    """Start it and kill it: while it starts, recovers, connects or records."""
    await daemon.start()
    if random.random() < 0.8:
        await daemon.records()
    await SystemClock().sleep(random.uniform(0, UP_S_MAX))
    await daemon.kill()


async def backfilled(daemon: Daemon) -> list[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "argus", "backfill", "--config", str(daemon.config), "--json"),
        stdout=PIPE,
        env={**os.environ, "ARGUS_DATA_PATH": str(daemon.data)},
    )
    out, _ = await asyncio.wait_for(process.communicate(), 600)
    found = json.loads(out)
    assert isinstance(found, list)
    return found


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_killed_recorder_has_what_it_had_and_tells_the_rest(tmp_path: Path, source: str):
    async def main() -> None:
        random = Random(11)
        async with Venue(venue_options(source, symbols=4, rate=2000)) as venue:
            daemon = Daemon(written(tmp_path, venue), tmp_path / "data")
            for _ in range(6):
                await killed(daemon, random)
            await daemon.start()
            # A gap ends with the first fact after it: every path has to have one.
            await daemon.records(15_000)
            venue.pause()
            await daemon.settled()
            assert await daemon.stop() == 0
            verdict = check(daemon.data, source, venue.truth, compared(source))
            assert verdict.wrong == []
            assert verdict.lost > 0
            assert list((daemon.data / "journal").rglob("*.log")) == []
            await backfilled(daemon)
            verdict = check(daemon.data, source, venue.truth, CHAINS[source])
            assert (verdict.wrong, verdict.lost) == ([], 0)

    run(main)
