"""Pure. What a profile's builder knows between two trades: one record of numbers.

Every field is eight bytes, so a record has no padding and its bytes are its value. `NONE` stands
for an integer that is not there, NaN for such a number.
"""

from math import inf, nan
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from argus.bars.profiles import Profile, interval_ns
from argus.bars.rules import Mode, Rule

NONE = -(2**63)
NEVER = 2**62  # as a limit of a bar's length: no limit

# Rules by number, as the kernel tells them apart. An imbalance and a run are one loop each: what
# is summed is their `weight`.
TIME, SIZE, IMBALANCE, RUN, VPIN = range(5)
TICKS, BASE, QUOTE = range(3)
KINDS: dict[Rule, tuple[int, int]] = {
    Rule.TIME: (TIME, TICKS),
    Rule.TICK: (SIZE, TICKS),
    Rule.VOLUME: (SIZE, BASE),
    Rule.DOLLAR: (SIZE, QUOTE),
    Rule.TICK_IMBALANCE: (IMBALANCE, TICKS),
    Rule.VOLUME_IMBALANCE: (IMBALANCE, BASE),
    Rule.DOLLAR_IMBALANCE: (IMBALANCE, QUOTE),
    Rule.TICK_RUN: (RUN, TICKS),
    Rule.VOLUME_RUN: (RUN, BASE),
    Rule.DOLLAR_RUN: (RUN, QUOTE),
    Rule.VPIN: (VPIN, QUOTE),
}


class State:
    """One profile's builder, field by field: `int` is stored as int64, `float` as float64.

    It describes the records of an array of `STATE`; there are no others.
    """

    # What never changes.
    kind: int  # TIME, SIZE, IMBALANCE, RUN or VPIN
    weight: int  # what is summed: TICKS, BASE or QUOTE
    is_raven: int
    by_side: int  # signs are the venue's, not the tick rule's
    interval: int  # nanoseconds
    empty: int  # intervals without a trade give a bar
    length_max: int  # most trades of a bar
    is_bulk: int  # volume is split by price change, not by side
    buckets: int
    sigma_window: int
    full: float  # what fills a bar or a bucket
    expected_ticks_initial: float
    p_buy0: float
    size_initial: float
    alpha_ticks: float  # weight of a new bar in E[T]
    alpha: float  # weight of a new trade (Raven: bar) in the other expectations
    ticks_min: float
    ticks_max: float
    threshold_min: float
    threshold_max: float
    sigma_floor: float

    # Where the series stands.
    sequence: int
    revision: int
    last_id: int
    gap_next: int  # trades are missing before the next one
    cursor: int  # place in the batch, while rows are full
    closing: int  # a scan has found the end of the open bar

    # The open bar, as in `argus.events.Bar`.
    ticks: int
    buy_ticks: int
    sell_ticks: int
    ts_open: int
    ts_first: int
    ts_last: int
    ts_recv: int
    first_trade_id: int
    last_trade_id: int
    gap: int
    clamped: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float
    buy_volume: float
    sell_volume: float

    # The tick rule: sign of the price's last change.
    tick_sign: int
    last_price: float

    # The rule.
    theta: float  # what is gathered; of a bucket its fill
    buys: float  # what was bought, in the rule's weight
    sells: float
    run: int  # length of the run that goes on
    run_side: int
    threshold: float
    is_warming: int  # the bar is a warm-up
    is_seeded: int  # what is expected before the first bar is known
    expected_ticks: float
    expected_flow: float  # imbalances: E[b], E[b v]; of runs and Raven's volume rules: P[buy]
    expected_buy: float  # E[v | buy]; of Raven's volume rules: E[v]
    expected_sell: float
    flow_sum: (
        float  # the book's means are sums over weights, so that the first values count no more
    )
    flow_weight: float
    buy_sum: float
    buy_weight: float
    sell_sum: float
    sell_weight: float
    ticks_before: float  # E[T] at the bar's begin
    factor_before: float
    next_start: int  # begin of the interval after the last bar's
    previous_close: float
    changes_seen: int
    imbalances_seen: int
    vpin: float


_NUMPY = {"int": np.int64, "float": np.float64, int: np.int64, float: np.float64}
STATE = np.dtype(
    (np.record, [(name, _NUMPY[kind]) for name, kind in State.__annotations__.items()])
)


def memory_size(profile: Profile) -> int:
    """Return how many numbers the profile keeps beside its record: VPIN's rings."""
    if profile.rule is not Rule.VPIN:
        return 0
    given: dict[str, Any] = dict(profile.parameters)
    return int(given["sigma_window"] + 2 * given["buckets"])


def begin(profile: Profile) -> npt.NDArray[np.void]:
    """Return the state of a profile before its first trade, as an array of one record."""
    state = np.zeros(1, STATE)
    one = cast("State", state[0])  # a record of numpy, which has the fields
    one.kind, one.weight = KINDS[profile.rule]
    one.is_raven = int(profile.mode is Mode.RAVEN)
    one.last_id = one.next_start = one.first_trade_id = one.last_trade_id = NONE
    one.last_price = one.previous_close = one.threshold = one.theta = nan
    one.ticks_before = one.factor_before = one.vpin = one.size_initial = nan
    one.length_max = NEVER
    one.ticks_max = one.threshold_max = inf
    _PUT[one.kind](dict(profile.parameters), one)
    return state


def _put_time(given: dict[str, Any], one: State) -> None:
    one.interval, one.empty = interval_ns(given["interval"]), given["empty"]


def _put_size(given: dict[str, Any], one: State) -> None:
    one.full, one.theta = given["size"], 0.0


def _put_vpin(given: dict[str, Any], one: State) -> None:
    one.weight = QUOTE if given["unit"] == "quote" else BASE
    one.is_bulk = given["classification"] == "bulk"
    one.full, one.buckets, one.theta = given["bucket_size"], given["buckets"], 0.0
    one.sigma_window, one.sigma_floor = given["sigma_window"], given["sigma_floor"]


def _put_flow(given: dict[str, Any], one: State) -> None:
    """Put what imbalances and runs have in common."""
    initial = given["expected_ticks_initial"]
    one.expected_ticks = one.expected_ticks_initial = initial
    one.p_buy0, one.theta = given["p_buy0"], 0.0
    if one.is_raven:
        one.alpha_ticks, one.alpha = given["alpha_size"], given["alpha_imbl"]
        one.ticks_min = initial * (1 - given["size_min_pct"])
        one.ticks_max = initial * (1 + given["size_max_pct"])
        return
    one.alpha_ticks = 2 / (given["num_prev_bars"] + 1)
    one.alpha = 2 / (given["imbalance_span"] + 1)
    one.by_side = given["sign"] == "exchange"
    one.is_warming = given["warm_up"]
    for name in (*_LIMITS, "size_initial"):
        if given.get(name) is not None:
            setattr(one, name, given[name])


_LIMITS = ("ticks_min", "ticks_max", "threshold_min", "threshold_max", "length_max")
_PUT = {TIME: _put_time, SIZE: _put_size, IMBALANCE: _put_flow, RUN: _put_flow, VPIN: _put_vpin}
