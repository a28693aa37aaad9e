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
UNJOURNALED = "benchmarks.contestants.argus_unjournaled"
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
    module = "argus" if task.options.get("journal", 1) else UNJOURNALED
    command = [sys.executable, "-m", module, "run", "--config", str(file)]
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
    for path in (path for kind in DATA_TYPES[task.profile] for path in files(data, kind)):
        try:
            found += pq.read_metadata(path).num_rows
        except FileNotFoundError:
            continue  # merged in this moment
    return found


def files(data: Path, kind: str) -> list[Path]:
    """Return the chunks and date files of one data type."""
    patterns = (CHUNKS.format(data_type=kind), LAKE.format(data_type=kind))
    return [path for pattern in patterns for path in data.glob(pattern)]


def counted(data: Path, task: Job) -> tuple[int, int, str]:
    """Return the facts, the rows, and the first difference from what the venue sent.

    Within a file the ids have to be in order; files are put in the order of their first ids.
    """
    sent: dict[tuple[str, str], list[int]] = defaultdict(list)
    for message in messages(PROFILES[task.profile](task.messages), ts_start_ms=0):
        sent[IDENTITIES[message.kind][0], message.symbol].append(message.identity)
    parts: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
    columns = dict(IDENTITIES.values())
    for kind in DATA_TYPES[task.profile]:
        for path in files(data, kind):
            for symbol, ids in ids_of(path, columns[kind]).items():
                parts[kind, symbol].append(ids)
    rows = sum(len(ids) for some in parts.values() for ids in some)
    for (kind, symbol), ids in sent.items():
        found = [each for part in sorted(parts[kind, symbol]) for each in part]
        if found != ids:
            text = f"{kind} of {symbol}: {len(found)} facts recorded, {len(ids)} sent"
            return rows, rows, text if len(found) != len(ids) else text + ", but not the same"
    return rows, rows, ""


def ids_of(path: Path, column: str) -> dict[str, list[int]]:
    """Return the ids by symbol; a date file has its symbol in its path."""
    file = pq.ParquetFile(path)
    ids = file.read([column])[column].to_pylist()
    if "symbol" not in file.schema_arrow.names:
        symbol = next(part for part in path.parts if part.startswith("symbol="))
        return {symbol.removeprefix("symbol="): ids}
    found: dict[str, list[int]] = defaultdict(list)
    for symbol, identity in zip(file.read(["symbol"])["symbol"].to_pylist(), ids, strict=True):
        found[symbol].append(identity)
    return found


if __name__ == "__main__":
    record(job())
