"""Shell. The storage handler: facts of one source and data type, from memory into chunks.

Taking and swapping cost the event loop no more than packing; sorting and encoding run in a
thread. A flush that fails keeps its rows and is tried again with the same sequence; meanwhile new
facts gather up to `buffer_bytes_max`, beyond which they are refused and counted by the caller.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from argus.columns import chunk_schema
from argus.events import EVENTS, Event
from argus.storage.buffer import Buffer, WrongValue
from argus.storage.chunk import Chunk
from argus.storage.disk import Disk
from argus.storage.generation import folder_of
from argus.storage.partition import lake_times
from argus.storage.room import Plenty, Room
from argus.storage.sealed import Sealed
from argus.storage.writer import writing_parquet
from argus.telemetry import ChunkFlushed, FlushFailed, Report

LOOK_EVERY_ROWS = 1024
"""Limits may be passed by as many facts."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a storage handler may hold.

    Attributes:
        rows_max: rows that make a flush due before its time.
        size_bytes_max: bytes that do.
        buffer_bytes_max: bytes beyond which facts are refused; only reached when flushing fails
            or falls behind.
    """

    rows_max: int = 500_000
    size_bytes_max: int = 64 << 20
    buffer_bytes_max: int = 512 << 20

    def __post_init__(self) -> None:
        assert self.rows_max > 0
        assert 0 < self.size_bytes_max <= self.buffer_bytes_max


@dataclass(frozen=True, slots=True)
class Flushed:
    """A chunk that is durable."""

    chunk: Chunk
    rows: int
    size_bytes: int


class StorageHandler:
    """Record the facts of one source and data type.

    Args:
        source: the source.
        data_type: the data type.
        data: the data folder.
        generation: hash of this run; never used by another run before.
        disk: where to write.
        report: told of chunks flushed and flushes failed.
        limits: what may be held in memory.
        executor: where to sort and encode; the loop's own if none.
        room: told how each write ended.

    Attributes:
        is_due: whether so much has gathered that it should be flushed before its time.
        refused: facts refused for lack of room, since the beginning.
        sequence: of the last chunk begun.
        durable: facts in durable chunks, since the beginning.
    """

    def __init__(  # noqa: PLR0913 - collaborators, by name
        self,
        source: str,
        data_type: str,
        *,
        data: Path,
        generation: str,
        disk: Disk,
        report: Report,
        limits: Limits | None = None,
        executor: Executor | None = None,
        room: Room | None = None,
    ) -> None:
        self.source = source
        self.data_type = data_type
        self.refused = 0
        self.sequence = 0
        self.durable = 0
        self.is_due = False
        self._data = data
        self._generation = generation
        self._disk = disk
        self._report = report
        self._limits = limits or Limits()
        self._executor = executor
        self._room: Room = room or Plenty()
        self._buffer = Buffer(EVENTS[data_type])
        self._sealed: Sealed | None = None
        self._turn = asyncio.Lock()
        self._unlooked = 0
        self._look_every = min(LOOK_EVERY_ROWS, self._limits.rows_max)

    @property
    def rows(self) -> int:
        """Return the facts that are in no durable chunk yet."""
        return self._buffer.rows + (self._sealed.rows if self._sealed else 0)

    @property
    def taken(self) -> int:
        """Return the facts taken since the beginning."""
        return self.durable + self.rows

    @property
    def size_bytes(self) -> int:
        """Return the memory they take."""
        return self._buffer.size_bytes + (self._sealed.size_bytes if self._sealed else 0)

    def take(self, symbol: str, batch: Sequence[Event]) -> int:
        """Take the facts of one symbol, in order; return how many were refused for lack of room.

        The caller records what was refused as a gap with the reason `disk`.

        Raises:
            WrongValue: an event holds a value that its column cannot hold; it alone is missing.
        """
        self._unlooked += len(batch)
        if self._unlooked >= self._look_every and self._is_full():
            self.refused += len(batch)
            return len(batch)
        try:
            self._buffer.append(symbol, batch)
        except WrongValue as error:
            self._take_others(symbol, batch[error.index + 1 :])
            raise
        return 0

    def _is_full(self) -> bool:
        """Look at how much is held; done once per many facts, it costs as much as packing three."""
        buffer, limits = self._buffer, self._limits
        if self.size_bytes >= limits.buffer_bytes_max:
            self.is_due = True
            return True
        self._unlooked = 0
        if buffer.rows >= limits.rows_max or buffer.size_bytes >= limits.size_bytes_max:
            self.is_due = True
        return False

    def _take_others(self, symbol: str, batch: Sequence[Event]) -> None:
        """Take what can be taken; the first wrong value is already being raised."""
        while batch:
            try:
                self._buffer.append(symbol, batch)
            except WrongValue as error:
                batch = batch[error.index + 1 :]
            else:
                return

    async def flush(self) -> Flushed | None:
        """Write what has gathered into one chunk; None if there is nothing or it failed.

        What failed before is tried first and alone, so that chunks stay in the order of their
        sequences.
        """
        async with self._turn:
            if self._sealed is None:
                if not self._buffer.rows:
                    return None
                self._sealed = self._buffer.take()
                self.is_due = False
                self.sequence += 1
            sealed, loop = self._sealed, asyncio.get_running_loop()
            try:
                # A cancelled flush goes on in its thread and is repeated under the same name.
                flushed = await loop.run_in_executor(
                    self._executor, self._write, sealed, self.sequence
                )
            except OSError as error:
                self._room.note(f"{self.source} {self.data_type}", error)
                self._report(FlushFailed(self.source, self.data_type, sealed.rows, str(error)))
                return None
            self._sealed = None
            self._room.note(f"{self.source} {self.data_type}", None)
            self.durable += flushed.rows
            self._report(
                ChunkFlushed(self.source, self.data_type, flushed.rows, flushed.size_bytes)
            )
            return flushed

    async def stop(self) -> int:
        """Flush everything; return the facts that could not be written, 0 if all is well."""
        while self.rows:
            if await self.flush() is None:
                break
        return self.rows

    def _write(self, sealed: Sealed, sequence: int) -> Flushed:
        table = sealed.to_table()
        times = lake_times(table)
        chunk = Chunk(
            source=self.source,
            data_type=self.data_type,
            generation=self._generation,
            sequence=sequence,
            ts_first=int(times.min()),
            ts_last=int(times.max()),
        )
        event = sealed.event
        with writing_parquet(
            self._disk,
            self._data / chunk.path,
            scratch=folder_of(self._data, self._generation),
            event=event,
            schema=chunk_schema(event),
        ) as writer:
            writer.write(table)
            writer.finish(chunk.metadata())
        return Flushed(chunk, sealed.rows, writer.size_bytes)
