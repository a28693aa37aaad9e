"""Pure. Every recorded fact, declared once: Arrow, SQL and the documentation derive from here.

An event is one immutable record of something a venue said. Its class is its data type; the
symbol and the source are not fields but parts of the path it is published on. Every event begins
with `ts_event` (venue time), `ts_recv` (when its last byte reached our socket), both UTC
nanoseconds, and `origin`. Field names beginning with `ts_` are instants.

The annotations carry what the declared type cannot: `Category` marks text with few distinct
values (stored as dictionary strings), `Text` marks text that is stored as it is. The string is
the field's documentation.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Self

from msgspec import Struct, json

from argus.terms import Category as Category
from argus.terms import GapReason as GapReason
from argus.terms import GapState as GapState
from argus.terms import Origin as Origin
from argus.terms import Side as Side
from argus.terms import Text as Text


class Levels(Struct, frozen=True, gc=False):
    """Price levels in the venue's order, as the venue wrote them; a size of 0 removes a level.

    `text` is a JSON array of pairs, numbers quoted or not. Iterating reads it, as pairs of floats;
    the storage reads many at once. Reading levels as they arrive cost more than all the rest.
    """

    text: bytes

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> Self:
        """Return levels from pairs of price and size."""
        return cls(json.encode(list(pairs)))

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return iter(_read_levels(self.text))

    def __len__(self) -> int:
        return self.text.count(b"[") - 1


_read_levels = json.Decoder(list[tuple[float, float]], strict=False).decode


class Event(Struct, frozen=True, gc=False):
    """What every fact has. `identity` names the fields that make two records the same fact.

    `order` names the fields a date file is sorted by; both are used by the merge and by queries.
    """

    ts_event: Annotated[int | None, "venue time; null where the venue gives none"]
    ts_recv: Annotated[int, "when the last byte reached our socket"]
    origin: Annotated[Origin, Category("live, snapshot, backfill or import")]

    identity: ClassVar[tuple[str, ...]] = ()
    order: ClassVar[tuple[str, ...]] = ("ts_event", "ts_recv")


class Trade(Event, frozen=True, gc=False):
    """One match between two orders."""

    trade_id: Annotated[int, "venue's trade id; rises by one per symbol"]
    price: Annotated[float, "price in quote units"]
    size: Annotated[float, "quantity in base units (contracts on coin-margined venues)"]
    side: Annotated[Side, Category("side of the aggressor")]
    trade_type: Annotated[str | None, Category("venue's class, e.g. MARKET or INSURANCE_FUND")]

    identity: ClassVar[tuple[str, ...]] = ("trade_id",)
    order: ClassVar[tuple[str, ...]] = ("trade_id",)


class AggTrade(Event, frozen=True, gc=False):
    """Trades of one taker order at one price, added up by the venue."""

    agg_trade_id: Annotated[int, "venue's aggregate id; rises by one per symbol"]
    price: Annotated[float, "price in quote units"]
    size: Annotated[float, "quantity in base units"]
    side: Annotated[Side, Category("side of the aggressor")]
    first_trade_id: Annotated[int, "id of the first trade in the aggregate"]
    last_trade_id: Annotated[int, "id of the last trade in the aggregate"]
    size_without_rpi: Annotated[float | None, "quantity without retail-price-improvement orders"]

    identity: ClassVar[tuple[str, ...]] = ("agg_trade_id",)
    order: ClassVar[tuple[str, ...]] = ("agg_trade_id",)


class Bbo(Event, frozen=True, gc=False):
    """Best bid and offer after an update of the book."""

    update_id: Annotated[int, "venue's book update id; strictly rising, with holes"]
    bid_price: Annotated[float, "best bid"]
    bid_size: Annotated[float, "quantity at the best bid"]
    ask_price: Annotated[float, "best ask"]
    ask_size: Annotated[float, "quantity at the best ask"]

    identity: ClassVar[tuple[str, ...]] = ("update_id",)
    order: ClassVar[tuple[str, ...]] = ("update_id",)


class BookDelta(Event, frozen=True, gc=False):
    """Changed price levels of an order book, absolute sizes."""

    first_update_id: Annotated[int, "first book update id covered"]
    last_update_id: Annotated[int, "last book update id covered"]
    previous_update_id: Annotated[int | None, "last id of the delta before, where the venue says"]
    bids: Annotated[Levels, "changed bids: price, size (0 removes)"]
    asks: Annotated[Levels, "changed asks: price, size (0 removes)"]

    identity: ClassVar[tuple[str, ...]] = ("first_update_id", "last_update_id")
    order: ClassVar[tuple[str, ...]] = ("last_update_id", "first_update_id")


class BookSnapshot(Event, frozen=True, gc=False):
    """The top of an order book at one instant, as the venue's REST interface gave it."""

    last_update_id: Annotated[int, "book update id the snapshot stands at"]
    bids: Annotated[Levels, "bids, best first: price, size"]
    asks: Annotated[Levels, "asks, best first: price, size"]

    identity: ClassVar[tuple[str, ...]] = ("last_update_id",)
    order: ClassVar[tuple[str, ...]] = ("last_update_id",)


