"""Shell. Bringing symbols up to date whose bars are behind: read from the disk, built in a thread.

It is so at the start, after a gap was filled, and when trades came faster than they were taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import aclosing
from functools import partial
from pathlib import Path

from argus.clock import Clock
from argus.daemon.bars.line import Line
from argus.daemon.bars.published import published
from argus.daemon.tail import attach
from argus.daemon.written import Written, type_of_settle
from argus.errors import ArgusError
from argus.telemetry import BarsBegun, Report

RETRY_NS = 1_000_000_000
BATCH_TRADES = 16_384
"""Trades built at once in a thread, which holds the interpreter for so long: some milliseconds."""


class Behind:
    """Brings symbols of one source up to date.

    Args:
        source: the source.
        data_type: what the bars are built of.
        names: the profiles.
        lines: the symbols.
        data: the data folder.
        settle: makes what was published of a source and data type durable.
        thread: where to read and build.
        clock: paces it.
        ts_closing: says at which instant time bars are closed now (UTC ns).
        report: telemetry.
    """

    def __init__(  # noqa: PLR0913 - collaborators, by name
        self,
        source: str,
        data_type: str,
        names: Sequence[str],
        *,
        lines: Mapping[str, Line],
        data: Path,
        settle: type_of_settle,
        thread: Executor,
        clock: Clock,
        ts_closing: Callable[[], int],
        report: Report,
    ) -> None:
        self._source = source
        self._names = names
        self._lines = lines
        self._data = data
        self._settle = settle
        self._thread = thread
        self._clock = clock
        self._ts_closing = ts_closing
        self._report = report
        self._written = Written(
            data,
            source,
            data_type,
            settle=settle,
            thread=thread,
            columns=("price", "size", "side"),
            rows_max=BATCH_TRADES,
        )
        self._ts_begun = clock.monotonic_ns()
        self._is_begun = False

    async def bring(self) -> None:
        """Bring those up to date that are behind; what fails is tried again later."""
        now = self._clock.monotonic_ns()
        behind = [one for one in self._lines.values() if one.is_behind and one.ts_retry <= now]
        # What has a state is up to date soon; what is built from its first trade may not be.
        for group in (
            [line for line in behind if line.building.after is not None],
            [line for line in behind if line.building.after is None],
        ):
            if group:
                await self._bring(group)
        if not self._is_begun and not any(line.is_behind for line in self._lines.values()):
            self._is_begun = True
            seconds = round((self._clock.monotonic_ns() - self._ts_begun) / 1e9, 3)
            from_states = sum(line.is_restored for line in self._lines.values())
            self._report(BarsBegun(self._source, len(self._lines), from_states, seconds))

    async def _bring(self, group: Sequence[Line]) -> None:
        failed: dict[str, Exception] = {}
        try:
            if await self._learn(group):
                await self._build(group, failed)
        except (ArgusError, OSError) as why:
            failed |= {line.path.symbol: why for line in group if line.is_behind}
        now = self._clock.monotonic_ns()
        for symbol, error in failed.items():
            self._lines[symbol].fail(error, now)
        for line in group:
            if line.is_behind and line.path.symbol not in failed:
                line.ts_retry = now + RETRY_NS

    async def _build(self, group: Sequence[Line], failed: dict[str, Exception]) -> None:
        tails = [line.tail for line in group]
        steps = attach(tails, self._written, lambda symbol, table: self._lines[symbol].add(table))
        async with aclosing(steps):
            async for tail, step in steps:
                self._lines[tail.path.symbol].took(step)
                if step.error is not None:
                    failed[tail.path.symbol] = step.error
                self._release(group, failed)
        self._release(group, failed)

    def _release(self, group: Sequence[Line], failed: Mapping[str, Exception]) -> None:
        """Let those go on with what comes that are up to date."""
        for line in group:
            if line.is_behind and line.tail.is_attached and line.path.symbol not in failed:
                line.caught_up(self._ts_closing())

    async def _learn(self, group: Sequence[Line]) -> bool:
        """Learn what was published after the states of some symbols; say whether that is known."""
        blank = [line for line in group if line.is_blank]
        if any(line.bars for line in blank) and not await self._settle(self._source, "bar"):
            return False
        wanted = {line.path.symbol: line.building.ts_told for line in blank}
        read = partial(published, self._data, self._source, self._names, wanted)
        found = await asyncio.get_running_loop().run_in_executor(self._thread, read)
        for line in blank:
            line.building.tell(found.get(line.path.symbol, {}))
            line.is_blank = False
        return True
