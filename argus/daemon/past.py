"""Shell. What earlier runs have left: their journals, and the time in which nobody recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from argus.agora.path import Path as AgoraPath
from argus.agora.router import Seam
from argus.config.schema import Config
from argus.daemon.downtime import Downtime
from argus.daemon.journaling import Journaling
from argus.daemon.recovery import Recovery
from argus.daemon.replay import Means
from argus.daemon.site import Site
from argus.daemon.world import World
from argus.events import Gap
from argus.network.sources import SOURCES
from argus.storage.generation import accept
from argus.telemetry import Report


def seam_of(path: AgoraPath) -> Seam | None:
    """Return how the facts of a path are joined; None if it is not streamed."""
    source = SOURCES.get(path.source)
    return None if source is None else source.seam_of(path.data_type)


class Past:
    """Looks back, while this run records already.

    Args:
        config: what is recorded.
        site: where this run writes.
        world: time, disk, threads.
        tell_gap: takes each path of this run with what it has missed before.
        journaling: may let segments go once that is known.
        report: telemetry.

    Attributes:
        downtime: finds the gaps between earlier runs and this one.
        is_known: whether it is done. Until then no chunk of this run may be merged: it would pass
            for what an earlier one recorded.
    """

    def __init__(
        self,
        config: Config,
        *,
        site: Site,
        world: World,
        tell_gap: Callable[[AgoraPath, Gap], None],
        journaling: Journaling,
        report: Report,
    ) -> None:
        self._site = site
        self._journaling = journaling
        self.downtime = Downtime(seam_of, tell_gap)
        self.is_known = False
        means = Means(
            data=site.data,
            storage=config.storage,
            disk=world.disk,
            threads=world.threads,
            clock=world.clock,
            report=report,
        )
        self._recovery = Recovery(
            SOURCES,
            means=means,
            own=site.generation,
            is_kept=config.journal.keep_days > 0,
        )
        self._turn = asyncio.Lock()

    async def look_back(self) -> None:
        """Recover what runs that died have left, and find what was missed since the last run.

        Raises:
            StorageError: not everything could be recovered; it can be tried again.
        """
        async with self._turn:
            if self.is_known:
                return
            self.downtime.learn(await self._recovery.run())
            # The gaps told are durable before the facts count that would hide them.
            await self._journaling.settle()
            site = self._site
            await asyncio.to_thread(accept, site.data, site.generation, disk=site.disk)
            self.is_known = self._journaling.is_releasing = True
