"""Pure. Rows as InfluxDB's line protocol, a table at a time.

The measurements are Raven's, with its tags and fields, and more fields. A point is known by its
measurement, its tags and its time, so two trades in one millisecond would be one. So the time is
the millisecond, as Raven writes it, and below it the nanosecond that the fact's id chooses: the
same fact always has the same time, and each of its millisecond another one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from argus.bars.sinks.influx_text import quoted, tag

MS_NS = 1_000_000

type_of_expression = Callable[[], pl.Expr]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a measurement.

    Attributes:
        name: what it is called.
        value: its value, a column or an expression.
        kind: `f` a number, `i` a whole number, `b` true or false, `s` a text.
        is_sure: whether it is never null; the first field of a measurement has to be.
    """

    name: str
    value: pl.Expr
    kind: str = "f"
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """How the rows of a data type are written.

    Attributes:
        name: the measurement.
        tags: columns that are tags, in the order of their names; `exchange` is added to them.
        fields: its fields.
        time: the time of each point (UTC ns).
    """

    name: str
    tags: tuple[str, ...]
    fields: tuple[Field, ...]
    time: pl.Expr


def _n(name: str, column: str = "", *, is_sure: bool = False) -> Field:
    return Field(name, pl.col(column or name), "f", is_sure)


def _i(name: str, column: str = "") -> Field:
    return Field(name, pl.col(column or name).cast(pl.Int64), "i")


def _s(name: str) -> Field:
    return Field(name, pl.col(name), "s")


_EVENT = pl.coalesce("ts_event", "ts_recv").cast(pl.Int64)


def _spread(by: pl.Expr, of: pl.Expr = _EVENT) -> pl.Expr:
    """Return the millisecond of a time, and below it what a number chooses."""
    return of.floordiv(MS_NS) * MS_NS + by.cast(pl.Int64).abs() % MS_NS


_BIDS, _ASKS = pl.col("bid_size"), pl.col("ask_size")
_TIMES = (_i("ts_event"), _i("ts_recv"))

MEASUREMENTS: dict[str, Measurement] = {
    "trade": Measurement(
        "trades",
        ("side", "symbol"),
        (
            _n("price", is_sure=True),
            _n("quantity", "size", is_sure=True),
            _i("trade_id"),
            _s("trade_type"),
            *_TIMES,
        ),
        _spread(pl.col("trade_id")),
    ),
    "agg_trade": Measurement(
        "agg_trades",
        ("side", "symbol"),
        (
            _n("price", is_sure=True),
            _n("quantity", "size", is_sure=True),
            *(_i("agg_trade_id"), _i("first_trade_id"), _i("last_trade_id")),
            *_TIMES,
        ),
        _spread(pl.col("agg_trade_id")),
    ),
    "bbo": Measurement(
        "orderbook",
        ("symbol",),
        (
            _n("bid_price", is_sure=True),
            _n("bid_qty", "bid_size", is_sure=True),
            _n("ask_price", is_sure=True),
            _n("ask_qty", "ask_size", is_sure=True),
            Field("spread", pl.col("ask_price") - pl.col("bid_price"), is_sure=True),
            Field("mid_price", (pl.col("ask_price") + pl.col("bid_price")) / 2, is_sure=True),
            # Of an empty book there is none.
            Field("imbalance", pl.when(_BIDS + _ASKS > 0).then(_BIDS / (_BIDS + _ASKS))),
            _i("update_id"),
            *_TIMES,
        ),
        _spread(pl.col("update_id")),
    ),
    "mark_price": Measurement(
        "funding_rate",
        ("symbol",),
        (
            _n("mark_price", is_sure=True),
            _n("rate", "funding_rate"),
            _n("index_price"),
            Field(
                "next_funding_time",
                pl.col("ts_next_funding").cast(pl.Int64).floordiv(MS_NS),
                "i",
            ),
            _n("settle_price"),
            *_TIMES,
        ),
        _EVENT,
    ),
    "liquidation": Measurement(
        "liquidation",
        ("side", "symbol"),
        (
            _n("price", is_sure=True),
            _n("quantity", "size", is_sure=True),
            *(_n("average_price"), _n("filled_quantity", "filled_size")),
            *(_s("order_type"), _s("status")),
            *_TIMES,
        ),
        _spread(pl.col("identity")),
    ),
    "open_interest": Measurement(
        "open_interest",
        ("symbol",),
        (_n("open_interest", is_sure=True), _n("open_interest_value"), *_TIMES),
        _EVENT,
    ),
    "bar": Measurement(
        "bars",
        ("profile", "revision", "rule", "symbol"),
        (
            *(_n(name, is_sure=True) for name in ("open", "high", "low", "close")),
            *(_n(name, is_sure=True) for name in ("volume", "quote_volume")),
            _n("vwap"),
            *(_n("buy_volume", is_sure=True), _n("sell_volume", is_sure=True)),
            *(_i("buy_ticks"), _i("sell_ticks"), _i("total_ticks"), _i("sequence")),
            *(_n("theta"), _n("threshold")),
            *(_n("expected_ticks_before"), _n("expected_imbalance_before")),
            *(_n("expected_ticks_after"), _n("expected_imbalance_after")),
            _n("vpin"),
            *(Field("gap", pl.col("gap"), "b"), Field("clamped", pl.col("clamped"), "b")),
            *(_i("first_trade_id"), _i("last_trade_id")),
            *(_i("ts_open"), _i("ts_first"), _i("ts_last"), _i("ts_recv")),
        ),
        _spread(pl.col("sequence"), pl.col("ts_open").cast(pl.Int64)),
    ),
}
"""Data type -> how its rows are written."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows as lines, one each.

    Attributes:
        lines: the lines, in the order of the rows; what stands for a wrong row is not to be sent.
        is_wrong: which rows have no line: a number is not finite, or a tag cannot be written.
        times: the time of each point (UTC ns).
    """

    lines: pl.Series
    is_wrong: np.ndarray[tuple[int], np.dtype[np.bool_]]
    times: np.ndarray[tuple[int], np.dtype[np.int64]]


