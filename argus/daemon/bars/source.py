"""Shell. The bars of one source of a running recorder: built as trades come, and kept.

What goes wrong with a symbol stays with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from argus.agora.agora import Agora, News
from argus.agora.path import Path
from argus.bars import Profile, Rule
from argus.clock import Clock
from argus.config.bars import BarsConfig
from argus.control.status import BarsStatus
from argus.daemon.bars.behind import Behind
from argus.daemon.bars.building import Building, Saved, beginning
from argus.daemon.bars.line import FAILURES, Line
from argus.daemon.bars.published import load, save
from argus.daemon.bars.venue_now import VenueNow
from argus.daemon.site import Site
from argus.events import Gap, GapState
from argus.storage.gaps import read_ledger
from argus.telemetry import BarsBuilt, BarsUnsaved, Report

SHOW_EVERY_NS = 1_000_000_000
LOOK_EVERY_S = 0.5
"""How often it is looked for new symbols, and for those that are behind."""
SLICE_TRADES = 1000
"""Trades taken before the event loop goes on: a millisecond or two."""
LINE_TRADES, SHOW_TRADES = 20, 150
"""Looking at a symbol costs as much as so many trades, and to show its time bars."""

type_of_settle = Callable[[str, str], Awaitable[bool]]
T = TypeVar("T")


class SourceBars:
    """Builds and publishes the bars of one source.

    Args:
        source: the source.
        data_type: what they are built of.
        profiles: those of every symbol.
        config: which symbols, and how.
        agora: where trades come from and bars go.
        site: where the states are.
        settle: makes what was published of a source and data type durable.
        thread: where to read and build what is behind.
        clock: paces it; says when time bars close.
        every_s: how often it is looked for what came.
        report: telemetry.

    Attributes:
        lines: the symbols.
        is_known: whether the states of an earlier run were looked at.
    """

    def __init__(  # noqa: PLR0913 - collaborators, by name
        self,
        source: str,
        data_type: str,
        profiles: Sequence[Profile],
        *,
        config: BarsConfig,
        agora: Agora,
        site: Site,
        settle: type_of_settle,
        thread: Executor,
        clock: Clock,
        every_s: float,
        report: Report,
    ) -> None:
        self.source = source
        self.data_type = data_type
        self.profiles = profiles
        self.lines: dict[str, Line] = {}
        self.is_known = False
        self._config = config
        self._agora = agora
        self._site = site
        self._thread = thread
        self._clock = clock
        self._every_s = every_s
        self._report = report
        self.behind = Behind(
            source,
            data_type,
            [profile.name for profile in profiles],
            lines=self.lines,
            data=site.data,
            settle=settle,
            thread=thread,
            clock=clock,
            ts_closing=self._ts_closing,
            report=report,
        )
        # Paths are found here, and each is then read by the tail of its line.
        self._paths = agora.subscribe(f"{source}/{data_type}/*")
        self._gaps = agora.subscribe(f"{source}/gap/*", self._hear)
        self._heard: list[tuple[str, Gap]] = []
        self._saved: Mapping[str, Saved] = {}
        self._has_time_bars = any(profile.rule is Rule.TIME for profile in profiles)
        self._ts_shown = clock.monotonic_ns()
        self._venue = VenueNow()
        self._told_bars = 0

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def begin(self) -> None:
        """Take up the states of an earlier run, which has ended.

        Raises:
            OSError: they could not be read.
            StorageError: the ledger of gaps could not be.
        """
        if self.is_known:
            return
        site = self._site
        load_all = partial(load, site, self.source, self.data_type, self.profiles, self._report)
        self._saved = await self._in_thread(load_all)
        read = partial(read_ledger, site.data, source=self.source)
        ledger = await self._in_thread(read) if self._saved else None
        for symbol in self._saved:
            if self._is_wanted(symbol):
                self._add(symbol)
        for gap in ledger.entries if ledger else ():
            line = self.lines.get(gap.symbol)
            is_filled = gap.state == GapState.FILLED and gap.data_type == self.data_type
            if line is not None and is_filled:
                line.fill(gap)
        self.is_known = True

    def _is_wanted(self, symbol: str) -> bool:
        return not self._config.symbols or symbol in self._config.symbols

    def _add(self, symbol: str) -> None:
        saved = self._saved.get(symbol)
        begin = saved or Saved(beginning(self.profiles))
        building = Building(begin, kept_max=self._config.kept_max)
        path = Path(self.source, self.data_type, symbol)
        line = self.lines[symbol] = Line(self._agora, path, building, self._report)
        line.saved, line.is_restored = saved, saved is not None

    def find(self) -> None:
        """Begin with the symbols that have come."""
        for path in self._paths.paths:
            if path.symbol not in self.lines and self._is_wanted(path.symbol):
                self._add(path.symbol)

    async def catch_up(self) -> None:
        """Bring symbols up to date that are behind, for ever."""
        while True:
            self.find()
            await self.behind.bring()
            await self._clock.sleep(max(LOOK_EVERY_S, self._every_s))

    async def follow(self) -> None:
        """Build bars of what comes, for ever."""
        while True:
            await self._advance()
            await self._clock.sleep(self._every_s)

    async def _advance(self) -> None:
        self.hear()
        now = self._clock.monotonic_ns()
        is_showing = self._has_time_bars and now - self._ts_shown >= SHOW_EVERY_NS
        if is_showing:
            self._ts_shown = now
        taken = 0
        for line in list(self.lines.values()):
            if not line.is_behind:
                taken += LINE_TRADES + self._take(line, is_showing=is_showing)
                taken += SHOW_TRADES * is_showing
            if taken > SLICE_TRADES:
                taken = 0
                await asyncio.sleep(0)
        self._count()

    def _take(self, line: Line, *, is_showing: bool) -> int:
        try:
            taken = line.advance()
            if taken:
                self._venue.note(line.building.ts, self._clock.monotonic_ns())
            if is_showing and not line.is_behind:
                line.show(self._ts_closing())
        except FAILURES as error:
            line.fail(error, self._clock.monotonic_ns())
            return 0
        return taken

    def _ts_closing(self) -> int:
        now = self._venue.now_ns(self._clock.monotonic_ns(), self._clock.now_ns())
        return now - int(self._config.grace_s * 1e9)

    def _count(self) -> None:
        bars = sum(line.bars for line in self.lines.values())
        if bars > self._told_bars:
            self._report(BarsBuilt(self.source, bars - self._told_bars))
            self._told_bars = bars

    def _hear(self, news: News) -> None:
        facts = (fact for fact in news.facts if isinstance(fact, Gap))
        self._heard += [(news.path.symbol, gap) for gap in facts]

    def hear(self) -> None:
        """Judge the gaps that were told since the last time."""
        for news in self._gaps.poll():
            self._hear(news)
        heard, self._heard = self._heard, []
        for symbol, gap in heard:
            line = self.lines.get(symbol)
            if line is not None:
                line.hear(gap)

    def status(self) -> BarsStatus:
        """Return what is built."""
        lines = dict(self.lines)
        return BarsStatus(
            source=self.source,
            of_data_type=self.data_type,
            profiles=tuple(profile.name for profile in self.profiles),
            symbols=len(lines),
            behind=sum(line.is_behind for line in lines.values()),
            bars=sum(line.bars for line in lines.values()),
            revised=sum(line.building.raised for line in lines.values()),
            trades_behind=sum(line.tail.held for line in lines.values()),
            errors={symbol: line.error for symbol, line in lines.items() if line.error},
        )

    async def mark(self) -> dict[str, Saved]:
        """Return where every symbol stands, with all that was published until then."""
        found: dict[str, Saved] = {}
        self.hear()
        for number, (symbol, line) in enumerate(list(self.lines.items())):
            found[symbol] = line.mark()
            if number % 50 == 49:  # noqa: PLR2004 about a millisecond
                await asyncio.sleep(0)
                self.hear()
        return found

    async def save(self, marked: Mapping[str, Saved]) -> None:
        """Save what was marked: all that was published until then is durable.

        Of a symbol that has gone back meanwhile, what was saved before stays.
        """
        if not self.is_known:
            return
        self.hear()
        good = {s: at for s, at in marked.items() if self.lines[s].marked is at}
        every = {**self._saved, **good}
        write = partial(save, self._site, self.source, self.data_type, self.profiles, every)
        try:
            await self._in_thread(write)
        except OSError as error:
            self._report(BarsUnsaved(self.source, str(error)))
            return
        self._saved = every
        for symbol, at in good.items():
            self.lines[symbol].was_saved(at)

    def leave(self) -> None:
        """Build bars of what has come until now; nothing comes any more."""
        self.hear()
        for line in self.lines.values():
            if not line.is_behind:
                self._take(line, is_showing=False)
        self._count()
