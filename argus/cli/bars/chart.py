"""Pure. What a chart of bars shows, apart from how it is drawn: columns, panel, marks, words."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

type_of_array = np.ndarray[Any, np.dtype[Any]]

TIME_RULE = "time"

_MINUTE_NS = 60_000_000_000
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True)
class Chart:
    """The bars of one series, in their order.

    Attributes:
        source: the source.
        symbol: the symbol.
        profile: the profile's name.
        bars: a table with the columns of a bar; at least one row.
        note: where the bars come from, if not from the lake.
    """

    source: str
    symbol: str
    profile: str
    bars: pa.Table
    note: str = ""
    _columns: dict[str, type_of_array] = field(default_factory=dict, compare=False)

    def __getitem__(self, name: str) -> type_of_array:
        """Return a column: instants as UTC ns, numbers with NaN for null, texts as objects."""
        if name not in self._columns:
            self._columns[name] = _values(self.bars[name].combine_chunks())
        return self._columns[name]

    def __len__(self) -> int:
        return int(self.bars.num_rows)

    @cached_property
    def rule(self) -> str:
        """Return the rule of the bars."""
        return str(self["rule"][-1])

    @cached_property
    def is_up(self) -> type_of_array:
        """Return for each bar whether it closed no lower than it opened."""
        return np.asarray(self["close"] >= self["open"])

    @cached_property
    def is_of_time(self) -> bool:
        """Return whether the bars are as long as each other, so that an axis of time suits them."""
        return self.rule == TIME_RULE

    @cached_property
    def panel(self) -> str:
        """Return what the panel below shows: `vpin`, `theta`, or nothing."""
        for name in ("vpin", "theta"):
            if np.isfinite(self[name]).any():
                return name
        return ""

    @cached_property
    def title(self) -> str:
        """Return what it is."""
        words = self.rule.replace("_", " ")
        named = self.profile if words in {self.profile, TIME_RULE} else f"{self.profile} ({words})"
        return f"{self.symbol} · {named} · {self.source}"

    @cached_property
    def subtitle(self) -> str:
        """Return of when, how many bars, and what is remarkable about them."""
        first, last = instant_text(self["ts_open"][0]), instant_text(self["ts_last"][-1])
        last = last[11:] if last[:10] == first[:10] else last
        words = [f"{first} to {last} UTC", _counted(len(self), "bar")]
        for name, text in (("gap", "with a gap"), ("clamped", "clamped")):
            count = int(self[name].sum())
            words += [f"{count:,} {text}"] if count else []
        revised = int((self["revision"] > 0).sum())
        words += [f"{revised:,} revised"] if revised else []
        return ", ".join([*words, *([self.note] if self.note else [])])

    @cached_property
    def places(self) -> type_of_array:
        """Return where bars stand beside each other, in bars: those of time with room for silence.

        Long silence takes no more room than the bars do.
        """
        numbers = np.arange(len(self), dtype=np.float64)
        if not self.is_of_time or len(self) < 2:  # noqa: PLR2004 - one bar has no distance
            return numbers
        since = self["ts_open"] - self["ts_open"][0]
        places = since / max(int(np.diff(since).min()), 1)
        return np.asarray(places) if places[-1] <= 2 * len(self) else numbers

    def is_worth_marking(self, told: type_of_array) -> bool:
        """Return whether marking some bars tells something: not none of them, and not most."""
        return bool(0 < told.sum() <= len(self) / 2)

    def last(self, count: int) -> "Chart":
        """Return the last bars only."""
        rows = self.bars.slice(max(0, len(self) - count))
        return Chart(self.source, self.symbol, self.profile, rows, self.note)

    def stamps(self) -> list[str]:
        """Return the beginnings of the bars as short texts, all with the same parts."""
        return stamps(self["ts_open"])


def stamps(ts: type_of_array) -> list[str]:
    """Return instants (UTC ns) as short texts that tell them apart to the second.

    The day is named if there are several, the seconds if some are not 0.
    """
    has_days = len(np.unique(ts // (1440 * _MINUTE_NS))) > 1
    has_seconds = bool((ts // _SECOND_NS % 60).any())
    begin, end = (5 if has_days else 11), (19 if has_seconds else 16)
    return [instant_text(at)[begin:end] for at in ts]


def instant_text(ts: int | np.int64) -> str:
    """Return an instant as `2026-11-20 14:30:05`."""
    return str(np.datetime64(int(ts), "ns").astype("datetime64[s]")).replace("T", " ")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _values(column: pa.Array) -> type_of_array:
    if pa.types.is_timestamp(column.type):
        return np.asarray(column.cast(pa.int64()))
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        return np.array(column.to_pylist(), object)
    if pa.types.is_floating(column.type):
        return np.asarray(column.fill_null(np.nan))
    if pa.types.is_boolean(column.type):
        return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.bool_)
    return np.asarray(column.fill_null(-1))
