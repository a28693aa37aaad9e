"""Pure. Candles of one symbol and interval for those who ask: the last ones, then every change.

A candle is what is known of one interval. It is told apart by its begin, and it has the number of
the change that made it what it is: who has seen everything up to a number asks for what came after.
So nothing lies between history and updates, and nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from argus.events import Bar, Kline


class Maker(StrEnum):
    """What a candle is made of."""

    TRADES = "trades"
    VENUE = "venue"


class Candle(Struct, frozen=True, kw_only=True):
    """What is known of one interval.

    Attributes:
        ts_open: its begin, UTC ns.
        open: the first price (without trades all four are the last price before).
        high: the highest.
        low: the lowest.
        close: the last.
        volume: base units.
        quote_volume: quote units.
        buy_volume: base units bought by aggressors.
        trades: how many.
        closed: whether the interval is over.
        gap: whether trades may be missing.
        maker: whether it is made of recorded trades or is what the venue says.
        change: number of the change that made it so; rising, over all candles of a set.
    """

    ts_open: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float
    buy_volume: float
    trades: int
    closed: bool
    gap: bool = False
    maker: Maker = Maker.TRADES
    change: int = 0


def of_bar(bar: Bar, *, closed: bool) -> Candle:
    """Return the candle that a time bar is."""
    return Candle(
        ts_open=bar.ts_open,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        quote_volume=bar.quote_volume,
        buy_volume=bar.buy_volume,
        trades=bar.total_ticks,
        closed=closed,
        gap=bar.gap,
    )


def of_kline(kline: Kline) -> Candle:
    """Return the candle that a venue's kline is."""
    return Candle(
        ts_open=kline.ts_open,
        open=kline.open,
        high=kline.high,
        low=kline.low,
        close=kline.close,
        volume=kline.volume,
        quote_volume=kline.quote_volume,
        buy_volume=kline.taker_buy_volume,
        trades=kline.trades,
        closed=kline.closed,
        maker=Maker.VENUE,
    )


class Candles:
    """The newest candles of one symbol and interval.

    Recorded trades come first: what the venue says stands only where trades are missing.

    Args:
        interval_ns: length of a candle.
        keep: so many candles are kept at least; older ones go.

    Attributes:
        change: number of the last change.
        ts_complete: begin of the first candle of which all trades are known; None if none is yet.
    """

    def __init__(self, interval_ns: int, keep: int) -> None:
        assert interval_ns > 0
        assert keep > 0
        self.interval_ns = interval_ns
        self.keep = keep
        self.change = 0
        self.ts_complete: int | None = None
        self._candles: dict[int, Candle] = {}

    def __len__(self) -> int:
        return len(self._candles)

    def begin(self, ts_first: int, *, is_whole: bool) -> None:
        """Say from when on trades are known, before any is put.

        Args:
            ts_first: instant of the first trade that is known.
            is_whole: whether it is known that none came before it in its interval.
        """
        at = ts_first - ts_first % self.interval_ns
        self.ts_complete = at if is_whole else at + self.interval_ns

    def put(self, candle: Candle) -> bool:
        """Take a candle; return whether that changed anything.

        One that is made of trades, some of which are missing, does not replace the venue's, which
        in turn replaces no other.
        """
        if candle.maker is Maker.TRADES and not self._is_complete(candle.ts_open):
            candle = replace(candle, gap=True)
        old = self._candles.get(candle.ts_open)
        if old is not None and not _is_better(candle, old):
            return False
        if old is not None and replace(candle, change=old.change) == old:
            return False
        self.change += 1
        self._candles[candle.ts_open] = replace(candle, change=self.change)
        self._forget()
        return True

    def _is_complete(self, ts_open: int) -> bool:
        return self.ts_complete is not None and ts_open >= self.ts_complete

    def _forget(self) -> None:
        # Twice as many, so that sorting them is seldom.
        if len(self._candles) > 2 * self.keep:
            for ts in sorted(self._candles)[: -self.keep]:
                del self._candles[ts]

    def last(self, count: int, *, since: int = 0) -> list[Candle]:
        """Return the newest candles in the order of time, of them those that changed `since`."""
        newest = sorted(self._candles)[-count:]
        return [c for ts in newest if (c := self._candles[ts]).change > since]

    def wanted(self, ts_from: int, ts_now: int) -> list[tuple[int, int]]:
        """Return what the venue has to be asked for: first and last begin, both included.

        That is every candle from `ts_from` on which is over at `ts_now` and absent, or made of
        trades some of which are missing.
        """
        begins = range(ts_from - ts_from % self.interval_ns, ts_now, self.interval_ns)
        over = (ts for ts in begins if ts + self.interval_ns <= ts_now)
        return _runs((ts for ts in over if self._is_wanting(ts)), self.interval_ns)

    def _is_wanting(self, ts_open: int) -> bool:
        candle = self._candles.get(ts_open)
        return candle is None or (candle.gap and candle.maker is Maker.TRADES)


def _is_better(new: Candle, old: Candle) -> bool:
    if new.maker is old.maker:
        return True
    if new.maker is Maker.TRADES:
        return not new.gap
    return old.gap


def _runs(begins: Iterable[int], step: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for ts in begins:
        if runs and runs[-1][1] + step == ts:
            runs[-1] = (runs[-1][0], ts)
        else:
            runs.append((ts, ts))
    return runs
