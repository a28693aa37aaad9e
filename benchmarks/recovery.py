"""Shell. How long a recovery takes: a minute of a journal, decoded into durable chunks.

    python -m benchmarks.recovery                  # 20,000 messages/s for a minute

The run that died has written one segment and no chunk. Measured is `Recovery.run`, as the next
start calls it, beside nothing else: from looking at the data folder to the removal of the journal.
"""

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from argus.config.schema import StorageConfig
from argus.daemon.recovery import Recovery
from argus.daemon.replay import Means
from argus.daemon.world import this_machine
from argus.network.sources import SOURCES
from argus.storage.chunk import chunk_at
from argus.storage.generation import accept
from argus.storage.journal import segment_path
from argus.storage.latest import last_facts
from argus.storage.lines import begin
from argus.storage.survey import chunk_paths, pieces_of
from argus.telemetry import Happening
from benchmarks.traffic import messages as traffic
from benchmarks.traffic import mix

SOURCE = SOURCES["binance_spot"]
DEAD, OWN = "dead", "own"
TS_START_MS = 1_763_596_800_000


def write_journal(data: Path, count: int, per_second: int) -> dict[str, int]:
    """Write what a run that died has left; return how many facts of each data type are in it."""
    world = this_machine()
    accept(data, DEAD, disk=world.disk(DEAD))
    path = segment_path(data, DEAD, SOURCE.name, 1)
    path.parent.mkdir(parents=True)
    found: Counter[str] = Counter()
    begun: set[str] = set()
    with path.open("wb") as file:
        sent = traffic(mix(count), ts_start_ms=TS_START_MS, microseconds=True)
        for number, message in enumerate(sent):
            ts = TS_START_MS * 1_000_000 + number * 1_000_000_000 // per_second
            stream = SOURCE.identify(message.stream)
            assert stream is not None
            data_type = stream.path.data_type
            if message.stream not in begun:
                begun.add(message.stream)
                file.write(b"%d %b\n" % (ts, begin(message.symbol.lower(), data_type)))
            file.write(b"%d %b\n" % (ts, message.payload))
            found[data_type] += 1
    return dict(found)


def rows_in_chunks(data: Path) -> dict[str, int]:
    """Return how many facts of each data type the recovery has written."""
    found: Counter[str] = Counter()
    for folder in (data / "temp").glob("[!.]*/*/*/"):
        generation, source, data_type = folder.parts[-3:]
        for path in chunk_paths(data, generation, source, data_type):
            found[data_type] += sum(piece.rows for piece in pieces_of(path, chunk_at(path)))
    return dict(found)


def recover(data: Path) -> tuple[float, float, int]:
    """Recover; return wall and CPU seconds, and the paths of which the last fact is known."""
    world = this_machine()
    accept(data, OWN, disk=world.disk(OWN))

    def report(_: Happening) -> None:
        """Keep nothing: a recorder writes a line."""

    means = Means(
        data=data,
        storage=StorageConfig(data=str(data)),
        disk=world.disk,
        threads=world.threads,
        clock=world.clock,
        report=report,
    )
    recovery = Recovery(SOURCES, means=means, own=OWN, is_kept=False)
    begun, begun_cpu = time.perf_counter(), time.process_time()
    last = asyncio.run(recovery.run())
    return time.perf_counter() - begun, time.process_time() - begun_cpu, len(last)


def main() -> None:
    """Write a journal, recover it, and print what that took."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rate", type=int, default=20_000, help="messages a second")
    words.add_argument("--seconds", type=int, default=60, help="how many seconds of them")
    words.add_argument("--folder", type=Path, help="where to write; a temporary one by default")
    chosen = words.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="recovery-", dir=chosen.folder))
    try:
        wanted = write_journal(folder, chosen.rate * chosen.seconds, chosen.rate)
        size = segment_path(folder, DEAD, SOURCE.name, 1).stat().st_size
        wall_s, cpu_s, paths = recover(folder)
        found = rows_in_chunks(folder)
        assert found == wanted, f"found {found}, expected {wanted}"
        assert not list(folder.glob("journal/**/*.log"))
        assert paths == len(last_facts(folder, sources={SOURCE.name}, but=()))
        figures = {
            "lines": sum(wanted.values()),
            "megabytes": round(size / 1e6),
            "wall_s": round(wall_s, 2),
            "cpu_s": round(cpu_s, 2),
            "us_per_line": round(cpu_s / sum(wanted.values()) * 1e6, 2),
            "load": [round(load, 1) for load in os.getloadavg()],
        }
        print(json.dumps(figures))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
