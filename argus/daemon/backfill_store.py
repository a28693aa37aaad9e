"""Shell. Facts of the past into chunks of a generation of their own.

They never touch a persistent path: there facts are in the venue's order, and these come late. The
generation is made, and accepted, with the first fact; its chunks are merged like any others, by
whoever merges next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from argus.config.schema import StorageConfig
from argus.errors import StorageError
from argus.events import Event
from argus.storage.buffer import WrongValue
from argus.storage.chunk import TEMP
from argus.storage.disk import Disk
from argus.storage.flush import FlushHandler
from argus.storage.generation import accept, alive, remove_if_finished
from argus.storage.merge import Merged
from argus.storage.recorder import Limits, StorageHandler
from argus.telemetry import FactUnstorable, Report


class BackfillStore:
    """Chunks of backfilled facts.

    Args:
        data: the data folder.
        config: limits of buffers.
        generation: hash of this run; never used by another one before.
        disk: what writes.
        thread: where to write and merge.
        report: telemetry.
    """

    def __init__(
        self,
        data: Path,
        config: StorageConfig,
        *,
        generation: str,
        disk: Disk,
        thread: Executor,
        report: Report,
    ) -> None:
        self.generation = generation
        self._thread = thread
        self._data = data
        self._config = config
        self._report = report
        self._disk = disk
        self._handlers: dict[tuple[str, str], StorageHandler] = {}
        self._alive = ExitStack()

    @property
    def rows(self) -> int:
        """Return the facts that are in no chunk yet."""
        return sum(handler.rows for handler in self._handlers.values())

    def take(self, source: str, data_type: str, symbol: str, facts: Sequence[Event]) -> int:
        """Take facts of one path; return how many could not be taken.

        Raises:
            StorageError: the data folder cannot be written.
        """
        handler = self._handlers.get((source, data_type))
        if handler is None:
            handler = self._handlers[source, data_type] = self._begun(source, data_type)
        try:
            return handler.take(symbol, facts)
        except WrongValue as error:
            self._report(FactUnstorable(f"{source}/{data_type}/{symbol}", str(error)))
            return 1

    def _begun(self, source: str, data_type: str) -> StorageHandler:
        if not self._handlers:
            try:
                accept(self._data, self.generation, disk=self._disk)
                self._alive.enter_context(alive(self._data, self.generation))
            except OSError as error:
                found = f"data folder {self._data} cannot be written: {error}"
                raise StorageError(found) from error
        return StorageHandler(
            source,
            data_type,
            data=self._data,
            generation=self.generation,
            disk=self._disk,
            report=self._report,
            limits=Limits(
                rows_max=self._config.flush_rows_max,
                size_bytes_max=min(self._config.flush_bytes_max, self._config.buffer_bytes_max),
                buffer_bytes_max=self._config.buffer_bytes_max,
            ),
            executor=self._thread,
        )

    async def flush(self) -> bool:
        """Seal everything into chunks; say whether all of it is durable."""
        left = [await handler.stop() for handler in self._handlers.values()]
        return not any(left)

    async def merge(self) -> Merged:
        """Merge what was sealed into the lake, and what waits beside it.

        A run that died has left chunks of facts, and this one found them there. Without anything
        sealed nothing is merged.
        """
        merged, loop = Merged(), asyncio.get_running_loop()
        folders = (self._data / TEMP).glob("*/*/*") if self._handlers else ()
        for source, data_type in sorted({(f.parent.name, f.name) for f in folders if f.is_dir()}):
            merger = FlushHandler(
                source,
                data_type,
                data=self._data,
                generation=self.generation,
                disk=self._disk,
                report=self._report,
            )
            merged += await loop.run_in_executor(self._thread, merger.flush_all)
        return merged

    async def close(self) -> None:
        """End the generation: its folder goes, unless chunks in it still wait to be merged."""
        self._alive.close()
        if self._handlers:
            gone = partial(remove_if_finished, self._data, self.generation, disk=self._disk)
            await asyncio.get_running_loop().run_in_executor(self._thread, gone)
            self._handlers.clear()
