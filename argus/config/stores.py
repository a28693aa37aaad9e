"""Pure. What all sections of stores have in common."""

from argus.config.values import Where, unknown

EXCHANGES = {"binance_spot": "BINANCE_SPOT", "binance_usdm": "BINANCE_FUTURES"}
"""What Raven calls our sources, so that its dashboards and queries find them."""

SPOOL_BYTES_MAX = 10 * 2**30
"""Bytes that may wait for a store before they are replaced by notes to read the lake again."""


def exchange_of(source: str) -> str:
    """Return what a source is called in a store: Raven's name for it, else its own in capitals."""
    return EXCHANGES.get(source, source.upper())


def check_data_types(found: tuple[str, ...], allowed: tuple[str, ...], where: Where) -> None:
    """Check that a store can take what it is to be given.

    Raises:
        ConfigError: it cannot take one of the data types.
    """
    for name in found:
        if name not in allowed:
            raise unknown("a data type of this store", name, allowed, where)
