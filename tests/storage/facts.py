"""Facts to record, disks that fail, and the lake read back by a reader that is not ours."""

import asyncio
import errno
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from argus.events import BookDelta, Event, Levels, Origin, Side, Trade
from argus.storage.disk import LocalDisk
from argus.storage.flush import FlushHandler
from argus.storage.partition import Partition, partition_at
from argus.storage.recorder import Limits, StorageHandler
from argus.storage.room import Room
from argus.storage.tiers import Tiers
from argus.telemetry import Happening

SOURCE = "venue_spot"
MIDNIGHT = 1_700_006_400_000_000_000  # 2023-11-15T00:00:00Z
SECOND = 1_000_000_000


def trade(number: int, *, ts: int | None = None, price: float = 100.25) -> Trade:
    """One trade; each is a second after the one before it, number 0 at midnight."""
    ts_event = MIDNIGHT + number * SECOND if ts is None else ts
    side = Side.BUY if number % 2 else Side.SELL
    return Trade(
        ts_event, ts_event + 7, Origin.LIVE, number, price, 0.5, side, [None, "MARKET"][number % 2]
    )


def trades(numbers: Iterable[int]) -> list[Trade]:
    return [trade(number) for number in numbers]


def delta(number: int, levels: int = 2) -> BookDelta:
    side = [(100.0 + i, 0.5 * i) for i in range(levels)]
    ts = MIDNIGHT + number * SECOND
    return BookDelta(
        ts,
        ts + 7,
        Origin.LIVE,
        number,
        number,
        None,
        Levels.of(side),
        Levels.of(side[: levels // 2]),
    )


class Happenings(list[Happening]):
    """Keep what is reported."""

    def __call__(self, happening: Happening) -> None:
        self.append(happening)


class Crash(RuntimeError):
    """The process died here."""


class FailingDisk(LocalDisk):
    """Count the steps of a disk; from step `fails_at` on each one fails, as after a death.

    With an `error` number a step fails with that error of the system instead, once, or always.
    """

    def __init__(
        self,
        token: str,
        *,
        fails_at: int | None = None,
        error: int | None = None,
        is_lasting: bool = True,
    ) -> None:
        super().__init__(token, is_durable=False)
        self.steps = 0
        self.fails_at = fails_at
        self.error = error
        self.is_lasting = is_lasting

    def step(self) -> None:
        number = self.steps
        self.steps += 1
        if self.fails_at is None or number < self.fails_at:
            return
        if self.error is None:
            raise Crash(f"at step {number}")
        if number == self.fails_at or self.is_lasting:
            raise OSError(self.error, errno.errorcode[self.error])

    def make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self.step()
            super().make_folder(folder)

    def create(self, folder: Path, name: str) -> tuple[Path, BinaryIO]:
        self.step()
        path, file = super().create(folder, name)
        return path, cast(BinaryIO, FailingFile(file, self))

    def sync(self, file: BinaryIO) -> None:
        self.step()

    def replace(self, source: Path, target: Path) -> None:
        self.step()
        super().replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        self.step()

    def delete(self, path: Path) -> None:
        if self.error is None:
            self.step()
        super().delete(path)

    def delete_folder(self, folder: Path) -> None:
        self.step()
        super().delete_folder(folder)


class FailingFile(io.RawIOBase):
    """Write through to a file at once; each write is a step of the disk."""

    def __init__(self, file: BinaryIO, disk: FailingDisk) -> None:
        self._file = file
        self._disk = disk

    def write(self, data) -> int:
        try:
            self._disk.step()
        except Crash:
            # What a death leaves of a write.
            self._file.write(bytes(data)[: len(data) // 2])
            self._file.flush()
            raise
        written = self._file.write(data)
        self._file.flush()
        return written

    def close(self) -> None:
        self._file.close()
        super().close()


class Rig:
    """One process: a generation with its handlers on a data folder."""

    def __init__(
        self,
        data: Path,
        generation: str,
        *,
        data_type: str = "trade",
        disk: LocalDisk | None = None,
        limits: Limits | None = None,
        tiers: Tiers | None = None,
        room: Room | None = None,
    ) -> None:
        self.data = data
        self.generation = generation
        self.disk = disk or LocalDisk(generation, is_durable=False)
        self.happenings = Happenings()
        self.storage = StorageHandler(
            SOURCE, data_type, data=data, generation=generation, disk=self.disk,
            report=self.happenings, limits=limits, room=room,
        )  # fmt: skip
        self.flusher = FlushHandler(
            SOURCE, data_type, data=data, generation=generation, disk=self.disk,
            report=self.happenings, tiers=tiers, room=room,
        )  # fmt: skip

    def chunk(self, facts: Mapping[str, Sequence[Event]]):
        """Record facts by symbol into one chunk."""
        for symbol, batch in facts.items():
            self.storage.take(symbol, batch)
        return asyncio.run(self.storage.flush())


def partition(symbol: str, date: str, data_type: str = "trade") -> Partition:
    return Partition(SOURCE, data_type, symbol, date)


def lake(data: Path, column: str = "trade_id") -> dict[tuple[str, str], list]:
    """Read one column of every date file, by symbol and date, in the file's order."""
    found = {}
    for path in sorted(data.glob("lake/**/*.parquet")):
        at = partition_at(path)
        found[at.symbol, at.date] = pq.ParquetFile(path).read()[column].to_pylist()
    return found


def table_of(data: Path, at: Partition) -> pa.Table:
    return pq.ParquetFile(data / at.path).read()


def files(data: Path) -> list[str]:
    """List the files of a data folder, without the locks."""
    found = (p.relative_to(data).as_posix() for p in data.rglob("*") if p.is_file())
    return sorted(name for name in found if not name.endswith(".lock"))
