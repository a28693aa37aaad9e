"""Pure. Bars that close by an interval of time, or by a number of trades, a volume or a turnover.

A scan looks from trade `i` on for the end of the open bar and returns where the next one begins;
`closing` says whether it found it.
"""

import numpy as np

from argus.bars.compiled import compiled
from argus.bars.ohlcv import clear, emit
from argus.bars.state import BASE, NONE, TICKS, State
from argus.bars.trades import Floats, Integers


@compiled
def weight_of(weight: int, price: float, size: float) -> float:
    """Return what a trade adds: 1, its size, or its price times its size."""
    if weight == TICKS:
        return 1.0
    return size if weight == BASE else price * size


@compiled
def scan_time(st: State, ts_event: Integers, i: int, stop: int) -> int:
    """Find the first trade of a later interval; it belongs to the next bar.

    A trade of an earlier interval stays in the open bar: the order is that of the ids.
    """
    if st.ticks == 0:
        st.ts_open = ts_event[i] - ts_event[i] % st.interval
    begin, interval = st.ts_open, st.interval
    for k in range(i, stop):
        # The end itself may lie beyond what 64 bits hold; a trade's distance does not.
        if ts_event[k] - begin >= interval:
            st.closing = 1
            return k
    return stop


@compiled
def close_time(st: State) -> None:
    """Note where the next interval begins."""
    st.next_start = st.ts_open + st.interval


@compiled
def is_empty_due(st: State, ts: int) -> bool:
    """Return whether an interval without a trade ends at or before `ts`, and is to be shown."""
    if st.empty == 0 or st.ticks != 0 or st.next_start == NONE:
        return False
    return ts - st.next_start >= st.interval


@compiled
def emit_empty(st: State, row: np.record) -> None:
    """Write the bar of the next interval, which has no trade, and go on to the one after."""
    st.open = st.high = st.low = st.close
    st.ts_open = st.ts_first = st.next_start
    st.next_start = st.next_start + st.interval
    st.ts_last = st.ts_recv = st.next_start - 1
    st.gap = st.gap_next
    emit(st, row)
    st.sequence += 1
    clear(st)


@compiled
def scan_size(st: State, price: Floats, size: Floats, i: int, stop: int) -> int:
    """Find the trade that fills the bar; it belongs to it whole, nothing is carried over."""
    theta, full, weight = st.theta, st.full, st.weight
    st.threshold = full
    for k in range(i, stop):
        theta += weight_of(weight, price[k], size[k])
        if theta >= full:
            st.theta = theta
            st.closing = 1
            return k + 1
    st.theta = theta
    return stop
