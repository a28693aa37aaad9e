"""Bars out of a lake, end to end, beside reading the same columns with pyarrow alone.

    python -m benchmarks.bars_lake [--rows N] [--data FOLDER]

Each figure is the least of five rounds; files in the page cache, programs compiled before.
"""

import argparse
import shutil
import time
from functools import partial
from itertools import count
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
RUNS = 5


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


def measured(works) -> None:
    """Run each piece of work once in every round, so that a slow minute meets all of them."""
    times: dict[str, float] = {}
    rows: dict[str, int] = {}
    for _ in range(RUNS):
        for name, work in works.items():
            begin = time.perf_counter()
            rows[name] = work()
            times[name] = min(times.get(name, float("inf")), time.perf_counter() - begin)
    for name, took in times.items():
        print(f"| {name} | {took:.2f} | {rows[name] / took / 1e6:.1f} |", flush=True)


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
        tables = [t for _, t in trades(data, SOURCE, "trade", {SYMBOL: ALL}, columns=COLUMNS)]
        runs = count()
        works = {
            "pyarrow alone, the same columns, all cores": lambda: plain(data),
            "`argus.lake.trades`, the same columns": lambda: read(data),
        }
        for names in (("1m",), ("tib_large",), ALL_NAMES):
            label = names[0] if len(names) == 1 else f"all {len(names)} default profiles"
            works[f"trades in memory to bars: {label}"] = partial(fed, tables, names)
            works[f"lake to bars: {label}"] = partial(bars, data, names)
        works["`argus bars build` of 1m and tib_large into the lake"] = lambda: into_lake(
            data, ("1m", "tib_large"), next(runs)
        )
        measured(works)


if __name__ == "__main__":
    main()
