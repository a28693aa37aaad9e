"""Shell. Flushes of a running recorder, and what is saved behind them.

What bars stand at is marked before a flush and saved after it, if all of it went well: so a state
is never ahead of the trades and bars that are on the disk, whenever the process dies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argus.daemon.bars.driver import BarDriver
    from argus.daemon.service import Service


def bars_of(service: Service) -> BarDriver | None:
    """Return what builds the bars of a recorder; None if none are asked for.

    Raises:
        ConfigError: a profile cannot be built.
    """
    config = service.config
    if not config.bars.is_on:
        return None
    # Compiled rules take eighty megabytes: who builds no bars need not load them for this.
    from argus.daemon.bars.driver import BarDriver  # noqa: PLC0415

    return BarDriver(
        config,
        agora=service.agora,
        site=service.site,
        world=service.world,
        settle=service.recording.settle,
        report=service.telemetry,
    )


async def flush(service: Service) -> None:
    """Seal what has gathered into chunks, then save what the bars stand at."""
    bars, recording = service.bars, service.recording
    if bars is None:
        await recording.flush()
        return
    marks = await bars.mark()
    if await recording.settle():
        await bars.save(marks)


async def flush_finally(service: Service) -> int:
    """Do the same at the end; return how many facts could not be written.

    Of a recorder that has been taken over from nothing else writes the states yet: its successor
    begins its bars when this one has gone.
    """
    bars, recording = service.bars, service.recording
    if bars is None:
        return await recording.stop()
    bars.leave()
    marks = await bars.mark()
    # What a flush that was broken off had taken is written first and alone; the rest by the second.
    is_durable = await recording.settle() or await recording.settle()
    left = await recording.stop()
    if is_durable and not left:
        await bars.save(marks)
    bars.close()
    return left
