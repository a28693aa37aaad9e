"""Shell. Rows per second into PostgreSQL: the store, and a plain COPY of the same rows.

    python -m benchmarks.sinks                     # 200,000 bars, five rounds
    python -m benchmarks.sinks --timescaledb       # the server of `tools/timescaledb`

Contestants take turns within a round; each has a database of its own on one server, which is set up
as the package sets it up but for `fsync`, which is on. Bars are of 50 symbols and four
profiles, in the order in which they close. A plain COPY gets the same packed rows; packing counts.

- `copy, bare`: into one table without keys, indexes or references.
- `copy, indexed`: into one table with the same indexes and references as the store's.
- `store`: the same rows through `PostgresStore.write`, in chunks of 20,000.
- `store, again`: the same rows once more, which changes nothing.
- `store, minutes`: chunks of 200 rows, as a quiet recorder hands them over.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import psycopg
import pyarrow as pa

from argus.bars.sinks.postgres.connecting import connect
from argus.bars.sinks.postgres.packing import coded, packed, staged_columns
from argus.bars.sinks.postgres.schema import migrate
from argus.bars.sinks.postgres.store import ROWS_MAX, PostgresStore
from argus.bars.sinks.postgres.tables import BAR, SERIES
from argus.columns import chunk_schema
from argus.config.timescale import TimescaleConfig
from argus.events import Bar
from tests.bars.sinks.postgres.rows import bar, table
from tests.bars.sinks.postgres.server import Server, postgresql, timescaledb

PROFILES = ("tib_small", "trb_small", "vib_small", "1m")
RULES = ("tick_imbalance", "tick_run", "volume_imbalance", "time")
SYMBOLS = 50
TS_START = 1_763_640_000 * 10**9


def bars(count: int) -> pa.Table:
    """Return bars of many series, in the order in which they close."""
    draws = np.random.default_rng(1)
    number = np.arange(count)
    series = number % (SYMBOLS * len(PROFILES))
    sequence = number // (SYMBOLS * len(PROFILES)) + 1
    opened = TS_START + number * 50_000_000
    pattern = table([bar(1, vpin=None)]).to_pylist()[0]
    columns = {name: [value] * count for name, value in pattern.items()}
    for name in ("open", "high", "low", "close", "volume", "quote_volume", "buy_volume"):
        columns[name] = draws.lognormal(3, 1, count).round(4).tolist()
    columns |= {
        "symbol": [f"C{n % SYMBOLS}USDT" for n in series],
        "profile": [PROFILES[n // SYMBOLS] for n in series],
        "rule": [RULES[n // SYMBOLS] for n in series],
        "sequence": sequence.tolist(),
        **{name: opened.tolist() for name in ("ts_open", "ts_first")},
        **{name: (opened + 10**9).tolist() for name in ("ts_event", "ts_recv", "ts_last")},
    }
    return pa.table(columns, schema=chunk_schema(Bar))


def plain_copy(url: str, rows: pa.Table, *, is_indexed: bool) -> float:
    """Return how long a COPY into one table takes, packing included, in seconds."""
    columns = ", ".join(f"{n} {kind} NOT NULL" for n, kind in staged_columns(BAR))
    names = ", ".join(name for name, _ in staged_columns(BAR))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS plain; CREATE TABLE plain ({columns})".encode())
        if is_indexed:
            connection.execute("; ".join(_indexes()).encode())
        begun = time.perf_counter()
        for first in range(0, rows.num_rows, ROWS_MAX):
            part = rows.slice(first, ROWS_MAX)
            symbols, profiles = coded(part.column("symbol")), coded(part.column("profile"))
            ids = dict.fromkeys(SERIES, np.zeros(part.num_rows, np.int64))
            ids |= {"coin_id": symbols.codes, "interval_id": profiles.codes}
            texts = {f.name: coded(part.column(f.name)) for f in BAR.fields if f.kind == "text"}
            data = packed(BAR, part, ids=ids, targets=ids["quote_id"], texts=texts)
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY plain ({names}) FROM STDIN (FORMAT binary)".encode()) as copy,
            ):
                copy.write(data)
        return time.perf_counter() - begun


def _indexes() -> list[str]:
    """Return the statements that give `plain` what the store's tables have."""
    series = ", ".join(SERIES)
    made = []
    for name in SERIES:
        made += [
            f"CREATE TABLE IF NOT EXISTS of_{name} ({name} INT PRIMARY KEY)",
            f"INSERT INTO of_{name} SELECT generate_series(0, 300) ON CONFLICT DO NOTHING",
            f"ALTER TABLE plain ADD FOREIGN KEY ({name}) REFERENCES of_{name}",
        ]
    return [
        *made,
        f"CREATE UNIQUE INDEX ON plain ({series}, sequence, time)",
        f"CREATE INDEX ON plain ({series}, time DESC)",
        "CREATE INDEX ON plain (time DESC)",
    ]


def through_store(config: TimescaleConfig, rows: pa.Table, *, chunk: int) -> float:
    """Return how long the store takes, in seconds, without connecting."""
    store = PostgresStore(config)
    store.open()
    begun = time.perf_counter()
    for first in range(0, rows.num_rows, chunk):
        store.write("binance_spot", "bar", rows.slice(first, chunk))
    taken = time.perf_counter() - begun
    store.close()
    return taken


def emptied(config: TimescaleConfig) -> None:
    """Empty the tables, as if they were new."""
    with psycopg.connect(config.url, autocommit=True) as connection:
        for name in ("tick_imbalance", "volume_imbalance", "bar"):
            connection.execute(f"TRUNCATE {config.schema}.fact__{name}".encode())


def measured(server: Server, count: int, rounds: int) -> dict[str, list[float]]:
    """Return rows per second, per contestant and round."""
    rows, few = bars(count), bars(count).slice(0, count // 10)
    config = TimescaleConfig(url=server.database())
    with connect(config) as connection:
        migrate(connection, config)
    other = server.database()
    contestants: dict[str, tuple[int, Callable[[], float]]] = {
        "copy, bare": (count, lambda: plain_copy(other, rows, is_indexed=False)),
        "copy, indexed": (count, lambda: plain_copy(other, rows, is_indexed=True)),
        "store": (count, lambda: through_store(config, rows, chunk=ROWS_MAX)),
        "store, again": (count, lambda: through_store(config, rows, chunk=ROWS_MAX)),
        "store, minutes": (few.num_rows, lambda: through_store(config, few, chunk=200)),
    }
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (number, run) in contestants.items():
            if name in {"store", "store, minutes"}:
                emptied(config)
            found[name].append(number / run())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--timescaledb", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    programs = timescaledb() if options.timescaledb else postgresql()
    server = Server(replace(programs, settings=(*programs.settings, "fsync=on")))
    server.create()
    try:
        found = measured(server, options.rows, options.rounds)
    finally:
        server.remove()
    if options.json:
        print(json.dumps(found))
        return
    kind = "TimescaleDB" if options.timescaledb else "PostgreSQL"
    print(f"{kind}, {options.rows} rows, {options.rounds} rounds")
    print("| | rows/s: median | least | most | of a bare COPY |\n|---|---|---|---|---|")
    for name, rates in found.items():
        shares = [r / bare for r, bare in zip(rates, found["copy, bare"], strict=True)]
        print(
            f"| {name} | {statistics.median(rates):,.0f} | {min(rates):,.0f} | {max(rates):,.0f} "
            f"| {statistics.median(shares):.2f} |"
        )


if __name__ == "__main__":
    main()
