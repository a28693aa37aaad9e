"""Pure. Which bars may be given to a store before they are on the disk.

A recorder that is killed builds anew what it had not flushed, and knows nothing of what went ahead.
That has to come out as it was, or the store would keep what the lake does not have. So what a later
run may decide in another way waits for its chunk: bars of a revision of which no chunk has come
(that run may need no such revision, and the store would take all its bars for superseded ones), and
those from a gap on (it may be filled by then).
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

type_of_series = tuple[str, str, str]
"""Source, symbol and profile."""


class Place(NamedTuple):
    """A bar of a series; the later one is greater."""

    revision: int
    sequence: int


NOTHING = Place(0, 0)


class Ahead:
    """Tells bars that may go ahead from those that wait for their chunk."""

    def __init__(self) -> None:
        self._kept: dict[type_of_series, Place] = {}
        self._gaps: dict[type_of_series, Place] = {}

    def learn(self, source: str, table: pa.Table) -> None:
        """Note bars that came with a chunk, so that they are on the disk."""
        symbols, profiles = (np.asarray(table[n].cast(pa.string())) for n in ("symbol", "profile"))
        revisions, sequences = (np.asarray(table[n]) for n in ("revision", "sequence"))
        order = np.lexsort((sequences, revisions, profiles, symbols))
        symbols, profiles = symbols[order], profiles[order]
        is_last = np.ones(len(order), np.bool_)
        is_last[:-1] = (symbols[1:] != symbols[:-1]) | (profiles[1:] != profiles[:-1])
        for at in np.flatnonzero(is_last).tolist():
            series = (source, str(symbols[at]), str(profiles[at]))
            found = Place(int(revisions[order[at]]), int(sequences[order[at]]))
            kept = self._kept[series] = max(found, self._kept.get(series, NOTHING))
            if series in self._gaps and self._gaps[series] <= kept:
                del self._gaps[series]

    def may_go(self, source: str, table: pa.Table) -> pa.Table:
        """Return those bars that may go ahead.

        Args:
            source: whose bars they are.
            table: bars in the order in which they were published.
        """
        names = ("symbol", "profile", "revision", "sequence", "gap")
        goes = []
        for symbol, profile, *at, gap in zip(*(table[n].to_pylist() for n in names), strict=True):
            series, place = (source, symbol, profile), Place(*at)
            kept = self._kept.get(series, NOTHING)
            if gap and place > kept:
                self._gaps[series] = max(place, self._gaps.get(series, NOTHING))
            goes.append(series not in self._gaps and place.revision <= kept.revision)
        return table.filter(pa.array(goes, pa.bool_()))
