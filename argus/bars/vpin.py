"""Pure. VPIN: buckets of equal volume, and how one-sided the last of them were."""

from math import erf, exp, sqrt

import numpy as np

from argus.bars.compiled import compiled
from argus.bars.ohlcv import next_sign
from argus.bars.sized import weight_of
from argus.bars.state import State
from argus.bars.trades import Columns, Floats


@compiled
def normal(x: float) -> float:
    """Return Φ(x) by Abramowitz and Stegun 7.1.26, as Raven does; off by at most 7.5e-8."""
    z = abs(x) / sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * z)
    y = 1.0 - (
        ((((1.061405429 * t - 1.453152027) * t) + 1.421413741) * t - 0.284496736) * t + 0.254829592
    ) * t * exp(-z * z)
    return 0.5 * (1.0 + (y if x >= 0.0 else -y))


@compiled
def exact_normal(x: float) -> float:
    """Return Φ(x) as exactly as the machine knows it."""
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


@compiled
def scan_bucket(st: State, trades: Columns, i: int, stop: int) -> int:
    """Find the trade that fills the bucket; it belongs to it whole, nothing is carried over."""
    price, size, side = trades[:3]
    fill, buys, sells, full, weight = st.theta, st.buys, st.sells, st.full, st.weight
    unknown = -1 if st.is_raven != 0 else 0
    last, sign = st.last_price, st.tick_sign
    end = stop
    for k in range(i, stop):
        sign = next_sign(price[k], last, sign)
        last = price[k]
        s = side[k] if side[k] != 0 else (unknown if unknown != 0 else sign)
        v = weight_of(weight, last, size[k])
        fill += v
        buys += v if s > 0 else 0.0
        sells += v if s < 0 else 0.0
        if fill >= full:
            st.closing = 1
            end = k + 1
            break
    st.theta, st.buys, st.sells = fill, buys, sells
    return end


@compiled
def buying(st: State, changes: Floats) -> float:
    """Return the part of a bucket that was bought, NaN as long as that cannot be told.

    `changes` is the ring of the last price changes from bucket to bucket.
    """
    if st.is_bulk == 0:
        both = st.buys + st.sells
        return st.buys / both if both > 0.0 else 0.5
    if st.changes_seen < st.sigma_window:
        return np.nan
    count, first = len(changes), st.changes_seen % len(changes)
    mean = 0.0
    for k in range(count):
        mean += changes[(first + k) % count]
    mean /= count
    spread = 0.0
    for k in range(count):
        off = changes[(first + k) % count] - mean
        spread += off * off
    sigma = sqrt(spread / count)
    if sigma < st.sigma_floor:
        sigma = st.sigma_floor
        st.clamped = 1
    change = changes[(first + count - 1) % count]
    return normal(change / sigma) if st.is_raven != 0 else exact_normal(change / sigma)


@compiled
def close_bucket(st: State, memory: Floats) -> bool:
    """Reckon VPIN with the bucket that is full; return whether it gives a bar.

    `memory` holds the last price changes, then imbalances and amounts of the last buckets. Raven
    counts every bucket as exactly V and shows none before there is a value.
    """
    window, buckets = st.sigma_window, st.buckets
    changes, imbalances, amounts = (
        memory[:window], memory[window : window + buckets], memory[window + buckets :]
    )  # fmt: skip
    changes[st.changes_seen % window] = st.close - st.previous_close
    st.changes_seen += 1
    st.previous_close = st.close
    amount = st.full if st.is_raven != 0 else st.theta
    part = buying(st, changes)
    if not np.isnan(part):
        bought = amount * part
        imbalances[st.imbalances_seen % buckets] = abs(bought - (amount - bought))
        amounts[st.imbalances_seen % buckets] = amount
        st.imbalances_seen += 1
    st.vpin = np.nan
    if st.imbalances_seen >= buckets:
        gathered, filled = 0.0, 0.0
        for k in range(buckets):
            at = (st.imbalances_seen + k) % buckets
            gathered += imbalances[at]
            filled += amounts[at]
        st.vpin = gathered / (buckets * st.full) if st.is_raven != 0 else gathered / filled
    return st.is_raven == 0 or not np.isnan(st.vpin)
