"""Backfills of simulated venues: what the tests of it share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from argus.clock import Clock, SystemClock
from argus.config import Config, StorageConfig
from argus.daemon.asked import Asked
from argus.daemon.backfill import Progress
from argus.daemon.backfilling import backfill_folder
from argus.daemon.outcome import Outcome
from argus.simulator.venue import Venue
from argus.storage.disk import Disk, LocalDisk
from argus.storage.gaps import read_ledger
from argus.storage.ledger import GapEntry
from tests.daemon.checker import stored
from tests.daemon.recorder import Notes, source_config


def config_of(data: Path, venue: Venue, **keys: Any) -> Config:
    name = str(venue.options.source)
    return Config(
        storage=StorageConfig(data=str(data)), sources={name: source_config(venue, **keys)}
    )


async def backfill(
    data: Path,
    venue: Venue,
    asked: Asked | None = None,
    *,
    notes: Notes | None = None,
    clock: Clock | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    is_stopping: Callable[[], bool] = lambda: False,
    disk: Callable[[str], Disk] = LocalDisk,
    **keys: Any,
) -> list[Outcome]:
    """Backfill a data folder on which no recorder runs."""
    return await backfill_folder(
        config_of(data, venue, **keys),
        asked or Asked(),
        clock=clock or SystemClock(),
        report=notes or Notes(),
        dry_run=dry_run,
        progress=progress,
        is_stopping=is_stopping,
        disk=disk,
    )


def open_entries(data: Path, *data_types: str) -> list[GapEntry]:
    """Return the gaps of some data types that are open in the ledger."""
    return [e for e in read_ledger(data).open_entries if e.data_type in data_types]


def origins(data: Path, source: str, data_type: str, symbol: str, key: str) -> dict[int, str]:
    """Return the origin of each fact of a path."""
    return dict(stored(data, source, data_type, symbol, (key, "origin")))
