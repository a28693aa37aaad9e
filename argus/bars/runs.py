"""Pure. Run bars: one side's trades go on and on (Raven), or pile up within the bar (the book)."""

from argus.bars.compiled import compiled
from argus.bars.expectation import bound, ewma, expect_ticks, length_limit, mean
from argus.bars.ohlcv import next_sign
from argus.bars.sized import weight_of
from argus.bars.state import State
from argus.bars.trades import Columns, Signs


@compiled
def scan_raven_run(st: State, side: Signs, i: int, stop: int) -> int:
    """Find the trade that ends a run longer than the threshold; the first one cannot close.

    θ is the longest run of one side that is over: the trade of the other side shows its length.
    """
    theta, run, run_side, limit = st.theta, st.run, st.run_side, bound(st)
    if st.ticks == 0:
        theta = 1.0
    first = i if st.ticks == 0 else i - 1
    end = stop
    for k in range(i, stop):
        s = 1 if side[k] > 0 else -1
        is_over = s != run_side
        theta = max(theta, float(run) if is_over else 0.0)
        run = 1 if is_over else run + 1
        run_side = s
        if theta >= limit and k != first:
            st.closing = 1
            end = k + 1
            break
    st.theta, st.run, st.run_side = theta, run, run_side
    return end


@compiled
def close_raven_run(st: State) -> None:
    """Let the bar enter the expectations."""
    st.expected_flow = ewma(st.expected_flow, float(st.buy_ticks) / float(st.ticks), st.alpha)
    expect_ticks(st)


@compiled
def scan_run(st: State, trades: Columns, i: int, stop: int) -> int:
    """Find the trade at which one side's sum reaches the threshold; each trade is learned from."""
    price, size, side = trades[:3]
    buys, sells, weight, limit = st.buys, st.sells, st.weight, bound(st)
    longest = i + length_limit(st) - st.ticks
    keep, flow, flow_seen = 1.0 - st.alpha, st.flow_sum, st.flow_weight
    bought, buy_seen, sold, sell_seen = st.buy_sum, st.buy_weight, st.sell_sum, st.sell_weight
    by_side, last, sign = st.by_side != 0, st.last_price, st.tick_sign
    end = stop
    for k in range(i, stop):
        sign = next_sign(price[k], last, sign)
        last = price[k]
        s = side[k] if by_side and side[k] != 0 else sign
        v = weight_of(weight, last, size[k])
        # Both are reckoned and one is chosen: a branch that nobody can guess takes longer.
        flow = flow if s == 0 else keep * flow + (1.0 if s > 0 else 0.0)
        flow_seen = flow_seen if s == 0 else keep * flow_seen + 1.0
        buys += v if s > 0 else 0.0
        sells += v if s < 0 else 0.0
        bought = keep * bought + v if s > 0 else bought
        buy_seen = keep * buy_seen + 1.0 if s > 0 else buy_seen
        sold = keep * sold + v if s < 0 else sold
        sell_seen = keep * sell_seen + 1.0 if s < 0 else sell_seen
        if max(buys, sells) >= limit or k + 1 >= longest:
            st.closing = 1
            st.clamped |= int(max(buys, sells) < limit)
            end = k + 1
            break
    st.buys, st.sells, st.theta = buys, sells, max(buys, sells)
    st.flow_sum, st.flow_weight = flow, flow_seen
    st.buy_sum, st.buy_weight, st.sell_sum, st.sell_weight = bought, buy_seen, sold, sell_seen
    st.expected_flow = mean(flow, flow_seen)
    st.expected_buy, st.expected_sell = mean(bought, buy_seen), mean(sold, sell_seen)
    return end
