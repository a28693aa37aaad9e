"""Bars that were published, as a lake keeps them, and what a reader sees of them."""

from collections.abc import Iterable, Sequence

import numpy as np

from argus.bars import Bars, Profile, Series, Trades
from argus.bars.rows import ROW
from argus.daemon.bars.told import digests, type_of_rows

SECOND = 10**9
TS = 1_731_628_800 * SECOND


def trades_of(
    ids: Iterable[int], *, late: frozenset[int] = frozenset(), pause: int = 10**9
) -> Trades:
    """Trades by their ids: some four a second, a price that wanders; `late` ones are a second old.

    Before the one with the id `pause` nothing is traded for half a minute.

    The same id is always the same trade.
    """
    rows = []
    for number in ids:
        ts = TS + number * SECOND // 4 - (SECOND if number in late else 0)
        ts += 30 * SECOND if number >= pause else 0
        draw = (number * 2_654_435_761) % 1000
        rows.append((100 + draw % 7, 1 + draw % 5, 1 if draw % 3 else -1, ts, number))
    return Trades.of(rows)


class Shelf:
    """What was published of one symbol."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.profiles = tuple(profiles)
        self.rows = np.empty(0, ROW)

    def put(self, news: Iterable[Bars]) -> None:
        self.rows = np.concatenate([self.rows, *(bars.rows for bars in news)])

    def of(self, at: int) -> type_of_rows:
        return self.rows[self.rows["profile"] == at]

    def told(self) -> dict[str, list[type_of_rows]]:
        """Everything, as it is read from the disk."""
        return {profile.name: [self.of(at)] for at, profile in enumerate(self.profiles)}

    def counting(self, at: int) -> type_of_rows:
        """The bars of a profile that count: what the view `bars` shows."""
        rows = self.of(at)
        rows = rows[np.lexsort((rows["revision"], rows["sequence"]))]
        found, highest = [], -1
        for sequence in np.unique(rows["sequence"]):
            own = rows[rows["sequence"] == sequence]
            highest = max(highest, int(own["revision"].max()))
            found += [row for row in own if row["revision"] == highest]
        return np.array(found, ROW)

    def differing(self, trades: Trades, ts: int = 0) -> list[str]:
        """Say where what counts differs from what all trades give, with time bars up to `ts`."""
        series = Series(self.profiles)
        rows = np.concatenate([series.feed(trades).rows, series.pending(ts).rows])
        wrong = []
        for at, profile in enumerate(self.profiles):
            wanted, found = rows[rows["profile"] == at], self.counting(at)
            numbers = found["sequence"].tolist(), wanted["sequence"].tolist()
            if numbers[0] != numbers[1]:
                wrong.append(f"{profile.name}: sequences {numbers[0]}, expected {numbers[1]}")
            elif (digests(wanted) != digests(found)).any():
                places = np.flatnonzero(digests(wanted) != digests(found)).tolist()
                wrong.append(f"{profile.name}: other bars at {places} of {len(wanted)}")
        return wrong
