"""Shell. What a recorder does again and again while it runs, at the rhythm of its world."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argus.daemon.service import Service

FLUSH_RETRY_S = 1.0


class Loops:
    """The loops of a recorder.

    Args:
        service: whose loops.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._flushing: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        """Start all of them; return the one that lets time pass for the sources."""
        service = self._service
        ticking = service.supervisor.keep("tick", self.tick)
        service.supervisor.keep("drain", self.drain)
        service.supervisor.keep("journal", service.journaling.write_forever)
        service.supervisor.keep("journal sync", service.journaling.sync_forever)
        service.supervisor.keep("pace", self.watch_pace)
        if service.sinks:
            service.supervisor.keep("bars to stores", service.sinks.relay)
        return ticking

    async def tick(self) -> None:
        """Let time pass for the sources."""
        service = self._service
        while True:
            for name, dispatcher in service.dispatchers.items():
                dispatcher.tick()
                service.rates[name].note(service.facts(name), service.clock.monotonic_ns())
                await asyncio.sleep(0)
            await service.clock.sleep(service.world.rhythm.tick_s)

    async def drain(self) -> None:
        """Take what was published, and flush early where a buffer is full.

        A path that fills a quarter of its ring is read at once.
        """
        service = self._service
        while True:
            await service.recording.drain_gently()
            is_free = self._flushing is None or self._flushing.done()
            if service.recording.is_due and is_free:
                self._flushing = service.supervisor.spawn("flush early", self._flush_due())
            await service.clock.sleep(service.world.rhythm.drain_s)

    async def watch_pace(self) -> None:
        """Measure how late the event loop is; more often than it ticks, for blocks are short."""
        clock, pace_s = self._service.clock, self._service.world.rhythm.pace_s
        while True:
            due = clock.monotonic_ns() + int(pace_s * 1e9)
            await clock.sleep(pace_s)
            self._service.lateness.note(due_ns=due, now_ns=clock.monotonic_ns())

    async def _flush_due(self) -> None:
        if not await self._service.recording.flush(only_due=True):
            await self._service.clock.sleep(FLUSH_RETRY_S)
