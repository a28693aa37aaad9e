"""Shell. Taking over from a running recorder without losing a tick.

A new process records beside the old one into a generation that nobody accepts, until each of its
streams is sewn with what the old one has recorded. Then it accepts its generation, in one durable
step, and asks the old one to leave. Before that step nothing it did counts, after it everything.

Until then its gaps are held back. What it missed the old one has recorded, or tells of: so a gap is
only a later beginning. If the old one dies, they are told after all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from argus import __version__
from argus.agora.path import Path as AgoraPath
from argus.agora.router import AgoraRouter, instant
from argus.agora.splice import Identity
from argus.control.address import heir_of
from argus.daemon.past import seam_of
from argus.daemon.sewing import Beginning, Positions, unsewn
from argus.errors import DaemonError, DataFolderInUse, RecorderAbsent, TakeoverFailed
from argus.events import Gap
from argus.network.tuning import splice_limits
from argus.storage.generation import accept, begin_run
from argus.telemetry import (
    TakeoverAbandoned,
    TakeoverAccepted,
    TakeoverBegun,
    TakeoverDelayed,
    TakeoverFinished,
    TakeoverWaiting,
)

if TYPE_CHECKING:
    from argus.daemon.service import Service

ASK_EVERY_S = 0.25
TELL_EVERY_NS = 10_000_000_000
LOCK_EVERY_S = 0.02

type_of_listen = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a recorder takes over.

    Attributes:
        timeout_s: how long streams may take to be sewn.
    """

    timeout_s: float = 120.0


