"""Bars and candles as a store is given them, and what a database has of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
import pyarrow as pa
from msgspec.structs import asdict

from argus.columns import chunk_schema
from argus.config.timescale import TimescaleConfig
from argus.events import Bar, Event, Kline, Origin

MINUTE = 60 * 10**9
TS = 1_763_640_000 * 10**9
"""2025-11-20T12:00Z."""


def bar(sequence: int, revision: int = 0, **other: Any) -> Bar:
    opened = other.pop("ts_open", TS + sequence * MINUTE + revision)
    values: dict[str, Any] = {
        "ts_event": opened + 10,
        "ts_recv": opened + 20,
        "origin": Origin.LIVE,
        "profile": "tib_small",
        "rule": "tick_imbalance",
        "sequence": sequence,
        "revision": revision,
        "ts_open": opened,
        "ts_first": opened,
        "ts_last": opened + 10,
        "open": 100.5,
        "high": 101.25,
        "low": 99.75,
        "close": 100.0 + revision,
        "volume": 3.5,
        "quote_volume": 350.25,
        "vwap": 100.07,
        "buy_volume": 2.5,
        "sell_volume": 1.0,
        "buy_ticks": 7,
        "sell_ticks": 3,
        "total_ticks": 10,
        "theta": 4.0,
        "threshold": 3.9,
        "expected_ticks_before": 100.0,
        "expected_imbalance_before": 0.4,
        "expected_ticks_after": 90.0,
        "expected_imbalance_after": 0.3,
        "vpin": None,
        "gap": False,
        "clamped": True,
        "first_trade_id": sequence * 10,
        "last_trade_id": sequence * 10 + 9,
    }
    return Bar(**(values | other))


def kline(number: int, **other: Any) -> Kline:
    opened = TS + number * MINUTE
    values: dict[str, Any] = {
        "ts_event": opened + MINUTE,
        "ts_recv": opened + MINUTE + 5,
        "origin": Origin.LIVE,
        "interval": "1m",
        "ts_open": opened,
        "ts_close": opened + MINUTE - 10**6,
        "open": 1.0,
        "high": 4.0,
        "low": 0.5,
        "close": 2.0,
        "volume": 10.0,
        "quote_volume": 20.0,
        "trades": 12,
        "taker_buy_volume": 6.0,
        "taker_buy_quote_volume": 12.0,
        "closed": True,
    }
    return Kline(**(values | other))


def table(events: Iterable[Event], symbol: str = "BTCUSDT") -> pa.Table:
    return tables({symbol: events})


def tables(events: Mapping[str, Iterable[Event]]) -> pa.Table:
    """Return events as the rows of a chunk."""
    rows = [{"symbol": s, **asdict(e)} for s, found in events.items() for e in found]
    kind = next((type(e) for found in events.values() for e in found), Bar)
    return pa.Table.from_pylist(rows, schema=chunk_schema(kind))


def ask(config: TimescaleConfig, query: str, *arguments: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(config.url, autocommit=True) as connection:
        connection.execute("SET search_path TO mart, public")
        connection.execute("SET TIME ZONE 'UTC'")
        done = connection.execute(query.encode(), arguments)
        return done.fetchall() if done.description else []


def stored(config: TimescaleConfig, symbol: str = "BTCUSDT") -> list[tuple[str, int, int, float]]:
    """Return profile, sequence, revision and close of each bar of a symbol, in order."""
    return [
        tuple(row)
        for row in ask(
            config,
            "SELECT profile, sequence, revision, close FROM bars WHERE symbol = %s "
            "ORDER BY profile, sequence, ts_open",
            symbol,
        )
    ]
