"""Pure. What only futures have: mark price, funding, open interest and liquidations."""

from argus.simulator.draws import Draws
from argus.simulator.instrument import LATENCY_NS, Instrument
from argus.simulator.payloads import Texts
from argus.simulator.payloads_usdm import TIME_UNIT_NS, force_order, mark_price
from argus.simulator.streams import FORCE_ORDER, MARK_PRICE, Fact, Source, stream_of
from argus.simulator.symbols import decimal_text

FUNDING_EVERY_MS = 8 * 3600 * 1000
_HALF = 0.5


class Derivatives:
    """The futures side of one symbol; asked once in a second."""

    __slots__ = (
        "_draws",
        "_force_stream",
        "_instrument",
        "_liquidation_share",
        "_mark_stream",
        "_open_interest_lots",
        "_prices",
        "_sizes",
    )

    def __init__(self, instrument: Instrument, draws: Draws, liquidations_per_s: float) -> None:
        """Begin beside an instrument; liquidations come at most once in a second, as announced."""
        spec = instrument.spec
        self._instrument, self._draws = instrument, draws
        self._liquidation_share = liquidations_per_s
        self._open_interest_lots = 10_000_000 + draws.below(10**7)
        self._prices = Texts(spec.price_digits, spec.wire_price_digits)
        self._sizes = Texts(spec.size_digits, spec.wire_size_digits)
        self._mark_stream = stream_of(Source.BINANCE_USDM, spec.symbol, f"{MARK_PRICE}@1s")
        self._force_stream = stream_of(Source.BINANCE_USDM, spec.symbol, FORCE_ORDER)

    def send(self, ts: int, out: list[Fact]) -> None:
        """Send the mark price, and now and then a liquidation."""
        self._open_interest_lots += self._draws.below(2001) - 1000
        symbol, now_ms = self._instrument.spec.symbol, ts // TIME_UNIT_NS
        texts = [self._near_last() for _ in range(4)]
        funding = decimal_text(self._draws.below(30_000), 8, 8)
        ts_next = now_ms - now_ms % FUNDING_EVERY_MS + FUNDING_EVERY_MS
        mark, average, index, settle = texts
        payload = mark_price(symbol, now_ms, mark, average, index, settle, funding, ts_next)
        out.append((self._mark_stream, ts, now_ms, payload))
        if self._draws.uniform() < self._liquidation_share:
            self._liquidate(ts, out)

    def open_interest_text(self) -> str:
        """Return the open interest in the base asset."""
        return self._sizes[self._open_interest_lots]

    def _near_last(self) -> str:
        digits = self._instrument.spec.price_digits
        ticks = self._instrument.last_ticks + self._draws.below(21) - 10
        return decimal_text(ticks * 10 ** (8 - digits) + self._draws.below(1000), 8, 8)

    def _liquidate(self, ts: int, out: list[Fact]) -> None:
        ticks, now_ms = self._instrument.last_ticks, ts // TIME_UNIT_NS
        side = "SELL" if self._draws.uniform() < _HALF else "BUY"
        average = ticks + self._draws.below(11) - 5
        payload = force_order(
            self._instrument.spec.symbol,
            now_ms,
            side,
            self._prices[ticks],
            self._prices[average],
            self._sizes[self._instrument.book.random_lots()],
            (ts - LATENCY_NS) // TIME_UNIT_NS,
        )
        out.append((self._force_stream, ts, now_ms, payload))
