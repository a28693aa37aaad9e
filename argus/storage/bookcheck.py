"""Shell. Holding rebuilt books against the recorded best bids and asks, symbol by symbol."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from argus.errors import ForeignFile, TornFile
from argus.storage.holding import Holding
from argus.storage.partition import Partition, date_of, day_of
from argus.storage.reading import Selection, facts, type_of_facts
from argus.storage.rebuild import Delta, Difference, Rebuild, Snapshot, Top

TOP = ("bid_price", "bid_size", "ask_price", "ask_size")


@dataclass(frozen=True, slots=True)
class BookDay:
    """How the rebuilt book of one symbol and day agrees with its bbo.

    `compared` is the number of moments that are comparable; at `different` of them the book is not
    what the bbo says.
    """

    partition: Partition
    deltas: int
    compared: int
    different: int
    differences: tuple[Difference, ...]

    @property
    def is_well(self) -> bool:
        """Say whether they agree wherever they can be compared."""
        return not self.different


class _Paths:
    """The facts of one data type, path after path; those asked for come in the same order."""

    def __init__(self, found: Iterator[type_of_facts]) -> None:
        self._found = found
        self._ahead = next(found, None)

    def days(self, path: tuple[str, str]) -> Iterator[type_of_facts]:
        """Return the days of a path, passing over the paths before it."""
        while self._ahead is not None and _path(self._ahead[0]) < path:
            self._ahead = next(self._found, None)
        while self._ahead is not None and _path(self._ahead[0]) == path:
            yield self._ahead
            self._ahead = next(self._found, None)

    def path(self) -> tuple[str, str] | None:
        """Return the next path."""
        return None if self._ahead is None else _path(self._ahead[0])


def _path(partition: Partition) -> tuple[str, str]:
    return partition.source, partition.symbol


def _readable(days: Iterator[type_of_facts]) -> Iterator[pa.Table]:
    for _, tables in days:
        try:
            yield from tables
        except (TornFile, ForeignFile):
            continue  # The audit of that day says so.


def check_books(holding: Holding, selection: Selection) -> Iterator[BookDay]:
    """Rebuild each selected book that has a snapshot, and hold it against its bbo.

    A book goes on over midnight, so it is begun on the day before the first one selected; a hole
    in its deltas ends it until the next snapshot. What is compared counts for the day of the delta;
    snapshot and bbo may be filed under the next one, since venues give no time for them.
    """
    levels = ["bids", "asks"]
    names = ["first_update_id", "previous_update_id", *levels]
    earlier = replace(selection, first=selection.first and date_of(day_of(selection.first) - 1))
    deltas = _Paths(facts(holding, "book_delta", earlier, names))
    longer = replace(earlier, last=selection.last and date_of(day_of(selection.last) + 1))
    shots = _Paths(facts(holding, "book_snapshot", longer, levels))
    tops = _Paths(facts(holding, "bbo", longer, TOP))
    while (path := deltas.path()) is not None:
        rebuild = Rebuild(_snapshots(_readable(shots.days(path))))
        tops_of = _Tops(_readable(tops.days(path)))
        for partition, tables in deltas.days(path):
            count = 0
            for delta in _deltas(_readable(iter([(partition, tables)]))):
                count += 1
                stands_at = rebuild.apply(delta)
                top = None if stands_at is None else tops_of.at(stands_at)
                if top is not None:
                    rebuild.compare(top)
            tally = rebuild.take()
            if tally.compared and selection.has(partition):
                differences = tuple(tally.differences)
                yield BookDay(partition, count, tally.compared, tally.different, differences)


class _Tops:
    """Best bids and asks by their ids, asked for in rising order."""

    def __init__(self, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._ids = np.empty(0, np.int64)
        self._values: list[list[float]] = []

    def at(self, update_id: int) -> Top | None:
        """Return the bbo of exactly this id."""
        while not len(self._ids) or self._ids[-1] < update_id:
            table = next(self._tables, None)
            if table is None:
                return None
            self._ids = np.asarray(table["update_id"].combine_chunks())
            self._values = [np.asarray(table[name].combine_chunks()).tolist() for name in TOP]
        place = int(np.searchsorted(self._ids, update_id))
        if self._ids[place] != update_id:
            return None
        bid, bid_size, ask, ask_size = (values[place] for values in self._values)
        return Top((bid, bid_size) if bid_size else None, (ask, ask_size) if ask_size else None)


def _sides(table: pa.Table, name: str) -> Iterator[list[tuple[float, float]]]:
    """Return the levels of each row, converted all at once."""
    column = table[name].combine_chunks()
    levels = column.flatten()
    prices = levels.field("price").to_pylist()
    sizes = levels.field("size").to_pylist()
    counts = column.value_lengths().fill_null(0).to_pylist()
    bounds = np.cumsum([0, *counts]).tolist()
    for start, stop in pairwise(bounds):
        yield list(zip(prices[start:stop], sizes[start:stop], strict=True))


def _deltas(tables: Iterator[pa.Table]) -> Iterator[Delta]:
    names = ("first_update_id", "last_update_id", "previous_update_id")
    for whole in tables:
        # A few rows at a time: levels as Python numbers take ten times their room in the table.
        for start in range(0, whole.num_rows, 4096):
            table = whole.slice(start, 4096)
            ids = (table[name].to_pylist() for name in names)
            for first, last, previous, bids, asks in zip(
                *ids, _sides(table, "bids"), _sides(table, "asks"), strict=True
            ):
                yield Delta(first, last, previous, bids, asks)


def _snapshots(tables: Iterator[pa.Table]) -> Iterator[Snapshot]:
    for table in tables:
        for index in range(table.num_rows):
            row = table.slice(index, 1)
            last = row["last_update_id"][0].as_py()
            yield Snapshot(last, next(_sides(row, "bids")), next(_sides(row, "asks")))
