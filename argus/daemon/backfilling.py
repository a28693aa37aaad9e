"""Shell. One run of a backfill, within a recorder or on its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

from argus.clock import Clock
from argus.config.schema import Config
from argus.daemon.access import accesses_of
from argus.daemon.asked import Asked, open_gaps, ranges
from argus.daemon.backfill import Backfill, Progress
from argus.daemon.backfill_store import BackfillStore
from argus.daemon.outcome import Outcome, outcome
from argus.daemon.wanted import Task
from argus.errors import StorageError
from argus.events import Gap
from argus.network.limiter import Limiter
from argus.network.rest import RestClient
from argus.network.sources import SOURCES
from argus.storage.disk import Disk, LocalDisk
from argus.telemetry import Report

MINUTE_NS = 60_000_000_000


async def run_asked(
    backfill: Backfill,
    asked: Asked,
    *,
    now_ns: int,
    dry_run: bool = False,
    is_stopping: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """Fill what is asked for and tell the ledger; return what became of it.

    A dry run returns what would be asked for. Of a range in time it asks the venue which ids it
    has, and nothing else.

    Raises:
        StorageError: the ledger cannot be read, or the data folder cannot be written.
    """
    if not asked.is_range:
        tasks = await backfill.begun(await open_gaps(asked, backfill, now_ns=now_ns))
    else:
        tasks = await backfill.begun(await ranges(asked, backfill, now_ns=now_ns))
    if not dry_run:
        await backfill.fill(tasks, is_stopping=is_stopping)
        if asked.is_range:
            # Gaps within the range have what came now: nothing is asked for a second time.
            within = await open_gaps(asked, backfill, now_ns=now_ns)
            await backfill.settle(await backfill.begun(within))
    return [_outcome(backfill, task) for task in tasks]


def _outcome(backfill: Backfill, task: Task) -> Outcome:
    return outcome(task, pages=len(backfill.pages(task)), weight=backfill.weight(task))


async def backfill_folder(
    config: Config,
    asked: Asked,
    *,
    clock: Clock,
    report: Report,
    dry_run: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    is_stopping: Callable[[], bool] = lambda: False,
    disk: Callable[[str], Disk] = LocalDisk,
) -> list[Outcome]:
    """Fill what is asked for in a data folder on which no recorder runs, and merge it.

    Args:
        config: sources, and where the data is.
        asked: what to fill.
        clock: time.
        report: telemetry.
        dry_run: whether only to say what would be asked for.
        progress: given how far the run is; asked again and again by whoever shows it.
        is_stopping: whether to end before the next page.
        disk: what writes, given the hash of the generation.

    Returns:
        What became of each gap or range.

    Raises:
        StorageError: the data folder cannot be read or written.
    """
    data, generation = Path(config.data), secrets.token_hex(4)
    budgets: dict[str, Limiter] = {}
    async with AsyncExitStack() as stack:
        thread = stack.enter_context(ThreadPoolExecutor(1, "backfill"))
        asks = {}
        for name, source_config in config.sources.items():
            limits, rest = SOURCES[name].limits, SOURCES[name].rest
            asks[name] = RestClient(
                source_config.rest_url or SOURCES[name].rest_url,
                limiter=budgets.setdefault(
                    limits.rest_budget, Limiter(limits.rest_weight.value, MINUTE_NS)
                ),
                weight_header=rest.weight_header,
                clock=clock,
            )
            stack.push_async_callback(asks[name].close)
        store = BackfillStore(
            data,
            config.storage,
            generation=generation,
            disk=disk(generation),
            thread=thread,
            report=report,
        )
        stack.push_async_callback(store.close)

        def publish(source: str, symbol: str, gaps: Sequence[Gap]) -> None:
            store.take(source, "gap", symbol, gaps)

        backfill = Backfill(
            data,
            accesses_of(config, asks, clock=clock, report=report),
            store=store,
            publish=publish,
            thread=thread,
            clock=clock,
            report=report,
        )
        progress(backfill.progress)
        outcomes = await run_asked(
            backfill, asked, now_ns=clock.now_ns(), dry_run=dry_run, is_stopping=is_stopping
        )
        await store.flush()
        await store.merge()
        if store.rows:
            raise StorageError(f"{store.rows} rows could not be written to {data}")
    return outcomes
