"""Whoever reads a lake that is being recorded sees whole files, and each fact once."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

from argus.lake.query import query
from argus.storage.merge import Merged
from tests.daemon.recorder import Recorder, recording, run, venue_options

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
COLUMNS = ("symbol", "trade_id", "ts_recv")
type_of_rows = list[tuple[str, int, int]]


def rows_of(table: pa.Table) -> type_of_rows:
    columns = [table[name] for name in COLUMNS]
    plain = [
        *(columns[0].cast(pa.string()), columns[1]),
        columns[2].cast(pa.timestamp("ns", "UTC"), safe=True).cast(pa.int64()),
    ]
    return list(zip(*(column.to_pylist() for column in plain), strict=True))


def by_duckdb(data: Path) -> type_of_rows:
    with duckdb.connect() as session:
        return session.sql(
            f"SELECT symbol, trade_id, epoch_ns(ts_recv) FROM "
            f"read_parquet('{data}/lake/*/data_type=trade/**/*.parquet', hive_partitioning = true)"
        ).fetchall()


def by_polars(data: Path) -> type_of_rows:
    frame = pl.scan_parquet(f"{data}/lake/*/data_type=trade/**/*.parquet", hive_partitioning=True)
    return frame.select("symbol", "trade_id", pl.col("ts_recv").dt.epoch("ns")).collect().rows()


def by_pyarrow(data: Path) -> type_of_rows:
    folder = data / "lake/source=binance_spot/data_type=trade"
    found = ds.dataset(folder, format="parquet", partitioning="hive")
    return rows_of(found.to_table(columns=list(COLUMNS)))


def by_pandas(data: Path) -> type_of_rows:
    frame = pd.read_parquet(data / "lake/source=binance_spot/data_type=trade")
    times = frame["ts_recv"].astype("int64").tolist()
    return list(zip(frame["symbol"].tolist(), frame["trade_id"].tolist(), times, strict=True))


def by_us(data: Path) -> type_of_rows:
    sql = "SELECT symbol, trade_id, epoch_ns(ts_recv) AS ts_recv FROM trade"
    table = query(data, sql)
    columns = [table[name].to_pylist() for name in COLUMNS]
    return list(zip(*columns, strict=True))


READERS: list[Callable[[Path], type_of_rows]] = [
    *(by_duckdb, by_polars, by_pyarrow, by_pandas, by_us)
]
READS = 12


async def flush_and_merge(recorder: Recorder, over: asyncio.Event) -> Merged:
    merged = Merged()
    while not over.is_set():
        await recorder.service.recording.flush()
        merged += await recorder.service.merging.merge_all()
    return merged


async def follow(recorder: Recorder, read: Callable[[Path], type_of_rows]) -> None:
    """Read again and again: per symbol every id from the first on, and never fewer."""
    before: dict[str, int] = {}
    begin: dict[str, int] = {}
    for _ in range(READS):
        rows = await asyncio.to_thread(read, recorder.data)
        assert len({row[:2] for row in rows}) == len(rows)
        for symbol in {row[0] for row in rows}:
            ids = sorted(number for name, number, _ in rows if name == symbol)
            assert ids == list(range(ids[0], ids[-1] + 1))
            assert begin.setdefault(symbol, ids[0]) == ids[0]
            assert ids[-1] >= before.get(symbol, 0)
            before[symbol] = ids[-1]
        # Nanoseconds survive every reader.
        assert not rows or any(ts % 1000 for _, _, ts in rows)


def test_readers_of_all_kinds_follow_a_lake_that_is_being_written(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=2000)
        async with recording(tmp_path, options, data_types=("trade", "bbo")) as recorder:
            await recorder.all_sewn()
            over = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                # The first date files stand before a reader looks for a folder.
                await recorder.service.recording.flush()
                await recorder.service.merging.merge_all()
                writing = tasks.create_task(flush_and_merge(recorder, over))
                for read in READERS:
                    await follow(recorder, read)
                over.set()
            assert writing.result().partitions > 3 * len(SYMBOLS)
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)


def test_query_sees_every_durable_fact_at_every_moment(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=2000)
        async with recording(tmp_path, options, data_types=("trade",)) as recorder:
            await recorder.all_sewn()
            over = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(flush_and_merge(recorder, over))
                count = 0
                for _ in range(30):
                    durable = recorder.service.recording.totals.rows
                    sql = "SELECT count(*) AS n, count(DISTINCT (symbol, trade_id)) AS d FROM trade"
                    (row,) = (await asyncio.to_thread(query, tmp_path, sql)).to_pylist()
                    assert row["n"] == row["d"]
                    assert row["n"] >= max(count, durable)
                    count = row["n"]
                over.set()
        assert count > 500

    run(main)
