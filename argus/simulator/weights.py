"""Pure. What REST requests cost, and how many rows they may ask for.

Numbers: rest-api.md of the spot documentation (2026-07-21) and the USD-M connector's model texts
(2026-08-21); a request counts before it is looked at.
"""

from collections.abc import Mapping

from argus.simulator.streams import Source

ROWS_DEFAULT = 500
ROWS_MAX = 1000
DEPTH_MAX_SPOT = 5000
DEPTHS_USDM = (5, 10, 20, 50, 100, 500, 1000)

_SPOT = {
    "ping": 1,
    "time": 1,
    "exchangeInfo": 20,
    "trades": 25,
    "historicalTrades": 25,
    "aggTrades": 4,
    "klines": 2,
}
_USDM = {
    "ping": 1,
    "time": 1,
    "exchangeInfo": 1,
    "trades": 5,
    "historicalTrades": 200,
    "aggTrades": 20,
    "openInterest": 1,
}
# Up to that many rows, that weight.
_DEPTH_SPOT = ((100, 5), (500, 25), (1000, 50), (5000, 250))
_DEPTH_USDM = ((50, 2), (100, 5), (500, 10), (1000, 20))
_KLINES_USDM = ((99, 1), (499, 2), (1000, 5), (1500, 10))
# With a symbol, without one.
_PER_SYMBOL = {
    (Source.BINANCE_SPOT, "ticker/bookTicker"): (2, 4),
    (Source.BINANCE_USDM, "ticker/bookTicker"): (2, 5),
    (Source.BINANCE_USDM, "premiumIndex"): (1, 10),
}


def weight_of(source: Source, endpoint: str, query: Mapping[str, str]) -> int:
    """Return the weight of a request; what is not known costs 1."""
    if (source, endpoint) in _PER_SYMBOL:
        return _PER_SYMBOL[source, endpoint]["symbol" not in query]
    is_spot = source is Source.BINANCE_SPOT
    if endpoint == "depth":
        default = 100 if is_spot else ROWS_DEFAULT
        return _by_rows(_DEPTH_SPOT if is_spot else _DEPTH_USDM, query, default)
    if endpoint == "klines" and not is_spot:
        return _by_rows(_KLINES_USDM, query, ROWS_DEFAULT)
    return (_SPOT if is_spot else _USDM).get(endpoint, 1)


def _by_rows(table: tuple[tuple[int, int], ...], query: Mapping[str, str], default: int) -> int:
    given = query.get("limit", "")
    rows = int(given) if given.isdigit() else default
    return next((weight for most, weight in table if rows <= most), table[-1][1])
