"""Pure. What was published already of a profile's bars, and which of its bars are news.

Whatever makes bars come out a second time (a restart, a hand-over, a gap that was filled, a trade
that came late) is settled here alone. A bar that was told as it is now is not told again. From the
first one on that differs, this bar and all later ones have a revision above all that were told: so
a reader who takes for each bar the highest revision of it and of those before it has exactly the
bars that a fresh build gives (the view `bars`; see docs/decisions/0016).

Of what was told only a digest is kept, 24 bytes a bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from argus.bars.rows import ROW
from argus.bars.state import NONE

type_of_rows = npt.NDArray[np.void]
type_of_integers = npt.NDArray[np.int64]

# When a trade was received depends on who received it, and on which copy of it was kept.
_LEFT_OUT = ("profile", "revision", "ts_recv")
_NAMES = tuple(name for name in ROW.names or () if name not in _LEFT_OUT)
_NUMBERS = tuple(name for name in _NAMES if ROW[name].kind == "f")
_NAN = np.float64(np.nan).view(np.uint64)

# Odd, so that bars which differ in one field never have the same digest.
_WEIGHTS = np.array(
    [(0x9E3779B97F4A7C15 * (2 * number + 1)) % 2**64 | 1 for number in range(len(_NAMES))],
    np.uint64,
)


def digests(rows: type_of_rows) -> npt.NDArray[np.uint64]:
    """Return a number for each bar that is equal for equal bars, whoever received the trades."""
    words = np.empty((len(rows), len(_NAMES)), np.uint64)
    for at, name in enumerate(_NAMES):
        column = np.ascontiguousarray(rows[name])
        words[:, at] = column.view(np.uint64)
        if name in _NUMBERS:
            words[np.isnan(column), at] = _NAN
    words ^= words >> np.uint64(31)
    mixed: npt.NDArray[np.uint64] = (words * _WEIGHTS).sum(axis=1, dtype=np.uint64)
    return mixed


def rows_of(table: pa.Table) -> type_of_rows:
    """Return bars of the lake as rows; `profile` is 0 in all of them."""
    rows = np.zeros(table.num_rows, ROW)
    for name in (*_NAMES, "revision", "ts_recv"):
        column = table.column(name).combine_chunks()
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        elif pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        if column.null_count:
            column = column.fill_null(np.nan if ROW[name].kind == "f" else NONE)
        rows[name] = column.to_numpy(zero_copy_only=False)
    return rows


class Told:
    """Bars of one profile that were published, from some sequence on.

    Attributes:
        revision: that of the bars that come next.
    """

    __slots__ = ("_digests", "_revisions", "_sequences", "revision")

    def __init__(self, revision: int = 0) -> None:
        self.revision = revision
        self.forget()

    def forget(self) -> None:
        """Know of no bars: none that comes can be the same, or those that could do not count."""
        self._sequences: type_of_integers = np.empty(0, np.int64)
        self._revisions: type_of_integers = np.empty(0, np.int64)
        self._digests: npt.NDArray[np.uint64] = np.empty(0, np.uint64)

    def __len__(self) -> int:
        return len(self._sequences)

    @property
    def highest(self) -> int:
        """Return the highest revision that was told or is in force."""
        return int(max(self.revision, self._revisions.max(initial=0)))

    def add(self, rows: Sequence[type_of_rows]) -> None:
        """Note bars that were published, in any order; of each the highest revision counts."""
        every = np.concatenate([np.empty(0, ROW), *rows])
        sequences = np.concatenate([self._sequences, every["sequence"]])
        revisions = np.concatenate([self._revisions, every["revision"]])
        marks = np.concatenate([self._digests, digests(every)])
        order = np.lexsort((-revisions, sequences))
        sequences = sequences[order]
        is_first = np.concatenate([[True], sequences[1:] != sequences[:-1]])[: len(order)]
        order = order[is_first]
        self._sequences, self._revisions = sequences[is_first], revisions[order]
        self._digests = marks[order]

    def learn(self, rows: Sequence[type_of_rows], sequence: int) -> None:
        """Note bars that an earlier state has published, this one stands at a bar of.

        Args:
            rows: those bars, in any order, that of this sequence included.
            sequence: the last bar that is closed; its revision, or a higher one of an earlier bar,
                is in force.
        """
        self.add(rows)
        is_closed = self._sequences <= sequence
        self.revision = int(max(self.revision, self._revisions[is_closed].max(initial=0)))
        self.drop(sequence)

    def drop(self, sequence: int) -> None:
        """Forget bars up to a sequence: they will not come again."""
        at = int(np.searchsorted(self._sequences, sequence, side="right"))
        if at:
            self._sequences, self._revisions = self._sequences[at:], self._revisions[at:]
            self._digests = self._digests[at:]

    def news(self, rows: type_of_rows) -> type_of_rows:
        """Return those bars that are to be published, with their revisions.

        Args:
            rows: bars of the profile, in their order. Their revision is set.
        """
        rows["revision"] = self.revision
        if not len(self):
            return rows
        known, revisions, is_equal = self._compared(rows)
        is_news = np.ones(len(rows), bool)
        at = 0
        while at < len(rows):
            counts = known & (revisions >= self.revision)
            if not counts[at]:
                at = _next(counts, at)
            elif is_equal[at]:
                self.revision = int(revisions[at])
                # The usual case, all at once: what follows was told just so as well.
                stop = _next(~(counts & is_equal & (revisions == self.revision)), at)
                is_news[at:stop] = False
                at = stop
            else:
                self.raise_revision()
                known[:] = False
            rows["revision"][at:] = self.revision
        return rows[is_news]

    def _compared(
        self, rows: type_of_rows
    ) -> tuple[npt.NDArray[np.bool_], type_of_integers, npt.NDArray[np.bool_]]:
        """Return of each bar whether it was told, with which revision, and whether as it is now."""
        at = np.searchsorted(self._sequences, rows["sequence"])
        place = np.minimum(at, len(self) - 1)
        known = self._sequences[place] == rows["sequence"]
        return known, self._revisions[place], self._digests[place] == digests(rows)

    def is_stale(self, sequence: int, shown: type_of_rows) -> bool:
        """Return whether bars that count were told and do not stand any more.

        Args:
            sequence: the last bar there is; what was told of later ones is judged.
            shown: bars after it that stand although they may change yet.
        """
        self.drop(sequence)
        is_counting = self._revisions >= self.revision
        if not is_counting.any():
            return False
        told = self._sequences[is_counting]
        known, _, is_equal = self._compared(shown)
        standing = shown["sequence"][known & is_equal]
        return not np.isin(told, standing).all()

    def raise_revision(self) -> None:
        """Let what comes next count instead of everything that was told."""
        self.revision = self.highest + 1
        self.forget()


def _next(is_met: npt.NDArray[np.bool_], at: int) -> int:
    """Return the first place from one on where a condition is met; the length if there is none."""
    found = np.flatnonzero(is_met[at:])
    return at + int(found[0]) if len(found) else len(is_met)


def by_profile(table: pa.Table, names: Sequence[str]) -> dict[str, Any]:
    """Return the rows of a table of bars, by the profiles that are wanted."""
    profiles = table.column("profile").combine_chunks()
    if pa.types.is_dictionary(profiles.type):
        profiles = profiles.cast(pa.string())
    words = profiles.to_numpy(zero_copy_only=False)
    rows = rows_of(table)
    return {name: rows[words == name] for name in names if (words == name).any()}
