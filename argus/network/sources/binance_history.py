"""Pure. Binance's past over REST to facts: trades, aggregates and candles as the sockets gave them.

Spot: binance-spot-api-docs/rest-api.md (read at a5e0bc3, 2026-07-21). USD-M: the pages of
developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api.

What differs from a live fact: `ts_recv` is when the answer came, and `ts_event` of a candle, which
live is when its last update was sent, is the first millisecond after it. A spot trade has no class
(`trade_type`) over either way.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from msgspec import Struct
from msgspec.json import Decoder

from argus.events import AggTrade, Event, Kline, Origin, Side, Trade
from argus.network.history import Finding, History, candles
from argus.network.source import Request
from argus.network.sources.binance_frames import AggTrade as AggTradeRow
from argus.network.sources.binance_wire import nanoseconds

MICROSECONDS = (("X-MBX-TIME-UNIT", "MICROSECOND"),)
"""Spot then gives every time in microseconds, as on its sockets (rest-api.md, General
Information)."""

MILLISECOND_NS = 1_000_000

type_of_headers = tuple[tuple[str, str], ...]


class _Trade(
    Struct,
    gc=False,
    rename={"size": "qty", "is_sell": "isBuyerMaker"},
):
    id: int
    price: float
    size: float
    time: int
    is_sell: bool


class _Candle(Struct, gc=False, array_like=True):
    opened: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    closes: int
    turnover: float
    trades: int
    bought: float
    bought_turnover: float


_trades = Decoder(list[_Trade], strict=False).decode
_agg_trades = Decoder(list[AggTradeRow], strict=False).decode
_candles = Decoder(list[_Candle], strict=False).decode


def trades(answer: bytes, ts_recv: int, interval: str) -> list[Event]:  # noqa: ARG001 one form
    """Return the answer to historicalTrades as facts."""
    return [
        Trade(
            nanoseconds(w.time),
            ts_recv,
            Origin.BACKFILL,
            w.id,
            w.price,
            w.size,
            Side.SELL if w.is_sell else Side.BUY,
            None,
        )
        for w in _trades(answer)
    ]


def agg_trades(answer: bytes, ts_recv: int, interval: str) -> list[Event]:  # noqa: ARG001 one form
    """Return the answer to aggTrades as facts; its rows have the letters of the stream."""
    return [
        AggTrade(
            nanoseconds(w.time),
            ts_recv,
            Origin.BACKFILL,
            w.id,
            w.price,
            w.size,
            Side.SELL if w.is_sell else Side.BUY,
            w.first,
            w.last,
            w.size_without_rpi,
        )
        for w in _agg_trades(answer)
    ]


def klines(answer: bytes, ts_recv: int, interval: str) -> list[Event]:
    """Return the answer to klines as closed candles; the one in the making is left out."""
    return [
        Kline(
            ts_event=(nanoseconds(w.closes) // MILLISECOND_NS + 1) * MILLISECOND_NS,
            ts_recv=ts_recv,
            origin=Origin.BACKFILL,
            interval=interval,
            ts_open=nanoseconds(w.opened),
            ts_close=nanoseconds(w.closes),
            open=w.open,
            high=w.high,
            low=w.low,
            close=w.close,
            volume=w.volume,
            quote_volume=w.turnover,
            trades=w.trades,
            taker_buy_volume=w.bought,
            taker_buy_quote_volume=w.bought_turnover,
            closed=True,
        )
        for w in _candles(answer)
        if nanoseconds(w.closes) < ts_recv
    ]


def trade_history(path: str, aggregates: str, *, weight: int, headers: type_of_headers) -> History:
    """Return how single trades are asked for; aggregates tell which trades an instant had."""

    def request(symbol: str, interval: str, first: int, last: int) -> Request:  # noqa: ARG001
        query = f"symbol={quote(symbol)}&fromId={first}&limit={last - first + 1}"
        return Request(f"{path}?{query}", weight, headers)

    return History(
        data_type="trade",
        key="trade_id",
        rows_max=1000,
        request=request,
        decode=trades,
        evidence="rest-api.md#old-trade-lookup: weight 25, at most 1000 rows, no key",
        finding=Finding(_found_at(aggregates, 4), _trade_ids),
    )


def agg_trade_history(
    path: str, *, weight: int, headers: type_of_headers, evidence: str, reach_s: float | None
) -> History:
    """Return how aggregates are asked for."""

    def request(symbol: str, interval: str, first: int, last: int) -> Request:  # noqa: ARG001
        query = f"symbol={quote(symbol)}&fromId={first}&limit={last - first + 1}"
        return Request(f"{path}?{query}", weight, headers)

    return History(
        data_type="agg_trade",
        key="agg_trade_id",
        rows_max=1000,
        request=request,
        decode=agg_trades,
        evidence=evidence,
        finding=Finding(_found_at(path, weight), _aggregate_ids),
        reach_s=reach_s,
    )


def kline_history(
    path: str,
    *,
    rows_max: int,
    weight: Callable[[int], int],
    headers: type_of_headers,
    evidence: str,
) -> History:
    """Return how closed candles are asked for; the weight depends on how many rows are wanted."""

    def request(symbol: str, interval: str, first: int, last: int) -> Request:
        scale = candles(interval)
        assert scale is not None, f"candles of {interval} are not numbered"
        rows = scale.number(last) - scale.number(first) + 1
        times = f"startTime={first // MILLISECOND_NS}&endTime={last // MILLISECOND_NS}"
        query = f"symbol={quote(symbol)}&interval={interval}&{times}&limit={rows}"
        return Request(f"{path}?{query}", weight(rows), headers)

    return History(
        data_type="kline",
        key="ts_open",
        rows_max=rows_max,
        request=request,
        decode=klines,
        evidence=evidence,
        scale=candles,
    )


def _found_at(path: str, weight: int) -> Callable[[str, int | None], Request]:
    def request(symbol: str, ts: int | None) -> Request:
        since = "" if ts is None else f"&startTime={ts // MILLISECOND_NS}"
        return Request(f"{path}?symbol={quote(symbol)}{since}&limit=1", weight)

    return request


def _trade_ids(answer: bytes) -> tuple[int, int] | None:
    rows = _agg_trades(answer)
    return (rows[0].first, rows[0].last) if rows else None


def _aggregate_ids(answer: bytes) -> tuple[int, int] | None:
    rows = _agg_trades(answer)
    return (rows[0].id, rows[0].id) if rows else None
