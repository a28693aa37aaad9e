"""Pure. A seeded market of many symbols, as a function of time.

`advance(until)` returns the facts of all symbols up to an instant, in order. What comes out depends
on the seed, the start and the symbols only, not on how often it is called. Orders and quotes come
as a Poisson process over all symbols; diffs, klines and marks at their own times, spread over the
interval so that not all symbols speak at once.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush, heapreplace
from itertools import accumulate
from typing import TypeAlias

from argus.simulator.derivatives import Derivatives
from argus.simulator.draws import Draws
from argus.simulator.instrument import FILLS_MEAN, Instrument
from argus.simulator.streams import Fact, Source
from argus.simulator.symbols import SymbolSpec, spec_of

SECOND_NS = 1_000_000_000
_DEPTH_EVERY_NS = 100_000_000  # `@depth@100ms`
_DEPTH_EVERY_MAX_NS = SECOND_NS
# web-socket-streams.md: kline 2000 ms (1000 ms for 1s) on spot, 250 ms on USD-M.
_KLINE_EVERY_NS = {Source.BINANCE_SPOT: 2 * SECOND_NS, Source.BINANCE_USDM: SECOND_NS // 4}

# Does its work at an instant and says when it is to be called next, `None` for never.
_Task: TypeAlias = Callable[[int, list[Fact]], int | None]


@dataclass(frozen=True, slots=True)
class Mix:
    """The shares of the three kinds that make up the rate; the others come on top of it."""

    trade: float = 0.45
    book_ticker: float = 0.47
    depth: float = 0.08

    def __post_init__(self) -> None:
        """Refuse shares that are no shares."""
        assert min(self.trade, self.book_ticker, self.depth) >= 0
        assert self.trade > 0
        assert abs(self.trade + self.book_ticker + self.depth - 1) < 1e-9  # noqa: PLR2004

    @property
    def order_share(self) -> float:
        """Return the share of orders among orders and quotes: each announces one bookTicker."""
        orders = self.trade / FILLS_MEAN
        return orders / (orders + max(0.0, self.book_ticker - orders))

    @property
    def actions_per_event(self) -> float:
        """Return how many orders and quotes an event of the rate takes."""
        return max(self.book_ticker, self.trade / FILLS_MEAN)


class Market:
    """Many symbols with one clock; see the module.

    `rate` is events per second over all symbols (trades, bookTickers and diffs by `mix`); `weights`
    say how it is shared out, 1 where a symbol is not named. Diffs cannot come more often than every
    100 ms and symbol, nor more rarely than every second while there is trading.
    """

    def __init__(  # noqa: PLR0913 - settings of one value each, most with a default
        self,
        source: Source,
        symbols: tuple[str, ...],
        *,
        seed: int,
        start_ns: int,
        rate: float = 1000.0,
        mix: Mix | None = None,
        weights: dict[str, float] | None = None,
        intervals: tuple[str, ...] = ("1m",),
        levels: int = 200,
        liquidations_per_s: float = 0.02,
    ) -> None:
        """Begin with the given symbols at `start_ns`."""
        assert rate > 0
        self._source, self._rate, self._mix = source, rate, mix or Mix()
        self._weights = weights or {}
        self._intervals, self._levels = intervals, levels
        self._liquidations_per_s = liquidations_per_s
        self._draws = Draws(seed)
        self._instruments: dict[str, Instrument] = {}
        self._derivatives: dict[str, Derivatives] = {}
        self._active: list[Instrument] = []
        self._bounds: list[float] = []
        self._tasks: list[tuple[int, int, _Task]] = []
        self._tasks_made = 0
        self._now_ns = start_ns
        self._next_ns = start_ns
        for symbol in symbols:
            self._add(spec_of(source, symbol))
        self._share_out()

    # --- time ------------------------------------------------------------------------------------

    @property
    def now_ns(self) -> int:
        """Return the instant up to which facts have been produced."""
        return self._now_ns

    @property
    def is_finished(self) -> bool:
        """Return `False`: a synthetic market has no end."""
        return False

    def advance(self, until_ns: int, facts_max: int = 1_000_000) -> list[Fact]:
        """Return the facts up to an instant, or the first `facts_max` or a few more of them."""
        out: list[Fact] = []
        tasks = self._tasks
        while len(out) < facts_max:
            due = tasks[0][0] if tasks else until_ns + 1
            if self._active and self._next_ns < due:
                if self._next_ns > until_ns:
                    break
                self._now_ns = self._next_ns
                self._act(out)
            elif due > until_ns:
                break
            else:
                self._now_ns = max(self._now_ns, due)
                self._run_task(out)
        else:
            return out
        self._now_ns = max(self._now_ns, until_ns)
        return out

    def shift_clock(self, by_ns: int) -> None:
        """Go on at another instant, as after the venue's clock was set; bars begin anew."""
        self._now_ns += by_ns
        self._next_ns += by_ns
        # All by the same, so the heap stays a heap.
        self._tasks = [(due + by_ns, made, task) for due, made, task in self._tasks]
        for instrument in self._instruments.values():
            instrument.restart_bars(self._now_ns)

    def _act(self, out: list[Fact]) -> None:
        uniform = self._draws.uniform
        chosen = self._active[bisect_right(self._bounds, uniform() * self._bounds[-1])]
        if uniform() < self._order_share:
            chosen.order(self._now_ns, out)
        else:
            chosen.quote(self._now_ns, out)
        self._next_ns += int(self._draws.exponential() * self._gap_ns)

    def _run_task(self, out: list[Fact]) -> None:
        due, made, task = self._tasks[0]
        following = task(due, out)
        if following is None:
            heappop(self._tasks)
        else:
            heapreplace(self._tasks, (following, made, task))

    # --- symbols ---------------------------------------------------------------------------------

    def listed(self) -> list[SymbolSpec]:
        """Return the symbols that are traded now."""
        return [one.spec for one in self._active]

    def delisted(self) -> list[SymbolSpec]:
        """Return the symbols that were traded before."""
        return [one.spec for one in self._instruments.values() if not one.is_listed]

    def knows(self, symbol: str) -> bool:
        """Return whether a symbol is or was traded."""
        return symbol in self._instruments

    def list_symbol(self, symbol: str) -> None:
        """Begin to trade a symbol, or go on with one that was delisted."""
        known = self._instruments.get(symbol)
        if known is None:
            self._add(spec_of(self._source, symbol))
        elif not known.is_listed:
            known.is_listed = True
            known.restart_bars(self._now_ns)
            self._schedule(known)
        self._share_out()

    def delist_symbol(self, symbol: str) -> None:
        """Stop trading a symbol; its ids go on should it come back."""
        known = self._instruments.get(symbol)
        if known is not None:
            known.is_listed = False
            self._share_out()

    def skip_ids(self, symbol: str, kind: str, count: int) -> None:
        """Leave out ids of a symbol's trades, aggTrades or diffs for good."""
        self._instruments[symbol].skip_ids(kind, count)

    def depth(self, symbol: str, limit: int) -> bytes | None:
        """Return the answer to a depth request, `None` for an unknown symbol."""
        known = self._instruments.get(symbol)
        return known.snapshot(self._now_ns, limit) if known and known.is_listed else None

    def open_interest(self, symbol: str) -> str | None:
        """Return the open interest in the base asset, `None` where there is none."""
        known = self._derivatives.get(symbol)
        return known.open_interest_text() if known else None

    def _add(self, spec: SymbolSpec) -> None:
        instrument = Instrument(
            self._source,
            spec,
            self._draws,
            now_ns=self._now_ns,
            levels=self._levels,
            intervals=self._intervals,
        )
        self._instruments[spec.symbol] = instrument
        if self._source is Source.BINANCE_USDM:
            self._derivatives[spec.symbol] = Derivatives(
                instrument, self._draws, self._liquidations_per_s
            )
        self._schedule(instrument)

    def _share_out(self) -> None:
        was_idle = not self._active
        self._active = [one for one in self._instruments.values() if one.is_listed]
        weights = [self._weights.get(one.spec.symbol, 1.0) for one in self._active]
        self._bounds = list(accumulate(weights))
        self._order_share = self._mix.order_share
        self._gap_ns = SECOND_NS / (self._rate * self._mix.actions_per_event)
        if was_idle:
            self._next_ns = self._now_ns + int(self._draws.exponential() * self._gap_ns)

    # --- what comes at times ---------------------------------------------------------------------

    def _schedule(self, instrument: Instrument) -> None:
        self._plan(_DEPTH_EVERY_NS, partial(self._diff, instrument))
        for interval in self._intervals:
            # No later than the end of the bar: the bar must be closed before the next trade.
            every_ns = min(
                _KLINE_EVERY_NS[self._source], instrument.bar_end_ns(interval) - self._now_ns
            )
            self._plan(every_ns, partial(self._kline, instrument, interval))
        if instrument.spec.symbol in self._derivatives:
            self._plan(SECOND_NS, partial(self._mark, instrument))

    def _plan(self, within_ns: int, task: _Task) -> None:
        self._tasks_made += 1
        due = self._now_ns + 1 + self._draws.below(within_ns)
        heappush(self._tasks, (due, self._tasks_made, task))

    def _diff(self, instrument: Instrument, ts: int, out: list[Fact]) -> int | None:
        if not instrument.is_listed:
            return None
        instrument.send_diff(ts, out)
        share = self._weights.get(instrument.spec.symbol, 1.0) / self._bounds[-1]
        per_s = self._rate * self._mix.depth * share
        every = SECOND_NS / per_s if per_s else _DEPTH_EVERY_MAX_NS
        steps = max(1, round(min(every, _DEPTH_EVERY_MAX_NS) / _DEPTH_EVERY_NS))
        return ts + steps * _DEPTH_EVERY_NS

    def _kline(self, instrument: Instrument, interval: str, ts: int, out: list[Fact]) -> int | None:
        if not instrument.is_listed:
            return None
        instrument.send_kline(interval, ts, out)
        return min(ts + _KLINE_EVERY_NS[self._source], instrument.bar_end_ns(interval))

    def _mark(self, instrument: Instrument, ts: int, out: list[Fact]) -> int | None:
        if not instrument.is_listed:
            return None
        self._derivatives[instrument.spec.symbol].send(ts, out)
        return ts + SECOND_NS
