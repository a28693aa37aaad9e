"""Pure. How the tests read what the simulator says: JSON values, books, chains."""

import json
from bisect import bisect_right
from decimal import Decimal
from typing import Any

from argus.simulator.streams import Fact


def payloads(facts: list[Fact], kind: str, symbol: str) -> list[dict[str, Any]]:
    return [json.loads(f[3]) for f in facts if f[0].kind == kind and f[0].symbol == symbol]


class ClientBook:
    """A book as a client keeps it: a snapshot and diffs, prices and sizes as text."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.last_id: int = snapshot["lastUpdateId"]
        self.bids = dict(map(tuple, snapshot["bids"]))
        self.asks = dict(map(tuple, snapshot["asks"]))

    def apply(self, diff: dict[str, Any]) -> None:
        for side, levels in ((self.bids, diff["b"]), (self.asks, diff["a"])):
            for price, size in levels:
                if Decimal(size):
                    side[price] = size
                else:
                    side.pop(price, None)
        self.last_id = diff["u"]

    @property
    def top(self) -> tuple[str, str, str, str]:
        bid, ask = max(self.bids, key=Decimal), min(self.asks, key=Decimal)
        return bid, self.bids[bid], ask, self.asks[ask]


def top_of(bbo: dict[str, Any]) -> tuple[str, str, str, str]:
    return bbo["b"], bbo["B"], bbo["a"], bbo["A"]


def tops_at_diffs(
    snapshot: dict[str, Any], events: list[dict[str, Any]]
) -> list[tuple[tuple[str, str, str, str], tuple[str, str, str, str]]]:
    """Return, for every diff after a snapshot, the top of the book and the bbo before its end.

    `events` are diffs and bookTickers of one symbol in the order in which they came; a bookTicker
    may come after a diff that ends later than it.
    """
    diffs = [event for event in events if "U" in event]
    bests = [event for event in events if "U" not in event]
    ids = [best["u"] for best in bests]
    assert ids == sorted(set(ids))
    book, pairs = ClientBook(snapshot), []
    for diff in (one for one in diffs if one["u"] > book.last_id):
        book.apply(diff)
        before = bisect_right(ids, diff["u"])
        if before:
            pairs.append((book.top, top_of(bests[before - 1])))
    return pairs
