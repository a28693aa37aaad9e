"""Shell. Loading a store from the lake: notes of what to read again, and who feeds them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from argus.clock import SystemClock
from argus.control.protocol import Verb
from argus.daemon.sinks.feeder import Feeder
from argus.daemon.sinks.stores import Wish
from argus.daemon.sinks.wanted import Loaded, Wanted
from argus.storage import spool
from argus.storage.disk import LocalDisk
from argus.storage.holding import held
from argus.storage.reading import Selection, partitions
from argus.storage.spooled import Note
from argus.telemetry import Report

if TYPE_CHECKING:
    from argus.daemon.service import Service

LOOK_S = 0.2


type_of_notes = list[tuple[Note, list[str]]]


def notes_of(data: Path, data_types: Collection[str], wanted: Wanted) -> type_of_notes:
    """Return what of the lake is wanted, with its symbols, the oldest date first."""
    found: dict[Note, list[str]] = {}
    selection = Selection(wanted.source, wanted.symbol, wanted.first, wanted.last)
    with held(data, "load") as holding:
        for data_type in sorted(data_types):
            if wanted.data_type in {None, data_type}:
                for at in partitions(holding, data_type, selection):
                    note = Note(at.date, at.source, data_type)
                    found.setdefault(note, []).append(at.symbol)
    return sorted(found.items())


def load_here(
    data: Path,
    wish: Wish,
    wanted: Wanted,
    *,
    report: Report,
    on_step: Callable[[int, int, int], None],
) -> Loaded:
    """Feed a store until nothing waits for it, or it makes trouble; no recorder runs.

    Args:
        data: the data folder.
        wish: the store.
        wanted: what to load besides what waits for it.
        report: telemetry.
        on_step: told days done, days in all, and rows written.
    """
    disk = LocalDisk(secrets.token_hex(4))
    takes = spool.Wanted(tuple(sorted(wish.store.data_types)), wish.spool_bytes_max)
    waiting = spool.Spool(data, wish.store.name, disk=disk, report=report, wanted=takes)
    notes = notes_of(data, wish.store.data_types, wanted)
    for note, symbols in notes:
        waiting.note(note, symbols)
    feeder = Feeder(
        wish.store,
        waiting,
        data=data,
        disk=disk,
        clock=SystemClock(),
        random=secrets.SystemRandom().random,
        report=report,
    )
    feeder.finish()
    thread = threading.Thread(target=feeder.run_once, daemon=True)
    thread.start()
    while thread.is_alive():
        status = feeder.status()
        on_step(max(0, len(notes) - status.notes), len(notes), status.rows_written)
        thread.join(LOOK_S)
    status = feeder.status()
    error = status.error
    if status.notes and not error:
        error = "another process feeds the store, or some days cannot be read"
    return Loaded(len(notes), status.notes, status.rows_written, error=error)


def load_verbs(service: Service) -> Mapping[str, Verb]:
    """Return verb -> coroutine function for one service."""

    async def load(
        store: str,
        source: str | None = None,
        data_type: str | None = None,
        symbol: str | None = None,
        first: str | None = None,
        last: str | None = None,
    ) -> object:
        wanted = Wanted(store, source, data_type, symbol, first, last)
        return await service.sinks.load(wanted)

    return {"load": load}
