"""Bars that a recorder has built as it recorded, beside those built in bulk: they are the same."""

import asyncio
from pathlib import Path

import pytest

from argus.config.bars import BarsConfig
from argus.daemon.bars.profiles import profiles_of
from argus.daemon.bulk.building import build
from argus.daemon.bulk.comparing import Compared, compared
from argus.daemon.bulk.draft import drafting
from argus.daemon.bulk.storing import plan, store
from argus.lake.bars import stored_series
from argus.lake.span import ALL
from argus.simulator.venue import Venue
from argus.storage.disk import LocalDisk
from argus.storage.presence import symbols_of
from tests.daemon.recorder import Notes, Recorder, run, served, venue_options
from tests.waiting import until

CONFIG = BarsConfig(
    profiles=("1s", "ticks", "tib_small", "runs", "vpin"),
    grace_s=0.2,
    own={
        "ticks": {"rule": "tick", "size": 5},
        "tib_small": {"expected_ticks_initial": 4.0},
        "runs": {"rule": "volume_run", "expected_ticks_initial": 4.0, "ticks_max": 20.0},
        "vpin": {"bucket_size": 100.0, "buckets": 3, "sigma_window": 2},
    },
)


def beside(data: Path, source: str) -> list[Compared]:
    """Build everything in bulk and compare it with what the recorder has told."""
    symbols = symbols_of(data, source, "trade")
    with drafting(data) as draft:
        for part in build(data, source, "trade", dict.fromkeys(symbols, ALL), profiles_of(CONFIG)):
            draft.add(part.symbol, part.bars)
        draft.close()
        return compared(data, source, draft.path)


def into_lake(data: Path, source: str) -> int:
    """Build everything in bulk into the lake; return how many bars were written."""
    symbols = symbols_of(data, source, "trade")
    with drafting(data) as draft:
        for part in build(data, source, "trade", dict.fromkeys(symbols, ALL), profiles_of(CONFIG)):
            draft.add(part.symbol, part.bars)
        draft.close()
        wanted = plan(compared(data, source, draft.path), is_cold=False, ts_until=None)
        written, _ = store(
            data, source, draft, wanted, generation="bulk", report=lambda _: None, rows_max=1000,
            disk=LocalDisk("bulk", is_durable=False),
        )  # fmt: skip
    return written


async def recorded(recorder: Recorder, config: BarsConfig) -> None:
    async with served(recorder, data_types=("trade",), sections={"bars": config}):
        await recorder.all_sewn()
        before = recorder.facts
        await until(lambda: recorder.facts > before + 400, timeout_s=60)


def test_recorder_goes_on_where_bulk_has_ended(tmp_path: Path):
    source = "binance_spot"

    async def main() -> None:
        async with Venue(venue_options(source, symbols=4, rate=400)) as venue:
            await recorded(Recorder(tmp_path, venue, Notes()), BarsConfig())
            assert await asyncio.to_thread(into_lake, tmp_path, source) > 50
            await recorded(Recorder(tmp_path, venue, Notes()), CONFIG)

    run(main)
    assert [one for one in beside(tmp_path, source) if not one.is_equal] == []
    # What was built in bulk was not told again.
    assert {(s.bars, s.revision) for s in stored_series(tmp_path) if s.profile != "1s"} == {
        (s.rows, 0) for s in stored_series(tmp_path) if s.profile != "1s"
    }


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_streaming_is_bulk_over_a_restart(tmp_path: Path, source: str):
    async def once(recorder: Recorder) -> None:
        async with served(recorder, data_types=("trade",), sections={"bars": CONFIG}):
            await recorder.all_sewn()
            before = recorder.facts
            await until(lambda: recorder.facts > before + 400, timeout_s=60)
            # Bulk reads what is recorded, the recorder merging beside it.
            assert await asyncio.to_thread(beside, tmp_path, source)

    async def main() -> None:
        async with Venue(venue_options(source, symbols=4, rate=400)) as venue:
            for _ in range(2):
                await once(Recorder(tmp_path, venue, Notes()))

    run(main)
    found = beside(tmp_path, source)
    assert [one for one in found if not one.is_equal] == []
    assert {one.profile for one in found} == set(CONFIG.profiles)
    assert sum(one.built for one in found) > 100
