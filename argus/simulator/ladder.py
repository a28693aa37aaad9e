"""Pure. One side of an order book in whole ticks and lots, best price last."""

from bisect import bisect_left, insort
from collections.abc import Iterator


class Ladder:
    """One side of a book; its keys rise towards the better price.

    A key is the price in ticks for bids and minus the price for asks, so that both sides are the
    same thing and the best is the last of a sorted list.
    """

    __slots__ = ("changed", "keys", "lots", "sign")

    def __init__(self, sign: int) -> None:
        """Begin empty; `sign` is 1 for bids and -1 for asks."""
        assert sign in (1, -1)
        self.sign = sign
        self.keys: list[int] = []
        self.lots: dict[int, int] = {}
        self.changed: set[int] = set()

    def __len__(self) -> int:
        return len(self.keys)

    def put(self, key: int, lots: int) -> None:
        """Set the size at a price that may be new."""
        if key not in self.lots:
            if not self.keys or key > self.keys[-1]:
                self.keys.append(key)
            else:
                insort(self.keys, key)
        self.lots[key] = lots
        self.changed.add(key)

    def remove(self, key: int) -> None:
        """Remove a price that is there."""
        if self.keys[-1] == key:
            self.keys.pop()
        else:
            del self.keys[bisect_left(self.keys, key)]
        del self.lots[key]
        self.changed.add(key)

    def best_first(self, limit: int) -> Iterator[tuple[int, int]]:
        """Yield price in ticks and size in lots, the best first, at most `limit` of them."""
        for key in self.keys[: -limit - 1 : -1]:
            yield key * self.sign, self.lots[key]

    def take_changes(self) -> list[tuple[int, int]]:
        """Return what changed since the last call as price and size, 0 where a price is gone."""
        lots, sign = self.lots, self.sign
        changes = [(key * sign, lots.get(key, 0)) for key in sorted(self.changed, reverse=True)]
        self.changed.clear()
        return changes
