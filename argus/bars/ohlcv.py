"""Pure. What every bar adds up, whatever its rule: prices, volumes and ticks of its trades."""

import numpy as np

from argus.bars.compiled import compiled
from argus.bars.state import NONE, TIME, State
from argus.bars.trades import Columns, Floats, Signs

PRICE_MAX = 1e100  # so that no product and no sum of products leaves the range of a float


@compiled
def is_tick(price: float, size: float) -> bool:
    """Return whether a trade counts: its price and size are positive and finite numbers."""
    return (price > 0.0) & (price < PRICE_MAX) & (size > 0.0) & (size < PRICE_MAX)


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
    st.gap |= st.gap_next
    st.gap_next = 0
    st.ticks += stop - i
    st.ts_last, st.ts_recv = ts_event[stop - 1], ts_recv[stop - 1]
    st.last_trade_id = trade_id[stop - 1]
    add_prices(st, price, i, stop)
    unknown = 0
    for k in range(np.uint64(i), np.uint64(stop)):
        unknown += side[k] == 0
    if unknown == 0 or st.is_raven != 0:
        add_sided(st, price, size, side, i, stop)
    else:
        add_unsided(st, price, size, side, i, stop)
    st.tick_sign = sign_after(price, i, stop, st.last_price, st.tick_sign)
    st.last_price = st.close = price[stop - 1]


@compiled
def add_prices(st: State, price: Floats, i: int, stop: int) -> None:
    """Add prices to the open bar's highest and lowest."""
    high, low = st.high, st.low
    # Unsigned places need no look whether they count from the end, here and below.
    for k in range(np.uint64(i), np.uint64(stop)):
        p = price[k]
        high = max(high, p)
        low = min(low, p)
    st.high, st.low = high, low


@compiled
def add_sided(st: State, price: Floats, size: Floats, side: Signs, i: int, stop: int) -> None:
    """Add trades of known side to the open bar; what is no buy is a sell, as Raven has it.

    Written without branches that depend on a side or a price: nobody can guess them.
    """
    volume, quote, bought, sold = st.volume, st.quote_volume, st.buy_volume, st.sell_volume
    for k in range(np.uint64(i), np.uint64(stop)):
        p, v = price[k], size[k]
        is_buy = side[k] > 0
        volume += v
        quote += p * v
        bought += v if is_buy else 0.0
        sold += 0.0 if is_buy else v
    buys = 0
    for k in range(np.uint64(i), np.uint64(stop)):
        buys += side[k] > 0
    st.volume, st.quote_volume, st.buy_volume, st.sell_volume = volume, quote, bought, sold
    st.buy_ticks += buys
    st.sell_ticks += stop - i - buys


@compiled
def add_unsided(st: State, price: Floats, size: Floats, side: Signs, i: int, stop: int) -> None:
    """Add trades to the open bar; those of no side have that of the tick rule, or none."""
    last, sign = st.last_price, st.tick_sign
    for k in range(i, stop):
        p, v = price[k], size[k]
        sign = next_sign(p, last, sign)
        last = p
        s = side[k] if side[k] != 0 else sign
        st.volume += v
        st.quote_volume += p * v
        st.buy_volume += v if s > 0 else 0.0
        st.sell_volume += v if s < 0 else 0.0
        st.buy_ticks += int(s > 0)
        st.sell_ticks += int(s < 0)


@compiled
def sign_after(price: Floats, i: int, stop: int, last_price: float, sign: int) -> int:
    """Return the tick rule's sign after trades `i` to `stop`: that of the last change."""
    for k in range(stop - 1, i, -1):
        if price[k] != price[k - 1]:
            return 1 if price[k] > price[k - 1] else -1
    return next_sign(price[i], last_price, sign)


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
