"""Pure. What a store takes of the rows that it is given: those it wants, and those it can store."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.bars.sinks.postgres.packing import coded, type_of_values, unstorable
from argus.bars.sinks.postgres.tables import (
    BAR_TABLES,
    FACTS,
    KLINE_TABLE,
    interval_of_kline,
    table_of,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rows that cannot be stored, by their places in the table they came in, and why."""

    places: tuple[int, ...]
    why: str


def wanted(data_type: str, table: pa.Table, profiles: Collection[str]) -> pa.Table:
    """Return the rows that belong into the tables: bars of the profiles, candles that are final.

    Args:
        data_type: `bar` or `kline`.
        table: rows with a chunk's columns.
        profiles: whose bars are wanted; all if it is empty.
    """
    if data_type == "kline":
        return table.filter(table.column("closed"))
    if not profiles:
        return table
    names = table.column("profile").cast(pa.string())
    return table.filter(pc.is_in(names, value_set=pa.array(sorted(profiles), pa.string())))


def refused(data_type: str, table: pa.Table) -> Refusal | None:
    """Return the rows that no table should have, told by their values; None if there are none."""
    reasons = unstorable(FACTS[data_type], table)
    places = tuple(place for place, why in enumerate(reasons) if why)
    if not places:
        return None
    return Refusal(places, next(why for why in reasons if why))


def without(table: pa.Table, places: Collection[int]) -> pa.Table:
    """Return the rows at other places."""
    keep = np.ones(table.num_rows, bool)
    keep[list(places)] = False
    return table.filter(pa.array(keep))


def intervals(data_type: str, table: pa.Table) -> pa.ChunkedArray:
    """Return what the dimension of intervals calls each row's profile or length."""
    if data_type == "bar":
        return table.column("profile")
    lengths = coded(table.column("interval"))
    words = pa.array([interval_of_kline(word) for word in lengths.words], pa.string())
    return pa.chunked_array([words.take(pa.array(lengths.codes))])


def targets(data_type: str, table: pa.Table) -> tuple[type_of_values, tuple[str, ...]]:
    """Return for each row the number of its table, and the tables by number."""
    if data_type == "kline":
        return np.zeros(table.num_rows, np.int16), (KLINE_TABLE,)
    rules = coded(table.column("rule"))
    places = np.array([BAR_TABLES.index(table_of(word)) for word in rules.words], np.int16)
    return places[rules.codes], BAR_TABLES
