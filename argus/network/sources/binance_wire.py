"""Pure. Binance's websocket payloads to facts; shared by spot and futures, whose shapes agree.

Field letters: https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md
(read at a5e0bc3, 2026-07-21); futures from the official SDK's doc strings
(github.com/binance/binance-connector-python at 29da329, 2026-08-21).
"""

import msgspec
from msgspec import Struct
from msgspec.json import Decoder

from argus.events import (
    AggTrade,
    Bbo,
    BookDelta,
    Kline,
    Levels,
    Liquidation,
    MarkPrice,
    Origin,
    Side,
    Trade,
)
from argus.network.source import (
    UNDECODABLE,
    Acknowledged,
    Declined,
    ShutdownNotice,
    type_of_control,
)

BUY, SELL = Side.BUY, Side.SELL
SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}

MICROSECONDS_FROM = 100_000_000_000_000
"""Times from here on are microseconds: as milliseconds they would lie after the year 5138. Spot
sends either, by the `timeUnit` of the address, and its archives changed unit on 2025-01-01."""


def nanoseconds(time: int) -> int:
    """Return a venue's time, in milliseconds or microseconds since 1970, as nanoseconds."""
    return time * 1_000_000 if time < MICROSECONDS_FROM else time * 1_000


def levels(raw: msgspec.Raw) -> Levels:
    """Return the price levels of a book's side, kept as text.

    Raises:
        ValueError: it is no array of pairs.
    """
    text = bytes(raw)
    brackets = text.count(b"[")
    if text.count(b",") != (2 * brackets - 3 if brackets > 1 else 0) or text[:1] != b"[":
        msg = f"{text[:80]!r} is no array of pairs of price and size"
        raise ValueError(msg)
    return Levels(text)


class _Trade(
    Struct,
    gc=False,
    rename={"id": "t", "price": "p", "size": "q", "time": "T", "is_sell": "m", "kind": "X"},
):
    id: int
    price: float
    size: float
    time: int
    is_sell: bool
    kind: str | None = None


class _TradeFrame(Struct, gc=False):
    data: _Trade


class _AggTrade(
    Struct,
    gc=False,
    rename={
        "id": "a",
        "price": "p",
        "size": "q",
        "size_without_rpi": "nq",
        "first": "f",
        "last": "l",
        "time": "T",
        "is_sell": "m",
    },
):
    id: int
    price: float
    size: float
    first: int
    last: int
    time: int
    is_sell: bool
    size_without_rpi: float | None = None


class _AggTradeFrame(Struct, gc=False):
    data: _AggTrade


class _Bbo(
    Struct,
    gc=False,
    rename={
        "id": "u",
        "bid_price": "b",
        "bid_size": "B",
        "ask_price": "a",
        "ask_size": "A",
        "time": "T",
    },
):
    id: int
    bid_price: float
    bid_size: float
    ask_price: float
    ask_size: float
    time: int | None = None


class _BboFrame(Struct, gc=False):
    data: _Bbo


class _Depth(
    Struct,
    gc=False,
    rename={
        "first": "U",
        "last": "u",
        "previous": "pu",
        "bids": "b",
        "asks": "a",
        "sent": "E",
        "time": "T",
    },
):
    first: int
    last: int
    bids: msgspec.Raw
    asks: msgspec.Raw
    sent: int
    time: int | None = None
    previous: int | None = None


class _DepthFrame(Struct, gc=False):
    data: _Depth


class _Candle(
    Struct,
    gc=False,
    rename={
        "opened": "t",
        "closes": "T",
        "interval": "i",
        "open": "o",
        "high": "h",
        "low": "l",
        "close": "c",
        "volume": "v",
        "trades": "n",
        "is_closed": "x",
        "quote_volume": "q",
        "buy_volume": "V",
        "buy_quote_volume": "Q",
    },
):
    opened: int
    closes: int
    interval: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int
    is_closed: bool
    quote_volume: float
    buy_volume: float
    buy_quote_volume: float


class _Kline(Struct, gc=False, rename={"sent": "E", "candle": "k"}):
    sent: int
    candle: _Candle


class _KlineFrame(Struct, gc=False):
    data: _Kline


class _MarkPrice(
    Struct,
    gc=False,
    rename={
        "sent": "E",
        "mark": "p",
        "index": "i",
        "settle": "P",
        "rate": "r",
        "next_funding": "T",
    },
):
    sent: int
    mark: float
    index: float | None = None
    settle: float | None = None
    rate: str | None = None
    next_funding: int | None = None


class _MarkPriceFrame(Struct, gc=False):
    data: _MarkPrice


class _Order(
    Struct,
    gc=False,
    rename={
        "side": "S",
        "kind": "o",
        "size": "q",
        "price": "p",
        "average": "ap",
        "status": "X",
        "filled": "z",
        "time": "T",
    },
):
    side: str
    kind: str
    size: float
    price: float
    average: float
    status: str
    filled: float
    time: int


