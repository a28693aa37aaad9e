"""Shell. The candles of one symbol and interval, kept warm while somebody wants them.

History and what comes are one stream of trades, so nothing lies between them. What trades were not
recorded, the venue is asked for; what it says is marked.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.bars import Series, Trades, profile
from argus.bars.candles import Candles, of_bar, of_kline
from argus.clock import Clock
from argus.daemon.access import Access
from argus.daemon.tail import Tail, follow, type_of_part
from argus.daemon.written import Written
from argus.errors import VenueError
from argus.events import Event, Kline, Trade
from argus.lake.span import Span
from argus.network.history import History, Scale
from argus.network.pages import pages
from argus.telemetry import CandlesUnanswered, Report

LOOK_EVERY_S = 0.1
WINDOWS = (1, 16, 256, 0)
"""How many times what is wanted it is looked back for a trade; 0 is to the first one."""
ASK_AGAIN_NS = 30_000_000_000
"""What the venue did not give is asked for again so soon at the earliest."""
ASK_NEXT_NS = 1_000_000_000
"""So soon it is asked for something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which candles are wanted.

    Attributes:
        source: the source.
        symbol: the symbol, as the venue writes it.
        interval: their length, such as `5m`.
        interval_ns: the same in ns.
        data_type: what they are made of; empty if the source records no trades.
    """

    source: str
    symbol: str
    interval: str
    interval_ns: int
    data_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a pot has its trades and candles from.

    Attributes:
        agora: where trades are published.
        written: reads those that were recorded; None if the source records none.
        access: what can be asked of the venue; None if nothing.
        clock: tells which intervals are over.
        grace_ns: how long after its end an interval counts as over without a later trade.
        report: telemetry.
    """

    agora: Agora
    written: Written | None
    access: Access | None
    clock: Clock
    grace_ns: int
    report: Report


class Pot:
    """The candles of one symbol and interval.

    Args:
        wish: which.
        sources: where they come from.
        keep: how many are kept.

    Attributes:
        candles: what is known.
        ready: set once history is there.
        ts_asked: when they were last asked for (monotonic ns).
        listeners: who follows them.
    """

    def __init__(self, wish: Wish, sources: Sources, keep: int) -> None:
        self.wish = wish
        self.candles = Candles(wish.interval_ns, keep)
        self.ready = asyncio.Event()
        self.ts_asked = sources.clock.monotonic_ns()
        self.listeners = 0
        self._sources = sources
        now_ns = sources.clock.now_ns()
        self._ts_from = (now_ns // wish.interval_ns - keep + 1) * wish.interval_ns
        self._series = Series([profile(wish.interval, empty=True)])
        self._asked: list[tuple[int, int]] = []
        self._ts_asked = sources.clock.monotonic_ns() - ASK_AGAIN_NS
        self._asking = asyncio.Lock()
        self._tail: Tail | None = None

    async def run(self) -> None:
        """Fill it and keep it warm; ends only if it is cancelled, or there are no trades."""
        written = self._sources.written
        if written is None:
            self.ready.set()
            return
        wish, sources = self.wish, self._sources
        path = Path(wish.source, wish.data_type, wish.symbol)
        after = await self._begin(written)
        tail = self._tail = Tail(sources.agora, path, after=after)
        parts = follow(
            tail, written, clock=sources.clock, every_s=LOOK_EVERY_S, attached=self.ready.set
        )
        async with aclosing(parts):
            async for part in parts:
                self._feed(part)

    async def _begin(self, written: Written) -> int | None:
        """Return the id to begin after; None if no trade was recorded.

        It begins with the last trade before the first candle, whose price a candle without trades
        has; what is older is looked for only where there is none since.
        """
        await written.settled()
        first = None
        for times in WINDOWS:
            now_ns = self._sources.clock.now_ns()
            ts_from = now_ns - (now_ns - self._ts_from) * times if times else 0
            first = await self._first(written, Span(ts_from=max(0, ts_from)))
            if first is not None:
                break
        if first is None:
            return None
        before = await self._first(written, Span(after=first[0] - 2, until=first[0] - 1))
        number, ts = before or first
        self.candles.begin(ts, is_whole=False)
        return number - 1

    async def _first(self, written: Written, span: Span) -> tuple[int, int] | None:
        def first_row(_: str, table: pa.Table) -> tuple[int, int]:
            at = table["ts_event"].cast(pa.int64())[0].as_py()
            return int(table[written.key][0].as_py()), int(at)

        async with aclosing(written.read({self.wish.symbol: span}, first_row)) as parts:
            async for _, _, found in parts:
                return found
        return None

    def _feed(self, part: type_of_part) -> None:
        is_table = isinstance(part, pa.Table)
        trades = Trades.of_table(part) if is_table else Trades.of(cast(list[Trade], part))
        if not len(trades):
            return
        if self.candles.ts_complete is None:
            self.candles.begin(int(trades.ts_event[0]), is_whole=False)
        for bar in self._series.feed(trades):
            self.candles.put(of_bar(bar, closed=True))
        for bar in self._series.open_bars():
            self.candles.put(of_bar(bar, closed=False))

    async def refresh(self) -> None:
        """Close what is over, and ask the venue for what is missing."""
        ts_over = self._sources.clock.now_ns() - self._sources.grace_ns
        # What has come and is not in a candle yet may belong to one that seems to be over.
        if self._tail is not None and self._tail.is_attached and not self._tail.held:
            for bar in self._series.pending(ts_over):
                self.candles.put(of_bar(bar, closed=True))
        async with self._asking:
            await self._ask(ts_over)

    async def _ask(self, ts_over: int) -> None:
        access, interval = self._sources.access, self.wish.interval
        history = None if access is None else access.source.rest.history("kline")
        scale = None if history is None else history.scale(interval)
        if access is None or history is None or scale is None:
            return
        newest = (ts_over // self.wish.interval_ns) * self.wish.interval_ns
        ts_from = max(self._ts_from, newest - self.candles.keep * self.wish.interval_ns)
        spans = self.candles.wanted(ts_from, newest)
        if not spans or self._is_too_soon(spans):
            return
        self._asked = spans
        self._ts_asked = self._sources.clock.monotonic_ns()
        numbers = [(scale.number(first), scale.number(last)) for first, last in spans]
        try:
            for page in pages(numbers, history.rows_max):
                for fact in await self._page(access, history, scale, page):
                    if isinstance(fact, Kline):
                        self.candles.put(of_kline(fact))
        except VenueError as error:
            self._sources.report(
                CandlesUnanswered(self.wish.source, self.wish.symbol, interval, str(error))
            )

    async def _page(
        self, access: Access, history: History, scale: Scale, page: tuple[int, int]
    ) -> list[Event]:
        return await access.past.page(history, self.wish.symbol, self.wish.interval, scale, page)

    def _is_too_soon(self, spans: list[tuple[int, int]]) -> bool:
        """Return whether the venue was just asked; for the same again it is asked later."""
        since_ns = self._sources.clock.monotonic_ns() - self._ts_asked
        return since_ns < (ASK_AGAIN_NS if spans == self._asked else ASK_NEXT_NS)
