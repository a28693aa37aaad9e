"""Pure. Columns of the lake as PostgreSQL's binary COPY, a whole batch at once.

Every field of a staged row has a fixed width, so that rows are one numpy array and no loop runs in
Python: texts are numbers of a list, and what is null is told by a bit of `nulls`, not by the
field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.bars.sinks.postgres.tables import Fact, Field

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

EPOCH_US = 946_684_800_000_000
"""The year 2000 in microseconds since 1970: where PostgreSQL's clock begins."""

_WIDE = {"time": ">i8", "id": ">i4", "whole": ">i8", "number": ">f8", "flag": "u1", "text": ">i2"}
_STAGED = {
    "time": "timestamptz",
    "id": "integer",
    "whole": "bigint",
    "number": "double precision",
    "flag": "boolean",
    "text": "smallint",
}

type_of_values = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts as numbers: `codes` count from 0, one per row, into `words`."""

    codes: type_of_values
    words: tuple[str, ...]


def staged_columns(fact: Fact) -> list[tuple[str, str]]:
    """Return name and type of the columns of a staging table, in the order of `packed`."""
    fields = [(field.name, _STAGED[field.kind]) for field in fact.fields]
    return [("target", "smallint"), ("nulls", "bigint"), *fields]


def coded(column: pa.ChunkedArray) -> Coded:
    """Return a column of texts as numbers; only words that occur are listed."""
    plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    encoded = pc.dictionary_encode(plain.combine_chunks())
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return Coded(codes, tuple(encoded.dictionary.to_pylist()))


def null_bits(fact: Fact) -> dict[str, int]:
    """Return the bit of `nulls` that tells each nullable column."""
    return {f.name: 1 << n for n, f in enumerate(f for f in fact.fields if f.nullable)}


def numbers_of(field: Field, column: pa.ChunkedArray) -> type_of_values:
    """Return a column as numbers, nulls as 0."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if column.null_count:
        column = pc.fill_null(column, pa.scalar(0, column.type))
    if field.kind == "flag":
        column = column.cast(pa.uint8())
    return np.asarray(column.to_numpy())


def microseconds(ts: type_of_values) -> type_of_values:
    """Return UTC nanoseconds as PostgreSQL counts time; what is below a microsecond is cut off."""
    return ts // 1000 - EPOCH_US


def packed(
    fact: Fact,
    table: pa.Table,
    *,
    ids: Mapping[str, type_of_values],
    targets: type_of_values,
    texts: Mapping[str, Coded],
) -> bytes:
    """Return rows as binary COPY of the columns of `staged_columns`.

    Args:
        fact: the kind of rows.
        table: rows with the lake's columns.
        ids: numbers of the series, per column and row.
        targets: which table each row is for.
        texts: the columns of texts, coded; they are staged as places in the list, from 1 on.
    """
    columns = staged_columns(fact)
    kinds = ["text", "whole", *(field.kind for field in fact.fields)]
    dtype = [("fields", ">i2")]
    for (name, _), kind in zip(columns, kinds, strict=True):
        dtype += [(f"{name} length", ">i4"), (name, _WIDE[kind])]
    rows = np.zeros(table.num_rows, dtype=np.dtype(dtype))
    rows["fields"] = len(columns)
    for name, _ in columns:
        rows[f"{name} length"] = rows.dtype[name].itemsize
    rows["target"] = targets
    rows["nulls"] = _nulls(fact, table)
    rows["time"] = microseconds(table.column("ts_open").cast(pa.int64()).to_numpy())
    for name, numbers in ids.items():
        rows[name] = numbers
    for field in fact.given:
        if field.kind == "text":
            rows[field.name] = texts[field.name].codes + 1
        else:
            rows[field.name] = numbers_of(field, table.column(field.name))
    return HEADER + rows.tobytes() + TRAILER


def _nulls(fact: Fact, table: pa.Table) -> type_of_values:
    found: type_of_values = np.zeros(table.num_rows, np.int64)
    for name, bit in null_bits(fact).items():
        column = table.column(name)
        if column.null_count:
            found |= np.asarray(column.is_null().to_numpy()).astype(np.int64) * bit
    return found


def unstorable(fact: Fact, table: pa.Table) -> Sequence[str | None]:
    """Return for each row why no table should have it, or None.

    A number that every row has to have is not finite: averages over it would be neither.
    """
    bad: list[str | None] = [None] * table.num_rows
    for field in fact.given:
        if field.kind != "number" or field.nullable:
            continue
        values = numbers_of(field, table.column(field.name))
        for row in np.flatnonzero(~np.isfinite(values)):
            bad[row] = bad[row] or f"{field.name} is {values[row]}, expected a finite number"
    return bad