class _ForceOrder(Struct, gc=False, rename={"order": "o"}):
    order: _Order


class _ForceOrderFrame(Struct, gc=False):
    data: _ForceOrder


class _Control(Struct):
    result: msgspec.Raw = msgspec.Raw(b"")
    id: int | str | None = None
    error: msgspec.Raw = msgspec.Raw(b"")
    code: int | None = None
    stream: str = ""
    e: str = ""


# Numbers come as text; `strict=False` has msgspec read them as float64.
_trade = Decoder(_TradeFrame, strict=False).decode
_agg_trade = Decoder(_AggTradeFrame, strict=False).decode
_bbo = Decoder(_BboFrame, strict=False).decode
_depth = Decoder(_DepthFrame, strict=False).decode
_kline = Decoder(_KlineFrame, strict=False).decode
_mark_price = Decoder(_MarkPriceFrame, strict=False).decode
_force_order = Decoder(_ForceOrderFrame, strict=False).decode
_control = Decoder(_Control).decode


def trade(frame: bytes, ts_recv: int, origin: Origin) -> Trade:
    """Return a `@trade` frame's fact. `m` says that the buyer was the maker: a sell."""
    w = _trade(frame).data
    time = w.time  # `nanoseconds`, written out: a call costs a tenth of the whole
    ts_event = time * 1_000_000 if time < MICROSECONDS_FROM else time * 1_000
    side = SELL if w.is_sell else BUY
    return Trade(ts_event, ts_recv, origin, w.id, w.price, w.size, side, w.kind)


def agg_trade(frame: bytes, ts_recv: int, origin: Origin) -> AggTrade:
    """Return an `@aggTrade` frame's fact. `nq` (futures) excludes RPI orders, `q` has them."""
    w = _agg_trade(frame).data
    time = w.time  # as in `trade`
    side = SELL if w.is_sell else BUY
    return AggTrade(
        time * 1_000_000 if time < MICROSECONDS_FROM else time * 1_000,
        ts_recv,
        origin,
        w.id,
        w.price,
        w.size,
        side,
        w.first,
        w.last,
        w.size_without_rpi,
    )


def bbo(frame: bytes, ts_recv: int, origin: Origin) -> Bbo:
    """Return a `@bookTicker` frame's fact. Spot gives no time at all."""
    w = _bbo(frame).data
    ts_event = None if w.time is None else nanoseconds(w.time)
    return Bbo(ts_event, ts_recv, origin, w.id, w.bid_price, w.bid_size, w.ask_price, w.ask_size)


def book_delta(frame: bytes, ts_recv: int, origin: Origin) -> BookDelta:
    """Return a `@depth` frame's fact. Its time is `T` where given, else when it was sent."""
    w = _depth(frame).data
    ts_event = nanoseconds(w.sent if w.time is None else w.time)
    bids, asks = levels(w.bids), levels(w.asks)
    return BookDelta(ts_event, ts_recv, origin, w.first, w.last, w.previous, bids, asks)


def kline(frame: bytes, ts_recv: int, origin: Origin) -> Kline:
    """Return a `@kline_<i>` frame's fact. Its time is when the venue sent it."""
    w = _kline(frame).data
    k = w.candle
    return Kline(
        nanoseconds(w.sent),
        ts_recv,
        origin,
        k.interval,
        nanoseconds(k.opened),
        nanoseconds(k.closes),
        k.open,
        k.high,
        k.low,
        k.close,
        k.volume,
        k.quote_volume,
        k.trades,
        k.buy_volume,
        k.buy_quote_volume,
        k.is_closed,
    )


def mark_price(frame: bytes, ts_recv: int, origin: Origin) -> MarkPrice:
    """Return a `@markPrice@1s` frame's fact. The rate is empty text for delivery contracts."""
    w = _mark_price(frame).data
    return MarkPrice(
        nanoseconds(w.sent),
        ts_recv,
        origin,
        w.mark,
        w.index,
        float(w.rate) if w.rate else None,
        nanoseconds(w.next_funding) if w.next_funding else None,
        w.settle,
    )


def liquidation(frame: bytes, ts_recv: int, origin: Origin) -> Liquidation:
    """Return a `@forceOrder` frame's fact."""
    w = _force_order(frame).data.order
    return Liquidation(
        nanoseconds(w.time),
        ts_recv,
        origin,
        SIDES.get(w.side, Side.UNKNOWN),
        w.price,
        w.average,
        w.size,
        w.filled,
        w.kind,
        w.status,
    )


def control(frame: bytes) -> type_of_control:
    """Return what a frame outside any stream means; None if it is not understood."""
    try:
        message = _control(frame)
    except UNDECODABLE:
        return None
    if message.e == "serverShutdown" or message.stream == "!serverShutdown":
        return ShutdownNotice()
    request = message.id if isinstance(message.id, int) else None
    if bytes(message.error) or message.code is not None:
        return Declined(request, frame[:200].decode("utf-8", "replace"))
    if request is not None:
        return Acknowledged(request)
    return None
