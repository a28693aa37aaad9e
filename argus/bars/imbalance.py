"""Pure. Imbalance bars: signed ticks, volumes or turnovers pile up on one side."""

from argus.bars.compiled import compiled
from argus.bars.expectation import bound, ewma, expect_ticks, length_limit, mean
from argus.bars.ohlcv import next_sign
from argus.bars.sized import weight_of
from argus.bars.state import BASE, TICKS, State
from argus.bars.trades import Columns


@compiled
def scan_raven_imbalance(st: State, trades: Columns, i: int, stop: int) -> int:
    """Find the trade at which |θ| exceeds the threshold; the first one cannot close."""
    price, size, side = trades[:3]
    theta, weight, limit = st.theta, st.weight, bound(st)
    first = i if st.ticks == 0 else i - 1
    for k in range(i, stop):
        v = weight_of(weight, price[k], size[k])
        theta += v if side[k] > 0 else -v
        if abs(theta) >= limit and k != first:
            st.theta = theta
            st.closing = 1
            return k + 1
    st.theta = theta
    return stop


@compiled
def close_raven_imbalance(st: State) -> None:
    """Let the bar enter the expectations, in Raven's order of operations."""
    ticks = float(st.ticks)
    if st.weight == TICKS:
        p = (ticks + st.theta) / 2.0 / ticks
        st.expected_flow = ewma(st.expected_flow, 2.0 * p - 1.0, st.alpha)
    else:
        gathered = st.volume if st.weight == BASE else st.quote_volume
        st.expected_flow = ewma(st.expected_flow, float(st.buy_ticks) / ticks, st.alpha)
        st.expected_buy = ewma(st.expected_buy, gathered / ticks, st.alpha)
    expect_ticks(st)


@compiled
def scan_imbalance(st: State, trades: Columns, i: int, stop: int) -> int:
    """Find the trade at which |θ| reaches the threshold; E[b·v] learns of each trade."""
    price, size, side = trades[:3]
    theta, weight, limit = st.theta, st.weight, bound(st)
    longest = i + length_limit(st) - st.ticks
    total, seen, keep, by_side = st.flow_sum, st.flow_weight, 1.0 - st.alpha, st.by_side != 0
    last, sign = st.last_price, st.tick_sign
    for k in range(i, stop):
        sign = next_sign(price[k], last, sign)
        last = price[k]
        s = side[k] if by_side and side[k] != 0 else sign
        if s != 0:
            v = weight_of(weight, last, size[k])
            signed = v if s > 0 else -v
            theta += signed
            total = keep * total + signed
            seen = keep * seen + 1.0
        if abs(theta) >= limit or k + 1 >= longest:
            st.closing = 1
            st.clamped |= int(abs(theta) < limit)
            stop = k + 1
            break
    st.theta, st.flow_sum, st.flow_weight = theta, total, seen
    st.expected_flow = mean(total, seen)
    return stop
