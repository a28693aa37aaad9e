"""Recorder processes of one simulated venue that take over from each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argus.simulator.options import VenueOptions
from argus.simulator.venue import Venue
from tests.daemon.checker import KINDS, Verdict, check
from tests.daemon.killing import CLOCK, Daemon, until_exits, written
from tests.waiting import until

ACCEPTED = "this generation accepted"
BEGUN = "Recording beside the recorder that runs"
SLOWEST = "kline"
"""Of what is not rare: who has recorded it of all symbols has something of every path."""


@dataclass
class Succession:
    """A venue, the recorder that runs, and all that ever did."""

    folder: Path
    venue: Venue
    running: Daemon
    all: list[Daemon] = field(default_factory=list)
    ts_begun: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def successor(self, *words: str, dying_at: str = "", takeover: bool = True) -> Daemon:
        """Return a recorder that is to be started."""
        program = ("tests.daemon.dying", dying_at) if dying_at else ("argus",)
        words = (*(("--takeover",) if takeover else ()), *words)
        daemon = Daemon(self.running.config, self.data, words, program)
        daemon.log = self.folder / f"log-{len(self.all)}.txt"
        self.all.append(daemon)
        return daemon

    async def take_over(self) -> Daemon:
        """Let a new process take over; return the old one, which has exited."""
        old, new = self.running, self.successor()
        await new.start()
        await exits(old, 0)
        self.running = new
        await new.records()
        return old

    async def begin_again(self) -> None:
        """Start a recorder where none runs."""
        self.running = self.successor(takeover=False)
        await self.running.start()
        await self.running.records()

    async def finish(self) -> Verdict:
        """Record what the venue has sent, stop, and compare."""
        await self.has_all()
        self.venue.pause()
        await self.running.settled()
        assert await self.running.stop() == 0, self.running.log.read_text()[-3000:]
        source, truth = str(self.venue.options.source), self.venue.truth
        verdict = check(self.data, source, truth, tuple(KINDS))
        verdict.wrong = [line for line in verdict.wrong if not self._was_early(line)]
        return verdict

    def _was_early(self, line: str) -> bool:
        """Say whether nothing was recorded of a path whose facts came before the first recorder."""
        name, _, found = line.partition(":")
        data_type, symbol = name.split()
        if "nothing recorded" not in found:
            return False
        newest = self.venue.truth.latest(KINDS[data_type].stream, symbol)
        return newest[-1][1] < self.ts_begun

    async def has_all(self) -> None:
        """Wait until the recorder that runs has something of every path that is not rare."""
        symbols = {symbol for _, symbol, _ in self.venue.truth.streams()}
        async with asyncio.timeout(60):
            while True:
                status = await self.running.status()
                found = status["sources"][0]["facts_by_data_type"] if status else {}
                if found.get(SLOWEST, 0) >= 3 * len(symbols):
                    return
                await CLOCK.sleep(0.2)

    def generations(self) -> dict[str, set[str]]:
        """What lies in the data folder of generations, by kind."""
        return {
            kind: {f.name for f in (self.data / kind).glob("[!.]*/")}
            for kind in ("temp", "journal")
        }


def has_died(daemon: Daemon) -> bool:
    return daemon.process is not None and daemon.process.returncode is not None


async def exits(daemon: Daemon, code: int) -> str:
    """Wait until it exits; return its log."""
    assert daemon.process is not None
    found = await until_exits(daemon.process)
    log = daemon.log.read_text()
    assert found == code, log[-3000:]
    return log


async def says(daemon: Daemon, text: str, *, timeout_s: float = 60) -> None:
    """Wait until a text stands in its log."""
    await until(
        lambda: (daemon.log.exists() and text in daemon.log.read_text()) or has_died(daemon),
        timeout_s=timeout_s,
    )
    assert text in daemon.log.read_text(), daemon.log.read_text()[-3000:]


@asynccontextmanager
async def succession(folder: Path, options: VenueOptions, **keys: Any) -> AsyncIterator[Succession]:
    """Record a venue by a process; leave nothing behind."""
    async with Venue(options) as venue:
        first = Daemon(written(folder, venue, **keys), folder / "data")
        found = Succession(folder, venue, first, [first])
        try:
            await first.start()
            await first.records()
            found.ts_begun = CLOCK.now_ns()
            yield found
        finally:
            for daemon in found.all:
                if daemon.process is not None:
                    await daemon.kill()
