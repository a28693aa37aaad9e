"""Facts for tests of the agora: as short to write as they are to read."""

from typing import Any

from argus.events import Bbo, BookDelta, Event, Levels, Origin, Side, Trade

SECOND = 1_000_000_000
T0 = 1_700_000_000 * SECOND
EMPTY: Any = []  # levels are nothing to a splice


def trade(trade_id: int, ts_recv: int = T0) -> Trade:
    return Trade(ts_recv, ts_recv, Origin.LIVE, trade_id, 1.0, 2.0, Side.BUY, None)


def bbo(update_id: int, ts_recv: int = T0) -> Bbo:
    return Bbo(None, ts_recv, Origin.LIVE, update_id, 1.0, 2.0, 3.0, 4.0)


NONE = Levels(b"[]")


def delta(first: int, last: int, previous: int | None = None, ts_recv: int = T0) -> BookDelta:
    return BookDelta(ts_recv, ts_recv, Origin.LIVE, first, last, previous, EMPTY, EMPTY)


def ids(facts: list[Event]) -> list[int]:
    """The id that each fact is known by, in their order."""
    names = {"Trade": "trade_id", "Bbo": "update_id", "BookDelta": "last_update_id"}
    return [getattr(fact, names[type(fact).__name__]) for fact in facts]
