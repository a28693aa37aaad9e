"""Pure. A batch of trades as columns of numbers: what goes into every rule."""

import struct
from collections.abc import Iterable
from itertools import chain
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from argus.errors import TradeError
from argus.events import AggTrade, Event, Trade
from argus.terms import Side

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Signs = npt.NDArray[np.int8]
Bytes = npt.NDArray[np.uint8]
Columns = tuple[Floats, Floats, Signs, Integers, Integers, Integers]
"""Columns of a batch: price, size, side, ts_event, ts_recv, trade_id."""

SIGNS: dict[Any, int] = {Side.BUY: 1, Side.SELL: -1, Side.UNKNOWN: 0, 1: 1, -1: -1, 0: 0}
"""What may be said of a side -> its sign."""

TRADE_BYTES = 41  # of a packed trade: five numbers of eight bytes, and a sign

AnyTrade = Trade | AggTrade | tuple[float, float, Any, int, int]


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

    __slots__ = ("_columns", "packed")

    def __init__(
        self,
        price: npt.ArrayLike,
        size: npt.ArrayLike,
        side: npt.ArrayLike,
        ts_event: npt.ArrayLike,
        ts_recv: npt.ArrayLike,
        trade_id: npt.ArrayLike,
    ) -> None:
        columns: Columns = (
            np.ascontiguousarray(price, np.float64),
            np.ascontiguousarray(size, np.float64),
            np.ascontiguousarray(side, np.int8),
            np.ascontiguousarray(ts_event, np.int64),
            np.ascontiguousarray(ts_recv, np.int64),
            np.ascontiguousarray(trade_id, np.int64),
        )
        lengths = {len(column) for column in columns}
        assert len(lengths) == 1, f"columns of {sorted(lengths)} values, expected one length"
        self._columns: Columns | None = columns
        self.packed: Bytes | None = None
        """Or: price, size, ts_event, ts_recv, trade_id and side, one after the other, as bytes."""

    @property
    def price(self) -> Floats:
        """Return the column."""
        return self.columns[0]

    @property
    def size(self) -> Floats:
        """Return the column."""
        return self.columns[1]

    @property
    def side(self) -> Signs:
        """Return the column."""
        return self.columns[2]

    @property
    def ts_event(self) -> Integers:
        """Return the column."""
        return self.columns[3]

    @property
    def ts_recv(self) -> Integers:
        """Return the column."""
        return self.columns[4]

    @property
    def trade_id(self) -> Integers:
        """Return the column."""
        return self.columns[5]

    @property
    def columns(self) -> Columns:
        """Return the columns: price, size, side, ts_event, ts_recv, trade_id."""
        if self._columns is None:
            assert self.packed is not None
            n = len(self.packed) // TRADE_BYTES
            numbers = self.packed[: 16 * n].view(np.float64)
            integers = self.packed[16 * n : 40 * n].view(np.int64)
            side = self.packed[40 * n :].view(np.int8)
            self._columns = (
                numbers[:n], numbers[n:], side, integers[:n], integers[n : 2 * n], integers[2 * n :]
            )  # fmt: skip
        return self._columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, rows: slice) -> "Trades":
        """Return some of the trades; neighbours are not copied."""
        price, size, side, ts_event, ts_recv, trade_id = self.columns
        return Trades(
            price[rows], size[rows], side[rows], ts_event[rows], ts_recv[rows], trade_id[rows]
        )

    @classmethod
    def of(cls, trades: Iterable[AnyTrade]) -> "Trades":
        """Return a batch of events, or of tuples (price, size, side, ts_event, id).

        A tuple's side is `buy`, `sell`, `unknown`, or +1, -1, 0; its `ts_event` stands for its
        `ts_recv`, too. An event without a venue time has its receive time.

        Raises:
            TradeError: names the first one that is something else.
        """
        given = list(trades)
        try:
            packed = _packed(given)
        except UNFIT as error:
            raise TradeError(_first_unfit(given)) from error
        made = cls.__new__(cls)
        made._columns = None  # noqa: SLF001 its own
        made.packed = np.frombuffer(packed, np.uint8)
        return made

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


UNFIT = (LookupError, TypeError, ValueError, AttributeError, struct.error)
"""What a trade of another form raises while it is packed."""


def _packed(trades: list[AnyTrade]) -> bytearray:
    rows = [_fields(trade) for trade in trades]
    n, values = len(rows), chain.from_iterable(zip(*rows, strict=True))
    return bytearray(struct.pack(f"={2 * n}d{3 * n}q{n}b", *values))


def _first_unfit(trades: list[AnyTrade]) -> str:
    for at, trade in enumerate(trades):
        try:
            _packed([trade])
        except UNFIT:
            return (
                f"trade {at} of the batch is {trade!r}; expected (price, size, side, ts_event, id) "
                "with two numbers, buy, sell, unknown, +1, -1 or 0, and two whole numbers of 64 "
                "bits, or an event"
            )
    raise AssertionError("every trade of a batch fits, but not the batch")


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
