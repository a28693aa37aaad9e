"""Shell. Calls functions periodically; what they do is none of its business."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Timetable(Protocol):
    """Calls functions periodically, in the event loop."""

    def every(self, seconds: float, name: str, call: Callable[[], None]) -> None:
        """Have a function called so often from `start` on; the first time after one period."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """Call nothing any more."""
        ...


class WallTimetable:
    """A timetable by the machine's clock.

    The scheduler only says when. Who is called reports failures himself, so the scheduler's own
    log would say everything a second time.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def every(self, seconds: float, name: str, call: Callable[[], None]) -> None:
        """Have a function called so often from `start` on; the first time after one period."""

        async def job() -> None:  # a coroutine function, so that it runs in the loop
            call()

        self._scheduler.add_job(
            job, "interval", seconds=seconds, coalesce=True, id=name, misfire_grace_time=None
        )

    def start(self) -> None:
        """Begin."""
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        self._scheduler.start()

    def stop(self) -> None:
        """Call nothing any more."""
        self._scheduler.shutdown(wait=False)
