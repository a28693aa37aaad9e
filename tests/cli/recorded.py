"""Chunks as a recorder leaves them behind, for the tests of the verbs that look at them."""

import asyncio
from pathlib import Path

from argus.events import Origin, Side, Trade
from argus.storage.disk import LocalDisk
from argus.storage.recorder import StorageHandler

DAY_NS = 86_400 * 10**9
TS = 20_000 * DAY_NS
"""The first instant of 2024-10-04."""


def trade(number: int, ts: int = TS) -> Trade:
    return Trade(
        ts_event=ts + number,
        ts_recv=ts + number + 1,
        origin=Origin.LIVE,
        trade_id=number,
        price=float(number),
        size=1.0,
        side=Side.BUY,
        trade_type=None,
    )


def record(
    data: Path,
    generation: str,
    numbers: range,
    *,
    symbol: str = "BTCUSDT",
    source: str = "binance_spot",
) -> None:
    """Leave one chunk of trades behind."""
    handler = StorageHandler(
        source,
        "trade",
        data=data,
        generation=generation,
        disk=LocalDisk(generation, is_durable=False),
        report=lambda _: None,
    )
    handler.take(symbol, [trade(n) for n in numbers])
    assert asyncio.run(handler.flush()) is not None
