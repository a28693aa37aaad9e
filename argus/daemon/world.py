"""Shell. What a recorder needs from outside: time, network, disk, threads.

Everything that is not decided by the recorder itself comes in here, so that a simulation can run
the whole of it: `serve()` asks nothing of the machine but through its world.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from argus.clock import Clock, SystemClock
from argus.config.schema import SourceConfig
from argus.control.client import consult
from argus.control.protocol import Verb
from argus.control.server import serve_control
from argus.daemon.timetable import Timetable, WallTimetable
from argus.daemon.watch.machine import LocalMachine, Machine
from argus.network.connection import Open, Opener
from argus.network.limiter import Limiter
from argus.network.rest import RestClient
from argus.network.source import Request, Source
from argus.storage.disk import Disk, LocalDisk


class Ask(Protocol):
    """Asks one source over REST; the real one is `RestClient`."""

    async def get(self, request: Request) -> tuple[int, bytes]:
        """Return when the answer's last byte came (UTC ns), and the answer."""
        ...

    async def get_spare(self, request: Request, share: float) -> tuple[int, bytes]:
        """Do the same with what others leave of the weight, up to a share of it."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a recorder looks at things, in seconds.

    Attributes:
        tick_s: time passes for connections and routers.
        drain_s: rings are read; one that fills sooner asks for it. The rarer, the more facts of a
            path are taken at once, and the cheaper each is.
        pace_s: the lateness of the event loop is measured; it is blocked for short times only.
        books_s: somebody looks which books need a snapshot.
        backfill_s: and which gaps are due to be filled.
        bars_s: trades are made into bars. The rarer, the more of a symbol at once, and the cheaper.
    """

    tick_s: float = 0.1
    drain_s: float = 0.5
    pace_s: float = 0.05
    books_s: float = 0.25
    backfill_s: float = 1.0
    bars_s: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A recorder's surroundings.

    Attributes:
        clock: time.
        open_link: a source's configuration to what opens its websockets.
        ask: a source, its configuration and its budget to what asks it over REST.
        disk: a generation to the disk it writes to.
        machine: says how many descriptors, how much memory and how large a disk there is.
        threads: a name to what runs blocking work, one piece after the other.
        timetable: makes what calls periodic work.
        listen: a path and the verbs to a control socket that is open while the block runs.
        consult: asks another recorder over its socket: a verb and its arguments.
        random: returns numbers in [0, 1).
        rhythm: periods of the recorder's own loops.
    """

    clock: Clock
    open_link: Callable[[SourceConfig], Open]
    ask: Callable[[Source, SourceConfig, Limiter], Ask]
    disk: Callable[[str], Disk] = LocalDisk
    machine: Machine = field(default_factory=LocalMachine)
    threads: Callable[[str], Executor]
    timetable: Callable[[], Timetable] = WallTimetable
    listen: Callable[[Path, Mapping[str, Verb]], AbstractAsyncContextManager[None]] = serve_control
    consult: Callable[[Path, str, Mapping[str, object]], Awaitable[object]] = consult
    random: Callable[[], float] = secrets.SystemRandom().random
    rhythm: Rhythm = Rhythm()


def this_machine() -> World:
    """Return the world as it is."""
    clock = SystemClock()

    def open_link(config: SourceConfig) -> Open:
        return Opener(config.client, clock, coalesce_ms=config.coalesce_ms)

    def ask(source: Source, config: SourceConfig, budget: Limiter) -> Ask:
        return RestClient(
            config.rest_url or source.rest_url,
            limiter=budget,
            weight_header=source.rest.weight_header,
            clock=clock,
        )

    def threads(name: str) -> Executor:
        return ThreadPoolExecutor(1, name)

    return World(clock=clock, open_link=open_link, ask=ask, threads=threads)
