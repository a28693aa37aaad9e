"""Shell. Periodic work: which functions are called how often, each with `now`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argus.daemon.service import Service

MERGE_EVERY_S = 30.0
FORGET_EVERY_S = 3600.0
LOOK_EVERY_S = 1.0
TIDY_EVERY_S = 10.0

type_of_work = Callable[[int], Coroutine[None, None, None]]


class Jobs:
    """The periodic work of a recorder.

    Args:
        service: whose work it is.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running: dict[str, asyncio.Task[None]] = {}
        self._timetable = service.world.timetable()

    def start(self) -> None:
        """Begin; the first call of each function comes after its period."""
        service = self._service
        flush_every_s = service.config.storage.flush_every_s
        self._every(flush_every_s, "flush", service.flush)
        merge_every_s = max(service.world.rhythm.tick_s, min(MERGE_EVERY_S, flush_every_s))
        self._every(max(1.0, merge_every_s), "merge", service.merge)
        self._every(LOOK_EVERY_S, "watch", service.watch.look)
        self._every(TIDY_EVERY_S, "candles", service.candles.look)
        if service.sinks:
            self._every(LOOK_EVERY_S, "spool", service.sinks.look)
        if service.config.journal.keep_days > 0:
            self._every(FORGET_EVERY_S, "raw archive", service.journaling.forget)
        for name in service.dispatchers:
            self._add_source(name)
        self._timetable.start()

    def _add_source(self, name: str) -> None:
        service = self._service
        config, dispatcher = service.config.sources[name], service.dispatchers[name]

        async def refresh(now_ns: int) -> None:  # noqa: ARG001 the venue gives the time
            await service.universes.refresh(name)

        async def poll(now_ns: int) -> None:  # noqa: ARG001 the venue gives the time
            await dispatcher.poll_open_interest()

        async def measure(now_ns: int) -> None:  # noqa: ARG001 the clock is read at each question
            await service.watch.measure(name)

        self._every(service.config.clock.offset_every_s, f"clock {name}", measure)
        self.run(f"clock {name}", measure)
        self._every(config.universe_every_s, f"universe {name}", refresh)
        if "open_interest" in config.data_types:
            self._every(config.open_interest_every_s, f"open interest {name}", poll)

    def _every(self, seconds: float, name: str, work: type_of_work) -> None:
        self._timetable.every(seconds, name, lambda: self.run(name, work))

    def run(self, name: str, work: type_of_work) -> None:
        """Start one piece of work now, unless it still runs from the last time.

        It runs as a task of the supervisor: a scheduler would cancel it half-way at a stop.
        """
        service = self._service
        if name not in self._running or self._running[name].done():
            self._running[name] = service.supervisor.spawn(name, work(service.clock.now_ns()))

    def stop(self) -> None:
        """Call nothing any more."""
        self._timetable.stop()
