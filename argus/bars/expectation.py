"""Pure. What imbalance and run bars expect of the next bar, and the threshold that follows."""

from math import inf

import numpy as np

from argus.bars.compiled import compiled
from argus.bars.sized import weight_of
from argus.bars.state import IMBALANCE, TICKS, State

SIZE_MIN = 1e-12  # Raven's floor of the size that E[v] begins with


@compiled
def ewma(x: float, new: float, alpha: float) -> float:
    """Return the exponentially weighted mean after one more value."""
    return alpha * new + (1.0 - alpha) * x


@compiled
def mean(total: float, weight: float) -> float:
    """Return the mean of values of which each counts (1 - alpha) times the next; NaN of none.

    Dividing by the weights themselves, not by what they come to in the long run, is what keeps the
    first of few values from counting more than the others.
    """
    return total / weight if weight > 0.0 else np.nan


@compiled
def share(part: float, mean: float) -> float:
    """Return a side's part times its mean size; 0 if that side has not been seen."""
    return 0.0 if np.isnan(mean) else part * mean


@compiled
def factor(st: State) -> float:
    """Return what E[T] is multiplied with: the expected imbalance or run per trade."""
    flow = st.expected_flow
    if st.kind == IMBALANCE:
        if st.is_raven == 0 or st.weight == TICKS:
            return flow
        return st.expected_buy * (2.0 * flow - 1.0)
    if st.weight == TICKS:
        return max(flow, 1.0 - flow)
    return max(share(flow, st.expected_buy), share(1.0 - flow, st.expected_sell))


@compiled
def raw_threshold(st: State) -> float:
    """Return the threshold before any floor or cap; Raven's in Raven's order of factors."""
    if st.is_raven != 0 and st.kind == IMBALANCE and st.weight != TICKS:
        return abs(st.expected_ticks * st.expected_buy * (2.0 * st.expected_flow - 1.0))
    return st.expected_ticks * abs(factor(st))


@compiled
def seed(st: State, price: float, size: float) -> None:
    """Take the expectations that hold before the first bar; its first trade is known.

    With a warm-up bar nothing is expected before it; else a prior counts as much as all values
    before it would have.
    """
    st.is_seeded = 1
    if st.is_warming != 0:
        st.expected_flow = st.expected_buy = st.expected_sell = np.nan
        return
    expect(st, price, size)
    if st.is_raven == 0:
        st.flow_weight = st.buy_weight = st.sell_weight = 1.0 / st.alpha
        st.flow_sum = st.expected_flow * st.flow_weight
        st.buy_sum = st.expected_buy * st.buy_weight
        st.sell_sum = st.expected_sell * st.sell_weight


@compiled
def expect(st: State, price: float, size: float) -> None:
    """Expect what the profile says, of sizes what the first trade does if it says nothing."""
    v = weight_of(st.weight, price, size) if np.isnan(st.size_initial) else st.size_initial
    st.expected_buy = st.expected_sell = max(v, SIZE_MIN)
    st.expected_flow = st.p_buy0
    if st.kind == IMBALANCE and st.weight == TICKS:
        st.expected_flow = 2.0 * st.p_buy0 - 1.0
    elif st.kind == IMBALANCE and st.is_raven == 0:
        st.expected_flow = (2.0 * st.p_buy0 - 1.0) * st.expected_buy


@compiled
def arm(st: State, price: float, size: float) -> None:
    """Begin a bar with this trade: take the expectations as they are, and the threshold."""
    if st.is_seeded == 0:
        seed(st, price, size)
    st.theta = st.buys = st.sells = 0.0
    st.run = st.run_side = 0
    st.ticks_before = st.expected_ticks
    if st.is_warming != 0:
        st.factor_before = st.threshold = np.nan
        st.clamped = 1
        return
    st.factor_before = factor(st)
    bare = raw_threshold(st)
    st.threshold = min(max(bare, st.threshold_min), st.threshold_max)
    if st.threshold != bare:
        st.clamped = 1


@compiled
def length_limit(st: State) -> int:
    """Return the number of trades at which the open bar closes whatever it has gathered."""
    if st.is_warming != 0:
        return min(int(np.ceil(st.expected_ticks_initial)), st.length_max)
    return st.length_max


@compiled
def bound(st: State) -> float:
    """Return what has to be reached to close; for `strictly more` the next number above."""
    if st.is_warming != 0:
        return inf
    if st.is_raven != 0:
        return float(np.nextafter(st.threshold, inf))
    return st.threshold


@compiled
def expect_ticks(st: State) -> None:
    """Let the length of the bar that closes enter E[T]; a warm-up ends once a side was seen."""
    if st.is_warming != 0:
        st.is_warming = int(np.isnan(st.expected_flow))
    expected = ewma(st.expected_ticks, float(st.ticks), st.alpha_ticks)
    st.expected_ticks = min(max(expected, st.ticks_min), st.ticks_max)
    if st.expected_ticks != expected:
        st.clamped = 1
