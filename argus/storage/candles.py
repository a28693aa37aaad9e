"""Pure. Closed candles are contiguous: each begins where the one before it ended, per interval.

Only the closing updates are looked at. How many updates a venue sends of a candle in the making
is not known, so nothing is proven of those.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.storage.holes import Hole

SECOND_NS = 1_000_000_000


class Candles:
    """Follow the closed candles of one symbol, over any number of days."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def holes(self, table: pa.Table) -> Iterator[Hole]:
        """Return the runs of candles that are missing before or between those of the next rows.

        The missing facts are the closing updates, which come when their candles end. A hole goes
        from the end of the first missing candle to that of the last one.
        """
        closed = table.select(["interval", "ts_open", "ts_close"]).filter(table["closed"])
        intervals = closed["interval"].cast(pa.string())
        for interval in sorted(pc.unique(intervals).to_pylist()):
            rows = closed.filter(pc.equal(intervals, interval))
            begins, closes = (
                np.asarray(rows[name].cast(pa.int64()).combine_chunks())
                for name in ("ts_open", "ts_close")
            )
            # The last instant of a candle is told to the millisecond or finer; it ends on a second.
            ends = (closes // SECOND_NS + 1) * SECOND_NS
            if interval in self._last:
                begin, end = self._last[interval]
                begins, ends = np.insert(begins, 0, begin), np.insert(ends, 0, end)
            self._last[interval] = int(begins[-1]), int(ends[-1])
            for index in np.flatnonzero(begins[1:] > ends[:-1]).tolist():
                end, begin = int(ends[index]), int(begins[index + 1])
                length = end - int(begins[index])
                yield Hole(
                    first_id=None,
                    last_id=None,
                    missing=-(-(begin - end) // length),
                    ts_from=min(end + length, begin),
                    ts_until=begin,
                    every_ns=length,
                )
