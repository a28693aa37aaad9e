"""Shell. What a running recorder does for the one that takes over from it.

It says how far it has published, as often as it is asked; while whoever asks is alive, it begins no
merge and listens to nobody else. When that one has accepted its own generation, this one leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from argus import __version__
from argus.agora.downtime import key_of
from argus.agora.router import AgoraRouter
from argus.control.protocol import Verb
from argus.daemon.past import seam_of
from argus.daemon.sewing import Position, Positions, type_of_streams
from argus.errors import DaemonError
from argus.storage.generation import acceptance, is_live
from argus.telemetry import HandedOver

if TYPE_CHECKING:
    from argus.daemon.service import Service


class HandOver:
    """Lets one other recorder take over.

    Args:
        service: what is handed over.
        stop: ends it.

    Attributes:
        is_leaving: whether another recorder has taken over.
        inherited: how far the recorder before this one had published, by source and stream.
    """

    def __init__(self, service: Service, stop: asyncio.Event) -> None:
        self._service = service
        self._stop = stop
        self._heir = ""
        self.is_leaving = False
        self.inherited: type_of_streams = {}

    @property
    def is_claimed(self) -> bool:
        """Return whether another recorder is about to take over, and lives."""
        return self._heir != "" and is_live(self._service.data, self._heir)

    def verbs(self) -> Mapping[str, Verb]:
        """Return what the other recorder asks for."""
        return {"positions": self._positions, "leave": self._leave}

    async def _positions(self, generation: str) -> Positions:
        """Let a generation take over, and say how far each stream was published."""
        service = self._service
        if generation != self._heir:
            if self._stop.is_set():
                raise DaemonError(f"generation {service.generation} is stopping")
            if self.is_claimed:
                raise DaemonError(f"generation {self._heir} is taking over already")
            if not is_live(service.data, generation):
                raise DaemonError(f"generation {generation} does not record into {service.data}")
            self._heir = generation
        is_busy = service.merging.is_busy or not service.past.is_known
        return Positions(service.generation, __version__, is_busy, self.positions())

    def positions(self) -> type_of_streams:
        """Return how far each stream was published, by this recorder or the one before."""
        found: type_of_streams = {}
        for source, dispatcher in self._service.dispatchers.items():
            inherited = self.inherited.get(source, {})
            found[source] = streams = {}
            for name, router in dispatcher.routers().items():
                streams[name] = position(router) or inherited.get(name)
        return found

    async def _leave(self, generation: str) -> object:
        service = self._service
        if generation != self._heir or not acceptance(service.data, generation).patterns:
            raise DaemonError(f"generation {generation} has not taken over")
        if not self._stop.is_set():
            self.is_leaving = True
            service.telemetry(HandedOver(service.generation, generation))
            self._stop.set()
        return {"leaving": service.generation}


def position(router: AgoraRouter) -> Position | None:
    """Return how far a stream was published."""
    last, seam = router.splice.before, seam_of(router.to_path)
    if last is None:
        return None
    assert seam is not None, f"{router.to_path} is streamed without a seam"
    return Position(router.splice.key_of(last), key_of(seam, last), last.ts_recv)
