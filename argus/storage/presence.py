"""Shell. What of a path is there already, merged or not, as far as somebody wants to know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.events import EVENTS
from argus.storage.holding import held
from argus.storage.identity import key
from argus.storage.partition import DAY_NS, LAKE, date_of, escaped, lake_times, type_of_array
from argus.storage.reading import Selection, facts

ATTEMPTS_MAX = 5
"""How often a lake without links is read because something was merged meanwhile."""

type_of_span = tuple[int, int]
"""First and last key, both included."""

type_of_seen = tuple[type_of_array, type_of_array]
"""Keys of facts, each once and rising, and when they were (UTC ns)."""

type_of_wanted = Mapping[str, Mapping[str, Sequence[type_of_span]]]
"""Symbol, then interval (`""` where there are none), to the spans of keys that are wanted."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look.

    Attributes:
        source: the source.
        data_type: the data type.
        key: the field whose values are wanted.
        ts_from: the facts are not older (UTC ns); None where that is not known.
        ts_until: nor younger.
    """

    source: str
    data_type: str
    key: str
    ts_from: int | None = None
    ts_until: int | None = None

    def selection(self, symbol: str | None) -> Selection:
        """Return the days to look at: one more at each end, for what is filed by other instants."""
        first = None if self.ts_from is None else date_of(self.ts_from // DAY_NS - 1)
        last = None if self.ts_until is None else date_of(self.ts_until // DAY_NS + 1)
        return Selection(self.source, symbol, first, last)


def look(data: Path, place: Place, wanted: type_of_wanted) -> dict[str, dict[str, type_of_seen]]:
    """Return what is there of each symbol and interval, in the spans of keys that are wanted.

    Of candles only closed ones are looked at. Many symbols at once cost little more than one: what
    is not merged yet lies in chunks that hold all of them.

    Raises:
        TornFile: a file cannot be read.
        ForeignFile: it can, but is not ours.
    """
    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return _look(data, place, wanted)
        except FileNotFoundError:
            continue  # Merged while it was read, where nothing can be linked.
    return _look(data, place, wanted)


def symbols_of(data: Path, source: str, data_type: str) -> list[str]:
    """Return the symbols of which there are facts, merged or not, in order."""
    # What waits first: a merge writes the date file before the chunk goes.
    with held(data, "backfill") as holding:
        found = {wait.partition.symbol for wait in holding.waiting(data_type, source)}
    folder = data / LAKE / f"source={escaped(source)}" / f"data_type={data_type}"
    found |= {unquote(path.name.partition("=")[2]) for path in folder.glob("symbol=*")}
    return sorted(found)


def _look(data: Path, place: Place, wanted: type_of_wanted) -> dict[str, dict[str, type_of_seen]]:
    event = EVENTS[place.data_type]
    extra = [n for n in ("interval", "closed") if n in event.__struct_fields__]
    found: dict[tuple[str, str], list[type_of_seen]] = {
        (symbol, interval): [] for symbol, spans in wanted.items() for interval in spans
    }
    selection = place.selection(next(iter(wanted)) if len(wanted) == 1 else None)
    with held(data, "backfill") as holding:
        for partition, tables in facts(holding, place.data_type, selection, [place.key, *extra]):
            # The rows of a symbol that nobody wants are not read.
            for table in tables if partition.symbol in wanted else ():
                for interval, spans in wanted[partition.symbol].items():
                    part = _of_interval(table, interval)
                    keys = key(event, place.key, part)
                    is_wanted = _is_within(spans, keys)
                    seen = keys[is_wanted], lake_times(part)[is_wanted]
                    found[partition.symbol, interval].append(seen)
    return {
        symbol: {interval: _each_once(found[symbol, interval]) for interval in spans}
        for symbol, spans in wanted.items()
    }


def _of_interval(table: pa.Table, interval: str) -> pa.Table:
    if "interval" not in table.column_names:
        return table
    names = table["interval"].cast(pa.string())
    return table.filter(pc.and_(pc.equal(names, interval), table["closed"]))


def _is_within(spans: Sequence[type_of_span], keys: type_of_array) -> type_of_array:
    """Return for each key whether a span has it; the spans may overlap."""
    begins = np.sort(np.array([first for first, _ in spans], np.int64))
    ends = np.sort(np.array([last for _, last in spans], np.int64))
    # More spans have begun at the key than have ended before it.
    begun = np.searchsorted(begins, keys, side="right")
    return np.asarray(begun > np.searchsorted(ends, keys))


def _each_once(seen: list[type_of_seen]) -> type_of_seen:
    none = np.zeros(0, np.int64)
    rising, at = np.unique(np.concatenate([none, *(k for k, _ in seen)]), return_index=True)
    return rising, np.concatenate([none, *(times for _, times in seen)])[at]
