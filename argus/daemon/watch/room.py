"""Shell. Looks at the room on the disk and decides, for everybody who writes, by `DiskBudget`."""

import errno
from pathlib import Path
from threading import Lock

from argus.daemon.watch.budget import DiskBudget, DiskState, low_bytes
from argus.daemon.watch.machine import Machine
from argus.storage.disk import Disk
from argus.telemetry import DiskFreed, DiskFull, DiskLow, Report

FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT})


class RoomWatch:
    """The room where the data folder lies; safe for threads.

    Args:
        data: the data folder; it need not exist yet.
        disk: says what is free.
        machine: says how large the disk is.
        low_bytes: merging waits while less is free; None for a limit by the disk's size.
        report: told of every change, once.
    """

    def __init__(
        self,
        data: Path,
        disk: Disk,
        *,
        machine: Machine,
        low_bytes: int | None,
        report: Report,
    ) -> None:
        self._data = data
        self._disk = disk
        self._machine = machine
        self._configured = low_bytes
        self._report = report
        self._turn = Lock()
        self._refused: dict[str, OSError] = {}
        self._budget: DiskBudget | None = None

    @property
    def budget(self) -> DiskBudget:
        """Return what was found last."""
        return self._budget or self._fresh()

    def look(self) -> DiskBudget:
        """Look at what is free, and tell what has changed. Waits for the disk."""
        try:
            free_bytes = self._disk.free_bytes(self._data)
        except OSError:
            free_bytes = 0  # a disk that cannot be asked is none to merge on
        with self._turn:
            before = self.budget
            after = self._budget = before.step(free_bytes, is_refused=bool(self._refused))
            if after.state is not before.state:
                self._tell(after)
        return after

    def may_merge(self, need_bytes: int) -> bool:
        """Look, and return whether a merge may write so much before it can delete anything."""
        return self.look().may_merge(need_bytes)

    def note(self, writer: str, error: OSError | None) -> None:
        """Take how the last write of a writer ended; only what room would mend counts."""
        with self._turn:
            if error is not None and error.errno in FULL_ERRORS:
                self._refused[writer] = error
            else:
                self._refused.pop(writer, None)

    def _fresh(self) -> DiskBudget:
        total = self._machine.disk_bytes(self._data) if self._configured is None else 0
        return DiskBudget(low_bytes(self._configured, total))

    def _tell(self, found: DiskBudget) -> None:
        match found.state:
            case DiskState.FULL:
                writer, error = next(iter(self._refused.items()))
                self._report(DiskFull(found.free_bytes, writer, str(error)))
            case DiskState.LOW:
                self._report(DiskLow(found.free_bytes, found.low_bytes))
            case DiskState.OK:
                self._report(DiskFreed(found.free_bytes, str(found.state)))
