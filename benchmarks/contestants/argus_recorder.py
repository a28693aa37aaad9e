"""Shell. Argus as a user runs it: `argus run --config FILE`, over two overlapping connections.

What the benchmark assumes of Argus is in this file and nowhere else: the keys of the configuration,
the places of chunks and date files, and the columns that identify a fact. The measured process is
`argus run` itself; this script only starts it, watches its files once everything has been read,
stops it, and counts.
"""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.contestants.script import Job, Result, bytes_in, flushed, job, ready, result
from benchmarks.traffic import PROFILES, Kind, messages

FLUSH_EVERY_S = 5
LOOK_EVERY_S = 0.1
DATA_TYPES = {"mix": ["agg_trade", "bbo", "book_delta"], "agg_trade": ["agg_trade"]}
CHUNKS = "temp/*/binance_spot/{data_type}/*.parquet"
LAKE = "lake/source=binance_spot/data_type={data_type}/symbol=*/**/*.parquet"
IDENTITIES = {
    Kind.AGG_TRADE: ("agg_trade", "agg_trade_id"),
    Kind.BOOK_TICKER: ("bbo", "update_id"),
    Kind.DEPTH: ("book_delta", "last_update_id"),
}


def configuration(task: Job) -> str:
    """Return the `argus.toml` of a run."""
    symbols = PROFILES[task.profile](task.messages).symbol_names()
    lines = [
        "[storage]",
        f'data = "{task.folder}/data"',
        f"flush_every_s = {FLUSH_EVERY_S}",
        "[sources.binance_spot]",
        f"symbols = {symbols!r}",
        f"data_types = {DATA_TYPES[task.profile]!r}",
        f"standby = {int(task.options.get('standby', 1))}",
        f'websocket_url = "{task.websocket_url}"',
        f'rest_url = "{task.rest_url}"',
        f"coalesce_ms = {int(task.options.get('coalesce_ms', 0))}",
    ]
    return "\n".join(lines) + "\n"


def record(task: Job) -> None:
    """Run Argus until it has everything in Parquet, then stop it and count."""
    file = Path(task.folder) / "argus.toml"
    file.write_text(configuration(task))
    command = [sys.executable, "-m", "argus", "run", "--config", str(file)]
    child = subprocess.Popen(command, cwd=task.folder, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    # This script watches from the venue's core; only Argus itself is measured.
    os.sched_setaffinity(0, {0})
    ready(child.pid)
    sys.stdin.readline()
    data = Path(task.folder) / "data"
    deadline = time.monotonic() + 3 * FLUSH_EVERY_S + 10
    while rows_in(data, task) < task.messages and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
    flushed()
    child.send_signal(signal.SIGTERM)
    _, status, usage = os.wait4(child.pid, 0)
    facts, rows, fault = counted(data, task)
    result(
        Result(
            facts=facts,
            messages_received=task.messages * (1 + int(task.options.get("standby", 1))),
            rows=rows,
            bytes_written=bytes_in(data / "lake", "*.parquet")
            + bytes_in(data / "temp", "*.parquet"),
            cpu_s=usage.ru_utime + usage.ru_stime,
            rss_mb=usage.ru_maxrss / 1024,
            fault=fault or (f"argus run ended with {status}" if status else ""),
        )
    )


def rows_in(data: Path, task: Job) -> int:
    """Return how many rows are in whole Parquet files, merged or not."""
    found = 0
    for path in files(data, task):
        try:
            found += pq.read_metadata(path).num_rows
        except FileNotFoundError:
            continue  # merged in this moment
    return found


def files(data: Path, task: Job) -> list[Path]:
    """Return the chunks and date files of the data types that the venue sends."""
    patterns = (CHUNKS, LAKE)
    kinds = DATA_TYPES[task.profile]
    return [
        path
        for each in patterns
        for kind in kinds
        for path in data.glob(each.format(data_type=kind))
    ]


def counted(data: Path, task: Job) -> tuple[int, int, str]:
    """Return the facts, the rows, and the first difference from what the venue sent."""
    sent: dict[tuple[str, str], list[int]] = defaultdict(list)
    for message in messages(PROFILES[task.profile](task.messages), ts_start_ms=0):
        sent[IDENTITIES[message.kind][0], message.symbol].append(message.identity)
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    columns = dict(IDENTITIES.values())
    for path in files(data, task):
        kind = (
            path.parts[path.parts.index("lake") + 2].split("=")[1]
            if "lake" in path.parts
            else path.parts[-2]
        )
        symbols, ids = table_of(path, columns[kind])
        for symbol, identity in zip(symbols, ids, strict=True):
            found[kind, symbol].append(identity)
    facts = sum(len(ids) for ids in found.values())
    for (kind, symbol), ids in sent.items():
        if found[kind, symbol] != ids:
            text = f"{kind} of {symbol}: {len(found[kind, symbol])} facts recorded, {len(ids)} sent"
            return facts, facts, text if facts != task.messages else text + ", in another order"
    return facts, facts, ""


def table_of(path: Path, column: str) -> tuple[list[str], list[int]]:
    """Return the symbols and ids of a file; a date file has its symbol in its path."""
    file = pq.ParquetFile(path)
    ids = file.read([column])[column].to_pylist()
    if "symbol" in file.schema_arrow.names:
        return file.read(["symbol"])["symbol"].to_pylist(), ids
    symbol = next(part for part in path.parts if part.startswith("symbol=")).split("=")[1]
    return [symbol] * len(ids), ids


if __name__ == "__main__":
    record(job())
