"""Lakes of made-up trades, written as a recorder would have: chunks, accepted and merged.

python -m benchmarks.lakes FOLDER [--symbols A,B] [--rows N] [--missing N]
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa

from argus.columns import chunk_schema
from argus.events import Trade
from argus.storage.chunk import Chunk
from argus.storage.disk import LocalDisk
from argus.storage.flush import FlushHandler
from argus.storage.generation import accept, folder_of
from argus.storage.writer import writing_parquet

SOURCE = "binance_spot"
BEGIN = 1_763_596_800_000_000_000  # 2025-11-20T00:00:00Z
CHUNK_ROWS = 1_000_000


def tape(first: int, rows: int, *, ts: int, every_ns: int, price: float, seed: int):
    """Return columns of a random walk whose sides come in runs, as those of real trades do."""
    draws = np.random.default_rng(seed)
    flips = draws.random(rows) < 0.3
    side = np.where(np.cumsum(flips) % 2 == 0, 1, -1)
    steps = draws.choice([-0.01, 0.0, 0.01], rows, p=[0.15, 0.7, 0.15]) + 0.0012 * side * (
        draws.random(rows) < 0.2
    )
    prices = np.round(price + np.cumsum(steps) * 10, 2)
    apart = draws.exponential(every_ns, rows).astype(np.int64) // 1_000_000 * 1_000_000
    times = ts + np.cumsum(apart)
    sizes = np.round(draws.lognormal(-4, 1.4, rows) + 0.00001, 5)
    return np.arange(first, first + rows), times, prices, sizes, side


def table_of(symbol: str, columns) -> pa.Table:
    """Return a tape as a table with the columns of a chunk."""
    ids, times, prices, sizes, side = columns
    rows = len(ids)
    made = {
        "symbol": pa.repeat(symbol, rows).dictionary_encode(),
        "ts_event": pa.array(times).cast(pa.timestamp("ns", tz="UTC")),
        "ts_recv": pa.array(times + 3_000_000).cast(pa.timestamp("ns", tz="UTC")),
        "origin": pa.repeat("live", rows).dictionary_encode(),
        "trade_id": pa.array(ids),
        "price": pa.array(prices),
        "size": pa.array(sizes),
        "side": pa.DictionaryArray.from_arrays(
            pa.array((side < 0).astype(np.int32)), pa.array(["buy", "sell"])
        ),
        "trade_type": pa.nulls(rows, pa.dictionary(pa.int32(), pa.string())),
    }
    schema = chunk_schema(Trade)
    return pa.Table.from_arrays(
        [made[name].cast(schema.field(name).type) for name in schema.names], schema=schema
    )


def make_lake(
    data: Path, *, symbols, rows: int, every_ns: int = 40_000_000, missing: int = 0
) -> None:
    """Write trades of some symbols into a lake; what is there already stays as it is.

    In the middle of each chunk some may be missing.
    """
    generation = "benchmark"
    disk = LocalDisk(generation, is_durable=False)
    sequence = 0
    for number, symbol in enumerate(symbols):
        price, ts = 86_000.0 / (number + 1) ** 2, BEGIN
        for first in range(0, rows, CHUNK_ROWS):
            count = min(CHUNK_ROWS, rows - first)
            columns = tape(first, count, ts=ts, every_ns=every_ns, price=price, seed=first + number)
            ts, price = int(columns[1][-1]), float(columns[2][-1])
            kept = np.abs(np.arange(count) - count // 2) >= missing / 2
            table = table_of(symbol, [values[kept] for values in columns])
            sequence += 1
            chunk = Chunk(SOURCE, "trade", generation, sequence, int(columns[1][0]), ts)
            with writing_parquet(
                disk, data / chunk.path, scratch=folder_of(data, generation), event=Trade,
                schema=chunk_schema(Trade),
            ) as writer:  # fmt: skip
                writer.write(table)
                writer.finish(chunk.metadata())
            accept(data, generation, disk=disk)
            FlushHandler(
                SOURCE, "trade", data=data, generation=generation, disk=disk, report=lambda _: None
            ).flush_all()


def main() -> None:
    reads = argparse.ArgumentParser(description=__doc__)
    reads.add_argument("folder", type=Path)
    reads.add_argument("--symbols", default="BTCUSDT")
    reads.add_argument("--rows", type=int, default=1_000_000)
    reads.add_argument("--missing", type=int, default=0)
    given = reads.parse_args()
    symbols = given.symbols.split(",")
    make_lake(given.folder, symbols=symbols, rows=given.rows, missing=given.missing)


if __name__ == "__main__":
    main()
