"""Shell. The bars of a running recorder, source by source.

They begin once it is known what earlier runs have left (and, after a take-over, once the other
recorder has gone): then the lake and the chunks hold every trade before this run, and the states
are nobody else's. They end with the recording, and what they stand at is saved with it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from argus.agora.agora import Agora
from argus.bars.kernel import kernel
from argus.config.bars import data_type_of
from argus.config.schema import Config
from argus.control.status import BarsStatus
from argus.daemon.bars.building import Saved
from argus.daemon.bars.profiles import profiles_of
from argus.daemon.bars.source import SourceBars
from argus.daemon.site import Site
from argus.daemon.supervisor import Supervisor
from argus.daemon.world import World
from argus.daemon.written import type_of_settle
from argus.telemetry import Report

type_of_marks = Mapping[str, Mapping[str, Saved]]


class BarDriver:
    """Builds the bars that the configuration asks for.

    Args:
        config: what is recorded, and which bars are built of it.
        agora: where trades come from and bars go.
        site: where the states are.
        world: time, threads.
        settle: makes what was published of a source and data type durable.
        report: telemetry.

    Raises:
        ConfigError: a profile cannot be built.

    Attributes:
        sources: those of which bars are built.
    """

    def __init__(
        self,
        config: Config,
        *,
        agora: Agora,
        site: Site,
        world: World,
        settle: type_of_settle,
        report: Report,
    ) -> None:
        self.profiles = profiles_of(config.bars)
        self._thread = world.threads("bars")
        self._turn = asyncio.Lock()
        self.sources: dict[str, SourceBars] = {}
        for name, source in config.sources.items():
            data_type = data_type_of(config.bars, name, source.data_types)
            if data_type:
                self.sources[name] = SourceBars(
                    name,
                    data_type,
                    self.profiles,
                    config=config.bars,
                    agora=agora,
                    site=site,
                    settle=settle,
                    thread=self._thread,
                    clock=world.clock,
                    every_s=world.rhythm.bars_s,
                    report=report,
                )

    def start(self, supervisor: Supervisor, look_back: Callable[[], Awaitable[None]]) -> None:
        """Begin as soon as `look_back` has come to its end."""
        for name, source in self.sources.items():
            begin = partial(self._begin, source, look_back)
            supervisor.keep(f"bars {name}", partial(_after, begin, source.follow))
            supervisor.keep(f"bars behind {name}", partial(_after, begin, source.catch_up))

    async def _begin(self, source: SourceBars, look_back: Callable[[], Awaitable[None]]) -> None:
        await look_back()
        async with self._turn:
            await warm(self._thread)
            await source.begin()

    def status(self) -> tuple[BarsStatus, ...]:
        """Return what is built of each source."""
        return tuple(source.status() for source in self.sources.values())

    async def mark(self) -> type_of_marks:
        """Return where all bars stand, with what was published until then."""
        return {name: await s.mark() for name, s in self.sources.items() if s.is_known}

    async def save(self, marks: type_of_marks) -> None:
        """Save what was marked, since all that was published until then is durable."""
        for name, marked in marks.items():
            await self.sources[name].save(marked)

    def leave(self) -> None:
        """Build bars of what has come until now; nothing comes any more."""
        for source in self.sources.values():
            if source.is_known:
                source.leave()

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown()


async def _after(
    begin: Callable[[], Awaitable[None]], go_on: Callable[[], Awaitable[None]]
) -> None:
    await begin()
    await go_on()


async def warm(thread: Executor) -> None:
    """Load the compiled rules; what is not compiled yet is compiled by another process.

    Compiling takes many seconds, in which it would keep this one from its sockets.
    """
    if kernel.cache_info().currsize:
        return
    here = str(Path(__file__).parents[3])
    words = "import sys; sys.path.insert(0, sys.argv[1]); from argus.bars.kernel import kernel"
    compiler = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"{words}; kernel()", here, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        await compiler.wait()
    finally:
        if compiler.returncode is None:
            compiler.kill()
            await compiler.wait()
    await asyncio.get_running_loop().run_in_executor(thread, kernel)
