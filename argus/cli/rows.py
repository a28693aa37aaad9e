"""Pure. The answer of a query as plain JSON values, as texts for a table, and as CSV.

Instants keep their nanoseconds: Python's own would lose them.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv


def readable(answer: pa.Table) -> pa.Table:
    """Return a table with instants as ISO 8601 text and dictionaries as their values."""
    fields = [(f.name, _readable(answer.column(i))) for i, f in enumerate(answer.schema)]
    return pa.table([column for _, column in fields], names=[name for name, _ in fields])


def _readable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring(column.cast(pa.string()), " ", "T")
    if pa.types.is_decimal(column.type):
        return _number(column)
    return column


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return decimals, which DuckDB makes of sums of integers, as numbers where they fit."""
    try:
        return column.cast(pa.int64() if column.type.scale == 0 else pa.float64())
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def plain(answer: pa.Table) -> list[dict[str, Any]]:
    """Return the rows as plain values by column; of columns of one name the last one counts."""
    return readable(answer).to_pylist()  # type: ignore[no-any-return] # pyarrow has no types


def texts(answer: pa.Table, *, rows_max: int) -> Iterator[list[str]]:
    """Yield the first rows as texts, one per column; null is empty."""
    columns = [column.to_pylist() for column in readable(answer.slice(0, rows_max)).columns]
    for row in zip(*columns, strict=True):
        yield ["" if cell is None else str(cell) for cell in row]


def to_csv(answer: pa.Table) -> str:
    """Return the rows as CSV with a header; lists and structs are written as JSON-like text."""
    flat = readable(answer)
    for number, field in enumerate(flat.schema):
        if pa.types.is_nested(field.type):
            words = [None if v is None else str(v) for v in flat.column(number).to_pylist()]
            flat = flat.set_column(number, field.name, pa.array(words, pa.string()))
    sink = pa.BufferOutputStream()
    csv.write_csv(flat, sink)
    return str(sink.getvalue().to_pybytes().decode())


def numbers(answer: pa.Table) -> list[str]:
    """Return the names of the columns that hold numbers."""
    types = pa.types
    return [
        f.name
        for f in answer.schema
        if types.is_integer(f.type) or types.is_floating(f.type) or types.is_decimal(f.type)
    ]
