"""Pure. The one compiled loop that every trade goes through, alive or from the lake."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from numba import types

from argus.bars.compiled import compiled, kept, lent, stamp
from argus.bars.cutting import close, scan
from argus.bars.ohlcv import emit, gather, is_tick
from argus.bars.rows import ROW
from argus.bars.sized import emit_empty, is_empty_due
from argus.bars.state import NONE, STATE, TIME, VPIN, State
from argus.bars.trades import TRADE_BYTES, Bytes, Columns, Floats, Integers

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
def is_plain(price: Floats, size: Floats, trade_id: Integers, i: int, stop: int) -> bool:
    """Return whether trades are ticks without a hole; looked at side by side, not one by one."""
    first, odd = trade_id[i] - i, 0
    for k in range(np.uint64(i), np.uint64(stop)):
        odd |= trade_id[k] - np.int64(k) - first
    for k in range(np.uint64(i), np.uint64(stop)):
        odd |= 1 - is_tick(price[k], size[k])
    return odd == 0


@compiled
def until(trades: Columns, i: int, stop: int) -> int:
    """Return the end of a stretch of ticks whose ids have no hole; it begins with a tick."""
    price, size, trade_id = trades[0], trades[1], trades[5]
    stop = min(stop, i + STRETCH)
    if is_plain(price, size, trade_id, i, stop):
        return stop
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
    if st.kind == TIME and st.ticks != 0 and ts - st.ts_open >= st.interval:
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


@compiled
def unpacked(packed: Bytes) -> Columns:
    """Return the columns of packed trades, see `Trades.packed`."""
    n = len(packed) // TRADE_BYTES
    return (
        packed[: 8 * n].view(np.float64),
        packed[8 * n : 16 * n].view(np.float64),
        packed[40 * n :].view(np.int8),
        packed[16 * n : 24 * n].view(np.int64),
        packed[24 * n : 32 * n].view(np.int64),
        packed[32 * n : 40 * n].view(np.int64),
    )


@dataclass(frozen=True, slots=True)
class Kernel:
    """The compiled loops: `feed_all` of columns and of packed trades, `wait_all` and `peek_all`.

    Arrays of records are passed as bytes: numba looks much longer at an argument with fields.
    """

    feed: Callable[[Bytes, Floats, Columns, Bytes], int]
    feed_packed: Callable[[Bytes, Floats, Bytes, Bytes], int]
    wait: Callable[[Bytes, int, int, Bytes], int]
    peek: Callable[[Bytes, Bytes], int]


def _enclosed(sources: int) -> Kernel:
    """Return the loops with a number in their closures: the part of numba's key that we choose."""

    def feed(states: Bytes, memory: Floats, trades: Columns, out: Bytes) -> int:
        price, size, side, ts_event, ts_recv, trade_id = trades
        columns = (
            lent(price), lent(size), lent(side), lent(ts_event), lent(ts_recv), lent(trade_id)
        )  # fmt: skip
        made = feed_all(lent(states).view(STATE), lent(memory), columns, lent(out).view(ROW))
        return made + 0 * sources

    def feed_packed(states: Bytes, memory: Floats, packed: Bytes, out: Bytes) -> int:
        columns = unpacked(lent(packed))
        made = feed_all(lent(states).view(STATE), lent(memory), columns, lent(out).view(ROW))
        return made + 0 * sources

    def wait(states: Bytes, ts: int, after: int, out: Bytes) -> int:
        return wait_all(lent(states).view(STATE), ts, after, lent(out).view(ROW)) + 0 * sources

    def peek(states: Bytes, out: Bytes) -> int:
        return peek_all(lent(states).view(STATE), lent(out).view(ROW)) + 0 * sources

    return Kernel(feed, feed_packed, wait, peek)


@cache
def kernel() -> Kernel:
    """Return the compiled loops: loaded from numba's cache, or compiled, which takes a while."""
    layouts = f"{STATE.descr} {ROW.descr}"
    plain = _enclosed(stamp(feed_all, unpacked, wait_all, peek_all, besides=layouts))
    # Columns are read-only, as those of a table are; others are taken as well, with a longer look.
    number, integer, sign = (
        types.Array(kind, 1, "C", readonly=True)
        for kind in (types.float64, types.int64, types.int8)
    )
    # numba does not say what its own functions take.
    tuple_of = cast("Any", types.Tuple)
    trades = tuple_of((number, number, sign, integer, integer, integer))
    numbers, octets = types.float64[::1], types.uint8[::1]
    return Kernel(
        feed=kept(types.int64(octets, numbers, trades, octets))(plain.feed),
        feed_packed=kept(types.int64(octets, numbers, octets, octets))(plain.feed_packed),
        wait=kept(types.int64(octets, types.int64, types.int64, octets))(plain.wait),
        peek=kept(types.int64(octets, octets))(plain.peek),
    )
