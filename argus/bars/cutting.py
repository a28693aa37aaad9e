"""Pure. Where bars end, and what happens there: each rule has a scan and a close."""

import numpy as np

from argus.bars.compiled import compiled
from argus.bars.expectation import arm, expect_ticks, factor
from argus.bars.imbalance import close_raven_imbalance, scan_imbalance, scan_raven_imbalance
from argus.bars.ohlcv import clear, emit
from argus.bars.runs import close_raven_run, scan_raven_run, scan_run
from argus.bars.sized import close_time, scan_size, scan_time
from argus.bars.state import IMBALANCE, RUN, SIZE, TIME, VPIN, State
from argus.bars.trades import Columns, Floats
from argus.bars.vpin import close_bucket, scan_bucket


@compiled
def scan(st: State, trades: Columns, i: int, stop: int) -> int:
    """Look for the end of the open bar; return where the next one begins, or `stop`."""
    if st.kind == TIME:
        return scan_time(st, trades[3], i, stop)
    if st.kind == SIZE:
        return scan_size(st, trades[0], trades[1], i, stop)
    if st.kind == VPIN:
        return scan_bucket(st, trades, i, stop)
    if st.ticks == 0:
        arm(st, trades[0][i], trades[1][i])
    return scan_expecting(st, trades, i, stop)


@compiled
def scan_expecting(st: State, trades: Columns, i: int, stop: int) -> int:
    """Look for the end of a bar whose threshold is an expectation."""
    if st.kind == IMBALANCE:
        if st.is_raven != 0:
            return scan_raven_imbalance(st, trades, i, stop)
        return scan_imbalance(st, trades, i, stop)
    if st.is_raven != 0:
        return scan_raven_run(st, trades[2], i, stop)
    return scan_run(st, trades, i, stop)


@compiled
def close(st: State, memory: Floats, row: np.record) -> bool:
    """Close the open bar into a row; return whether it is one to be shown."""
    is_shown = True
    if st.kind == VPIN:
        is_shown = close_bucket(st, memory)
        emit(st, row)
        show_bucket(st, row)
    elif st.kind in (IMBALANCE, RUN):
        expect(st)
        emit(st, row)
        show_expected(st, row)
    else:
        if st.kind == TIME:
            close_time(st)
        emit(st, row)
    if st.kind != TIME:
        st.theta = st.buys = st.sells = 0.0
    if is_shown:
        st.sequence += 1
    clear(st)
    return is_shown


@compiled
def expect(st: State) -> None:
    """Let the bar that closes enter what is expected of the next one."""
    if st.is_raven == 0:
        expect_ticks(st)
    elif st.kind == IMBALANCE:
        close_raven_imbalance(st)
    else:
        close_raven_run(st)


@compiled
def show_expected(st: State, row: np.record) -> None:
    """Write what is expected of the next bar; while warming up that is its length only."""
    row.expected_ticks_after = st.expected_ticks
    if st.is_warming == 0:
        row.expected_imbalance_after = factor(st)


@compiled
def show_bucket(st: State, row: np.record) -> None:
    """Write what is a bucket's own: VPIN, and its volume in its unit; Raven tells no sides."""
    row.theta, row.threshold, row.vpin = st.vpin, st.full, st.vpin
    if st.is_raven != 0:
        row.volume = st.full
        row.buy_ticks = row.sell_ticks = 0
    else:
        row.volume = st.theta
