"""Shell. What is watched, as `argus status` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argus.control.status import ClockStatus, MachineStatus

if TYPE_CHECKING:
    from argus.daemon.service import Service


def machine_status(service: Service) -> MachineStatus:
    """Return what was found of the machine the last time."""
    watch, budget = service.watch, service.room.budget
    return MachineStatus(
        disk=str(budget.state),
        disk_free_bytes=budget.free_bytes,
        disk_low_bytes=budget.low_bytes,
        descriptors=watch.descriptors.used,
        descriptors_max=watch.descriptors.limit,
        descriptors_needed=watch.descriptors_needed(),
        memory_bytes=watch.memory.used,
        memory_bytes_max=watch.memory.limit,
        clock_steps=watch.wall.steps,
        clock_step_s=watch.wall.last_step_ns / 1e9,
    )


def clock_status(service: Service, source: str) -> ClockStatus | None:
    """Return the last estimate of a venue's clock, None before the first."""
    found = service.watch.offsets.last.get(source)
    if found is None:
        return None
    return ClockStatus(
        offset_s=found.offset_ns / 1e9,
        error_s=found.error_ns / 1e9,
        rtt_s=found.rtt_ns / 1e9,
        ts=found.ts,
    )