class Takeover:
    """One attempt to take over.

    Args:
        service: what takes over; it records already, and its generation is not accepted.
        wish: how; None if a recorder that runs is not to be taken over from.
        stop: set when the process is asked to end.
        listen: makes the control socket, which is the old recorder's until that one has gone.
    """

    def __init__(
        self, service: Service, wish: Wish | None, *, stop: asyncio.Event, listen: type_of_listen
    ) -> None:
        self._service = service
        self._wish = wish
        self._timeout_s = wish.timeout_s if wish else 0.0
        self._stop = stop
        self._listen = listen
        self._clock = service.clock
        self._socket = Path(service.config.socket)
        self._held: list[tuple[AgoraPath, Gap]] = []
        self._ts_begun = self._ts_told = service.clock.monotonic_ns()
        self._from = ""
        self._heir = ExitStack()

    async def begin(self, control: AsyncExitStack) -> None:
        """Take the control socket, or begin on trial if that is another recorder's.

        Raises:
            DataFolderInUse: it is another recorder's, which is not to be taken over from, or
                another process takes over from it already.
            OSError: the data folder cannot be written.
        """
        if self._wish is None:
            await control.enter_async_context(self._listen())
            return
        self._heir.enter_context(heir_of(self._socket))
        self._service.is_on_trial = not await self._is_free(control)

    def _hold_gap(self, path: AgoraPath, gap: Gap) -> None:
        self._held.append((path, gap))
        for router in self._routers_of(path):
            router.begin_anew()

    def _routers_of(self, path: AgoraPath) -> list[AgoraRouter]:
        routers = self._service.dispatchers[path.source].routers()
        return [router for router in routers.values() if router.to_path == path]

    async def run(self, control: AsyncExitStack) -> None:
        """Take over; return when the control socket is ours.

        Args:
            control: takes the control socket.

        Raises:
            TakeoverFailed: it was not possible; the old recorder goes on.
        """
        service = self._service
        for dispatcher in service.dispatchers.values():
            dispatcher.told.hold = self._hold_gap
        with self._heir:
            try:
                positions = await self._sewn(control)
                await self._accept(positions)
            except (DaemonError, OSError) as error:
                service.telemetry(TakeoverAbandoned(service.generation, str(error)))
                raise TakeoverFailed(str(error)) from error
            if positions is not None:
                await self._ask_to_leave()
                await self._inherit(control)
        service.telemetry(TakeoverFinished(service.generation, self._from))

    async def _sewn(self, control: AsyncExitStack) -> Positions | None:
        """Wait until everything is sewn; return where. None if the old recorder has gone."""
        while not self._stop.is_set():
            waited_ns = self._clock.monotonic_ns() - self._ts_begun
            left: list[str] = ["the other recorder does not answer"]
            try:
                positions = await self._positions()
            except RecorderAbsent:
                if await self._is_free(control):
                    return None
            else:
                left = self._unsewn(positions)
                if not left:
                    return positions
                self._tell(left)
            if waited_ns > self._timeout_s * 1e9:
                raise TakeoverFailed(
                    f"found {len(left)} streams that are not sewn after {self._timeout_s:g} s "
                    f"(such as: {left[0]}), expected none; the recorder at {self._socket} goes on"
                )
            await self._clock.sleep(ASK_EVERY_S)
        raise TakeoverFailed(f"stopped before it took over; the recorder at {self._socket} goes on")

    async def _positions(self) -> Positions:
        args = {"generation": self._service.generation}
        answer = await self._service.world.consult(self._socket, "positions", args)
        try:
            positions = msgspec.convert(answer, Positions)
        except msgspec.ValidationError as error:
            raise DaemonError(f"the other recorder's answer is not understood: {error}") from error
        if not self._from:
            self._from = positions.generation
            own = self._service.generation
            self._service.telemetry(
                TakeoverBegun(own, __version__, positions.generation, positions.version)
            )
        return positions

    def _unsewn(self, positions: Positions) -> list[str]:
        """Return what is to be waited for."""
        service, left = self._service, []
        if positions.is_busy:
            left.append("the other recorder merges, or looks back")
        for source, dispatcher in service.dispatchers.items():
            if source not in service.universes.known:
                left.append(f"{source}: its symbols are not known yet")
                continue
            found = unsewn(
                {name: beginning(router) for name, router in dispatcher.routers().items()},
                positions.streams.get(source, {}),
                now_ns=self._clock.now_ns(),
                quiet_ns=splice_limits(service.config.sources[source]).quiet_ns,
            )
            left += [f"{source} {name}" for name in found]
        return left

    def _tell(self, left: list[str]) -> None:
        now = self._clock.monotonic_ns()
        if now - self._ts_told >= TELL_EVERY_NS:
            self._ts_told = now
            self._service.telemetry(TakeoverWaiting(len(left), left[0]))

    async def _accept(self, positions: Positions | None) -> None:
        """Accept this generation: from now on everything it has recorded counts.

        Without anything to be sewn with, what was held back is told: nobody else can tell of it.
        """
        service = self._service
        for dispatcher in service.dispatchers.values():
            dispatcher.told.hold = None
        if positions is None:
            for path, gap in self._held:
                service.tell_gap(path, gap)
        else:
            self._begin_sewn(positions)
        site = (service.data, service.generation)
        await asyncio.to_thread(accept, *site, disk=service.disk)
        await asyncio.to_thread(begin_run, *site, disk=service.disk)
        service.is_on_trial = False
        seconds = (self._clock.monotonic_ns() - self._ts_begun) / 1e9
        streams = sum(len(d.routers()) for d in service.dispatchers.values())
        service.telemetry(TakeoverAccepted(service.generation, streams, round(seconds, 3)))

    def _begin_sewn(self, positions: Positions) -> None:
        """Judge what was missed before this run by what the old recorder has published."""
        service, keys = self._service, dict[AgoraPath, int]()
        for path in {path for path, _ in self._held}:
            firsts = [r.first for r in self._routers_of(path) if r.first is not None]
            service.past.downtime.begin_anew(path, max(firsts, key=instant, default=None))
        for source, dispatcher in service.dispatchers.items():
            streams = positions.streams.get(source, {})
            for name, router in dispatcher.routers().items():
                last = streams.get(name)
                if last is not None:
                    key = keys.get(router.to_path, last.path_key)
                    keys[router.to_path] = min(key, last.path_key)
        service.past.downtime.vouch(keys)
        service.hand_over.inherited = positions.streams

    async def _ask_to_leave(self) -> None:
        args = {"generation": self._service.generation}
        try:
            await self._service.world.consult(self._socket, "leave", args)
        except RecorderAbsent:
            return  # It has gone already: what it left is recovered.
        except DaemonError as error:
            self._service.telemetry(TakeoverDelayed(str(error)))

    async def _inherit(self, control: AsyncExitStack) -> None:
        """Wait until the old recorder has gone; both record meanwhile."""
        self._ts_told = self._clock.monotonic_ns()
        while True:
            why = "it is still there"
            try:
                if await self._is_free(control):
                    return
            except OSError as error:
                # To go on without a socket is better than that nobody records.
                why = str(error)
            now = self._clock.monotonic_ns()
            if now - self._ts_told >= TELL_EVERY_NS:
                self._ts_told = now
                self._service.telemetry(TakeoverDelayed(why))
                await self._ask_to_leave()
            await self._clock.sleep(LOCK_EVERY_S)

    async def _is_free(self, control: AsyncExitStack) -> bool:
        """Take the control socket if the old recorder has let go of it; say whether it did."""
        try:
            await control.enter_async_context(self._listen())
        except DataFolderInUse:
            return False
        self._heir.close()
        return True


def beginning(router: AgoraRouter) -> Beginning:
    """Return how a stream has begun."""
    seam, first = seam_of(router.to_path), router.first
    acknowledged = (feed.ts_acknowledged for feed in router.splice.feeds)
    return Beginning(
        first=None if first is None else router.splice.key_of(first),
        acknowledged=tuple(ts for ts in acknowledged if ts is not None),
        is_suspected=router.splice.suspicion is not None,
        is_exact=seam is not None and seam.identity is not Identity.NONE,
    )
