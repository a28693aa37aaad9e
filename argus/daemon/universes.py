"""Shell. Asking venues for their universes until they answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from argus.network.listing import RETRY_S

if TYPE_CHECKING:
    from argus.daemon.service import Service


class Universes:
    """The universes of a recorder's sources.

    Args:
        service: whose sources.

    Attributes:
        known: the sources that have answered.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.known: set[str] = set()

    async def begin(self, name: str) -> None:
        """Ask one source for what is not streamed, as soon as its symbols are known."""
        await self.refresh(name)
        await self._service.dispatchers[name].poll_open_interest()

    async def refresh(self, name: str) -> None:
        """Ask one source for its universe until it answers; merge the symbols that went.

        A source is asked by one task at a time.
        """
        service = self._service
        async with self._asking[name]:
            while (change := await service.dispatchers[name].refresh()) is None:
                await service.clock.sleep(RETRY_S)
        self.known.add(name)
        if change.removed:
            await service.recording.flush(source=name)
            if service.may_merge:
                await service.merging.merge_all(change.removed, source=name)
