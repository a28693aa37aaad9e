"""Recorded traffic through a recorder into two databases, each killed again and again."""

import asyncio
from functools import partial
from pathlib import Path
from random import Random

import pytest

from argus.config.bars import BarsConfig
from argus.config.influx import DATA_TYPES, TOKEN, InfluxConfig
from argus.config.timescale import TimescaleConfig
from argus.daemon.sinks import feeder
from argus.network.backoff import Backoff
from argus.telemetry import BarsBegun, StoreLost
from tests.bars.sinks import influx_server as servers
from tests.bars.sinks.postgres.conftest import with_schema
from tests.bars.sinks.postgres.server import Server, postgresql
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.daemon.sinks.compared import KINDS, bars_in_lake, bars_in_store, fed, in_lake, in_store
from tests.daemon.sinks.test_postgres_recording import compare
from tests.daemon.test_recordings import files_of
from tests.waiting import until

STORAGE = {"flush_every_s": 0.5, "merge_age_s": 1.0, "day_close_grace_s": 1.0}
KILLED_UNTIL = 60_000  # of 87,000 to 93,000 facts
PROFILES = ("1s", "1m", "tib_small", "trb_small", "vib_small", "vpin")


async def stopped_and_started(
    recorder: Recorder, store: servers.InfluxServer | Server, name: str, random: Random
) -> None:
    """Kill a store at some moment and start it again at some other, while much is to come."""
    while recorder.facts < KILLED_UNTIL:
        await on(recorder, random.randrange(500, 4000))
        lost = partial(has_lost, recorder, name, len(recorder.notes.of(StoreLost)))
        await asyncio.to_thread(store.kill)
        await until(lost, timeout_s=60)
        await on(recorder, random.randrange(500, 4000))
        await asyncio.to_thread(store.start)


async def on(recorder: Recorder, facts: int) -> None:
    goal = recorder.facts + facts
    await until(lambda: recorder.facts >= goal, timeout_s=60)


def has_lost(recorder: Recorder, name: str, before: int) -> bool:
    return any(lost.store == name for lost in recorder.notes.of(StoreLost)[before:])


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_stores_that_are_killed_again_and_again_hold_what_was_recorded(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch, source: str
):
    monkeypatch.setenv(TOKEN, servers.TOKEN)
    soon = Backoff(first_ns=50_000_000, longest_ns=500_000_000)
    monkeypatch.setattr(feeder, "AWAY", soon)
    monkeypatch.setattr(feeder, "REFUSING", soon)

    async def main(influx: servers.InfluxServer, postgres: Server) -> None:
        timescale = with_schema(TimescaleConfig(url=postgres.database()))
        sections = {
            "influx": InfluxConfig(url=influx.url, bucket=servers.BUCKET, data_types=DATA_TYPES),
            "timescale": timescale,
            "bars": BarsConfig(profiles=PROFILES),
        }
        options = venue_options(
            source, replay=files_of(recordings, source), speed=20, wait_for_connections=2
        )
        async with recording(
            tmp_path / "data",
            options,
            storage=STORAGE,
            sections=sections,
            symbols=("BTCUSDT",),
            data_types=("trade", "bbo"),
        ) as recorder:
            random = Random(source)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(stopped_and_started(recorder, influx, "influx", random))
                tasks.create_task(stopped_and_started(recorder, postgres, "timescale", random))
            await recorder.venue.finished.wait()
            # Where they had to be compiled first, that took longer than the recording.
            await until(lambda: recorder.notes.of(BarsBegun), timeout_s=150, every_s=0.1)
            await fed(recorder)
        for status in recorder.service.sinks.status():
            assert (status.chunks, status.notes, status.rows_refused) == (0, 0, 0), status
        assert recorder.verdict(("trade", "bbo")).wrong == []
        bars, _ = compare(recorder.data, timescale)
        assert bars > 500
        assert bars_in_store(influx) == bars_in_lake(recorder.data)
        for data_type in KINDS:
            assert in_store(influx, data_type) == in_lake(recorder.data, data_type), data_type
        assert len(in_lake(recorder.data, "trade")) > 15_000

    with servers.influx_server(tmp_path / "server") as influx:
        postgres = Server(postgresql())
        postgres.create()
        try:
            run(lambda: main(influx, postgres))
        finally:
            postgres.remove()
