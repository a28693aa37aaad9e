"""Pure. Pieces of one path, sorted by id and overlapping or not, as one row of batches.

A piece is loaded when its turn comes: memory holds what overlaps, and a batch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from argus.lake.span import Span
from argus.storage.partition import lake_times

type_of_array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Piece:
    """Facts with ids from `low` to `high`; of equal facts the one of the least `rank` stays.

    None of them is younger than `ts_last`, if that is known. `rows` is 0 where it is not counted.
    """

    low: int
    high: int
    rank: int
    load: Callable[[], pa.Table]
    ts_last: int | None = None
    rows: int = 0

    def is_before(self, ts: int | None) -> bool:
        """Say whether all facts are known to be older than an instant."""
        return ts is not None and self.ts_last is not None and self.ts_last < ts


def batches(pieces: Iterable[Piece], span: Span, *, key: str, rows_max: int) -> Iterator[pa.Table]:
    """Return the facts of a span in the order of their ids, each once.

    Args:
        pieces: where the facts are, in any order.
        span: which are wanted.
        key: the column of ids.
        rows_max: rows of a batch; only the last one may have less than half of it.
    """
    rest = sorted(
        (p for p in pieces if p.high >= span.low and p.low <= span.high),
        key=lambda p: (p.low, p.rank),
    )
    ts_from = span.ts_from
    while len(rest) > 1 and rest[0].is_before(ts_from) and rest[0].high < rest[1].low:
        del rest[0]
    for table in _joined(rest, span, key, rows_max):
        wanted = table
        if ts_from is not None:
            wanted = wanted.slice(_first(lake_times(wanted) >= ts_from))
            ts_from = None if wanted.num_rows else ts_from
        is_end = False
        if span.ts_until is not None:
            end = _first(lake_times(wanted) >= span.ts_until)
            is_end = end < wanted.num_rows
            wanted = wanted.slice(0, end)
        for start in range(0, wanted.num_rows, rows_max):
            yield wanted.slice(start, rows_max)
        if is_end:
            return


def sorted_by(key: str, table: pa.Table) -> pa.Table:
    """Return a table in the order of its ids; the same table if it is so already."""
    ids = ids_of(key, table)
    if np.all(ids[1:] >= ids[:-1]):
        return table
    return table.take(pa.array(np.argsort(ids, kind="stable")))


def ids_of(key: str, table: pa.Table) -> type_of_array:
    """Return a column of ids."""
    column = table[key]
    return np.asarray(column.chunk(0) if column.num_chunks == 1 else column.combine_chunks())


def _joined(rest: Sequence[Piece], span: Span, key: str, rows_max: int) -> Iterator[pa.Table]:
    held: list[tuple[int, pa.Table]] = []
    rows = 0
    for index, piece in enumerate(rest):
        table = sorted_by(key, piece.load())
        ids = ids_of(key, table)
        begin = int(np.searchsorted(ids, span.low))
        end = int(np.searchsorted(ids, span.high, side="right"))
        held.append((piece.rank, table.slice(begin, end - begin)))
        rows += end - begin
        bound = rest[index + 1].low if index + 1 < len(rest) else None
        if rows < rows_max and bound is not None:
            continue
        ready, held = _divided(held, key, bound)
        rows = sum(part.num_rows for _, part in held)
        table = _each_once(key, ready)
        if table is not None:
            yield table


def _divided(
    held: list[tuple[int, pa.Table]], key: str, bound: int | None
) -> tuple[list[tuple[int, pa.Table]], list[tuple[int, pa.Table]]]:
    """Divide at an id that may come again; None for no such id."""
    if bound is None:
        return held, []
    cuts = [int(np.searchsorted(ids_of(key, part), bound)) for _, part in held]
    ready = [(rank, part.slice(0, cut)) for (rank, part), cut in zip(held, cuts, strict=True)]
    left = [(rank, part.slice(cut)) for (rank, part), cut in zip(held, cuts, strict=True)]
    return ready, [(rank, part) for rank, part in left if part.num_rows]


def _each_once(key: str, ready: list[tuple[int, pa.Table]]) -> pa.Table | None:
    parts = [part for _, part in sorted(ready, key=lambda pair: pair[0]) if part.num_rows]
    if not parts:
        return None
    if len(parts) == 1:
        table = parts[0]
    else:
        table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    ids = ids_of(key, table)
    if np.all(ids[1:] > ids[:-1]):
        return table
    # Stable, so of equal ids that of the least rank comes first.
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    is_first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    return table.take(pa.array(order[is_first]))


def _first(is_met: type_of_array) -> int:
    """Return the first place where a condition is met; the length if there is none."""
    at = int(np.argmax(is_met)) if len(is_met) else 0
    return at if len(is_met) and is_met[at] else len(is_met)
