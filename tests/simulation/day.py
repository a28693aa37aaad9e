"""A day of a whole recorder, simulated: first what befalls it, then it heals and has to converge.

`simulate(options(seed))` is deterministic: the same seed gives the same happenings and the same
lake. What is wrong after it stands in its `Verdict`.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from unittest.mock import patch

import pyarrow as pa

from argus.config.backfill import BackfillConfig
from argus.config.bars import BarsConfig, data_type_of
from argus.config.journal import JournalConfig
from argus.config.schema import Config, SourceConfig, StorageConfig, SymbolRule
from argus.config.watching import ClockConfig
from argus.control.protocol import Verb
from argus.daemon.bars.profiles import profiles_of
from argus.daemon.service import serve
from argus.daemon.world import Rhythm, World
from argus.errors import StorageError
from argus.storage.disk import Disk
from argus.telemetry import Happening, Telemetry
from tests.daemon.bars.fresh import BARS, differing
from tests.simulation.checker import Verdict, check
from tests.simulation.clock import SECOND_NS, SimClock
from tests.simulation.disk import DISK_BYTES, Platter, SimDisk
from tests.simulation.loop import Crash, InlineThreads, SimLoop
from tests.simulation.network import SimNetwork
from tests.simulation.options import Options
from tests.simulation.venue import STREAMS, Venue
from tests.simulation.weather import Weather

MIDNIGHT = 1_790_899_200 * SECOND_NS  # 2026-10-02
QUIET_S = 900.0
SETTLED_S = 300.0
"""A process that lives on for so long has recorded what it was told."""
LAST_FACTS = 60
WATCH_S = 900.0
PATIENCE_S = 150.0
"""Longer than a tick, as it is in life: who looks so seldom has to wait for as long."""
RHYTHM = Rhythm(
    tick_s=120.0, drain_s=600.0, pace_s=21_600.0, books_s=300.0, backfill_s=300.0, bars_s=300.0
)
JOURNAL = JournalConfig(write_ms=30_000.0, fsync_ms=120_000.0)
SLOW = {"1s": "10m", "1m": "1h"}
SLOW_BARS = replace(
    BARS,
    profiles=tuple(SLOW.get(name, name) for name in BARS.profiles),
    own={**BARS.own, "every": {"rule": "time", "interval": "15m", "empty": True}},
)
"""As the market of a simulated day."""
SHARED_MEMORY = Path("/dev/shm")


@dataclass(slots=True)
class Outcome:
    """A simulated day, when it is over.

    Attributes:
        verdict: what the checker found.
        counts: what befell, by kind.
        happenings: what the recorder reported, each with the time.
        days: how much time passed.
    """

    options: Options
    verdict: Verdict
    counts: Counter[str]
    happenings: list[str]
    days: float

    def __str__(self) -> str:
        """Return what a person needs who has to find the fault."""
        wrong = "\n  ".join(self.verdict.wrong[:10])
        return f"{self.options}\nbefell: {dict(self.counts)}\nwrong:\n  {wrong}"


class Happenings(Telemetry):
    """Keeps what is reported instead of writing it."""

    def __init__(self, clock: SimClock) -> None:
        super().__init__(clock)
        self._clock = clock
        self.lines: list[str] = []

    def __call__(self, happening: Happening) -> None:
        """Count and keep."""
        if happening.counter:
            self.counters[happening.counter] += happening.amount()
        self.lines.append(f"{self._clock.monotonic_ns()} {happening}")


class SimMachine:
    """A machine that has enough of everything."""

    def raise_descriptors(self) -> int | None:
        """Return how many descriptors may be open: any number."""
        return None

    def descriptors(self) -> int | None:
        """Return how many are: nobody counts."""
        return None

    def memory_bytes(self) -> int | None:
        """Return the memory that is taken: nobody counts."""
        return None

    def memory_bytes_max(self) -> int | None:
        """Return the limit of the memory: none."""
        return None

    def disk_bytes(self, folder: Path) -> int:
        """Return the size of the disk."""
        return DISK_BYTES


class SimTimetable:
    """Calls functions periodically, in virtual time; some more seldom than is asked for."""

    def __init__(self, loop: SimLoop, seldom_s: dict[str, float]) -> None:
        self._loop = loop
        self._seldom_s = seldom_s
        self._calls: list[tuple[float, Callable[[], None]]] = []
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def every(self, seconds: float, name: str, call: Callable[[], None]) -> None:
        """Have a function called so often from `start` on."""
        self._calls.append((max(seconds, self._seldom_s.get(name, 0.0)), call))

    def start(self) -> None:
        """Begin."""
        for index in range(len(self._calls)):
            self._wind(index)

    def _wind(self, index: int) -> None:
        self._timers[index] = self._loop.call_later(self._calls[index][0], self._call, index)

    def _call(self, index: int) -> None:
        self._wind(index)
        self._calls[index][1]()

    def stop(self) -> None:
        """Call nothing any more."""
        for timer in self._timers.values():
            timer.cancel()


@dataclass(frozen=True, slots=True)
class First:
    """The first fact of a path that a process was told, in one listing of the symbol.

    Attributes:
        number: the venue's.
        at: loop time.
        listing: 1 for the symbol's first.
    """

    number: int
    at: float
    listing: int


class Day:
    """One simulated day.

    Args:
        options: what it is like.
        folder: an empty scratch folder.
    """

    def __init__(self, options: Options, folder: Path) -> None:
        self.options = options
        self.data = folder / "data"
        self.data.mkdir()
        self.loop = SimLoop()
        random = Random(f"day {options.seed}")
        self._random = Random(f"recorder {options.seed}")
        self._venue_random = Random(f"venue {options.seed}")
        self.ts_begin = ts_begin = MIDNIGHT + int(options.begins_h * 3600 * SECOND_NS)
        self.clock = SimClock(self.loop, ts_begin=ts_begin, drift=options.drift)
        self.venue = Venue(
            options.source,
            list(options.symbols),
            random=self._venue_random,
            now_ns=self.clock.true_ns,
            data_types=options.data_types,
        )
        self.network = SimNetwork(
            self.loop,
            self.clock,
            random=random,
            venues={options.source: self.venue},
            delay_s_max=options.delay_s,
        )
        self.platter = Platter(self.data)
        self.weather = Weather(
            options,
            self.loop,
            random,
            clock=self.clock,
            network=self.network,
            venue=self.venue,
            platter=self.platter,
            restart=self._restart,
        )
        self.happenings = Happenings(self.clock)
        self._stop = asyncio.Event()
        self._is_over = self._is_done = False
        self._is_quiet = False
        self._ending: asyncio.TimerHandle | None = None
        self._life = 0
        self.deaths: list[float] = []
        self._ends: dict[int, float] = {}
        self._told: dict[tuple[str, int], list[First]] = {}
        self.network.delivered = self._delivered

    # --- what has to be recorded -----------------------------------------------------------------

    def _delivered(self, venue: Venue, stream: str, number: int) -> None:
        """Note the first fact of each path and listing that this process was told."""
        told = self._told.setdefault((stream, self._life), [])
        listing = sum(begin <= number for begin in venue.said_on(stream).begins)
        if not told or told[-1].listing < listing:
            told.append(First(number, self.loop.time(), listing))

    def _obliged(self) -> dict[tuple[str, str, str], list[int]]:
        """Return the first fact of each path and listing that had to be recorded.

        What a process was told shortly before it died may be gone with the beginning of the path.
        """
        obliged: dict[tuple[str, str, str], list[int]] = {}
        for (data_type, symbol), told in self.venue.told.items():
            stream = f"{symbol.lower()}@{STREAMS[data_type]}"
            firsts = [len(told.payloads)] * len(told.begins)
            for life in range(self._life, 0, -1):
                for first in self._told.get((stream, life), []):
                    if self._ends[life] - first.at >= SETTLED_S:
                        firsts[first.listing - 1] = min(firsts[first.listing - 1], first.number)
            obliged[self.options.source, data_type, symbol] = firsts
        return obliged

    def seconds_at(self, ts: int) -> float:
        """Return the loop time at an instant of true time."""
        return (ts - self.ts_begin) / SECOND_NS

    # --- the course of a day ---------------------------------------------------------------------

    def run(self) -> Outcome:
        """Let the day pass, and compare."""
        asyncio.set_event_loop(self.loop)
        hashes = (f"{number:07x}r" for number in count())
        try:
            with patch("secrets.token_hex", lambda _size: next(hashes)):
                self._pass()
            return self._outcome()
        finally:
            self.loop.close()
            asyncio.set_event_loop(None)

    def _pass(self) -> None:
        self.weather.begin()
        self.loop.call_at(self.options.hours * 3600, self._heal)
        self._burst()
        while not self._is_done:
            self._live()

    def _outcome(self) -> Outcome:
        counts = self.weather.counts
        verdict = check(
            self.data,
            [self.venue],
            self._obliged(),
            has_ended=self._life > 1,
            has_failed=counts["disk_full"] + counts["disk_error"] > 0,
            clock_error_ns=self.clock.error_ns_max,
        )
        if self.options.bars:
            verdict.wrong += self._other_bars()
        if self.platter.steps == 0:
            verdict.wrong.append("nothing was written")
        days = self.loop.time() / 86_400
        return Outcome(self.options, verdict, self.weather.counts, self.happenings.lines, days)

    def _other_bars(self) -> list[str]:
        """Say where bars that count are not those of a fresh build of what is in the lake."""
        source = self.options.source
        of = data_type_of(SLOW_BARS, source, self.options.data_types)
        parts = (self.data / "lake").glob(f"source={source}/data_type={of}/symbol=*")
        symbols = sorted(path.name.partition("=")[2] for path in parts)
        return differing(self.data, source, symbols, profiles_of(SLOW_BARS), of)

    def _burst(self) -> None:
        if self._is_quiet:
            return
        options, random = self.options, self._venue_random
        self.venue.burst(random.randint(1, options.burst_facts))
        self.loop.call_later(random.expovariate(1 / options.burst_s), self._burst)

    def _heal(self) -> None:
        self.weather.heal()
        self.loop.call_later(self.options.healing_h * 3600, self._be_quiet)

    def _be_quiet(self) -> None:
        self._is_quiet = True
        self._wind_down()

    def _wind_down(self) -> None:
        """Have the venue say its last words, and then end.

        What is lost at the end of a path is told with the next fact: so there has to be one.
        """
        if self._ending is not None:
            self._ending.cancel()
        self.loop.call_later(QUIET_S / 2, self.venue.burst, LAST_FACTS)
        self._ending = self.loop.call_later(QUIET_S, self._end)

    def _end(self) -> None:
        self._is_over = True
        self._stop.set()

    def _restart(self) -> None:
        self._stop.set()

    def _live(self) -> None:
        """Let one process run until it ends, in whatever way, and some time after it."""
        self._life += 1
        self._stop = asyncio.Event()
        disks: list[SimDisk] = []

        def disk(generation: str) -> Disk:
            disks.append(SimDisk(self.platter, generation))
            return disks[-1]

        if self._is_quiet:
            self._wind_down()
        # A recorder begins with a look through all that lives; once is enough for many days.
        gc.freeze()
        self.weather.is_alive = True
        try:
            self.loop.run_until_complete(
                serve(
                    self._config(),
                    world=self._world(disk),
                    telemetry=self.happenings,
                    stop=self._stop,
                    generation=f"{self._life:08x}",
                )
            )
            self._is_done = self._is_over
        except Crash:
            self._bury(disks)
        except StorageError:
            self.weather.counts["refused starts"] += 1
        self.weather.is_alive = False
        self._ends[self._life] = self.loop.time()
        for link in list(self.network.links):
            link.end("nobody reads")
        if not self._is_done:
            down_s = self._random.choice(self.options.down_s)
            self.loop.run_until_complete(self.clock.sleep(down_s))

    def _bury(self, disks: list[SimDisk]) -> None:
        """End what is left of a process that died; nothing of that reaches the disk."""
        for disk in disks:
            disk.is_dead = disk.is_buried = True
        how = self.weather.died()
        self.deaths.append(self.loop.time())
        self.weather.is_alive = False
        self.loop.end_tasks()
        self.weather.counts["crashes"] += 1
        if how == "power_cut":
            self.platter.cut_power(self._random)
        else:
            self.platter.settle()

    def _config(self) -> Config:
        options = self.options
        source = SourceConfig(
            name=options.source,
            symbols=SymbolRule(quote=("USDT",)),
            data_types=(*options.data_types, "book_snapshot", "instrument"),
            standby=options.standby,
            connection_lifetime_s=options.lifetime_h * 3600,
            universe_every_s=3600.0,
            snapshot_levels=100,
            snapshot_every_s=6 * 3600.0,
            seam_patience_ms=PATIENCE_S * 1000,
            silence_s=3600.0,
        )
        storage = StorageConfig(
            data=str(self.data), flush_every_s=options.flush_h * 3600, merge_age_s=6 * 3600.0
        )
        return Config(
            storage=storage,
            journal=JOURNAL,
            backfill=BackfillConfig(auto=options.backfills),
            clock=ClockConfig(offset_every_s=6 * 3600.0),
            sources={options.source: source},
            bars=SLOW_BARS if options.bars else BarsConfig(),
        )

    def _world(self, disk: Callable[[str], Disk]) -> World:
        seldom_s = {"merge": self.options.merge_h * 3600, "watch": WATCH_S}

        def threads(name: str) -> Executor:
            return InlineThreads(self.weather.delay_s)

        @asynccontextmanager
        async def listen(path: Path, verbs: Mapping[str, Verb]) -> AsyncIterator[None]:
            yield

        return World(
            clock=self.clock,
            open_link=self.network.open_link,
            ask=self.network.ask,
            disk=disk,
            machine=SimMachine(),
            threads=threads,
            timetable=lambda: SimTimetable(self.loop, seldom_s),
            listen=listen,
            random=self._random.random,
            rhythm=RHYTHM,
        )


def simulate(options: Options, *, prepare: Callable[[Day], None] = lambda _day: None) -> Outcome:
    """Let a day pass in a scratch folder of its own; `prepare` may plant something first."""
    root = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    # Tables are small: threads would cost more than they save.
    pa.set_cpu_count(1)
    folder = Path(mkdtemp(prefix="argus-simulation-", dir=root))
    try:
        day = Day(options, folder)
        prepare(day)
        return day.run()
    finally:
        shutil.rmtree(folder)
