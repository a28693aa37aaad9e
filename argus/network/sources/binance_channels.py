"""Pure. The channels that Binance spot and USD-M futures have in common, with their evidence."""

import json
from collections.abc import Sequence

from argus.agora.router import Seam
from argus.agora.splice import Identity
from argus.events import Event, Kline
from argus.network.source import Channel
from argus.network.sources import binance_wire as wire

ENVELOPE = b'{"stream":"'


def kline_key(fact: Event) -> int:
    """Return what rises from one update of a candle to the next: begin, trades, closing."""
    assert isinstance(fact, Kline)
    # The begin is a whole number of seconds; 2^31 trades in one candle are out of reach.
    return (fact.ts_open // 1_000_000_000 << 32) | (fact.trades << 1) | fact.closed


def trade(route: str, evidence: str) -> Channel:
    """Return the channel of single trades: ids rise by one, across midnight too."""
    return Channel(
        "trade",
        "trade",
        route,
        Seam(Identity.CHAIN, "trade_id"),
        wire.trade,
        frozenset({"e", "E", "s", "t", "p", "q", "T", "m", "M", "b", "a", "X", "st", "ps"}),
        evidence,
    )


def agg_trade(route: str, evidence: str) -> Channel:
    """Return the channel of aggregated trades: ids rise by one."""
    return Channel(
        "agg_trade",
        "aggTrade",
        route,
        Seam(Identity.CHAIN, "agg_trade_id"),
        wire.agg_trade,
        frozenset({"e", "E", "s", "a", "p", "q", "nq", "f", "l", "T", "m", "M", "st", "ps"}),
        evidence,
    )


def bbo(route: str, evidence: str) -> Channel:
    """Return the channel of best bid and offer: ids rise, with holes."""
    return Channel(
        "bbo",
        "bookTicker",
        route,
        Seam(Identity.RISING, "update_id"),
        wire.bbo,
        frozenset({"e", "u", "E", "T", "s", "b", "B", "a", "A", "ps", "st"}),
        evidence,
        silence_s=120.0,
    )


def kline(route: str, evidence: str) -> Channel:
    """Return the channel of candles: the last update of each wins."""
    return Channel(
        "kline",
        "kline_{interval}",
        route,
        Seam(Identity.RISING, kline_key),
        wire.kline,
        frozenset({"e", "E", "s", "k", "ps", "st"}),
        evidence,
        silence_s=300.0,
    )


def subscribe(names: Sequence[str], request: int) -> str:
    """Return the message that subscribes to streams."""
    return _message("SUBSCRIBE", names, request)


def unsubscribe(names: Sequence[str], request: int) -> str:
    """Return the message that ends subscriptions."""
    return _message("UNSUBSCRIBE", names, request)


def _message(method: str, names: Sequence[str], request: int) -> str:
    body = {"method": method, "params": list(names), "id": request}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def levels(wanted: int, allowed: Sequence[int]) -> int:
    """Return the smallest number of levels the venue allows that is not below the wanted one."""
    return next((n for n in sorted(allowed) if n >= wanted), max(allowed))
