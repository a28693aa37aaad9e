"""Pure. A batch of trades as columns of numbers: what goes into every rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import starmap
from struct import Struct
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from argus.events import AggTrade, Event, Trade
from argus.terms import Side

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Signs = npt.NDArray[np.int8]
Columns = tuple[Floats, Floats, Signs, Integers, Integers, Integers]
"""Columns of a batch: price, size, side, ts_event, ts_recv, trade_id."""

SIGNS: dict[Any, int] = {Side.BUY: 1, Side.SELL: -1, Side.UNKNOWN: 0, 1: 1, -1: -1, 0: 0}
"""What may be said of a side -> its sign."""

PACKED = np.dtype(
    [
        ("price", np.float64),
        ("size", np.float64),
        ("ts_event", np.int64),
        ("ts_recv", np.int64),
        ("trade_id", np.int64),
        ("side", np.int8),
        ("rest", np.int8, 7),
    ]
)
"""Trades as rows, as they are packed one by one; side by side in memory for small batches."""
_PACK = Struct("<ddqqqb7x")
assert _PACK.size == PACKED.itemsize

AnyTrade = Trade | AggTrade | tuple[float, float, Any, int, int]


@dataclass(frozen=True, slots=True)
class Trades:
    """Trades of one symbol in the order of their ids, one numpy array of `n` values each.

    Args:
        price: float64, quote units.
        size: float64, base units.
        side: int8, +1 the aggressor bought, -1 sold, 0 unknown.
        ts_event: int64, venue time, UTC nanoseconds.
        ts_recv: int64, receive time, UTC nanoseconds.
        trade_id: int64, rising.
    """

    price: Floats
    size: Floats
    side: Signs
    ts_event: Integers
    ts_recv: Integers
    trade_id: Integers

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.columns}
        assert len(lengths) == 1, f"columns of {sorted(lengths)} values, expected one length"

    @property
    def columns(self) -> Columns:
        """Return the columns in the order in which the kernel takes them."""
        return (self.price, self.size, self.side, self.ts_event, self.ts_recv, self.trade_id)

    def __len__(self) -> int:
        return len(self.price)

    def __getitem__(self, rows: slice) -> "Trades":
        """Return some of the trades, without copying them."""
        price, size, side, ts_event, ts_recv, trade_id = self.columns
        return Trades(
            price[rows], size[rows], side[rows], ts_event[rows], ts_recv[rows], trade_id[rows]
        )

    @classmethod
    def of(cls, trades: Iterable[AnyTrade]) -> "Trades":
        """Return a batch of events, or of tuples (price, size, side, ts_event, id).

        A tuple's side is `buy`, `sell`, `unknown`, or +1, -1, 0; its `ts_event` stands for its
        `ts_recv`, too. An event without a venue time has its receive time.
        """
        packed = b"".join(starmap(_PACK.pack, map(_fields, trades)))
        rows = np.frombuffer(packed, PACKED)
        return cls(*(rows[name] for name in _NAMES))

    @classmethod
    def of_table(cls, table: pa.Table) -> "Trades":
        """Return a batch from a table with the lake's columns of `trade` or `agg_trade`.

        The rows are taken as they stand: sorted by id. Nothing is copied that need not be.
        """
        number = "trade_id" if "trade_id" in table.column_names else "agg_trade_id"
        recv = _whole(table, "ts_recv")
        return cls(
            _whole(table, "price"),
            _whole(table, "size"),
            _signs(table.column("side")),
            _whole(table, "ts_event", recv),
            recv,
            _whole(table, number),
        )


_NAMES = ("price", "size", "side", "ts_event", "ts_recv", "trade_id")


def _fields(trade: AnyTrade) -> tuple[float, float, int, int, int, int]:
    if not isinstance(trade, Event):
        price, size, side, ts, number = trade
        return price, size, ts, ts, number, SIGNS[side]
    number = trade.trade_id if isinstance(trade, Trade) else trade.agg_trade_id
    ts = trade.ts_recv if trade.ts_event is None else trade.ts_event
    return trade.price, trade.size, ts, trade.ts_recv, number, SIGNS[trade.side]


def _whole(table: pa.Table, name: str, instead: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
    """Return a column as one array; nulls, which only a venue time has, are those of `instead`."""
    column = table.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64())
    if column.null_count and instead is not None:
        column = pc.coalesce(column, pa.array(instead))
    one = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(one, pa.ChunkedArray):
        one = pa.concat_arrays(one.chunks) if one.num_chunks else pa.array([], column.type)
    return cast("npt.NDArray[Any]", one.to_numpy(zero_copy_only=False))


def _signs(side: pa.ChunkedArray) -> npt.NDArray[np.int8]:
    """Return the signs of sides, looked up once per word of a dictionary."""
    parts = [np.empty(0, np.int8)]
    for chunk in side.chunks:
        coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        words = [SIGNS[word] for word in coded.dictionary.to_pylist()]
        signs = np.array(words, np.int8)
        parts.append(signs[coded.indices.to_numpy(zero_copy_only=False)])
    return np.concatenate(parts)
