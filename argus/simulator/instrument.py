"""Pure. The market of one symbol: orders, quotes, diffs, klines, marks and liquidations.

What holds at every instant, and is tested: a trade's price is the best bid or ask announced last;
every change of the best is announced; trade ids rise by one, aggTrade ids too; klines sum up the
trades. On USD-M a trade against the insurance fund has an id, but no part in aggTrades.
"""

from argus.simulator.bars import Bar, interval_ns_of, quote_text
from argus.simulator.book import LEVELS_MIN, Book
from argus.simulator.draws import Draws
from argus.simulator.ladder import Ladder
from argus.simulator.payloads import Texts, dialect_of, levels_text
from argus.simulator.streams import (
    AGG_TRADE,
    BOOK_TICKER,
    DEPTH,
    KLINE,
    TRADE,
    Fact,
    Source,
    stream_of,
)
from argus.simulator.symbols import SymbolSpec

# Between a trade (`T`) and the event about it (`E`); of the order that recordings show.
LATENCY_NS = 400_000

# How many makers a taker order meets; the mean is FILLS_MEAN.
_FILLS = (1, 1, 1, 1, 1, 2, 2, 3)
FILLS_MEAN = sum(_FILLS) / len(_FILLS)

_SWEEP_SHARE = 0.15  # of orders that take the whole best level
_CANCEL_SHARE = 0.25  # of quotes that take it away
_IMPROVE_SHARE = 0.6  # of quotes that go between the best prices, where there is room
_INSURANCE_SHARE = 0.002  # of orders on USD-M
_RPI_SHARE = 0.1  # of orders on USD-M that meet retail-price-improving ones
_HALF = 0.5
_USDM_STEP_MAX = 64
_LEVELS_STIRRED = 12  # behind the best, in each diff


