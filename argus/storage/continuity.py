"""Pure. What the rows of a path prove about themselves: order, repeats, holes.

Rows come in pieces, in the order of the file, over any number of days; only the last row and the
rows that share its key are remembered between pieces.

A chain is what has no hole: trades and aggregates rise by one. A book delta continues the one
before it if it names it (`previous_update_id`), else if its ids begin right after it. Closed
candles follow each other in time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from argus.events import Event
from argus.storage.candles import Candles
from argus.storage.holes import Hole
from argus.storage.identity import first_key, is_streamable, key, places
from argus.storage.joining import key_columns
from argus.storage.partition import lake_times

HOLES_MAX = 10_000
"""Holes described per path and day; more are only counted."""

IDS = {
    "trade": "trade_id",
    "agg_trade": "agg_trade_id",
    "bbo": "update_id",
    "book_delta": "last_update_id",
    "book_snapshot": "last_update_id",
}
"""Data type -> the venue's id, where it has one."""

CHAINS = ("trade", "agg_trade")
"""Data types whose id rises by one."""

type_of_array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class Tally:
    """What was counted since it was last taken: one path and day."""

    rows: int = 0
    previous_id: int | None = None
    first_id: int | None = None
    last_id: int | None = None
    repeats: int = 0
    disorder: int = 0
    holes: list[Hole] = field(default_factory=list)
    holes_left_out: int = 0

    def add_hole(self, hole: Hole) -> None:
        """Keep a hole, or count it when there are too many."""
        if len(self.holes) < HOLES_MAX:
            self.holes.append(hole)
        else:
            self.holes_left_out += 1


class Continuity:
    """Follow one path.

    Args:
        data_type: its data type.
        event: the class of its facts.
    """

    def __init__(self, data_type: str, event: type[Event]) -> None:
        self._data_type = data_type
        self._event = event
        self._last: pa.Table | None = None
        self._last_id: int | None = None
        self._tied: pa.Table | None = None
        self._candles = Candles()
        self._tally = Tally()

    def take(self) -> Tally:
        """Return what was counted and begin a new count; the chain goes on."""
        taken, self._tally = self._tally, Tally(previous_id=self._last_id)
        if self._data_type == "kline":
            # The long candles of a new day began before the short ones that ended the old one.
            self._last = None
        return taken

    def follow(self, table: pa.Table) -> None:
        """Look at the next rows."""
        if not table.num_rows:
            return
        self._tally.rows += table.num_rows
        self._count_repeats(table)
        self._count_disorder(table)
        name = IDS.get(self._data_type)
        if name is not None:
            ids = key(self._event, name, table)
            if self._tally.first_id is None:
                self._tally.first_id = int(ids[0])
            self._tally.last_id = self._last_id = int(ids[-1])
        for hole in self._holes(table):
            self._tally.add_hole(hole)
        self._last = table.slice(table.num_rows - 1)

    def _count_repeats(self, table: pa.Table) -> None:
        few = table.select(key_columns(self._event))
        joined = few if self._tied is None else pa.concat_tables([self._tied, few])
        joined = joined.unify_dictionaries()
        taken, repeats = places(self._event, joined)
        self._tally.repeats += repeats
        kept = joined.take(pa.array(taken))
        if is_streamable(self._event):
            # Equal facts have equal first keys: only those of the last one may come again.
            keys = first_key(self._event, kept)
            kept = kept.slice(int(np.searchsorted(keys, keys[-1])))
        self._tied = kept

    def _with_last(self, table: pa.Table) -> pa.Table:
        if self._last is None:
            return table
        return pa.concat_tables([self._last, table]).unify_dictionaries()

    def _count_disorder(self, table: pa.Table) -> None:
        joined = self._with_last(table)
        is_tie = np.ones(joined.num_rows - 1, np.bool_)
        is_back = np.zeros(joined.num_rows - 1, np.bool_)
        for name in self._event.order:
            values = key(self._event, name, joined)
            is_back |= is_tie & (values[1:] < values[:-1])
            is_tie &= values[1:] == values[:-1]
        self._tally.disorder += int(is_back.sum())

    def _holes(self, table: pa.Table) -> Iterator[Hole]:
        joined = self._with_last(table)
        if self._data_type in CHAINS:
            ids = key(self._event, IDS[self._data_type], joined)
            yield from _described(joined, ids[:-1] + 1, ids[1:] - 1, is_counted=True)
        elif self._data_type == "book_delta":
            yield from self._delta_holes(joined)
        elif self._data_type == "kline":
            yield from self._candles.holes(table)

    def _delta_holes(self, joined: pa.Table) -> Iterator[Hole]:
        first, last, previous = (
            key(self._event, name, joined)
            for name in ("first_update_id", "last_update_id", "previous_update_id")
        )
        names_it = np.asarray(joined["previous_update_id"].combine_chunks().is_valid())[1:]
        until = np.where(names_it, previous[1:], first[1:] - 1)
        yield from _described(joined, last[:-1] + 1, until, is_counted=False)


def _described(
    joined: pa.Table, first: type_of_array, last: type_of_array, *, is_counted: bool
) -> Iterator[Hole]:
    """Describe the stretches from `first` to `last` that are not empty."""
    times = lake_times(joined)
    for index in np.flatnonzero(last >= first).tolist():
        begin, end = int(first[index]), int(last[index])
        missing = end - begin + 1 if is_counted else None
        yield Hole(begin, end, missing, int(times[index]), int(times[index + 1]))
