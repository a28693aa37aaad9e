"""What a store holds beside what the lake holds, by value."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from argus.control.status import SinkState
from tests.bars.sinks.influx_server import InfluxServer
from tests.daemon.recorder import Recorder
from tests.waiting import until

KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "trade": (
        "trades",
        {"trade_id": "trade_id", "price": "price", "size": "quantity", "side": "side"},
    ),
    "bbo": (
        "orderbook",
        {
            "update_id": "update_id",
            "bid_price": "bid_price",
            "bid_size": "bid_qty",
            "ask_price": "ask_price",
            "ask_size": "ask_qty",
        },
    ),
    "mark_price": (
        "funding_rate",
        {"mark_price": "mark_price", "index_price": "index_price", "funding_rate": "rate"},
    ),
    "liquidation": ("liquidation", {"side": "side", "price": "price", "size": "quantity"}),
    "open_interest": ("open_interest", {"open_interest": "open_interest"}),
}
"""Data type -> measurement, and columns of the lake -> fields."""


async def fed(recorder: Recorder) -> None:
    """Wait until every store is there: at a stop one that makes trouble is left as it is."""
    sinks = recorder.service.sinks
    await until(lambda: all(s.state is SinkState.FEEDING for s in sinks.status()), timeout_s=60)


def in_lake(data: Path, data_type: str) -> list[tuple[Any, ...]]:
    """The rows of a data type in date files, read by a reader that is not ours, sorted."""
    files = sorted(data.glob(f"lake/source=*/data_type={data_type}/**/*.parquet"))
    if not files:
        return []
    table = ds.dataset(files, partitioning="hive", partition_base_dir=str(data / "lake")).to_table()
    names = ["symbol", "ts_event", "ts_recv", *KINDS[data_type][1]]
    return _rows(table, names)


def in_store(server: InfluxServer, data_type: str) -> list[tuple[Any, ...]]:
    """The points of a data type's measurement, sorted."""
    measurement, fields = KINDS[data_type]
    names = ["symbol", "ts_event", "ts_recv", *fields.values()]
    return sorted(
        (tuple(row.get(name) for name in names) for row in server.rows(measurement)), key=repr
    )


def _rows(table: pa.Table, names: list[str]) -> list[tuple[Any, ...]]:
    columns = []
    for name in names:
        column = table[name]
        if name.startswith("ts_"):
            column = column.cast(pa.int64())
        columns.append(pc.cast(column, pa.string()) if name in {"symbol", "side"} else column)
    return sorted(zip(*(column.to_pylist() for column in columns), strict=True), key=repr)


BAR = (
    *("open", "high", "low", "close", "volume", "quote_volume", "vwap", "buy_ticks", "total_ticks"),
    *("theta", "threshold", "vpin", "gap", "first_trade_id", "last_trade_id"),
)
type_of_bars = dict[tuple[str, str, int, int], tuple[Any, ...]]


def bars_in_lake(data: Path) -> type_of_bars:
    """The bars that count: their symbol, profile, sequence and revision to what is in them."""
    files = sorted(data.glob("lake/source=*/data_type=bar/**/*.parquet"))
    table = ds.dataset(files, partitioning="hive", partition_base_dir=str(data / "lake")).to_table()
    return counting(_bars(table.to_pylist()))


def counting(bars: type_of_bars) -> type_of_bars:
    """Leave out those that an earlier or equal sequence of a higher revision has replaced."""
    return {
        (symbol, profile, sequence, revision): bar
        for (symbol, profile, sequence, revision), bar in bars.items()
        if not any(
            (s, p) == (symbol, profile) and n <= sequence and r > revision for s, p, n, r in bars
        )
    }


def bars_in_store(server: InfluxServer) -> type_of_bars:
    """All the bars that there are in a store."""
    return _bars(server.rows("bars"))


def _bars(rows: list[dict[str, Any]]) -> type_of_bars:
    return {
        (str(row["symbol"]), row["profile"], row["sequence"], int(row["revision"])): tuple(
            row.get(name) for name in BAR
        )
        for row in rows
    }
