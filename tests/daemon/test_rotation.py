"""Rotations and cuts: nothing lost, nothing twice, in order; or a gap says exactly what is lost."""

from pathlib import Path
from random import Random

import pytest

from tests.daemon.recorder import recording, run, venue_options
from tests.waiting import until


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_standby_loses_nothing_to_rotations_and_cuts(tmp_path: Path, source: str):
    random = Random(source)

    async def main() -> None:
        options = venue_options(source, symbols=60, rate=1500)
        async with recording(
            tmp_path, options, connection_lifetime_s=3, standby=1, streams_per_connection=110
        ) as recorder:
            await recorder.all_sewn()
            assert len(recorder.dispatcher.shards()) > 2
            for _ in range(4):
                await recorder.cut(random)
            await until(lambda: recorder.rotations >= 12 and recorder.reconnects >= 2, timeout_s=60)
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
        assert verdict.facts > 10_000
        assert verdict.facts >= recorder.venue.truth.produced * 0.5

    run(main)


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_without_standby_every_lost_fact_lies_in_a_recorded_gap(tmp_path: Path, source: str):
    random = Random(source)

    async def main() -> None:
        options = venue_options(source, symbols=30, rate=1500)
        async with recording(
            tmp_path, options, connection_lifetime_s=3, standby=0, streams_per_connection=60
        ) as recorder:
            await recorder.all_sewn()
            for _ in range(3):
                await recorder.cut(random)
            await until(lambda: recorder.rotations >= 3, timeout_s=60)
        verdict = recorder.verdict()
        # A path without any fact yet has none that a gap could run from (I3 in architecture.md).
        assert [w for w in verdict.wrong if "liquidation" not in w or "nothing" not in w] == []
        assert verdict.lost > 0
        assert verdict.gaps > 0

    run(main)
