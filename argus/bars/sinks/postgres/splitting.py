"""Pure. Which coin and which quote a symbol stands for.

Two symbols of one venue must never share both: their rows would be taken for one another's.
"""

QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "USD", "BTC", "ETH")
"""Suffixes that Raven knew as quotes."""

SEPARATORS = ("/", "_")


def split(symbol: str) -> tuple[str, str]:
    """Return coin and quote of a symbol by Raven's rules, without knowing more of it.

    The quote is what follows `/` or `_`, else the longest known suffix; of a symbol without any
    it is empty.
    """
    for separator in SEPARATORS:
        coin, found, quote = symbol.partition(separator)
        if found and coin and quote:
            return coin, quote
    known = [q for q in QUOTES if symbol.endswith(q) and symbol != q]
    if not known:
        return symbol, ""
    quote = max(known, key=len)
    return symbol.removesuffix(quote), quote


def pair(symbol: str, facts: tuple[str, str] | None) -> tuple[str, str]:
    """Return coin and quote of a symbol, from its base and quote asset if they are known.

    Contracts of one base that end at different days are told apart: what stands behind the assets
    in the symbol becomes part of the coin (`BTCUSDT_260925` is `BTC_260925` in `USDT`).
    """
    if facts is None or not all(facts):
        return split(symbol)
    base, quote = facts
    plain = symbol.replace("/", "").replace("-", "")
    if plain.startswith(base + quote):
        return base + plain.removeprefix(base + quote), quote
    if plain == f"{base}_{quote}":
        return base, quote
    return symbol, quote


def choices(symbol: str, facts: tuple[str, str] | None) -> tuple[tuple[str, str], ...]:
    """Return coins and quotes for a symbol, best first; the next one is for where one is taken."""
    coin, quote = pair(symbol, facts)
    return tuple(dict.fromkeys([(coin, quote), (symbol, quote), (symbol, "")]))