class Kline(Event, frozen=True, gc=False):
    """One update of a venue's candlestick; final when `closed`."""

    interval: Annotated[str, Category("length of the candle as the venue writes it, e.g. 1m")]
    ts_open: Annotated[int, "begin of the candle"]
    ts_close: Annotated[int, "last instant of the candle"]
    open: Annotated[float, "first price"]
    high: Annotated[float, "highest price"]
    low: Annotated[float, "lowest price"]
    close: Annotated[float, "latest price"]
    volume: Annotated[float, "quantity in base units so far"]
    quote_volume: Annotated[float, "turnover in quote units so far"]
    trades: Annotated[int, "number of trades so far"]
    taker_buy_volume: Annotated[float, "base quantity bought by aggressors"]
    taker_buy_quote_volume: Annotated[float, "quote turnover of aggressive buyers"]
    closed: Annotated[bool, "whether this is the candle's last update"]

    identity: ClassVar[tuple[str, ...]] = ("interval", "ts_open", "trades", "closed")
    order: ClassVar[tuple[str, ...]] = ("ts_open", "interval", "trades", "closed")


class MarkPrice(Event, frozen=True, gc=False):
    """Mark and index price of a derivative, with its funding."""

    mark_price: Annotated[float, "price used for margin and liquidation"]
    index_price: Annotated[float | None, "price of the underlying index"]
    funding_rate: Annotated[float | None, "rate of the next funding; null for delivery contracts"]
    ts_next_funding: Annotated[int | None, "instant of the next funding"]
    settle_price: Annotated[float | None, "estimated settlement price, meaningful before delivery"]

    identity: ClassVar[tuple[str, ...]] = ("ts_event",)


class Liquidation(Event, frozen=True, gc=False):
    """A forced order; of some venues a sample (the latest per second), not a ledger."""

    side: Annotated[Side, Category("side of the forced order")]
    price: Annotated[float, "order price"]
    average_price: Annotated[float, "average fill price"]
    size: Annotated[float, "order quantity"]
    filled_size: Annotated[float, "quantity filled so far"]
    order_type: Annotated[str, Category("venue's order type, e.g. LIMIT")]
    status: Annotated[str, Category("venue's order status, e.g. FILLED")]

    identity: ClassVar[tuple[str, ...]] = ("ts_event", "side", "price", "size", "filled_size")


class OpenInterest(Event, frozen=True, gc=False):
    """Number of open contracts at one instant, polled."""

    open_interest: Annotated[float, "open contracts in base units"]
    open_interest_value: Annotated[float | None, "their value in quote units, where given"]

    identity: ClassVar[tuple[str, ...]] = ("ts_event",)


class Instrument(Event, frozen=True, gc=False):
    """A symbol's definition when it was first seen or had changed."""

    status: Annotated[str, Category("venue's trading status, e.g. TRADING")]
    base: Annotated[str, Category("base asset")]
    quote: Annotated[str, Category("quote asset")]
    tick_size: Annotated[float | None, "smallest price step"]
    lot_size: Annotated[float | None, "smallest quantity step"]
    min_notional: Annotated[float | None, "smallest order value in quote units"]
    contract_type: Annotated[str | None, Category("e.g. PERPETUAL; null on spot")]
    contract_size: Annotated[float | None, "base (or quote) units in one contract, where given"]
    margin_asset: Annotated[str | None, Category("asset that margin is held in; null on spot")]
    ts_onboard: Annotated[int | None, "instant of listing, where given"]
    ts_delivery: Annotated[int | None, "instant of delivery, where given"]
    raw: Annotated[str, Text("the venue's whole definition as JSON")]

    identity: ClassVar[tuple[str, ...]] = ("ts_recv",)


