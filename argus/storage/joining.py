"""Pure. Joining new rows into a sorted date file, piece by piece.

The file is read in pieces and given out in pieces; where no new row belongs, a piece passes as it
is. So memory holds the new rows and about one row group, whatever the size of the file and wherever
in the day the new rows lie.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from argus.columns import lake_schema
from argus.events import Event
from argus.storage.identity import first_key, is_streamable, places


@dataclass(frozen=True, slots=True)
class Span:
    """Row groups of a file that follow each other, and what to join into them; None keeps them."""

    groups: tuple[int, ...]
    new: "Joining | None"


class Joining:
    """Join new rows into a file's rows; of equal facts the file's stays, then the earlier new one.

    Args:
        event: the class of the facts.
        new: rows in the lake's schema, in any order.

    Attributes:
        repeats: rows left out because the same fact was there.
    """

    def __init__(self, event: type[Event], new: pa.Table) -> None:
        self.event = event
        self.repeats = 0
        self.new = self._each_once([new])

    def tables(self, existing: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Return the joined rows in order, given those of the file in order."""
        if not is_streamable(self.event):
            yield self._each_once([*existing, self.new])
            return
        keys = first_key(self.event, self.new)
        held = self.new.slice(0, 0)
        at = 0
        for piece, is_last in _with_last(existing):
            table = pa.concat_tables([held, piece]) if held.num_rows else piece
            found = first_key(self.event, table)
            # Rows with the key of the last one may go on in the next piece: they are held back,
            # so that everything with one key is joined at once.
            cut, until = len(found), len(keys)
            if not is_last and cut:
                cut = int(np.searchsorted(found, found[-1]))
                until = max(at, int(np.searchsorted(keys, found[-1])))
            yield self._joined(table.slice(0, cut), self.new.slice(at, until - at))
            held, at = table.slice(cut), until
        if at < len(keys):
            yield self.new.slice(at)

    def spans(self, ranges: Sequence[tuple[int, int] | None]) -> Iterator["Span"]:
        """Say what to keep of a file and where the new rows go, in order.

        Args:
            ranges: the least and greatest first key of each row group; None where not known.
        """
        if not is_streamable(self.event) or None in ranges:
            yield Span(tuple(range(len(ranges))), self)
            return
        keys = first_key(self.event, self.new)
        at, run = 0, list[int]()
        for index, (least, greatest) in enumerate(r for r in ranges if r is not None):
            before = int(np.searchsorted(keys, least))
            until = int(np.searchsorted(keys, greatest, side="right"))
            if until > before and run:
                run.append(index)
            elif until > before:
                run = [index]
            else:
                # No new row belongs into this row group.
                stop = max(at, before)
                yield from self._span(run, at, stop)
                yield Span((index,), None)
                at, run = stop, []
        yield from self._span(run, at, len(keys))

    def _span(self, run: list[int], start: int, stop: int) -> Iterator["Span"]:
        if run or stop > start:
            yield Span(tuple(run), Joining(self.event, self.new.slice(start, stop - start)))

    def _joined(self, old: pa.Table, new: pa.Table) -> pa.Table:
        return self._each_once([old, new]) if new.num_rows else old

    def _each_once(self, tables: list[pa.Table]) -> pa.Table:
        table = pa.concat_tables([t for t in tables if t.num_rows] or tables[:1])
        table = table.unify_dictionaries().combine_chunks()
        taken, repeats = places(self.event, table)
        self.repeats += repeats
        if repeats == 0 and np.all(taken[1:] > taken[:-1]):
            return table
        return table.take(pa.array(taken))


def absent(event: type[Event], existing: Iterable[pa.Table], new: pa.Table) -> pa.Table:
    """Return the new rows whose facts are not there yet, each once and in order.

    Args:
        event: the class of the facts.
        existing: rows that may hold the same facts; `key_columns` of them are enough.
        new: the rows to choose from.
    """
    names = key_columns(event)
    keys = [table.select(names) for table in existing]
    before = sum(table.num_rows for table in keys)
    joined = pa.concat_tables([*keys, new.select(names)]).unify_dictionaries()
    taken, _ = places(event, joined)
    return new.take(pa.array(taken[taken >= before] - before))


def key_columns(event: type[Event]) -> list[str]:
    """Return the columns that tell facts apart and put them in order."""
    return list(dict.fromkeys(["ts_event", "ts_recv", *event.order, *event.identity]))


def _with_last(tables: Iterable[pa.Table]) -> Iterator[tuple[pa.Table, bool]]:
    """Tell of each table whether it is the last one."""
    before = None
    for table in tables:
        if before is not None:
            yield before, False
        before = table
    if before is not None:
        yield before, True


def empty(event: type[Event]) -> pa.Table:
    """Return a table of the lake's columns without rows."""
    return lake_schema(event).empty_table()
