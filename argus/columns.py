"""Pure. Columns of every data type, derived from `events.py`: Arrow schemas, encodings, SQL, docs.

One `Column` per field says how the field is packed in memory, stored in Parquet and declared in
SQL. Nothing else in the project names a recorded field by hand.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pyarrow as pa

from argus.events import EVENTS, SCHEMA_VERSION, Category, Event, Levels, Text


class Kind(StrEnum):
    """How a field is held: in memory, in Parquet and in SQL."""

    TIME = "time"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    CATEGORY = "category"
    TEXT = "text"
    LEVELS = "levels"


LEVEL = pa.struct([pa.field("price", pa.float64()), pa.field("size", pa.float64())])

ARROW: dict[Kind, pa.DataType] = {
    Kind.TIME: pa.timestamp("ns", tz="UTC"),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.CATEGORY: pa.dictionary(pa.int32(), pa.string()),
    Kind.TEXT: pa.string(),
    Kind.LEVELS: pa.list_(LEVEL),
}

SQL: dict[Kind, str] = {
    Kind.TIME: "TIMESTAMP WITH TIME ZONE",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
    Kind.CATEGORY: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.LEVELS: "STRUCT(price DOUBLE, size DOUBLE)[]",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One recorded field: its name, kind, whether it may be null, and its documentation."""

    name: str
    kind: Kind
    nullable: bool
    doc: str


def _column(name: str, annotation: object) -> Column:
    assert get_origin(annotation) is Annotated, f"{name} has no documentation"
    declared, note = get_args(annotation)
    nullable = get_origin(declared) is UnionType
    core = next(t for t in get_args(declared) if t is not type(None)) if nullable else declared
    if isinstance(note, Category):
        return Column(name, Kind.CATEGORY, nullable, note.doc)
    if isinstance(note, Text):
        return Column(name, Kind.TEXT, nullable, note.doc)
    assert isinstance(note, str)
    if core is Levels:
        return Column(name, Kind.LEVELS, nullable, note)
    kind = {int: Kind.INTEGER, float: Kind.NUMBER, bool: Kind.FLAG}[core]
    if name.startswith("ts_"):
        assert kind is Kind.INTEGER, f"{name} begins with ts_ and is no integer"
        kind = Kind.TIME
    return Column(name, kind, nullable, note)


@cache
def columns(event: type[Event]) -> tuple[Column, ...]:
    """Return the columns of an event class, in the order of its declaration."""
    hints = get_type_hints(event, include_extras=True)
    return tuple(_column(name, hints[name]) for name in event.__struct_fields__)


@cache
def lake_schema(event: type[Event]) -> pa.Schema:
    """Return the Arrow schema of a date file: the event's columns, without the hive keys."""
    fields = [pa.field(c.name, ARROW[c.kind], c.nullable) for c in columns(event)]
    return pa.schema(fields, metadata={b"argus.schema_version": str(SCHEMA_VERSION).encode()})


@cache
def chunk_schema(event: type[Event]) -> pa.Schema:
    """Return the Arrow schema of a chunk: `symbol` first, then the event's columns."""
    lake = lake_schema(event)
    return pa.schema(
        [pa.field("symbol", ARROW[Kind.CATEGORY], nullable=False), *lake],
        metadata=lake.metadata,
    )


def encodings(event: type[Event]) -> dict[str, Any]:
    """Return the Parquet writer's arguments for one event class.

    Times and ids are delta-packed and prices and sizes dictionary-encoded: of what was measured
    (docs/benchmarks.md) this is both the smallest and the fastest to read.
    """
    delta = [c.name for c in columns(event) if c.kind in {Kind.TIME, Kind.INTEGER}]
    dictionary = [c.name for c in columns(event) if c.kind in {Kind.NUMBER, Kind.CATEGORY}]
    if any(c.kind is Kind.LEVELS for c in columns(event)):
        for c in columns(event):
            if c.kind is Kind.LEVELS:
                dictionary += [f"{c.name}.list.element.price", f"{c.name}.list.element.size"]
    return {
        "use_dictionary": ["symbol", *dictionary],
        "column_encoding": dict.fromkeys(delta, "DELTA_BINARY_PACKED"),
        "compression": "zstd",
        "compression_level": 3,
        "store_schema": True,
        "write_statistics": True,
    }


def sql_columns(event: type[Event]) -> str:
    """Return the event's columns as the body of a SQL table declaration, one per line."""
    return ",\n".join(
        f"    {c.name} {SQL[c.kind]}{'' if c.nullable else ' NOT NULL'}" for c in columns(event)
    )


def reference() -> str:
    """Return the page `docs/columns.md`: every data type with its columns, in Markdown."""
    parts = [
        "# Columns\n",
        "Generated from `argus/events.py`; do not edit. Every path adds the hive keys `source`,",
        "`data_type`, `symbol`, `year` and `date`. Times are UTC nanoseconds.\n",
    ]
    for name, event in EVENTS.items():
        first = (event.__doc__ or "").strip().splitlines()[0]
        parts += [f"## {name}\n", f"{first}\n"]
        parts += ["| column | type | null | meaning |", "|---|---|---|---|"]
        parts += [
            f"| {c.name} | {c.kind} | {'yes' if c.nullable else 'no'} | {c.doc} |"
            for c in columns(event)
        ]
        same, order = (
            ", ".join(f"`{n}`" for n in names) for names in (event.identity, event.order)
        )
        parts += ["", f"Same fact when equal: {same}. Order in a file: {order}.\n"]
    return "\n".join(parts)
