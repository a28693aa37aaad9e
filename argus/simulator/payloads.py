"""Pure. What the two dialects of payloads have in common, and the cached texts of amounts."""

from typing import Protocol

from argus.simulator import payloads_spot, payloads_usdm
from argus.simulator.streams import Source
from argus.simulator.symbols import decimal_text

# A symbol's prices and sizes repeat; beyond this many the cache begins again.
_TEXTS_MAX = 16_384


class Dialect(Protocol):
    """How a venue writes its payloads; times are whole `TIME_UNIT_NS` since 1970."""

    @property
    def TIME_UNIT_NS(self) -> int:  # noqa: N802 - a constant of the modules that conform
        """Return the unit in which the payloads carry their times."""
        ...

    def in_milliseconds(self, payload: bytes, /) -> bytes:
        """Return the payload with its times in milliseconds."""
        ...

    def trade(  # noqa: D102 - see the modules that conform
        self,
        symbol: str,
        ts_event: int,
        trade_id: int,
        price: str,
        size: str,
        ts_trade: int,
        maker: str,
        trade_class: str,
        /,
    ) -> bytes: ...

    def agg_trade(  # noqa: D102, PLR0913, PLR0917 - see the modules that conform
        self,
        symbol: str,
        ts_event: int,
        agg_trade_id: int,
        price: str,
        size: str,
        size_without_rpi: str,
        first_id: int,
        last_id: int,
        ts_trade: int,
        maker: str,
        /,
    ) -> bytes: ...

    def book_ticker(  # noqa: D102 - see the modules that conform
        self,
        symbol: str,
        ts_event: int,
        update_id: int,
        bid: str,
        bid_size: str,
        ask: str,
        ask_size: str,
        /,
    ) -> bytes: ...

    def depth(  # noqa: D102 - see the modules that conform
        self,
        symbol: str,
        ts_event: int,
        first_id: int,
        last_id: int,
        previous_id: int,
        bids: str,
        asks: str,
        /,
    ) -> bytes: ...

    def kline(self, symbol: str, ts_event: int, bar: str, /) -> bytes:
        """Return a `kline`."""
        ...

    def snapshot(self, ts_event: int, last_id: int, bids: str, asks: str, /) -> bytes:
        """Return the answer of the depth request."""
        ...


def dialect_of(source: Source) -> Dialect:
    """Return how a venue writes its payloads."""
    return payloads_spot if source is Source.BINANCE_SPOT else payloads_usdm


class Texts(dict[int, str]):
    """Amounts in whole units, each with its text on the wire; written when first asked for."""

    __slots__ = ("_digits", "_wire_digits")

    def __init__(self, digits: int, wire_digits: int) -> None:
        """Begin empty; a unit is `10**-digits`."""
        super().__init__()
        self._digits, self._wire_digits = digits, wire_digits

    def __missing__(self, units: int) -> str:
        if len(self) >= _TEXTS_MAX:
            self.clear()
        text = self[units] = decimal_text(units, self._digits, self._wire_digits)
        return text


def levels_text(levels: list[tuple[int, int]], prices: Texts, sizes: Texts) -> str:
    """Write levels of a book as the venue does, without the outer brackets."""
    return ",".join([f'["{prices[ticks]}","{sizes[lots]}"]' for ticks, lots in levels])
