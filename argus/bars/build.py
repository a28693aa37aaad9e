"""Pure. Bars of an iterable of trades, for notebooks, tests and other programs."""

from collections.abc import Iterable, Iterator
from itertools import islice

from argus.bars.profiles import Profile
from argus.bars.series import Series
from argus.bars.trades import AnyTrade, Trades
from argus.events import Bar

BATCH = 16_384  # trades taken from the iterable at a time


def bars(trades: Iterable[AnyTrade] | Trades, profile: Profile) -> Iterator[Bar]:
    """Yield the bars that trades close; the bar that is open at the end is not among them.

    Args:
        trades: in the order of their ids: a batch of columns, events (`Trade`, `AggTrade`), or
            tuples (price, size, side, ts_event, id) with `buy`, `sell`, `unknown` or +1, -1, 0.
        profile: what closes a bar.
    """
    series = Series([profile])
    if isinstance(trades, Trades):
        yield from series.feed(trades)
        return
    waiting = iter(trades)
    while batch := list(islice(waiting, BATCH)):
        yield from series.feed(Trades.of(batch))
