"""Pure. Which bars count: what a store has to know to let superseded ones go.

A bar counts unless one of its series with a sequence that is no greater has a higher revision. So
per series and revision the first sequence is all there is to know, however bars come: twice, late,
or a later revision before an earlier one.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

type_of_series = tuple[str, str, str]
"""Source, symbol and profile."""

type_of_flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Begin(NamedTuple):
    """Where a revision of a series begins.

    Attributes:
        series: the series.
        revision: the revision; bars of lower ones from here on do not count.
        sequence: of its first bar.
        ts: the time of that bar's point (UTC ns).
    """

    series: type_of_series
    revision: int
    sequence: int
    ts: int


@dataclass(slots=True)
class Revisions:
    """Where the revisions of all series begin, as far as is known."""

    begins: dict[type_of_series, dict[int, Begin]] = field(default_factory=dict)

    def begun(self, source: str, table: pa.Table, times: Iterable[int]) -> list[Begin]:
        """Return the revisions that begin earlier than was known, given some bars.

        Args:
            source: whose bars they are.
            table: the bars.
            times: the time of each one's point.
        """
        revisions = np.asarray(table["revision"])
        found: dict[tuple[type_of_series, int], Begin] = {}
        stamps = np.asarray(times)
        rows = np.flatnonzero(revisions > 0)
        for row, bar in zip(rows.tolist(), table.take(pa.array(rows)).to_pylist(), strict=True):
            series = (source, bar["symbol"], bar["profile"])
            begin = Begin(series, bar["revision"], bar["sequence"], int(stamps[row]))
            known = found.get((series, begin.revision)) or self._known(begin)
            if known is None or begin.sequence < known.sequence:
                found[series, begin.revision] = begin
        return sorted(found.values())

    def _known(self, begin: Begin) -> Begin | None:
        return self.begins.get(begin.series, {}).get(begin.revision)

    def learn(self, begins: Iterable[Begin]) -> None:
        """Remember where revisions begin, but for those that a later one has replaced whole."""
        for begin in begins:
            of = self.begins.setdefault(begin.series, {})
            of[begin.revision] = begin
            self.begins[begin.series] = {
                b.revision: b
                for b in of.values()
                if not any(
                    o.revision > b.revision and o.sequence <= b.sequence for o in of.values()
                )
            }

    def to_bytes(self) -> bytes:
        """Return everything that is known, as JSON."""
        return msgspec.json.encode([b for of in self.begins.values() for b in of.values()])

    @staticmethod
    def from_bytes(content: bytes) -> "Revisions":
        """Return what `to_bytes` wrote; nothing is known if it makes no sense."""
        known = Revisions()
        # To know less means to give some bars to a store once more, no worse.
        with suppress(msgspec.DecodeError):
            known.learn(msgspec.json.decode(content, type=list[Begin]))
        return known

    def counting(self, source: str, table: pa.Table, new: Iterable[Begin]) -> type_of_flags:
        """Say which bars count, by what is known and what is new."""
        known = Revisions({series: dict(of) for series, of in self.begins.items()})
        known.learn(new)
        counts = np.ones(table.num_rows, np.bool_)
        if not known.begins:
            return counts
        symbols, profiles = (np.asarray(table[n].cast(pa.string())) for n in ("symbol", "profile"))
        sequences, revisions = (np.asarray(table[n]) for n in ("sequence", "revision"))
        for (of, symbol, profile), begins in known.begins.items():
            if of != source:
                continue
            here = (symbols == symbol) & (profiles == profile)
            for begin in begins.values():
                counts &= ~(here & (revisions < begin.revision) & (sequences >= begin.sequence))
        return counts
