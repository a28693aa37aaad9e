"""Pure. The order book of one symbol: two ladders, the update id, and the diff in the making.

What must hold: a diff carries everything that changed since the one before, so that a snapshot
plus diffs is the book at the last id of a diff; and whatever changes the best price or its size
has an id of its own, under which the caller announces it as a bookTicker.
"""

from typing import NamedTuple

from argus.simulator.draws import Draws
from argus.simulator.ladder import Ladder

# Where new levels appear, in ticks behind the best, as a multiple of the wanted number of levels.
_SPREAD_OUT = 3
# Levels without which nothing is taken away from a side any more.
LEVELS_MIN = 10
_LOTS_MAX = 4000


class Diff(NamedTuple):
    """What changed between two instants; levels are price in ticks and size in lots, 0 for gone."""

    first_id: int
    last_id: int
    previous_id: int
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]


class Book:
    """One order book.

    `step_max` is the largest distance of two update ids: 1 on spot, where the ids of diffs join
    without a hole; more on USD-M, whose ids are shared by all symbols.
    """

    __slots__ = (
        "_draws",
        "_flushed_id",
        "_levels",
        "_pending_id",
        "_step_max",
        "asks",
        "bids",
        "update_id",
    )

    def __init__(
        self, draws: Draws, *, start_ticks: int, levels: int, first_id: int, step_max: int
    ) -> None:
        """Fill both sides with `levels` random levels around `start_ticks`."""
        assert levels > LEVELS_MIN
        # The lowest bid must stay a price however far the market moves in a long run.
        assert start_ticks > 2 * levels * _SPREAD_OUT
        self._draws, self._levels, self._step_max = draws, levels, step_max
        self.update_id = self._flushed_id = first_id
        self._pending_id = 0
        self.bids, self.asks = Ladder(1), Ladder(-1)
        for ladder, best in ((self.bids, start_ticks), (self.asks, -start_ticks - 1)):
            ladder.put(best, self.random_lots())
            while len(ladder) < levels:
                self._grow(ladder)
            ladder.changed.clear()

    def random_lots(self) -> int:
        """Return a size, small ones being more frequent."""
        return 1 + int(_LOTS_MAX * self._draws.uniform() * self._draws.uniform())

    def next_id(self) -> int:
        """Begin a change of the book and return its update id."""
        step = 1 if self._step_max == 1 else 1 + self._draws.below(self._step_max)
        self.update_id += step
        if not self._pending_id:
            self._pending_id = self.update_id
        return self.update_id

    def skip_ids(self, count: int) -> None:
        """Break the chain of the diffs, as if the venue had lost some."""
        self.update_id += count
        if self._step_max > 1:
            self._flushed_id += count
        elif self._pending_id:
            self._pending_id += count

    def stir(self, changes: int) -> None:
        """Change that many levels behind the best ones."""
        uniform = self._draws.uniform
        for _ in range(changes):
            ladder = self.bids if uniform() < 0.5 else self.asks  # noqa: PLR2004 - a fair coin
            self.next_id()
            if len(ladder) < self._levels or uniform() < 0.6:  # noqa: PLR2004 - mostly new sizes
                self._grow(ladder)
            else:
                # Mostly far from the best, as there the walk of the price leaves levels behind.
                place = int((len(ladder) - 1) * uniform() * uniform())
                ladder.remove(ladder.keys[place])

    def take_diff(self) -> Diff | None:
        """Return what changed since the last call, `None` for nothing."""
        if not self._pending_id:
            return None
        diff = Diff(
            first_id=self._pending_id,
            last_id=self.update_id,
            previous_id=self._flushed_id,
            bids=self.bids.take_changes(),
            asks=self.asks.take_changes(),
        )
        self._pending_id = 0
        self._flushed_id = self.update_id
        return diff

    def _grow(self, ladder: Ladder) -> None:
        behind = 1 + self._draws.below(self._levels * _SPREAD_OUT)
        ladder.put(ladder.keys[-1] - behind, self.random_lots())
