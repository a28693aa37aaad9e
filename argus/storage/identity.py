"""Pure. Which rows are the same fact, and in which order facts stand in a date file.

Both are declared with the event class (`identity`, `order`). Where the venue gives no time,
`ts_event` is null and `ts_recv` stands in for it, as it does for the date.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.columns import Kind, columns
from argus.events import Event
from argus.storage.partition import lake_times

type_of_array = np.ndarray[Any, np.dtype[Any]]

_NULL = np.iinfo(np.int64).min


def is_streamable(event: type[Event]) -> bool:
    """Say whether equal facts always have an equal first key, so that files merge piece by piece.

    The few data types of which that is not true (`instrument`, `gap`) are small.
    """
    return not event.identity or event.order[0] in event.identity


def key(event: type[Event], name: str, table: pa.Table) -> type_of_array:
    """Return a field as numbers that compare as the field's values do (texts: as texts do)."""
    if name == "ts_event":
        return lake_times(table)
    kind = next(c.kind for c in columns(event) if c.name == name)
    values = table[name].combine_chunks()
    match kind:
        case Kind.TIME | Kind.INTEGER:
            return np.asarray(values.cast(pa.int64()).fill_null(_NULL))
        case Kind.NUMBER:
            # Adding 0.0 makes one zero of two.
            return np.asarray(values.fill_null(np.nan)) + 0.0
        case Kind.FLAG:
            return np.asarray(values.cast(pa.int64()).fill_null(_NULL))
        case Kind.CATEGORY | Kind.TEXT:
            ranks = pc.rank(pc.cast(values, pa.string()), tiebreaker="dense")
            return np.asarray(ranks).astype(np.int64)
        case Kind.LEVELS:
            raise AssertionError(f"{name}: levels are no key")


def first_key(event: type[Event], table: pa.Table) -> type_of_array:
    """Return the field that a date file is sorted by first."""
    return key(event, event.order[0], table)


def places(event: type[Event], table: pa.Table) -> tuple[type_of_array, int]:
    """Say where the rows of a date file come from: each fact once, in order.

    Of rows that are the same fact the first in the table stays.

    Returns:
        The rows to take, in order, and the number of repeats left out.
    """
    keys = [key(event, name, table) for name in event.order]
    if len(keys[0]) and np.all(keys[0][1:] > keys[0][:-1]) and is_streamable(event):
        return np.arange(len(keys[0])), 0
    order = np.lexsort(keys[::-1])
    if not event.identity:
        return order, 0
    repeats = _repeats(event, table, _suspects(event, keys[0], order))
    if not len(repeats):
        return order, 0
    is_kept = np.ones(len(order), np.bool_)
    is_kept[repeats] = False
    return order[is_kept[order]], len(repeats)


def _suspects(event: type[Event], first: type_of_array, order: type_of_array) -> type_of_array:
    """Return the rows that may be repeats, in the table's order."""
    if not is_streamable(event):
        return np.arange(len(order))
    ordered = first[order]
    is_tie = np.zeros(len(order) + 1, np.bool_)
    is_tie[1:-1] = ordered[1:] == ordered[:-1]
    return np.sort(order[is_tie[1:] | is_tie[:-1]])


def _repeats(event: type[Event], table: pa.Table, suspects: type_of_array) -> type_of_array:
    if len(suspects) <= 1:
        return suspects[:0]
    few = table.take(pa.array(suspects))
    keys = [_bits(key(event, name, few)) for name in event.identity]
    # Stable, so the first row of each fact comes first among its equals.
    order = np.lexsort(keys[::-1])
    is_same = np.ones(len(order) - 1, np.bool_)
    for values in keys:
        ordered = values[order]
        is_same &= ordered[1:] == ordered[:-1]
    return suspects[order[1:][is_same]]


def _bits(values: type_of_array) -> type_of_array:
    """Let values that are not a number equal each other."""
    return values.view(np.int64) if values.dtype == np.float64 else values
