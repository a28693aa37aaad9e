"""Shell. The course of a recording: everything begins, goes on until it is to stop, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from argus.daemon.backfiller import Backfiller
from argus.daemon.collector import restore, tune
from argus.daemon.jobs import Jobs
from argus.daemon.loops import Loops
from argus.daemon.watch.budget import DiskState

if TYPE_CHECKING:
    from argus.daemon.service import Service


async def record(
    service: Service,
    stop: asyncio.Event,
    ready: Callable[[Service], None],
    take_over: Callable[[], Awaitable[None]],
) -> None:
    """Start everything, record, stop everything.

    Args:
        service: what records.
        stop: ends it.
        ready: called once everything runs.
        take_over: takes over from the recorder that runs, if this one is on trial.
    """
    config = service.config
    for source in config.sources.values():
        dispatcher = service.add_source(source)
        if dispatcher.books is not None:
            service.supervisor.keep(f"books {source.name}", dispatcher.books.run)
    backfiller = service.backfiller = Backfiller(
        config,
        service.rest,
        service.agora,
        service.world,
        service.generation,
        service.telemetry,
        lambda: service.room.budget.state is DiskState.OK,
    )
    jobs = Jobs(service)
    jobs.start()
    for name in service.dispatchers:
        service.supervisor.spawn(f"begin {name}", service.universes.begin(name))
    ticking = Loops(service).start()
    thresholds = tune()
    try:
        if service.is_on_trial:
            await take_over()
        if config.backfill.auto:
            service.supervisor.keep("backfill", backfiller.run)
        service.supervisor.keep("look back", service.past.look_back)
        if service.bars is not None:
            service.bars.start(service.supervisor, service.past.look_back)
        ready(service)
        await stop.wait()
    finally:
        jobs.stop()
        ticking.cancel()
        await service.stop()
        restore(thresholds)
