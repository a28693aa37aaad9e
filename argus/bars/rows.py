"""Pure. Bars as they come out of the kernel: rows of numbers, events, or a table for the lake."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from argus.bars.profiles import Profile
from argus.bars.state import NONE
from argus.columns import ARROW, Column, Kind, columns, lake_schema
from argus.events import Bar
from argus.terms import Origin

_TYPES = {Kind.TIME: np.int64, Kind.INTEGER: np.int64, Kind.NUMBER: np.float64, Kind.FLAG: np.int64}
_NUMERIC: tuple[Column, ...] = tuple(c for c in columns(Bar) if c.kind in _TYPES)

ROW = np.dtype((np.record, [("profile", np.int64)] + [(c.name, _TYPES[c.kind]) for c in _NUMERIC]))
"""One bar: `profile` is its place in the series' profiles; the rest as `argus.events.Bar`, with
NaN and `state.NONE` for what is not there, and flags as 0 and 1."""


@dataclass(frozen=True, slots=True)
class Bars(Sequence[Bar]):
    """Bars of one symbol: those of a profile in their order, profile after profile.

    Args:
        profiles: what `rows["profile"]` counts through.
        rows: array of `ROW`, one bar each.
    """

    profiles: tuple[Profile, ...]
    rows: npt.NDArray[np.void]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 an event for a number, bars for a slice
        if isinstance(at, slice):
            return Bars(self.profiles, self.rows[at])
        place = range(len(self.rows))[at]
        return next(iter(Bars(self.profiles, self.rows[place : place + 1])))

    def __iter__(self) -> Iterator[Bar]:
        nullable = [c.name for c in _NUMERIC if c.nullable]
        flags = [c.name for c in _NUMERIC if c.kind is Kind.FLAG]
        names = [c.name for c in _NUMERIC]
        for number, *values in self.rows.tolist():
            fields = dict(zip(names, values, strict=True))
            for name in nullable:
                if fields[name] == NONE or isnan(fields[name]):
                    fields[name] = None
            for name in flags:
                fields[name] = bool(fields[name])
            profile = self.profiles[number]
            yield Bar(origin=Origin.LIVE, profile=profile.name, rule=profile.rule.value, **fields)

    def table(self) -> pa.Table:
        """Return the bars as a table with the lake's columns of `bar`, in the same order."""
        schema = lake_schema(Bar)
        words = {
            "origin": [Origin.LIVE.value] * len(self.profiles),
            "profile": [profile.name for profile in self.profiles],
            "rule": [profile.rule.value for profile in self.profiles],
        }
        at = pa.array(self.rows["profile"].astype(np.int32))
        arrays = []
        for column in columns(Bar):
            if column.name in words:
                known = pa.array(words[column.name], pa.string())
                array = pa.DictionaryArray.from_arrays(at, known)
            else:
                array = _array(column, np.ascontiguousarray(self.rows[column.name]))
            arrays.append(array)
        return pa.Table.from_arrays(arrays, schema=schema)


def _array(column: Column, values: npt.NDArray[Any]) -> pa.Array:
    if column.kind is Kind.FLAG:
        return pa.array(values != 0)
    missing = None
    if column.nullable:
        missing = np.isnan(values) if column.kind is Kind.NUMBER else values == NONE
    return pa.array(values, mask=missing).cast(ARROW[column.kind])
