"""A recorder feeds a real server that is killed again and again: it ends with what the lake has."""

import asyncio
import contextlib
from pathlib import Path
from random import Random

import pytest

from argus.config.bars import BarsConfig
from argus.config.influx import DATA_TYPES, TOKEN, InfluxConfig
from argus.control.client import ask
from argus.daemon.sinks import feeder
from argus.errors import DaemonError
from argus.network.backoff import Backoff
from argus.simulator.venue import Venue
from argus.telemetry import BarsBegun, ConnectionLost, SpoolShortened, StoreLost
from tests.bars.sinks import influx_server as servers
from tests.bars.sinks.influx_server import BUCKET, InfluxServer, influx_server
from tests.daemon import taking_over
from tests.daemon.killing import Daemon, written
from tests.daemon.recorder import recording, run, venue_options
from tests.daemon.sinks.compared import KINDS, bars_in_lake, bars_in_store, fed, in_lake, in_store
from tests.waiting import until

STORAGE = {"flush_every_s": 0.25, "merge_age_s": 0.5, "day_close_grace_s": 0.5}


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv(TOKEN, servers.TOKEN)
    soon = Backoff(first_ns=50_000_000, longest_ns=500_000_000)
    monkeypatch.setattr(feeder, "AWAY", soon)
    # A bucket that is not there refuses.
    monkeypatch.setattr(feeder, "REFUSING", soon)


BARS = BarsConfig(profiles=("1s", "tib_small"))


def wanted(server: InfluxServer, **keys) -> InfluxConfig:
    return InfluxConfig(url=server.url, bucket=BUCKET, data_types=DATA_TYPES, **keys)


def compare(data: Path, server: InfluxServer, *, least: int) -> None:
    facts = 0
    for data_type in KINDS:
        lake, store = in_lake(data, data_type), in_store(server, data_type)
        assert store == lake, data_type
        facts += len(lake)
    assert facts >= least


async def begun(recorder) -> None:
    """Wait until bars are built; where they have to be compiled first, that takes its time."""
    await until(lambda: recorder.notes.of(BarsBegun), timeout_s=150, every_s=0.1)


async def goes_on(recorder, facts: int) -> None:
    goal = recorder.facts + facts
    await until(lambda: recorder.facts >= goal, timeout_s=60)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
@pytest.mark.parametrize("size_bytes_max", [10**9, 20_000])
def test_store_that_is_killed_again_and_again_holds_the_lake(
    tmp_path: Path, source: str, size_bytes_max: int
):
    """With little room on the disk most of it comes from the lake, whose notes ask for it."""
    random = Random(4)

    async def main() -> None:
        with influx_server(tmp_path / "server") as server:
            sections = {"influx": wanted(server, spool_bytes_max=size_bytes_max), "bars": BARS}
            options = venue_options(source, symbols=4, rate=2000)
            async with recording(
                tmp_path / "data", options, storage=STORAGE, sections=sections
            ) as recorder:
                await begun(recorder)
                for _ in range(4):
                    await goes_on(recorder, random.randrange(500, 3000))
                    await asyncio.to_thread(server.kill)
                    lost = len(recorder.notes.of(StoreLost))
                    await until(lambda: len(recorder.notes.of(StoreLost)) > lost, timeout_s=30)  # noqa: B023
                    await goes_on(recorder, random.randrange(500, 3000))
                    await asyncio.to_thread(server.start)
                await fed(recorder)
            (status,) = recorder.service.sinks.status()
            assert (status.chunks, status.notes, status.rows_refused) == (0, 0, 0)
            assert bool(recorder.notes.of(SpoolShortened)) == (size_bytes_max < 10**6)
            assert recorder.notes.of(ConnectionLost) == []
            assert recorder.verdict().wrong == []
            compare(recorder.data, server, least=5000)
            bars = bars_in_lake(recorder.data)
            assert len(bars) > 20
            assert bars_in_store(server) == bars

    run(main)


@pytest.mark.server
@pytest.mark.timeout(300)
def test_bars_are_there_before_their_chunk(tmp_path: Path):
    async def main() -> None:
        with influx_server(tmp_path / "server") as server:
            sections = {"influx": wanted(server), "bars": BARS}
            options = venue_options("binance_spot", symbols=2, rate=500)
            storage = {"flush_every_s": 3600, "merge_age_s": 3600, "day_close_grace_s": 600}
            async with recording(
                tmp_path / "data", options, storage=storage, sections=sections
            ) as recorder:
                await begun(recorder)
                await until(lambda: bars_in_store(server), timeout_s=30, every_s=0.1)
                assert list(recorder.data.glob("temp/*/*/bar/*.parquet")) == []
                assert in_store(server, "trade") == []
            assert bars_in_store(server) == bars_in_lake(recorder.data)

    run(main)


