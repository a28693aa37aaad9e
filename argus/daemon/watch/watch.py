"""Shell. Looks after the machine once a second: disk, clock, descriptors, memory.

Each check takes a value, steps a pure one and tells what has changed; nothing is done per frame,
and nothing on the event loop waits for a disk.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from argus.daemon.watch.ceiling import Ceiling, Height
from argus.daemon.watch.offsets import Offsets
from argus.daemon.watch.step import Reading, WallClock
from argus.telemetry import (
    ClockStepped,
    DescriptorsHigh,
    DescriptorsShort,
    MemoryHigh,
    MemoryOver,
)

if TYPE_CHECKING:
    from argus.daemon.service import Service

DESCRIPTORS_SHARE = 0.8
MEMORY_SHARE = 0.9
MEMORY_AGAIN_NS = 60_000_000_000
"""Memory that stays over its limit has the buffers flushed so often."""

OWN_DESCRIPTORS = 128
"""Files, threads and REST connections that a recorder has open beside its websockets."""


class Watch:
    """What a recorder watches of its machine.

    Args:
        service: whose machine it is.

    Attributes:
        wall: steps of the wall clock.
        descriptors: use of open files and connections.
        memory: use of memory.
        offsets: the clocks of the venues.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._machine = service.world.machine
        self._thread = service.world.threads("watch")
        clock = service.config.clock
        self.wall = WallClock(int(clock.step_ms * 1e6))
        self.descriptors = Ceiling(DESCRIPTORS_SHARE, limit=self._machine.raise_descriptors())
        configured = service.config.limits.memory_bytes_max
        self._memory_max = configured or self._machine.memory_bytes_max()
        self.memory = Ceiling(MEMORY_SHARE, limit=self._memory_max)
        self._needed = 0
        self._ts_flushed = 0
        self.offsets = Offsets(
            service.data,
            clock=service.clock,
            large_s=clock.offset_s_max,
            every_s=clock.offset_every_s,
            thread=self._thread,
            report=service.telemetry,
        )

    async def look(self, now_ns: int) -> None:
        """Look at everything once."""
        self._look_at_clock()
        machine, loop = self._machine, asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._service.room.look)
        open_now = await loop.run_in_executor(self._thread, machine.descriptors)
        self._look_at_descriptors(open_now or 0)
        taken = await loop.run_in_executor(self._thread, machine.memory_bytes)
        self._look_at_memory(taken or 0, now_ns)

    def _look_at_clock(self) -> None:
        service, clock = self._service, self._service.clock
        reading = Reading(clock.monotonic_ns(), clock.now_ns(), clock.monotonic_ns())
        self.wall, size = self.wall.step(reading)
        if size is not None:
            service.telemetry(ClockStepped(round(size / 1e9, 6)))
            for name in service.dispatchers:  # what was known of the offsets is no longer true
                service.supervisor.spawn(f"clock {name}", self.measure(name))

    def _look_at_descriptors(self, used: int) -> None:
        before, report = self.descriptors, self._service.telemetry
        self.descriptors = after = before.step(used, before.limit)
        if after.limit is None:
            return
        if after.height > before.height:
            report(DescriptorsHigh(used, after.limit))
        needed = self.descriptors_needed()
        if needed > after.limit and needed > self._needed:
            report(DescriptorsShort(needed, after.limit))
        self._needed = max(self._needed, needed)

    def descriptors_needed(self) -> int:
        """Return how many may be open when every shard rotates at once."""
        sources = self._service.config.sources
        connections = sum(
            len(dispatcher.shards()) * (sources[name].standby + 2)
            for name, dispatcher in self._service.dispatchers.items()
        )
        return connections + OWN_DESCRIPTORS

    def _look_at_memory(self, used: int, now_ns: int) -> None:
        before, service = self.memory, self._service
        self.memory = after = before.step(used, self._memory_max)
        if after.limit is None:
            return
        if after.height is Height.HIGH and before.height is Height.OK:
            service.telemetry(MemoryHigh(used, after.limit))
        now = service.clock.monotonic_ns()
        is_again = now - self._ts_flushed >= MEMORY_AGAIN_NS
        if after.height is Height.OVER and (before.height is not Height.OVER or is_again):
            self._ts_flushed = now
            service.telemetry(MemoryOver(used, after.limit, service.recording.rows))
            service.supervisor.spawn("flush for memory", service.flush(now_ns))

    async def measure(self, name: str) -> None:
        """Estimate the offset of a source's clock now."""
        source = self._service.dispatchers[name].source
        if source.rest.time is not None:
            await self.offsets.measure(source, self._service.rest[name].get)

    def stop(self) -> None:
        """Let the thread go."""
        self._thread.shutdown()
