"""Shell. What was recorded of the trades of a source, read back from the disk while it records.

Whoever wants to read first has everything sealed that was published before; those who ask at the
same time share one flush.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from argus.events import EVENTS
from argus.lake.joined import ids_of
from argus.lake.span import Span
from argus.lake.trades import trades

BATCH_ROWS = 65_536
"""Rows read at once: some tens of milliseconds of a thread."""

type_of_settle = Callable[[str, str], Awaitable[bool]]

T = TypeVar("T")


class Written:
    """Reads the trades of one source that were recorded.

    Args:
        data: the data folder.
        source: the source.
        data_type: `trade` or `agg_trade`.
        settle: makes what was published of a source and data type durable; says whether it is.
        thread: where to read; one piece of work after the other.
        columns: the columns wanted besides the id and the times; all by default.
        rows_max: the rows of a batch.
    """

    def __init__(
        self,
        data: Path,
        source: str,
        data_type: str,
        *,
        settle: type_of_settle,
        thread: Executor,
        columns: Sequence[str] = (),
        rows_max: int = BATCH_ROWS,
    ) -> None:
        self.source = source
        self.data_type = data_type
        self.key = EVENTS[data_type].order[0]
        self._data = data
        self._settle = settle
        self._thread = thread
        self._columns = columns
        self._rows_max = rows_max
        self._turn = asyncio.Lock()
        self._asked = self._answered = 0
        self._is_durable = False

    async def settled(self) -> bool:
        """Return whether everything that was published before this call is on the disk."""
        self._asked += 1
        number = self._asked
        async with self._turn:
            if self._answered < number:
                # It answers all who have asked before it begins.
                answers = self._asked
                self._is_durable = await self._settle(self.source, self.data_type)
                self._answered = answers
            return self._is_durable

    async def read(
        self, wanted: Mapping[str, Span], work: Callable[[str, pa.Table], T]
    ) -> AsyncGenerator[tuple[str, int, T], None]:
        """Read trades in the order of their ids, one symbol after the other, in bounded batches.

        Close it (`contextlib.aclosing`) when it is left early.

        Args:
            wanted: which trades of which symbols.
            work: done to each batch in the thread that reads it.

        Yields:
            The symbol, the last id of the batch, and what `work` returned.

        Raises:
            StorageError: the date files of a symbol were replaced again and again.
            OSError: the system failed.
        """
        loop, found = asyncio.get_running_loop(), self._found(wanted)

        def step() -> tuple[str, int, T] | None:
            batch = next(found, None)
            if batch is None:
                return None
            symbol, table = batch
            last = int(ids_of(self.key, table)[-1])
            return symbol, last, work(symbol, table)

        try:
            while (done := await loop.run_in_executor(self._thread, step)) is not None:
                yield done
        finally:
            await loop.run_in_executor(self._thread, found.close)

    def _found(self, wanted: Mapping[str, Span]) -> Generator[tuple[str, pa.Table], None, None]:
        yield from trades(
            self._data,
            self.source,
            self.data_type,
            wanted,
            columns=self._columns,
            rows_max=self._rows_max,
        )
