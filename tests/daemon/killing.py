"""A real recorder process beside a simulated venue, killed and started again."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argus.clock import SystemClock
from argus.control.client import ask
from argus.errors import ArgusError
from argus.simulator.venue import Venue
from tests.waiting import until

CLOCK = SystemClock()
LOOK_EVERY_S = 0.1
STORAGE = {"flush_every_s": 1.0, "merge_age_s": 5.0, "day_close_grace_s": 5.0}


def written(
    folder: Path,
    venue: Venue,
    *,
    storage: dict[str, Any] | None = None,
    more: str = "",
    **keys: Any,
):
    """Write a configuration that records a venue of this process into `folder/data`.

    `more` is what else stands in the file.
    """
    name = str(venue.options.source)
    urls = venue.websocket_urls or {"": venue.websocket_url}
    source: dict[str, Any] = {"symbols": {"status": ["TRADING"]}, "rest_url": venue.rest_url}
    source |= {"snapshot_levels": 100, **keys}
    lines = ["[storage]", f"data = {json.dumps(str(folder / 'data'))}"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in (STORAGE | (storage or {})).items()]
    lines += [f"[sources.{name}]"]
    if list(urls) == [""]:
        lines += [f"websocket_url = {json.dumps(urls[''])}"]
    else:
        pairs = ", ".join(f"{route} = {json.dumps(url)}" for route, url in urls.items())
        lines += [f"websocket_urls = {{ {pairs} }}"]
    lines += [f"{key} = {_toml(value)}" for key, value in source.items()]
    file = folder / "argus.toml"
    file.write_text("\n".join([*lines, more]))
    return file


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


@dataclass
class Daemon:
    """A process that runs `argus run`."""

    config: Path
    data: Path
    words: tuple[str, ...] = ()
    program: tuple[str, ...] = ("argus",)
    process: Process | None = None
    log: Path = field(init=False)
    _seen: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = self.config.with_name("log.txt")

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    *self.program,
                    "run",
                    "--config",
                    str(self.config),
                    *self.words,
                ),
                stdout=log,
                stderr=log,
                env={**os.environ, "ARGUS_DATA_PATH": str(self.data)},
            )

    async def kill(self) -> int:
        """Kill it, whatever it does, and return its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        return await self.process.wait()

    async def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)

    async def status(self) -> dict[str, Any] | None:
        """What it says of itself; None if it does not answer."""
        try:
            found = await asyncio.to_thread(ask, self.data / "argus.sock", "status")
        except (ArgusError, OSError):
            return None
        assert isinstance(found, dict)
        return found

    async def facts(self) -> int:
        status = await self.status()
        return 0 if status is None else sum(s["facts"] for s in status["sources"])

    async def records(self, facts: int = 1) -> None:
        """Wait until it has recorded so many facts."""
        self._seen = [0]
        await self._look(lambda: self._seen[-1] >= facts)

    async def settled(self) -> None:
        """Wait until it records nothing more, since the venue is paused."""
        self._seen = []
        await self._look(lambda: len(self._seen) >= 8 and len(set(self._seen[-8:])) == 1)

    async def _look(self, is_enough: Callable[[], bool]) -> None:
        async def look() -> None:
            while True:
                self._seen.append(await self.facts())
                await CLOCK.sleep(LOOK_EVERY_S)

        looking = asyncio.create_task(look())
        try:
            await until(lambda: is_enough() or self._has_ended(), timeout_s=90)
            assert not self._has_ended(), self.log.read_text()[-3000:]
        finally:
            looking.cancel()

    def _has_ended(self) -> bool:
        return self.process is None or self.process.returncode is not None


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[Daemon]:
    """Start it, and leave nothing behind."""
    await daemon.start()
    try:
        yield daemon
    finally:
        await daemon.kill()


async def until_exits(process: Process, timeout_s: float = 60.0) -> int:
    """Wait for a process to end."""
    await until(lambda: process.returncode is not None, timeout_s=timeout_s)
    assert process.returncode is not None
    return process.returncode
