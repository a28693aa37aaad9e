"""The book's rules (AFML, chapter 2) and our options, written as they are read: one trade a time.

Slow and obvious on purpose; nothing is taken from `argus.bars`. A bar is a dict of what the rule
says about it: its trades, θ, threshold, expectations before and after, and whether an option acted.
"""

from collections.abc import Iterable, Iterator
from math import ceil, inf

Row = tuple[float, float, int, int, int]


def signs(trades: Iterable[Row], *, by_side: bool) -> Iterator[int]:
    """b_t: the sign of the last price change, or the venue's side where it gives one."""
    last: float | None = None
    sign = 0
    for price, _, side, _, _ in trades:
        if last is not None and price != last:
            sign = 1 if price > last else -1
        last = price
        yield side if by_side and side else sign


def weights(trades: Iterable[Row], unit: str) -> Iterator[float]:
    for price, size, _, _, _ in trades:
        yield {"tick": 1.0, "volume": size, "dollar": price * size}[unit]


class Mean:
    """An exponentially weighted mean: a value counts (1 - alpha) times as much as the next one.

    A prior stands for all values before the first, which together weigh 1 / alpha.
    """

    def __init__(self, span: float, prior: float | None) -> None:
        self.alpha = 2 / (span + 1)
        self.value: float | None = prior
        self.weight = 0.0 if prior is None else 1 / self.alpha

    def add(self, x: float) -> None:
        older = (1 - self.alpha) * self.weight
        self.weight = older + 1
        self.value = x if self.value is None else (older * self.value + x) / self.weight


class Expectations:
    """What is expected of the next bar, learned trade by trade and bar by bar."""

    def __init__(self, rule: str, first: float, options: dict) -> None:
        unit, _, self.kind = rule.partition("_")
        self.is_of_ticks = unit == "tick"
        self.options = options
        self.warm = options.get("warm_up", False)
        self.initial = options.get("expected_ticks_initial", 100.0)
        self.length = Mean(options.get("num_prev_bars", 3), self.initial)  # E[T]
        p0, span = options.get("p_buy0", 0.7), options.get("imbalance_span", 10_000)
        v0 = 1.0 if self.is_of_ticks else options.get("size_initial") or first
        self.flow = Mean(span, None if self.warm else (2 * p0 - 1) * v0)  # E[b v]
        self.buying = Mean(span, None if self.warm else p0)  # P[b = 1]
        self.bought = Mean(span, None if self.warm else v0)  # E[v | b = 1]
        self.sold = Mean(span, None if self.warm else v0)  # E[v | b = -1]

    def learn(self, b: int, v: float) -> None:
        self.flow.add(b * v)
        self.buying.add(1.0 if b > 0 else 0.0)
        (self.bought if b > 0 else self.sold).add(v)

    def factor(self) -> float | None:
        """What E[T] is multiplied with."""
        if self.kind == "imbalance":
            return self.flow.value
        p = self.buying.value
        if p is None:
            return None
        if self.is_of_ticks:
            return max(p, 1 - p)
        return max(p * (self.bought.value or 0), (1 - p) * (self.sold.value or 0))

    def begin(self) -> dict:
        """The values that hold for the whole of the next bar: E0."""
        told: dict = {"expected_ticks_before": self.length.value, "clamped": self.warm}
        if self.warm:
            return told | {"expected_imbalance_before": None, "threshold": None}
        factor = self.factor()
        assert factor is not None
        assert self.length.value is not None
        bare = self.length.value * abs(factor)
        threshold = max(bare, self.options.get("threshold_min") or 0)
        threshold = min(threshold, self.options.get("threshold_max") or inf)
        told |= {"expected_imbalance_before": factor, "threshold": threshold}
        return told | {"clamped": threshold != bare}

    def most(self) -> float:
        """How many trades the next bar may have."""
        most = self.options.get("length_max") or inf
        return min(most, ceil(self.initial)) if self.warm else most

    def end(self, ticks: int) -> dict:
        """The values after a bar of so many trades."""
        self.length.add(float(ticks))
        bare = self.length.value
        assert bare is not None
        clamped = max(bare, self.options.get("ticks_min") or 0)
        self.length.value = clamped = min(clamped, self.options.get("ticks_max") or inf)
        self.warm = self.warm and self.flow.value is None
        factor = None if self.warm else self.factor()
        return {
            "expected_ticks_after": clamped,
            "expected_imbalance_after": factor,
            "clamped": clamped != bare,
        }


def expected_bars(trades: list[Row], rule: str, **options) -> list[dict]:
    """All bars of imbalance and run rules."""
    unit, _, kind = rule.partition("_")
    b = list(signs(trades, by_side=options.get("sign") == "exchange"))
    v = list(weights(trades, unit))
    expectations = Expectations(rule, v[0], options)
    bars: list[dict] = []
    opened = 0
    told = expectations.begin()
    buys = sells = theta = 0.0
    for t in range(len(trades)):
        if b[t]:
            expectations.learn(b[t], v[t])
            theta += b[t] * v[t]
        buys += v[t] if b[t] > 0 else 0
        sells += v[t] if b[t] < 0 else 0
        gathered = theta if kind == "imbalance" else max(buys, sells)
        ticks = t + 1 - opened
        reached = told["threshold"] is not None and abs(gathered) >= told["threshold"]
        if not reached and ticks < expectations.most():
            continue
        after = expectations.end(ticks)
        clamped = told["clamped"] or after["clamped"] or not reached
        first, last = trades[opened][4], trades[t][4]
        told |= {"first_trade_id": first, "last_trade_id": last, "total_ticks": ticks}
        bars.append(told | after | {"theta": gathered, "clamped": clamped})
        opened = t + 1
        told = expectations.begin()
        buys = sells = theta = 0.0
    return bars


def expected_vpin(trades: list[Row], *, size, n, window, floor, unit, bulk, cdf) -> list[dict]:
    """Buckets of whole trades; VPIN is the imbalance of the last n of them over their volume."""
    b = list(signs(trades, by_side=True))
    v = list(weights(trades, {"quote": "dollar", "base": "volume"}[unit]))
    closes = [trades[0][0]] if trades else []
    changes: list[float] = []
    parts: list[tuple[float, float]] = []
    bars: list[dict] = []
    fill = buys = sells = 0.0
    for t, (price, *_) in enumerate(trades):
        fill += v[t]
        buys += v[t] if b[t] > 0 else 0
        sells += v[t] if b[t] < 0 else 0
        if fill < size:
            continue
        changes.append(price - closes[-1])
        closes.append(price)
        last = changes[-window:]
        part = None
        if not bulk:
            part = buys / (buys + sells) if buys + sells else 0.5
        elif len(last) == window:
            mean = sum(last) / window
            sigma = (sum((x - mean) ** 2 for x in last) / window) ** 0.5
            part = cdf(changes[-1] / max(sigma, floor))
        if part is not None:
            parts.append((abs(fill * part - (fill - fill * part)), fill))
        oi, filled = (sum(column) for column in zip(*parts[-n:], strict=True)) if parts else (0, 0)
        vpin = oi / filled if len(parts) >= n else None
        bars.append({"last_trade_id": trades[t][4], "volume": fill, "vpin": vpin, "theta": vpin})
        fill = buys = sells = 0.0
    return bars
