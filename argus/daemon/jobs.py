"""Shell. Periodic work: which functions are called how often, each with `now`.

The scheduler only says when. The supervisor runs the work and reports its failures, so the
scheduler's own log would say everything a second time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

if TYPE_CHECKING:
    from argus.daemon.service import Service

MERGE_EVERY_S = 30.0

type_of_work = Callable[[int], Coroutine[None, None, None]]


class Jobs:
    """The periodic work of a recorder.

    Args:
        service: whose work it is.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running: dict[str, asyncio.Task[None]] = {}
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin; the first call of each function comes after its period."""
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        service = self._service
        flush_every_s = service.config.storage.flush_every_s
        self._every(flush_every_s, "flush", service.flush)
        self._every(min(MERGE_EVERY_S, max(1.0, flush_every_s)), "merge", service.merge)
        for name in service.dispatchers:
            self._add_source(name)
        self._scheduler.start()

    def _add_source(self, name: str) -> None:
        service = self._service
        config, dispatcher = service.config.sources[name], service.dispatchers[name]

        async def refresh(now_ns: int) -> None:
            await service.refresh(name, now_ns)

        async def poll(now_ns: int) -> None:  # noqa: ARG001 the venue gives the time
            await dispatcher.poll_open_interest()

        self._every(config.universe_every_s, f"universe {name}", refresh)
        if "open_interest" in config.data_types:
            self._every(config.open_interest_every_s, f"open interest {name}", poll)

    def _every(self, seconds: float, name: str, work: type_of_work) -> None:
        async def job() -> None:  # a coroutine function, so that it runs in the loop
            self.run(name, work)

        self._scheduler.add_job(
            job, "interval", seconds=seconds, coalesce=True, id=name, misfire_grace_time=None
        )

    def run(self, name: str, work: type_of_work) -> None:
        """Start one piece of work now, unless it still runs from the last time.

        It runs as a task of the supervisor: the scheduler would cancel it half-way at a stop.
        """
        service = self._service
        if name not in self._running or self._running[name].done():
            self._running[name] = service.supervisor.spawn(name, work(service.clock.now_ns()))

    def stop(self) -> None:
        """Call nothing any more."""
        self._scheduler.shutdown(wait=False)
