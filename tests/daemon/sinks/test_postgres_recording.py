"""A recorder builds bars into a PostgreSQL that is killed again and again: it has all of them."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from argus.bars.sinks.postgres.tables import BAR, KLINE
from argus.config.bars import BarsConfig
from argus.config.timescale import TimescaleConfig
from argus.daemon.sinks import feeder
from argus.lake.query import query
from argus.network.backoff import Backoff
from argus.telemetry import ConnectionLost, StoreLost
from tests.bars.sinks.postgres.conftest import with_schema
from tests.bars.sinks.postgres.rows import ask
from tests.bars.sinks.postgres.server import Server, postgresql
from tests.daemon.recorder import recording, run, venue_options
from tests.daemon.sinks.compared import fed
from tests.waiting import until

STORAGE = {"flush_every_s": 0.25, "merge_age_s": 0.5, "day_close_grace_s": 0.5}
PROFILES = ("1s", "tib_small", "trb_small", "vib_small", "vpin")
OF_BARS = [f.name for f in BAR.given]
OF_KLINES = [f.name for f in KLINE.given]


@pytest.fixture
def server():
    found = Server(postgresql())
    found.create()
    yield found
    found.remove()


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(feeder, "AWAY", Backoff(first_ns=50_000_000, longest_ns=500_000_000))


def times(names: list[str]) -> str:
    """Return columns of the lake, with instants as nanoseconds."""
    return ", ".join(
        f'epoch_ns("{n}") AS "{n}"' if n.startswith("ts_") else f'"{n}"' for n in names
    )


def in_lake(data: Path, sql: str) -> list[tuple]:
    table = query(data, sql)
    columns = [column.to_pylist() for column in table.columns]
    return sorted(zip(*columns, strict=True), key=repr)


def in_store(config: TimescaleConfig, sql: str) -> list[tuple]:
    return sorted(map(tuple, ask(config, sql)), key=repr)


def compare(data: Path, config: TimescaleConfig) -> tuple[int, int]:
    """Hold both against each other by all their values; return how many bars and candles."""
    bars = in_lake(data, f"SELECT symbol, profile, {times(OF_BARS)} FROM bars")
    names = ", ".join(f'f."{n}"' for n in OF_BARS)
    tables = ("tick_imbalance", "volume_imbalance", "vpin", "bar")
    stored = " UNION ALL ".join(
        f"SELECT s.symbol, i.interval, {names} FROM fact__{t} f JOIN dim__interval i "
        "USING (interval_id) JOIN dim__symbol s USING (exchange_id, coin_id, quote_id)"
        for t in tables
    )
    assert in_store(config, stored) == bars
    candles = in_lake(
        data,
        f"SELECT symbol, 'kline_' || interval, {times(OF_KLINES)} FROM kline WHERE closed "
        "QUALIFY row_number() OVER (PARTITION BY symbol, interval, ts_open "
        "ORDER BY trades DESC, ts_recv DESC) = 1",
    )
    names = ", ".join(f'f."{n}"' for n in OF_KLINES)
    stored = (
        f"SELECT s.symbol, i.interval, {names} FROM fact__kline f JOIN dim__interval i "
        "USING (interval_id) JOIN dim__symbol s USING (exchange_id, coin_id, quote_id)"
    )
    assert in_store(config, stored) == candles
    return len(bars), len(candles)


async def goes_on(recorder, facts: int) -> None:
    goal = recorder.facts + facts
    await until(lambda: recorder.facts >= goal, timeout_s=60)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_database_that_is_killed_again_and_again_holds_the_bars_of_the_lake(
    tmp_path: Path, server: Server, source: str
):
    random = Random(6)
    config = with_schema(TimescaleConfig(url=server.database()))

    async def main() -> None:
        sections = {"timescale": config, "bars": BarsConfig(profiles=PROFILES)}
        options = venue_options(source, symbols=3, rate=3000)
        async with recording(
            tmp_path / "data", options, storage=STORAGE, sections=sections
        ) as recorder:
            for _ in range(3):
                await goes_on(recorder, random.randrange(500, 3000))
                lost = len(recorder.notes.of(StoreLost))
                await asyncio.to_thread(server.kill)
                await until(lambda: len(recorder.notes.of(StoreLost)) > lost, timeout_s=30)  # noqa: B023
                await goes_on(recorder, random.randrange(500, 3000))
                await asyncio.to_thread(server.start)
            await goes_on(recorder, 1000)
            await fed(recorder)
        (status,) = recorder.service.sinks.status()
        assert (status.chunks, status.notes, status.rows_refused) == (0, 0, 0)
        assert recorder.notes.of(ConnectionLost) == []
        assert recorder.verdict().wrong == []
        bars, _ = compare(recorder.data, config)
        assert bars > 10

    run(main)
