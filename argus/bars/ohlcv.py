"""Pure. What every bar adds up, whatever its rule: prices, volumes and ticks of its trades."""

import numpy as np

from argus.bars.compiled import compiled
from argus.bars.state import NONE, TIME, State
from argus.bars.trades import Columns

PRICE_MAX = 1e100  # so that no product and no sum of products leaves the range of a float


@compiled
def is_tick(price: float, size: float) -> bool:
    """Return whether a trade counts: its price and size are positive and finite numbers."""
    return 0.0 < price < PRICE_MAX and 0.0 < size < PRICE_MAX


@compiled
def next_sign(price: float, last_price: float, sign: int) -> int:
    """Return the tick rule's sign: of the price's last change, 0 before the first one."""
    if price > last_price:
        return 1
    if price < last_price:
        return -1
    return sign


@compiled
def gather(st: State, trades: Columns, i: int, stop: int) -> None:
    """Add trades `i` to `stop` to the open bar; there is at least one."""
    price, size, side, ts_event, ts_recv, trade_id = trades
    if st.ticks == 0:
        st.open = st.high = st.low = price[i]
        st.ts_first = ts_event[i]
        st.first_trade_id = trade_id[i]
        if st.kind != TIME:
            st.ts_open = ts_event[i]
        st.gap = st.gap | st.gap_next
        st.gap_next = 0
    if st.gap_next != 0:
        st.gap = 1
        st.gap_next = 0
    unknown = -1 if st.is_raven != 0 else 0
    high, low, last = st.high, st.low, st.last_price
    volume, quote, bought, sold = st.volume, st.quote_volume, st.buy_volume, st.sell_volume
    buys, sells, sign = st.buy_ticks, st.sell_ticks, st.tick_sign
    for k in range(i, stop):
        p, v = price[k], size[k]
        high = max(high, p)
        low = min(low, p)
        sign = next_sign(p, last, sign)
        last = p
        s = side[k]
        if s == 0:
            s = unknown if unknown != 0 else sign
        volume += v
        quote += p * v
        bought += v if s > 0 else 0.0
        sold += v if s < 0 else 0.0
        buys += 1 if s > 0 else 0
        sells += 1 if s < 0 else 0
    st.high, st.low, st.last_price, st.close = high, low, last, last
    st.volume, st.quote_volume, st.buy_volume, st.sell_volume = volume, quote, bought, sold
    st.buy_ticks, st.sell_ticks, st.tick_sign = buys, sells, sign
    st.ticks += stop - i
    st.ts_last, st.ts_recv = ts_event[stop - 1], ts_recv[stop - 1]
    st.last_trade_id = trade_id[stop - 1]


@compiled
def emit(st: State, row: np.record) -> None:
    """Write the bar as it stands into a row, as the next of its series."""
    row.sequence, row.revision = st.sequence + 1, st.revision
    row.ts_event, row.ts_recv = st.ts_last, st.ts_recv
    row.ts_open, row.ts_first, row.ts_last = st.ts_open, st.ts_first, st.ts_last
    row.open, row.high, row.low, row.close = st.open, st.high, st.low, st.close
    row.volume, row.quote_volume = st.volume, st.quote_volume
    row.vwap = st.quote_volume / st.volume if st.volume > 0.0 else np.nan
    row.buy_volume, row.sell_volume = st.buy_volume, st.sell_volume
    row.buy_ticks, row.sell_ticks, row.total_ticks = st.buy_ticks, st.sell_ticks, st.ticks
    row.theta, row.threshold, row.vpin = st.theta, st.threshold, st.vpin
    row.expected_ticks_before = st.ticks_before
    row.expected_imbalance_before = st.factor_before
    row.expected_ticks_after = np.nan
    row.expected_imbalance_after = np.nan
    row.gap, row.clamped = st.gap, st.clamped
    row.first_trade_id, row.last_trade_id = st.first_trade_id, st.last_trade_id


@compiled
def clear(st: State) -> None:
    """Begin the next bar: nothing gathered."""
    st.ticks = st.buy_ticks = st.sell_ticks = 0
    st.volume = st.quote_volume = st.buy_volume = st.sell_volume = 0.0
    st.gap = st.clamped = st.closing = 0
    st.first_trade_id = st.last_trade_id = NONE
