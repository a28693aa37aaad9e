"""Shell. Closing gaps in the ledger whose facts are there, whoever recorded them.

Two recorders of one venue miss different facts. When both lie in one lake, the ids of a chain show
that a gap of one of them misses nothing; then the ledger is told, without asking any venue.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argus.clock import Clock
from argus.config.schema import Config
from argus.daemon.backfill_store import BackfillStore
from argus.errors import StorageError
from argus.events import GapState, Origin
from argus.storage.disk import Disk, LocalDisk
from argus.storage.ledger import GapEntry
from argus.telemetry import Report


async def close_gaps(
    config: Config,
    entries: Iterable[GapEntry],
    *,
    clock: Clock,
    report: Report,
    disk: Callable[[str], Disk] = LocalDisk,
) -> int:
    """Tell the ledger that gaps are filled; return how many. A recorder may run meanwhile.

    Args:
        config: where the data is.
        entries: open gaps of which it is proven that nothing is missing.
        clock: when they are closed.
        report: telemetry.
        disk: what writes, given the hash of the generation.

    Raises:
        StorageError: the data folder cannot be written.
    """
    generation, count = secrets.token_hex(4), 0
    with ThreadPoolExecutor(1, "closing") as thread:
        store = BackfillStore(
            Path(config.data),
            config.storage,
            generation=generation,
            disk=disk(generation),
            thread=thread,
            report=report,
        )
        try:
            for entry in entries:
                now_ns = clock.now_ns()
                row = entry.row(GapState.FILLED, ts_recv=now_ns, origin=Origin.BACKFILL)
                store.take(entry.source, "gap", entry.symbol, [row])
                count += 1
            if not await store.flush():
                raise StorageError(f"{store.rows} rows could not be written to {config.data}")
        finally:
            await store.close()
    return count
