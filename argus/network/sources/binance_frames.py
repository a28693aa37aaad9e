"""Pure. The shapes of Binance's websocket frames, field by field; what is not named is skipped.

Field letters: https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md
(read at a5e0bc3, 2026-07-21); futures from the official SDK's doc strings
(github.com/binance/binance-connector-python at 29da329, 2026-08-21).
"""

from msgspec import Raw, Struct


class Trade(
    Struct,
    gc=False,
    rename={"id": "t", "price": "p", "size": "q", "time": "T", "is_sell": "m", "kind": "X"},
):
    """Payload of `@trade`; `X` on futures only."""

    id: int
    price: float
    size: float
    time: int
    is_sell: bool
    kind: str | None = None


class TradeFrame(Struct, gc=False):
    """Frame of `@trade`."""

    data: Trade


class AggTrade(
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
    """Payload of `@aggTrade`; `nq` on futures only."""

    id: int
    price: float
    size: float
    first: int
    last: int
    time: int
    is_sell: bool
    size_without_rpi: float | None = None


class AggTradeFrame(Struct, gc=False):
    """Frame of `@aggTrade`."""

    data: AggTrade


class Bbo(
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
    """Payload of `@bookTicker`; spot gives no time."""

    id: int
    bid_price: float
    bid_size: float
    ask_price: float
    ask_size: float
    time: int | None = None


class BboFrame(Struct, gc=False):
    """Frame of `@bookTicker`."""

    data: Bbo


class Depth(
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
    """Payload of `@depth`; `T` and `pu` on futures only."""

    first: int
    last: int
    bids: Raw
    asks: Raw
    sent: int
    time: int | None = None
    previous: int | None = None


class DepthFrame(Struct, gc=False):
    """Frame of `@depth`."""

    data: Depth


class Candle(
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
    """The candle inside a payload of `@kline`."""

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


class Kline(Struct, gc=False, rename={"sent": "E", "candle": "k"}):
    """Payload of `@kline`."""

    sent: int
    candle: Candle


class KlineFrame(Struct, gc=False):
    """Frame of `@kline`."""

    data: Kline


class MarkPrice(
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
    """Payload of `@markPrice`; delivery contracts have no index, rate or funding."""

    sent: int
    mark: float
    index: float | None = None
    settle: float | None = None
    rate: str | None = None
    next_funding: int | None = None


class MarkPriceFrame(Struct, gc=False):
    """Frame of `@markPrice`."""

    data: MarkPrice


class Order(
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
    """The order inside a payload of `@forceOrder`."""

    side: str
    kind: str
    size: float
    price: float
    average: float
    status: str
    filled: float
    time: int


class ForceOrder(Struct, gc=False, rename={"order": "o"}):
    """Payload of `@forceOrder`."""

    order: Order


class ForceOrderFrame(Struct, gc=False):
    """Frame of `@forceOrder`."""

    data: ForceOrder


class Control(Struct):
    """A frame outside any stream: an answer to a request, an error, or a notice."""

    result: Raw = Raw(b"")
    id: int | str | None = None
    error: Raw = Raw(b"")
    code: int | None = None
    stream: str = ""
    e: str = ""