class Bar(Event, frozen=True, gc=False):
    """Trades of one symbol, added up by a rule; its times are those of its last trade.

    A bar holds no word of when or by whom it was built: the same trades give the same bar, bit for
    bit. Bars that were built anew, since trades were found later, have a higher revision: a bar
    counts unless one of its profile with a sequence that is no greater has a higher revision.
    """

    profile: Annotated[str, Category("named set of parameters, e.g. tib_small or 1m")]
    rule: Annotated[str, Category("what closes it: time, tick, volume, dollar, …")]
    sequence: Annotated[int, "number of the bar in its symbol and profile, from 1 on, no hole"]
    revision: Annotated[int, "0; higher if built anew with trades that were found later"]
    ts_open: Annotated[int, "begin of a time bar's interval; of the others the first trade"]
    ts_first: Annotated[int, "venue time of the first trade (of an empty bar: its begin)"]
    ts_last: Annotated[int, "venue time of the last trade (of an empty bar: its last instant)"]
    open: Annotated[float, "first price (of an empty bar all four are the last price before)"]
    high: Annotated[float, "highest price"]
    low: Annotated[float, "lowest price"]
    close: Annotated[float, "last price"]
    volume: Annotated[float, "quantity in base units (of vpin in its bucket's unit)"]
    quote_volume: Annotated[float, "turnover in quote units"]
    vwap: Annotated[float | None, "average price weighted by size; null without volume"]
    buy_volume: Annotated[float, "base quantity bought by aggressors"]
    sell_volume: Annotated[float, "base quantity sold by aggressors"]
    buy_ticks: Annotated[int, "trades with a buying aggressor"]
    sell_ticks: Annotated[int, "trades with a selling aggressor"]
    total_ticks: Annotated[int, "trades"]
    theta: Annotated[float | None, "what the rule gathered: imbalance, longest run, VPIN"]
    threshold: Annotated[float | None, "what it was held against"]
    expected_ticks_before: Annotated[float | None, "E[T] that the threshold was made of"]
    expected_imbalance_before: Annotated[float | None, "expected imbalance (or run) per tick then"]
    expected_ticks_after: Annotated[float | None, "E[T] for the next bar"]
    expected_imbalance_after: Annotated[float | None, "expected imbalance (or run) next"]
    vpin: Annotated[float | None, "volume-synchronised probability of informed trading"]
    gap: Annotated[bool, "whether trades are missing inside it or just before it"]
    clamped: Annotated[bool, "whether a floor, a cap or a limit acted on it or its expectations"]
    first_trade_id: Annotated[int | None, "id of its first trade; null if it has none"]
    last_trade_id: Annotated[int | None, "id of its last trade; null if it has none"]

    # The time is told by the other three; with it first, date files merge piece by piece.
    identity: ClassVar[tuple[str, ...]] = ("ts_event", "profile", "sequence", "revision")
    order: ClassVar[tuple[str, ...]] = ("ts_event", "profile", "sequence", "revision")


class Gap(Event, frozen=True, gc=False):
    """A stretch of one path that may be incomplete: last fact before until first after."""

    of_data_type: Annotated[str, Category("data type of the path that has the gap")]
    ts_from: Annotated[int, "venue time (else receive time) of the last fact before"]
    ts_until: Annotated[int, "venue time (else receive time) of the first fact after"]
    first_missing_id: Annotated[int | None, "first id that is missing, where there are ids"]
    last_missing_id: Annotated[int | None, "last id that is missing, where there are ids"]
    missing: Annotated[int | None, "number of missing facts, where the ids form a chain"]
    reason: Annotated[GapReason, Category("why: cut, unsewn, stalled, overrun, venue_skipped, …")]
    state: Annotated[GapState, Category("open or filled")]

    identity: ClassVar[tuple[str, ...]] = (
        "of_data_type",
        "ts_from",
        "ts_until",
        "first_missing_id",
        "last_missing_id",
        "reason",
        "state",
    )


EVENTS: dict[str, type[Event]] = {
    "trade": Trade,
    "agg_trade": AggTrade,
    "bbo": Bbo,
    "book_delta": BookDelta,
    "book_snapshot": BookSnapshot,
    "kline": Kline,
    "mark_price": MarkPrice,
    "liquidation": Liquidation,
    "open_interest": OpenInterest,
    "instrument": Instrument,
    "bar": Bar,
    "gap": Gap,
}
"""Data type -> event class, in the order of the documentation."""

DATA_TYPES: dict[type[Event], str] = {event: name for name, event in EVENTS.items()}
"""Event class -> data type."""

SCHEMA_VERSION = 1  # raised when a recorded field is added, renamed or changes its meaning
