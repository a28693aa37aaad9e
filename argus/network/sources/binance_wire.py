"""Pure. Binance's websocket payloads to facts; shared by spot and futures, whose shapes agree.

Field letters: https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md
(read at a5e0bc3, 2026-07-21); futures from the official SDK's doc strings
(github.com/binance/binance-connector-python at 29da329, 2026-08-21).
"""

import msgspec
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
from argus.network.sources import binance_frames as shapes

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


# Numbers come as text; `strict=False` has msgspec read them as float64.
_trade = Decoder(shapes.TradeFrame, strict=False).decode
_agg_trade = Decoder(shapes.AggTradeFrame, strict=False).decode
_bbo = Decoder(shapes.BboFrame, strict=False).decode
_depth = Decoder(shapes.DepthFrame, strict=False).decode
_kline = Decoder(shapes.KlineFrame, strict=False).decode
_mark_price = Decoder(shapes.MarkPriceFrame, strict=False).decode
_force_order = Decoder(shapes.ForceOrderFrame, strict=False).decode
_control = Decoder(shapes.Control).decode


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
