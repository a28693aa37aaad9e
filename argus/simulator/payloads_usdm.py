"""Pure. The payloads of Binance USD-M futures, byte for byte as its sockets write them.

Times are in milliseconds; `st` (1: USD-M) and `ps` (the pair) are there since 2026-06-30, `nq` of
aggTrade since 2025-12-31. `trade` is undocumented but served; its `X` is the class of the trade.

Source: github.com/binance/binance-connector-python (derivatives_trading_usds_futures, 2026-08-21).
"""

TIME_UNIT_NS = 1_000_000


def in_milliseconds(payload: bytes) -> bytes:
    """Return the payload itself: this venue knows no other unit."""
    return payload


def trade(
    symbol: str,
    ts_event: int,
    trade_id: int,
    price: str,
    size: str,
    ts_trade: int,
    maker: str,
    trade_class: str,
) -> bytes:
    """Return a `trade`; `trade_class` is `MARKET`, `INSURANCE_FUND`, `ADL` or `NA`."""
    return (
        f'{{"e":"trade","E":{ts_event},"T":{ts_trade},"s":"{symbol}","t":{trade_id},'
        f'"p":"{price}","q":"{size}","X":"{trade_class}","m":{maker},"st":1,"ps":"{symbol}"}}'
    ).encode()


def agg_trade(  # noqa: PLR0913, PLR0917 - one argument for each field of the payload
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
) -> bytes:
    """Return an `aggTrade`; `size_without_rpi` leaves out retail-price-improving orders."""
    return (
        f'{{"e":"aggTrade","E":{ts_event},"s":"{symbol}","a":{agg_trade_id},"p":"{price}",'
        f'"q":"{size}","nq":"{size_without_rpi}","f":{first_id},"l":{last_id},"T":{ts_trade},'
        f'"m":{maker},"st":1}}'
    ).encode()


def book_ticker(
    symbol: str,
    ts_event: int,
    update_id: int,
    bid: str,
    bid_size: str,
    ask: str,
    ask_size: str,
) -> bytes:
    """Return a `bookTicker`."""
    return (
        f'{{"e":"bookTicker","u":{update_id},"s":"{symbol}","b":"{bid}","B":"{bid_size}",'
        f'"a":"{ask}","A":"{ask_size}","T":{ts_event},"E":{ts_event},"st":1,"ps":"{symbol}"}}'
    ).encode()


def depth(
    symbol: str,
    ts_event: int,
    first_id: int,
    last_id: int,
    previous_id: int,
    bids: str,
    asks: str,
) -> bytes:
    """Return a `depthUpdate`; `bids` and `asks` are written levels without the outer brackets."""
    return (
        f'{{"e":"depthUpdate","E":{ts_event},"T":{ts_event},"s":"{symbol}","U":{first_id},'
        f'"u":{last_id},"pu":{previous_id},"b":[{bids}],"a":[{asks}],"st":1,"ps":"{symbol}"}}'
    ).encode()


def kline(symbol: str, ts_event: int, bar: str) -> bytes:
    """Return a `kline`; `bar` is the written object `k`."""
    return f'{{"e":"kline","E":{ts_event},"s":"{symbol}","k":{bar},"st":1}}'.encode()


def snapshot(ts_event: int, last_id: int, bids: str, asks: str) -> bytes:
    """Return the answer of `/fapi/v1/depth`."""
    return (
        f'{{"lastUpdateId":{last_id},"E":{ts_event},"T":{ts_event},'
        f'"bids":[{bids}],"asks":[{asks}]}}'
    ).encode()


def mark_price(
    symbol: str,
    ts_event: int,
    mark: str,
    average: str,
    index: str,
    settle: str,
    funding_rate: str,
    ts_next_funding: int,
) -> bytes:
    """Return a `markPriceUpdate`; `average` is the moving average of the mark price."""
    return (
        f'{{"e":"markPriceUpdate","E":{ts_event},"s":"{symbol}","p":"{mark}","ap":"{average}",'
        f'"i":"{index}","P":"{settle}","r":"{funding_rate}","T":{ts_next_funding},"st":1}}'
    ).encode()


def force_order(
    symbol: str, ts_event: int, side: str, price: str, average: str, size: str, ts_trade: int
) -> bytes:
    """Return a `forceOrder`: a liquidation that was filled at once."""
    return (
        f'{{"e":"forceOrder","E":{ts_event},"o":{{"s":"{symbol}","S":"{side}","o":"LIMIT",'
        f'"f":"IOC","q":"{size}","p":"{price}","ap":"{average}","X":"FILLED","l":"{size}",'
        f'"z":"{size}","T":{ts_trade}}},"ps":"{symbol}","st":1}}'
    ).encode()
