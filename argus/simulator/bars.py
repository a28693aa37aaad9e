"""Pure. One kline in the making: what the venue says about the trades of an interval."""

from argus.simulator.symbols import decimal_text

_NS_PER = {"s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}


def interval_ns_of(interval: str) -> int:
    """Return the length of an interval such as `1m` in nanoseconds (weeks, months: not here)."""
    count, unit = interval[:-1], interval[-1:]
    if unit not in _NS_PER or not count.isdigit() or int(count) == 0:
        msg = f"interval {interval!r} where a number and one of s, m, h, d was expected"
        raise ValueError(msg)
    return int(count) * _NS_PER[unit]


class Bar:
    """The trades of one symbol in one interval, summed in ticks and lots.

    A bar without trades repeats the close before it and has the trade ids -1, as the venue's has.
    """

    __slots__ = (
        "close",
        "first_id",
        "high",
        "is_dirty",
        "last_id",
        "low",
        "open",
        "quote",
        "taker_quote",
        "taker_volume",
        "trades",
        "ts_open",
        "volume",
    )

    def __init__(self, ts_open: int, ticks: int) -> None:
        """Begin a bar at `ts_open` (ns); `ticks` is the last price before it."""
        self.begin(ts_open, ticks)

    def begin(self, ts_open: int, ticks: int) -> None:
        """Begin again, at another instant."""
        self.ts_open = ts_open
        self.open = self.high = self.low = self.close = ticks
        self.first_id = self.last_id = -1
        self.volume = self.quote = self.taker_volume = self.taker_quote = self.trades = 0
        self.is_dirty = False

    def add(
        self, first_id: int, last_id: int, count: int, ticks: int, lots: int, *, is_buy: bool
    ) -> None:
        """Add `count` trades at one price; `is_buy`: the taker bought."""
        if self.first_id < 0:
            self.first_id = first_id
            self.open = self.high = self.low = ticks
        elif ticks > self.high:
            self.high = ticks
        elif ticks < self.low:
            self.low = ticks
        self.close = ticks
        self.last_id = last_id
        self.trades += count
        self.volume += lots
        self.quote += lots * ticks
        if is_buy:
            self.taker_volume += lots
            self.taker_quote += lots * ticks
        self.is_dirty = True


def quote_text(ticks_times_lots: int, digits: int) -> str:
    """Write a quote volume with eight digits behind the point."""
    return decimal_text(ticks_times_lots, digits, 8)
