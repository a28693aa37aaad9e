"""Pure. What is traded: names, ticks and lots, and where a symbol's price starts.

All amounts inside the simulator are whole ticks and whole lots; a tick is `10**-price_digits` of
the quote asset, a lot `10**-size_digits` of the base asset. On the wire spot writes eight digits,
USD-M as many as the symbol has.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from argus.simulator.streams import Source

_WIRE_DIGITS_SPOT = 8
_START_TICKS_MIN = 10_000

# base, price in ticks at the start, digits of a price, digits of a size. Prices are of late 2026's
# order of magnitude and matter only for realism.
_KNOWN = (
    ("BTC", 6_183_763, 2, 5),
    ("ETH", 268_412, 2, 4),
    ("BNB", 51_240, 2, 3),
    ("SOL", 15_477, 2, 3),
    ("XRP", 58_212, 4, 1),
    ("DOGE", 104_520, 6, 1),
    ("ADA", 345_100, 6, 1),
    ("AVAX", 24_180, 3, 2),
    ("LINK", 104_900, 4, 2),
    ("DOT", 48_710, 4, 2),
    ("LTC", 61_180, 3, 3),
    ("BCH", 35_420, 2, 3),
    ("UNI", 60_030, 4, 2),
    ("ATOM", 49_110, 4, 2),
    ("NEAR", 40_670, 4, 1),
    ("APT", 60_900, 4, 2),
    ("ARB", 56_120, 5, 1),
    ("OP", 142_800, 5, 2),
    ("FIL", 37_730, 4, 2),
    ("SUI", 83_150, 5, 1),
)
_UNKNOWN = (100_000, 4, 2)
_QUOTES = ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "EUR", "TRY")


@dataclass(frozen=True, slots=True)
class SymbolSpec:
    """One traded symbol."""

    symbol: str
    base: str
    quote: str
    price_digits: int
    size_digits: int
    start_ticks: int
    wire_price_digits: int
    wire_size_digits: int

    def __post_init__(self) -> None:
        """Refuse what the integer arithmetic of the market could not write."""
        assert 1 <= self.price_digits <= self.wire_price_digits
        assert 1 <= self.size_digits <= self.wire_size_digits
        # A quote volume is written with eight digits from ticks times lots.
        assert self.price_digits + self.size_digits <= _WIRE_DIGITS_SPOT
        # The book needs room below the price.
        assert self.start_ticks >= _START_TICKS_MIN

    @property
    def tick_size(self) -> str:
        """Return the price step as the venue writes it."""
        return decimal_text(1, self.price_digits, self.wire_price_digits)

    @property
    def lot_size(self) -> str:
        """Return the size step as the venue writes it."""
        return decimal_text(1, self.size_digits, self.wire_size_digits)


def decimal_text(units: int, digits: int, wire_digits: int) -> str:
    """Write whole units of `10**-digits` with `wire_digits` digits behind the point."""
    whole, rest = divmod(units, 10**digits)
    return f"{whole}.{rest:0{digits}d}" + "0" * (wire_digits - digits)


def split(symbol: str) -> tuple[str, str]:
    """Return base and quote of a symbol; an unknown quote counts as the last four letters."""
    quote = next((q for q in _QUOTES if symbol.endswith(q) and symbol != q), symbol[-4:])
    return symbol[: len(symbol) - len(quote)], quote


def spec_of(source: Source, symbol: str) -> SymbolSpec:
    """Return the facts about a symbol; one that is not known gets plausible ones."""
    base, quote = split(symbol)
    start, price_digits, size_digits = next(
        (tuple(rest) for known, *rest in _KNOWN if known == base), _UNKNOWN
    )
    is_spot = source is Source.BINANCE_SPOT
    return SymbolSpec(
        symbol=symbol,
        base=base,
        quote=quote,
        price_digits=price_digits,
        size_digits=size_digits,
        start_ticks=start,
        wire_price_digits=_WIRE_DIGITS_SPOT if is_spot else price_digits,
        wire_size_digits=_WIRE_DIGITS_SPOT if is_spot else size_digits,
    )


def symbol_names(wanted: int | Iterable[str]) -> tuple[str, ...]:
    """Return the given names, or as many invented ones, the well-known first."""
    if not isinstance(wanted, int):
        return tuple(wanted)
    known = [f"{base}USDT" for base, *_ in _KNOWN]
    invented = [f"SIM{n:03d}USDT" for n in range(len(known), wanted)]
    return tuple([*known, *invented][:wanted])
