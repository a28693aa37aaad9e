"""Shell. The lake's trades through the same series that live trades go through.

Memory holds a batch of trades and the state of each symbol, whatever is read.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from argus.bars import Profile, Series, Trades
from argus.lake.span import Span
from argus.lake.trades import trades
from argus.storage.writer import GROUP_ROWS

T = TypeVar("T")

COLUMNS = ("price", "size", "side")
"""What is read of trades, besides their ids and times."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a batch of trades: bars of a symbol, with the lake's columns; maybe none."""

    symbol: str
    trades: int
    bars: pa.Table


def build(
    data: Path,
    source: str,
    data_type: str,
    symbols: Mapping[str, Span],
    profiles: Sequence[Profile],
    *,
    rows_max: int = GROUP_ROWS,
    unread: list[Path] | None = None,
) -> Iterator[Batch]:
    """Build the bars of some symbols of a source from what is recorded.

    A series begins cold with the first trade of its span. A bar that is not closed by a trade is
    left out, but for bars of time that end no later than `ts_until`: nothing more comes of these.

    Args:
        data: the data folder.
        source: the source.
        data_type: `trade` or `agg_trade`.
        symbols: which trades of each symbol.
        profiles: what to build.
        rows_max: trades in a batch; it does not change the bars.
        unread: where files are named that cannot be read, and so were left out.

    Yields:
        Batches, those of a symbol in the order of its trades.

    Raises:
        StorageError: the date files of a symbol were replaced again and again.
    """
    states: dict[str, bytes] = {}
    series, current = Series(profiles), None
    found = trades(
        data, source, data_type, symbols, columns=COLUMNS, rows_max=rows_max, unread=unread
    )
    for symbol, table in ahead(found):
        if symbol != current:
            if current is not None:
                states[current] = series.to_bytes()
            # It may have been read in part, before its files were replaced.
            known = states.pop(symbol, None)
            series = Series(profiles) if known is None else Series.from_bytes(profiles, known)
            current = symbol
        bars = series.feed(Trades.of_table(table))
        yield Batch(symbol, table.num_rows, bars.table())
    if current is not None:
        states[current] = series.to_bytes()
    for symbol, state in states.items():
        ts = symbols[symbol].ts_until
        if ts is not None:
            bars = Series.from_bytes(profiles, state).pending(ts)
            yield Batch(symbol, 0, bars.table())


def ahead(found: Generator[T, None, None]) -> Iterator[T]:
    """Yield what a generator gives, while a thread already asks for what comes next."""
    with closing(found), ThreadPoolExecutor(1, "read-ahead") as thread:
        waiting = thread.submit(next, found, None)
        while (item := waiting.result()) is not None:
            waiting = thread.submit(next, found, None)
            yield item
