"""Pure. The one compiled loop that every trade goes through, alive or from the lake."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numba
import numpy as np
import numpy.typing as npt
from numba import types

from argus.bars.compiled import compiled, kept, stamp
from argus.bars.cutting import close, scan
from argus.bars.ohlcv import emit, gather, is_tick
from argus.bars.rows import ROW
from argus.bars.sized import emit_empty, is_empty_due
from argus.bars.state import NONE, STATE, TIME, VPIN, State
from argus.bars.trades import Columns, Floats

STRETCH = 1024  # trades looked at in one go, so that they are still in the cache when added up

States = npt.NDArray[np.void]
Rows = npt.NDArray[np.void]


@compiled
def skip_first(st: State, price: float) -> bool:
    """Note the price that VPIN begins with; return whether the trade is to be skipped (Raven)."""
    if st.kind != VPIN or not np.isnan(st.previous_close):
        return False
    st.previous_close = price
    if st.is_raven == 0:
        return False
    st.last_price = price
    return True


@compiled
def until(trades: Columns, i: int, stop: int) -> int:
    """Return the end of a stretch of ticks whose ids have no hole; it begins with a tick."""
    price, size, trade_id = trades[0], trades[1], trades[5]
    stop = min(stop, i + STRETCH)
    for k in range(i + 1, stop):
        if trade_id[k] != trade_id[k - 1] + 1 or not is_tick(price[k], size[k]):
            return k
    return stop


@compiled
def build(
    st: State, memory: Floats, trades: Columns, i: int, stop: int, out: Rows, written: int
) -> tuple[int, int]:
    """Add a stretch of ticks; return where it stopped for want of rows, and the rows written."""
    ts_event = trades[3]
    if skip_first(st, trades[0][i]):
        i += 1
    while i < stop and written < len(out):
        if st.kind == TIME and is_empty_due(st, ts_event[i] - ts_event[i] % st.interval):
            emit_empty(st, out[written])
            written += 1
            continue
        end = scan(st, trades, i, stop)
        if end > i:
            gather(st, trades, i, end)
            i = end
        if st.closing != 0:
            # Of a time bar: what is missing may have been traded before its end.
            st.gap |= st.gap_next
            written += int(close(st, memory, out[written]))
    return i, written


@compiled
def advance(
    st: State, memory: Floats, trades: Columns, i: int, out: Rows, written: int
) -> tuple[int, int]:
    """Add the trades that are new to one profile; return as `build`."""
    price, size, trade_id = trades[0], trades[1], trades[5]
    stop = len(price)
    while i < stop:
        number = trade_id[i]
        if number <= st.last_id:
            i += 1
            continue
        if st.last_id not in (NONE, number - 1):
            st.gap_next = 1
        if not is_tick(price[i], size[i]):
            st.last_id = number
            i += 1
            continue
        end = until(trades, i, stop)
        at, written = build(st, memory, trades, i, end, out, written)
        if at > i:
            st.last_id = trade_id[at - 1]
        i = at
        if i < end:
            break
    return i, written


@compiled
def feed_all(states: States, memory: Floats, trades: Columns, out: Rows) -> int:
    """Add trades to every profile; return the rows written, negative while there are more."""
    written, offset, stop = 0, 0, len(trades[0])
    for p in range(len(states)):
        st = states[p]
        before, own = written, 2 * st.buckets + st.sigma_window
        st.cursor, written = advance(
            st, memory[offset : offset + own], trades, st.cursor, out, written
        )
        for row in range(before, written):
            out[row].profile = p
        if st.cursor < stop:
            return -written
        offset += own
    for p in range(len(states)):
        states[p].cursor = 0
    return written


@compiled
def elapse(st: State, ts: int, after: int, memory: Floats, row: np.record) -> bool:
    """Close the interval that is next to end at or before `ts`; return whether it gives a bar.

    Empty intervals that end at or before `after` are counted, not told one by one.
    """
    if st.kind == TIME and st.ticks != 0 and st.ts_open + st.interval <= ts:
        return close(st, memory, row)
    if st.kind != TIME or not is_empty_due(st, ts):
        return False
    if after > st.next_start:
        told = (min(after, ts) - st.next_start) // st.interval
        st.next_start += told * st.interval
        st.sequence += told
    if not is_empty_due(st, ts):
        return False
    emit_empty(st, row)
    return True


@compiled
def wait_all(states: States, ts: int, after: int, out: Rows) -> int:
    """Close time bars by time; return as `feed_all`."""
    written, memory = 0, np.empty(0, np.float64)
    for p in range(len(states)):
        while written < len(out) and elapse(states[p], ts, after, memory, out[written]):
            out[written].profile = p
            written += 1
    return -written if written == len(out) else written


@compiled
def peek_all(states: States, out: Rows) -> int:
    """Write the open bars as they stand, a row per profile; return the rows written."""
    written = 0
    for p in range(len(states)):
        st = states[p]
        if st.ticks != 0:
            emit(st, out[written])
            if st.kind == VPIN:
                out[written].volume = st.theta
            out[written].profile = p
            written += 1
    return written


@dataclass(frozen=True, slots=True)
class Kernel:
    """The compiled loops: `feed_all`, `wait_all` and `peek_all`."""

    feed: Callable[[States, Floats, Columns, Rows], int]
    wait: Callable[[States, int, int, Rows], int]
    peek: Callable[[States, Rows], int]


def _enclosed(sources: int) -> Kernel:
    """Return the loops with a number in their closures: the part of numba's key that we choose."""

    def feed(states: States, memory: Floats, trades: Columns, out: Rows) -> int:
        return feed_all(states, memory, trades, out) + 0 * sources

    def wait(states: States, ts: int, after: int, out: Rows) -> int:
        return wait_all(states, ts, after, out) + 0 * sources

    def peek(states: States, out: Rows) -> int:
        return peek_all(states, out) + 0 * sources

    return Kernel(feed, wait, peek)


@cache
def kernel() -> Kernel:
    """Return the compiled loops: loaded from numba's cache, or compiled, which takes a while."""
    plain = _enclosed(stamp(feed_all, wait_all, peek_all))
    states, rows = numba.from_dtype(STATE)[::1], numba.from_dtype(ROW)[::1]
    # Columns of any stride, also read-only ones: pieces of rows, of tables, or arrays.
    number, integer, sign = (
        types.Array(kind, 1, "A", readonly=True)
        for kind in (types.float64, types.int64, types.int8)
    )
    memory = types.float64[::1]
    # numba does not say what its own functions take.
    tuple_of = cast("Any", types.Tuple)
    trades = tuple_of((number, number, sign, integer, integer, integer))
    return Kernel(
        feed=kept(types.int64(states, memory, trades, rows))(plain.feed),
        wait=kept(types.int64(states, types.int64, types.int64, rows))(plain.wait),
        peek=kept(types.int64(states, rows))(plain.peek),
    )