class Instrument:
    """One symbol; its methods append facts to `out`, in the order in which they happen."""

    __slots__ = (
        "_agg_id",
        "_agg_stream",
        "_bars",
        "_bbo_stream",
        "_bbo_unit",
        "_depth_stream",
        "_dialect",
        "_draws",
        "_fill_class",
        "_kline_streams",
        "_prices",
        "_sizes",
        "_symbol",
        "_trade_stream",
        "_unit_ns",
        "book",
        "is_listed",
        "is_usdm",
        "last_ticks",
        "spec",
        "trade_id",
    )

    def __init__(
        self,
        source: Source,
        spec: SymbolSpec,
        draws: Draws,
        *,
        now_ns: int,
        levels: int,
        intervals: tuple[str, ...],
    ) -> None:
        """Begin the market of a symbol at `now_ns` with a full book."""
        self.spec, self._symbol, self._draws = spec, spec.symbol, draws
        self.is_usdm = source is Source.BINANCE_USDM
        self.is_listed = True
        self._dialect = dialect_of(source)
        self._unit_ns = self._dialect.TIME_UNIT_NS
        self._prices = Texts(spec.price_digits, spec.wire_price_digits)
        self._sizes = Texts(spec.size_digits, spec.wire_size_digits)
        self.trade_id = 3_000_000_000 + draws.below(10**8)
        self._agg_id = 2_000_000_000 + draws.below(10**8)
        self.book = Book(
            draws,
            start_ticks=spec.start_ticks,
            levels=levels,
            first_id=50_000_000_000 + draws.below(10**9),
            step_max=_USDM_STEP_MAX if self.is_usdm else 1,
        )
        self.last_ticks = spec.start_ticks
        self._trade_stream = stream_of(source, spec.symbol, TRADE)
        self._agg_stream = stream_of(source, spec.symbol, AGG_TRADE)
        self._bbo_stream = stream_of(source, spec.symbol, BOOK_TICKER)
        self._depth_stream = stream_of(source, spec.symbol, f"{DEPTH}@100ms")
        self._kline_streams = {i: stream_of(source, spec.symbol, f"{KLINE}_{i}") for i in intervals}
        self._bars = {i: Bar(0, 0) for i in intervals}
        self.restart_bars(now_ns)

    # --- what happens at the best prices ---------------------------------------------------------

    def order(self, ts: int, out: list[Fact]) -> None:
        """Let a taker order meet the best level of one side."""
        uniform = self._draws.uniform
        is_buy = uniform() < _HALF
        side = self.book.asks if is_buy else self.book.bids
        if self.is_usdm and uniform() < _INSURANCE_SHARE:
            lots = 1 + self._draws.below(100)
            self._fill(ts, out, side, lots, is_buy=is_buy, fills=1, trade_class="INSURANCE_FUND")
            return
        key = side.keys[-1]
        there = side.lots[key]
        fills = _FILLS[int(uniform() * 8)]
        if (uniform() < _SWEEP_SHARE or there <= fills) and len(side) > LEVELS_MIN:
            lots = there
        elif there <= fills:
            self.quote(ts, out)
            return
        else:
            lots = fills + int((there - fills) * _HALF * uniform())
        fills = min(fills, lots)
        self._fill(ts, out, side, lots, is_buy=is_buy, fills=fills, trade_class="MARKET")
        self.book.next_id()
        if lots == there:
            side.remove(key)
        else:
            side.put(key, there - lots)
        self._announce_best(ts, out)

    def quote(self, ts: int, out: list[Fact]) -> None:
        """Change the best price of one side, or the size that stands there."""
        uniform, book = self._draws.uniform, self.book
        is_bid = uniform() < _HALF
        side, other = (book.bids, book.asks) if is_bid else (book.asks, book.bids)
        best = side.keys[-1]
        room = -other.keys[-1] - best - 1
        book.next_id()
        if room > 0 and uniform() < _IMPROVE_SHARE:
            side.put(best + 1 + int(room * uniform()), book.random_lots())
        elif uniform() < _CANCEL_SHARE and len(side) > LEVELS_MIN:
            side.remove(best)
        else:
            side.put(best, side.lots[best] % 4000 + 1 + int(97 * uniform()))
        self._announce_best(ts, out)

    def _fill(
        self,
        ts: int,
        out: list[Fact],
        side: Ladder,
        lots: int,
        *,
        is_buy: bool,
        fills: int,
        trade_class: str,
    ) -> None:
        ticks = side.keys[-1] * side.sign
        unit = self._unit_ns
        ts_event, ts_trade = ts // unit, (ts - LATENCY_NS) // unit
        maker = "false" if is_buy else "true"
        price, write = self._prices[ticks], self._dialect.trade
        first = self.trade_id + 1
        share, last_share = lots // fills, lots - lots // fills * (fills - 1)
        for n in range(fills):
            self.trade_id += 1
            size = self._sizes[share if n < fills - 1 else last_share]
            payload = write(
                self._symbol, ts_event, self.trade_id, price, size, ts_trade, maker, trade_class
            )
            out.append((self._trade_stream, ts, self.trade_id, payload))
        self.last_ticks = ticks
        for bar in self._bars.values():
            bar.add(first, self.trade_id, fills, ticks, lots, is_buy=is_buy)
        if trade_class == "MARKET":
            self._aggregate(ts, out, first, price, lots, ts_trade, maker)

    def _aggregate(
        self,
        ts: int,
        out: list[Fact],
        first_id: int,
        price: str,
        lots: int,
        ts_trade: int,
        maker: str,
    ) -> None:
        self._agg_id += 1
        size = without_rpi = self._sizes[lots]
        if self.is_usdm and self._draws.uniform() < _RPI_SHARE:
            without_rpi = self._sizes[lots // 2]
        payload = self._dialect.agg_trade(
            self._symbol,
            ts // self._unit_ns,
            self._agg_id,
            price,
            size,
            without_rpi,
            first_id,
            self.trade_id,
            ts_trade,
            maker,
        )
        out.append((self._agg_stream, ts, self._agg_id, payload))

    def _announce_best(self, ts: int, out: list[Fact]) -> None:
        book, prices, sizes = self.book, self._prices, self._sizes
        bid, ask = book.bids.keys[-1], book.asks.keys[-1]
        payload = self._dialect.book_ticker(
            self._symbol,
            ts // self._unit_ns,
            book.update_id,
            prices[bid],
            sizes[book.bids.lots[bid]],
            prices[-ask],
            sizes[book.asks.lots[ask]],
        )
        out.append((self._bbo_stream, ts, book.update_id, payload))

    # --- what happens at times -------------------------------------------------------------------

    def send_diff(self, ts: int, out: list[Fact]) -> None:
        """Send what changed in the book since the last diff, and some levels behind the best."""
        self.book.stir(_LEVELS_STIRRED)
        diff = self.book.take_diff()
        assert diff is not None
        payload = self._dialect.depth(
            self._symbol,
            ts // self._unit_ns,
            diff.first_id,
            diff.last_id,
            diff.previous_id,
            levels_text(diff.bids, self._prices, self._sizes),
            levels_text(diff.asks, self._prices, self._sizes),
        )
        out.append((self._depth_stream, ts, diff.last_id, payload))

    def send_kline(self, interval: str, ts: int, out: list[Fact]) -> None:
        """Send the bar of an interval if it changed; close it when its time is over."""
        bar = self._bars[interval]
        ts_end = bar.ts_open + interval_ns_of(interval)
        is_closed = ts >= ts_end + LATENCY_NS
        if is_closed or bar.is_dirty:
            text = self._bar_text(bar, interval, ts_end, is_closed=is_closed)
            payload = self._dialect.kline(self._symbol, ts // self._unit_ns, text)
            out.append((self._kline_streams[interval], ts, bar.ts_open // 1_000_000, payload))
            bar.is_dirty = False
        if is_closed:
            bar.begin(ts_end, self.last_ticks)

    def bar_end_ns(self, interval: str) -> int:
        """Return when the bar of an interval can be closed: no trade before its end will follow."""
        return self._bars[interval].ts_open + interval_ns_of(interval) + LATENCY_NS

    def restart_bars(self, now_ns: int) -> None:
        """Begin all bars anew, as after a pause without trading."""
        ts_trade = now_ns - LATENCY_NS  # of a trade that is told of now
        for interval, bar in self._bars.items():
            bar.begin(ts_trade - ts_trade % interval_ns_of(interval), self.last_ticks)

    def _bar_text(self, bar: Bar, interval: str, ts_end: int, *, is_closed: bool) -> str:
        prices, sizes, unit = self._prices, self._sizes, self._unit_ns
        digits = self.spec.price_digits + self.spec.size_digits
        return (
            f'{{"t":{bar.ts_open // unit},"T":{ts_end // unit - 1},"s":"{self._symbol}",'
            f'"i":"{interval}","f":{bar.first_id},"L":{bar.last_id},"o":"{prices[bar.open]}",'
            f'"c":"{prices[bar.close]}","h":"{prices[bar.high]}","l":"{prices[bar.low]}",'
            f'"v":"{sizes[bar.volume]}","n":{bar.trades},"x":{"true" if is_closed else "false"},'
            f'"q":"{quote_text(bar.quote, digits)}","V":"{sizes[bar.taker_volume]}",'
            f'"Q":"{quote_text(bar.taker_quote, digits)}","B":"0"}}'
        )

    # --- what is asked ---------------------------------------------------------------------------

    def snapshot(self, ts: int, limit: int) -> bytes:
        """Return the answer to a depth request: at most `limit` levels of each side."""
        bids, asks = (
            levels_text(list(side.best_first(limit)), self._prices, self._sizes)
            for side in (self.book.bids, self.book.asks)
        )
        return self._dialect.snapshot(ts // self._unit_ns, self.book.update_id, bids, asks)

    def skip_ids(self, kind: str, count: int) -> None:
        """Leave out ids of trades, aggTrades or diffs that the venue will never send."""
        if kind == TRADE:
            self.trade_id += count
        elif kind == AGG_TRADE:
            self._agg_id += count
        else:
            assert kind == DEPTH
            self.book.skip_ids(count)
