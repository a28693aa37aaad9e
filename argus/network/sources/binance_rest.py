"""Pure. Binance's REST answers to facts; shared by spot and futures, whose shapes agree."""

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from argus.events import BookSnapshot, Instrument, OpenInterest, Origin
from argus.network.sources.binance_wire import levels, nanoseconds

NEVER = 4_000_000_000_000
"""Milliseconds; perpetual contracts give a delivery date in the year 2100, which means none."""


class _Snapshot(
    Struct,
    rename={"last": "lastUpdateId", "time": "T"},
):
    last: int
    bids: Raw
    asks: Raw
    time: int | None = None


class _Filter(Struct, rename={"kind": "filterType", "tick": "tickSize", "step": "stepSize"}):
    kind: str
    tick: float | None = None
    step: float | None = None
    minNotional: float | None = None  # noqa: N815 the venue's spelling
    notional: float | None = None


class _Symbol(Struct):
    symbol: str
    baseAsset: str  # noqa: N815 the venue's spelling, here and below
    quoteAsset: str  # noqa: N815
    status: str = ""
    contractStatus: str = ""  # noqa: N815
    filters: list[_Filter] = msgspec.field(default_factory=list)
    contractType: str | None = None  # noqa: N815
    contractSize: float | None = None  # noqa: N815
    marginAsset: str | None = None  # noqa: N815
    onboardDate: int | None = None  # noqa: N815
    deliveryDate: int | None = None  # noqa: N815


class _Universe(Struct):
    symbols: list[Raw]


class _OpenInterest(Struct, rename={"value": "openInterest"}):
    value: float
    time: int


class _Time(Struct, rename={"time": "serverTime"}):
    time: int


_time = Decoder(_Time).decode
_snapshot = Decoder(_Snapshot, strict=False).decode
_universe = Decoder(_Universe).decode
_symbol = Decoder(_Symbol, strict=False).decode
_open_interest = Decoder(_OpenInterest, strict=False).decode


def book_snapshot(answer: bytes, ts_recv: int, origin: Origin) -> BookSnapshot:
    """Return the answer to a depth request as a fact. Spot gives no time."""
    w = _snapshot(answer)
    ts_event = None if w.time is None else nanoseconds(w.time)
    return BookSnapshot(ts_event, ts_recv, origin, w.last, levels(w.bids), levels(w.asks))


def instruments(answer: bytes, ts_recv: int) -> dict[str, Instrument]:
    """Return the answer to exchangeInfo: symbol -> definition. Filters are found by their type."""
    found = {}
    for raw in _universe(answer).symbols:
        s = _symbol(raw)
        filters = {f.kind: f for f in s.filters}
        price, lot = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
        value = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL")
        delivery = s.deliveryDate
        found[s.symbol] = Instrument(
            ts_event=None,
            ts_recv=ts_recv,
            origin=Origin.LIVE,
            status=s.status or s.contractStatus,
            base=s.baseAsset,
            quote=s.quoteAsset,
            tick_size=price.tick if price else None,
            lot_size=lot.step if lot else None,
            min_notional=(value.minNotional or value.notional) if value else None,
            contract_type=s.contractType,
            contract_size=s.contractSize,
            margin_asset=s.marginAsset,
            ts_onboard=nanoseconds(s.onboardDate) if s.onboardDate else None,
            ts_delivery=nanoseconds(delivery) if delivery and delivery < NEVER else None,
            raw=bytes(raw).decode(),
        )
    return found


def open_interest(answer: bytes, ts_recv: int, origin: Origin) -> OpenInterest:
    """Return the answer to an open interest request as a fact."""
    w = _open_interest(answer)
    return OpenInterest(nanoseconds(w.time), ts_recv, origin, w.value, None)


def server_time(answer: bytes) -> int:
    """Return the answer to a time request as UTC nanoseconds; it has whole milliseconds."""
    return nanoseconds(_time(answer).time)
