"""Pure. The payloads of Binance spot, byte for byte as its sockets write them.

Times are written in microseconds, as with `timeUnit=MICROSECOND`; `in_milliseconds` turns a
payload into what a socket without that parameter sends. Spot's bookTicker has no time at all.

Source: https://github.com/binance/binance-spot-api-docs web-socket-streams.md (2026-07-21).
"""

import re

TIME_UNIT_NS = 1000

# Sixteen digits that begin with a 1 are an instant between 2001 and 2033; the simulator's ids have
# fewer digits.
_INSTANT = re.compile(rb":(1\d{12})\d{3}(?=[,}])")


def in_milliseconds(payload: bytes) -> bytes:
    """Return the payload with its times in milliseconds."""
    return _INSTANT.sub(rb":\1", payload)


def trade(
    symbol: str,
    ts_event: int,
    trade_id: int,
    price: str,
    size: str,
    ts_trade: int,
    maker: str,
    _trade_class: str,
) -> bytes:
    """Return a `trade`; `maker` is `true` where the buyer was the maker."""
    return (
        f'{{"e":"trade","E":{ts_event},"s":"{symbol}","t":{trade_id},"p":"{price}","q":"{size}",'
        f'"T":{ts_trade},"m":{maker},"M":true}}'
    ).encode()


def agg_trade(  # noqa: PLR0913, PLR0917 - one argument for each field of the payload
    symbol: str,
    ts_event: int,
    agg_trade_id: int,
    price: str,
    size: str,
    _size_without_rpi: str,
    first_id: int,
    last_id: int,
    ts_trade: int,
    maker: str,
) -> bytes:
    """Return an `aggTrade`: the fills of one taker order at one price."""
    return (
        f'{{"e":"aggTrade","E":{ts_event},"s":"{symbol}","a":{agg_trade_id},"p":"{price}",'
        f'"q":"{size}","f":{first_id},"l":{last_id},"T":{ts_trade},"m":{maker},"M":true}}'
    ).encode()


def book_ticker(
    symbol: str,
    _ts_event: int,
    update_id: int,
    bid: str,
    bid_size: str,
    ask: str,
    ask_size: str,
) -> bytes:
    """Return a `bookTicker`, which spot sends without type and time."""
    return (
        f'{{"u":{update_id},"s":"{symbol}","b":"{bid}","B":"{bid_size}",'
        f'"a":"{ask}","A":"{ask_size}"}}'
    ).encode()


def depth(
    symbol: str,
    ts_event: int,
    first_id: int,
    last_id: int,
    _previous_id: int,
    bids: str,
    asks: str,
) -> bytes:
    """Return a `depthUpdate`; `bids` and `asks` are written levels without the outer brackets."""
    return (
        f'{{"e":"depthUpdate","E":{ts_event},"s":"{symbol}","U":{first_id},"u":{last_id},'
        f'"b":[{bids}],"a":[{asks}]}}'
    ).encode()


def kline(symbol: str, ts_event: int, bar: str) -> bytes:
    """Return a `kline`; `bar` is the written object `k`."""
    return f'{{"e":"kline","E":{ts_event},"s":"{symbol}","k":{bar}}}'.encode()


def snapshot(_ts_event: int, last_id: int, bids: str, asks: str) -> bytes:
    """Return the answer of `/api/v3/depth`."""
    return f'{{"lastUpdateId":{last_id},"bids":[{bids}],"asks":[{asks}]}}'.encode()
