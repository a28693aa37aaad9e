"""Readers that are not ours, while the lake is being written."""

import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow.dataset as ds
import pytest

from argus.lake.query import query
from tests.storage.facts import Rig, trades

SYMBOLS = ("A", "币/=%")
type_of_rows = list[tuple[str, int]]


def by_duckdb(data: Path) -> type_of_rows:
    with duckdb.connect() as session:
        return session.sql(
            f"SELECT symbol, trade_id FROM read_parquet('{data}/lake/**/*.parquet', "
            "hive_partitioning = true)"
        ).fetchall()


def by_polars(data: Path) -> type_of_rows:
    frame = pl.scan_parquet(f"{data}/lake/**/*.parquet", hive_partitioning=True)
    return frame.select("symbol", "trade_id").collect().rows()


def by_polars_folder(data: Path) -> type_of_rows:
    frame = pl.scan_parquet(data / "lake", hive_partitioning=True)
    return frame.select("symbol", "trade_id").collect().rows()


def by_pyarrow(data: Path) -> type_of_rows:
    table = ds.dataset(data / "lake", format="parquet", partitioning="hive").to_table()
    return list(zip(table["symbol"].to_pylist(), table["trade_id"].to_pylist(), strict=True))


def by_pandas(data: Path) -> type_of_rows:
    frame = pd.read_parquet(data / "lake")
    return list(zip(frame["symbol"].tolist(), frame["trade_id"].tolist(), strict=True))


def by_us(data: Path) -> type_of_rows:
    table = query(data, "SELECT symbol, trade_id FROM trade")
    return list(zip(table["symbol"].to_pylist(), table["trade_id"].to_pylist(), strict=True))


class Writing:
    """Flush and merge in a thread until told to stop; `durable` ids and below are on the disk."""

    def __init__(self, data: Path) -> None:
        self.durable = -1
        self.failed: list[Exception] = []
        self._data = data
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Writing":
        self.step(Rig(self._data, "g1"), 0)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        assert self.failed == []

    def step(self, rig: Rig, number: int) -> None:
        rig.flusher.bump_all("g1")
        rig.chunk({s: trades(range(number * 5, number * 5 + 5)) for s in SYMBOLS})
        self.durable = number * 5 + 4
        if number % 3 == 0:
            rig.flusher.flush_all()
        elif number % 3 == 1:
            rig.flusher.flush("A", "g1")

    def _run(self) -> None:
        rig, number = Rig(self._data, "g1"), 1
        rig.storage.sequence = 1
        while not self._is_over.is_set():
            try:
                self.step(rig, number)
            except (OSError, ValueError, RuntimeError) as error:
                self.failed.append(error)
                return
            number += 1


READERS: list[Callable[[Path], type_of_rows]] = [
    by_duckdb,
    by_polars,
    by_polars_folder,
    by_pyarrow,
    by_pandas,
    by_us,
]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_reader_sees_whole_files_and_each_fact_once_while_they_are_written(tmp_path, read):
    with Writing(tmp_path) as writing:
        for _ in range(25):
            durable = writing.durable
            rows = read(tmp_path)
            for symbol in SYMBOLS:
                found = sorted(number for name, number in rows if name == symbol)
                assert found == list(range(len(found)))
                if read is by_us:
                    assert len(found) > durable
