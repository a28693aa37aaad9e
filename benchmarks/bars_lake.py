"""Bars out of a lake, end to end, beside reading the same columns with pyarrow alone.

    python -m benchmarks.bars_lake [--rows N] [--data FOLDER]

Each figure is the median of three runs, files in the page cache, programs compiled before.
"""

import argparse
import shutil
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from argus.bars import NAMES, Series, Trades, profile
from argus.daemon.bulk.building import COLUMNS, build
from argus.daemon.bulk.comparing import compared
from argus.daemon.bulk.draft import drafting
from argus.daemon.bulk.storing import plan, store
from argus.lake.files import date_files
from argus.lake.span import ALL
from argus.lake.trades import trades
from argus.storage.disk import LocalDisk
from argus.storage.partition import LAKE
from benchmarks.lakes import SOURCE, make_lake

SYMBOL = "BTCUSDT"
READ = ("ts_event", "ts_recv", "trade_id", *COLUMNS)
ALL_NAMES = ("1s", "1m", *NAMES)
RUNS = 3


def plain(data: Path) -> int:
    """Read the columns as pyarrow does it best: whole row groups with all its threads."""
    rows = 0
    for path in date_files(data, "trade", source=SOURCE, symbol=SYMBOL):
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                rows += file.read_row_group(group, columns=list(READ)).num_rows
    return rows


def read(data: Path) -> int:
    found = trades(data, SOURCE, "trade", {SYMBOL: ALL}, columns=COLUMNS)
    return sum(table.num_rows for _, table in found)


def bars(data: Path, names) -> int:
    wanted = [profile(name) for name in names]
    return sum(part.trades for part in build(data, SOURCE, "trade", {SYMBOL: ALL}, wanted))


def fed(tables, names) -> int:
    """Feed trades that are in memory already."""
    series, rows = Series([profile(name) for name in names]), 0
    for table in tables:
        series.feed(Trades.of_table(table))
        rows += table.num_rows
    return rows


def into_lake(data: Path, names, run: int) -> int:
    """Do what `argus bars build` does: draft, compare, write, merge."""
    generation = f"run{run}"
    shutil.rmtree(data / LAKE / f"source={SOURCE}" / "data_type=bar", ignore_errors=True)
    with drafting(data) as draft:
        rows = 0
        for part in build(data, SOURCE, "trade", {SYMBOL: ALL}, [profile(n) for n in names]):
            draft.add(SYMBOL, part.bars)
            rows += part.trades
        draft.close()
        wanted = plan(compared(data, SOURCE, draft.path), is_cold=False, ts_until=None)
        store(
            data, SOURCE, draft, wanted, generation=generation, disk=LocalDisk(generation),
            report=lambda _: None, rows_max=500_000,
        )  # fmt: skip
    return rows


def measured(name: str, work) -> None:
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        rows = work()
        times.append(time.perf_counter() - begin)
    took = statistics.median(times)
    print(f"| {name} | {took:.2f} | {rows / took / 1e6:.1f} |", flush=True)


def main() -> None:
    reads = argparse.ArgumentParser(description=__doc__)
    reads.add_argument("--rows", type=int, default=10_000_000)
    reads.add_argument("--data", type=Path)
    given = reads.parse_args()
    with TemporaryDirectory() as passing:
        data = given.data or Path(passing)
        if not date_files(data, "trade", source=SOURCE, symbol=SYMBOL):
            make_lake(data, symbols=[SYMBOL], rows=given.rows)
        fed([], ALL_NAMES)
        print(f"| {plain(data) / 1e6:g} million trades of one symbol | s | million trades/s |")
        print("|---|---|---|")
        measured("pyarrow alone, the same columns, a row group at a time", lambda: plain(data))
        measured("`argus.lake.trades`, the same columns", lambda: read(data))
        tables = [t for _, t in trades(data, SOURCE, "trade", {SYMBOL: ALL}, columns=COLUMNS)]
        for names in (("1m",), ("tib_large",), ALL_NAMES):
            label = ", ".join(names) if len(names) == 1 else f"all {len(names)} profiles together"
            measured(f"series alone, trades in memory: {label}", lambda n=names: fed(tables, n))
            measured(f"lake to bars: {label}", lambda n=names: bars(data, n))
        runs = iter(range(RUNS))
        wanted = ("1m", "tib_large")
        measured(
            "`argus bars build` of 1m and tib_large, nothing stored before",
            lambda: into_lake(data, wanted, next(runs)),
        )


if __name__ == "__main__":
    main()
