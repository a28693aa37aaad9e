"""Rows of chunks to write to stores."""

import pyarrow as pa
from msgspec.structs import replace

from argus.columns import chunk_schema
from argus.events import (
    EVENTS,
    AggTrade,
    Bar,
    Bbo,
    Event,
    Liquidation,
    MarkPrice,
    OpenInterest,
    Origin,
    Side,
    Trade,
)
from argus.storage.buffer import Buffer

T0 = 1_700_000_000_123_000_000
SOURCE = "binance_spot"


def table(*facts: Event, symbol: str = "BTCUSDT") -> pa.Table:
    """Facts of one type as a chunk has them."""
    buffer = Buffer(type(facts[0]))
    buffer.append(symbol, list(facts))
    return buffer.take().to_table()


def trade(number: int, *, ts: int = T0, price: float = 1.5, side: Side = Side.BUY) -> Trade:
    return Trade(ts, ts + 7, Origin.LIVE, number, price, 2.0, side, "MARKET")


def agg_trade(number: int) -> AggTrade:
    return AggTrade(T0, T0 + 7, Origin.LIVE, number, 1.5, 2.0, Side.SELL, number, number + 1, None)


def bbo(number: int, bid_size: float = 3.0, ask_size: float = 1.0) -> Bbo:
    return Bbo(None, T0 + 7, Origin.LIVE, number, 1.0, bid_size, 2.0, ask_size)


def mark_price(ts: int = T0, rate: float | None = 0.0001) -> MarkPrice:
    return MarkPrice(ts, ts + 7, Origin.LIVE, 10.5, 10.25, rate, T0 + 10**9, None)


def liquidation(price: float = 1.5, size: float = 2.0) -> Liquidation:
    return Liquidation(
        T0, T0 + 7, Origin.LIVE, Side.SELL, price, 1.25, size, 1.0, "LIMIT", "FILLED"
    )


def open_interest() -> OpenInterest:
    return OpenInterest(T0, T0 + 7, Origin.LIVE, 12.5, None)


BAR = Bar(
    ts_event=T0 + 9, ts_recv=T0 + 16, origin=Origin.LIVE, profile="tib_small",
    rule="tick_imbalance", sequence=1, revision=0, ts_open=T0, ts_first=T0, ts_last=T0 + 9,
    open=1.0, high=2.0, low=0.5, close=1.5, volume=10.0, quote_volume=15.0, vwap=1.5,
    buy_volume=4.0, sell_volume=6.0, buy_ticks=4, sell_ticks=6, total_ticks=10, theta=-2.0,
    threshold=2.0, expected_ticks_before=10.0, expected_imbalance_before=0.2,
    expected_ticks_after=11.0, expected_imbalance_after=0.25, vpin=None, gap=False, clamped=True,
    first_trade_id=100, last_trade_id=109,
)  # fmt: skip


def bar(sequence: int, revision: int = 0, *, ts: int = T0, profile: str = "tib_small") -> Bar:
    return replace(BAR, sequence=sequence, revision=revision, ts_open=ts, profile=profile)


def empty(data_type: str) -> pa.Table:
    return chunk_schema(EVENTS[data_type]).empty_table()