def lines_of(data_type: str, exchange: str, table: pa.Table) -> Lines:
    """Return rows of a chunk as lines.

    Args:
        data_type: what the rows are; one of `MEASUREMENTS`.
        exchange: the value of the tag `exchange`.
        table: rows with the columns of a chunk.
    """
    made = MEASUREMENTS[data_type]
    if data_type == "liquidation":
        table = table.append_column("identity", pa.array(_identity(table)))
    texts = [*made.tags, *(f.value.meta.output_name() for f in made.fields if f.kind == "s")]
    frame = pl.from_arrow(table.select(sorted(_columns(made) & set(table.column_names))))
    assert isinstance(frame, pl.DataFrame)
    frame = frame.with_columns(pl.col(sorted(set(texts))).cast(pl.String))
    tags = {name: tag(frame[name]) for name in made.tags}
    fields = {f.name: quoted(frame[f.name]) for f in made.fields if f.kind == "s"}
    frame = frame.with_columns(
        *(pl.Series(f"tag {name}", written) for name, written in tags.items()),
        *(pl.Series(f"text {name}", written) for name, written in fields.items()),
        made.time.alias("time"),
    )
    wrong = [pl.col(f"tag {name}").is_null() for name in made.tags]
    wrong += [_is_wrong(f) for f in made.fields if f.kind == "f"]
    found = frame.select(
        _line(made, exchange).alias("line"), pl.any_horizontal(wrong).alias("wrong"), "time"
    )
    return Lines(found["line"], found["wrong"].to_numpy(), found["time"].to_numpy())


def _columns(made: Measurement) -> set[str]:
    names = {name for f in made.fields for name in f.value.meta.root_names()}
    return names | set(made.tags) | set(made.time.meta.root_names())


def _is_wrong(field: Field) -> pl.Expr:
    """Say of which rows a number is not one, or is missing where there always is one."""
    return ~field.value.is_finite().fill_null(value=not field.is_sure)


def _line(made: Measurement, exchange: str) -> pl.Expr:
    # Tags in the order of their names, as the server likes them best.
    tags: dict[str, pl.Expr] = {name: pl.col(f"tag {name}") for name in made.tags}
    tags["exchange"] = pl.lit(tag(pl.Series([exchange]))[0])
    parts: list[pl.Expr] = [pl.lit(made.name)]
    for name in sorted(tags):
        parts += [pl.lit(f",{name}="), tags[name]]
    for index, field in enumerate(made.fields):
        head = pl.lit(f"{',' if index else ' '}{field.name}=")
        value = _written(field)
        parts += [head, value] if field.is_sure else [pl.concat_str([head, value])]
    return pl.concat_str([*parts, pl.lit(" "), pl.col("time").cast(pl.String)], ignore_nulls=True)


def _written(field: Field) -> pl.Expr:
    match field.kind:
        case "i":
            return field.value.cast(pl.String) + "i"
        case "s":
            return pl.col(f"text {field.name}")
        case _:
            return field.value.cast(pl.String)


def _identity(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a number for each liquidation that nothing but its values chooses."""
    mixed = np.zeros(table.num_rows, np.uint64)
    with np.errstate(over="ignore"):
        for name in ("price", "size", "filled_size"):
            bits = np.asarray(table[name].combine_chunks(), np.float64).view(np.uint64)
            # The finalizer of splitmix64 (Steele, Lea, Flood 2014).
            mixed = (mixed ^ bits) + np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(MS_NS)).astype(np.int64)