@pytest.mark.server
def test_running_recorder_fills_a_store_that_has_lost_everything(tmp_path: Path):
    async def main() -> None:
        with influx_server(tmp_path / "server") as server:
            sections = {"influx": wanted(server)}
            options = venue_options("binance_spot", symbols=3, rate=1000)
            async with recording(
                tmp_path / "data", options, storage=STORAGE, sections=sections
            ) as recorder:
                await goes_on(recorder, 2000)
                server.query(f'DROP DATABASE "{BUCKET}"')
                server.make_bucket()
                socket = Path(recorder.service.config.socket)
                days = await asyncio.to_thread(ask, socket, "load", {"store": "influx"})
                assert days in {3, 6}  # Trades, aggregates, best prices; twice around midnight.
                with pytest.raises(DaemonError, match="it has: influx"):
                    await asyncio.to_thread(ask, socket, "load", {"store": "timescale"})
            (status,) = recorder.service.sinks.status()
            assert (status.chunks, status.notes) == (0, 0)
            compare(recorder.data, server, least=1000)

    run(main)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_recorder_that_is_killed_while_the_store_is_away_leaves_it_nothing_missing(tmp_path: Path):
    async def main() -> None:
        with influx_server(tmp_path / "server") as server:
            server.kill()
            async with Venue(venue_options("binance_spot", symbols=3, rate=1500)) as venue:
                config = written(tmp_path, venue, storage={"flush_every_s": 0.3, **LOW})
                with config.open("a") as file:
                    file.write(f'\n[influx]\nurl = "{server.url}"\nbucket = "{BUCKET}"\n')
                daemon = Daemon(config, tmp_path / "data")
                with contextlib.ExitStack() as stack:
                    for _ in range(3):
                        await daemon.start()
                        await daemon.records(2000)
                        await daemon.kill()
                    await daemon.start()
                    stack.callback(lambda: daemon.process and daemon.process.kill)
                    await daemon.records(2000)
                    await asyncio.to_thread(server.start)
                    await daemon.records(3000)
                    venue.pause()
                    await daemon.settled()
                    await emptied(daemon)
                    assert await daemon.stop() == 0
            assert list((daemon.data / "spool" / "influx").glob("*.parquet")) == []
            assert list((daemon.data / "spool" / "influx").glob("again*")) == []
            for data_type in ("trade", "bbo"):
                assert in_store(server, data_type) == in_lake(daemon.data, data_type)

    run(main)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_recorders_that_take_over_from_each_other_feed_one_store(tmp_path: Path, monkeypatch):
    """Only what is accepted is fed, and only one process feeds at a time."""

    def with_store(folder: Path, venue: Venue, **keys) -> Path:
        config = written(folder, venue, storage={"flush_every_s": 0.3, **LOW}, **keys)
        with config.open("a") as file:
            file.write(f'\n[influx]\nurl = "{server.url}"\nbucket = "{BUCKET}"\n')
        return config

    monkeypatch.setattr(taking_over, "written", with_store)

    async def main() -> None:
        options = venue_options("binance_spot", symbols=3, rate=300)
        async with taking_over.succession(tmp_path, options) as line:
            await line.take_over()
            await asyncio.to_thread(server.kill)
            await line.take_over()
            await asyncio.to_thread(server.start)
            await line.has_all()
            line.venue.pause()
            await line.running.settled()
            await emptied(line.running)
            assert await line.running.stop() == 0
        # Who received a fact last says when; what it says and that it is there once is the same.
        store = [(symbol, ts, *rest) for symbol, ts, _, *rest in in_store(server, "trade")]
        lake = [(symbol, ts, *rest) for symbol, ts, _, *rest in in_lake(line.data, "trade")]
        assert sorted(store) == sorted(lake)
        assert len(lake) > 100

    with influx_server(tmp_path / "server") as server:
        run(main)


LOW = {"disk_low_bytes": 0, "merge_age_s": 1.0, "day_close_grace_s": 1.0}


async def emptied(daemon: Daemon) -> None:
    """Wait until nothing waits for the store."""
    folder = daemon.data / "spool" / "influx"
    await until(
        lambda: not [*folder.glob("*.parquet"), *folder.glob("again*")],
        timeout_s=60,
        every_s=0.1,
    )
