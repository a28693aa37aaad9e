"""Pure. The rules, their two modes, and the parameters of each with defaults and limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite
from numbers import Real
from operator import index
from typing import SupportsIndex

from argus.errors import ProfileError

Value = bool | int | float | str | None


class Rule(StrEnum):
    """What closes a bar."""

    TIME = "time"
    TICK = "tick"
    VOLUME = "volume"
    DOLLAR = "dollar"
    TICK_IMBALANCE = "tick_imbalance"
    VOLUME_IMBALANCE = "volume_imbalance"
    DOLLAR_IMBALANCE = "dollar_imbalance"
    TICK_RUN = "tick_run"
    VOLUME_RUN = "volume_run"
    DOLLAR_RUN = "dollar_run"
    VPIN = "vpin"


class Mode(StrEnum):
    """Whose rule it is: Raven's state machines tick for tick, or the book (AFML, chapter 2)."""

    RAVEN = "raven"
    AFML = "afml"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its type, its limits or choices, its default, and what it means.

    A number lies between `low` and `high`, both included unless `is_open`. Without a default it
    has to be given; `is_optional` allows None, which switches off what it is for.
    """

    name: str
    kind: type
    doc: str
    default: Value = None
    low: float = -inf
    high: float = inf
    is_open: bool = False
    is_optional: bool = False
    choices: tuple[str, ...] = ()

    @property
    def is_required(self) -> bool:
        """Return whether it has to be given."""
        return self.default is None and not self.is_optional

    @property
    def allowed(self) -> str:
        """Say what it may be."""
        if self.choices:
            return " or ".join(self.choices)
        if self.kind is bool:
            return "true or false"
        if self.kind is str:
            return "a text"
        words = "a whole number" if self.kind is int else "a number"
        if self.low > -inf:
            words += f" {'above' if self.is_open else 'of at least'} {self.low:g}"
        if self.high < inf:
            words += f" and {'below' if self.is_open else 'at most'} {self.high:g}"
        return words + (", or none" if self.is_optional else "")

    def check(self, value: Value) -> Value:
        """Return the value in the parameter's type.

        Raises:
            ValueError: it is none that the parameter may have.
        """
        if value is None and self.is_optional:
            return None
        if self.kind is int and not isinstance(value, bool) and isinstance(value, SupportsIndex):
            value = index(value)  # as numpy's whole numbers have it
        if self.kind is float and not isinstance(value, bool) and isinstance(value, Real):
            value = float(value)
        if type(value) is not self.kind or (self.choices and value not in self.choices):
            raise ValueError(self.name)
        if isinstance(value, int | float) and not self._is_within(value):
            raise ValueError(self.name)
        return value

    def _is_within(self, value: float) -> bool:
        if not isfinite(value) or abs(value) > LARGEST:
            return False
        if self.is_open:
            return self.low < value < self.high
        return self.low <= value <= self.high


LARGEST = 1e15  # beyond it a float no longer counts by one


def _positive(
    name: str, doc: str, default: Value = None, *, is_optional: bool = False
) -> Parameter:
    return Parameter(name, float, doc, default, low=0.0, is_open=True, is_optional=is_optional)


_PRIOR = (
    Parameter("expected_ticks_initial", float, "E[T] before the first bar", 100.0, low=1.0),
    Parameter("p_buy0", float, "P[buy] before the first bar", 0.7, low=0.0, high=1.0),
)
_RAVEN = (
    *_PRIOR,
    Parameter("alpha_size", float, "weight of a new bar's length in E[T]", 0.7, 0.0, 1.0),
    Parameter("alpha_imbl", float, "weight of a new bar in the other expectations", 0.72, 0.0, 1.0),
    Parameter("size_min_pct", float, "E[T] may fall below its begin by this part", 0.1, 0.0, 1.0),
    Parameter("size_max_pct", float, "E[T] may rise above its begin by this part", 0.1, 0.0, 1e6),
)
_SIGN = Parameter(
    "sign", str, "where a trade's sign comes from", "tick_rule", choices=("tick_rule", "exchange")
)
_CURES = (
    Parameter("warm_up", bool, "first bar is expected_ticks_initial trades long", default=False),
    _positive("threshold_min", "floor of the threshold", is_optional=True),
    _positive("threshold_max", "cap of the threshold", is_optional=True),
    Parameter("ticks_min", float, "floor of E[T]", low=1.0, is_optional=True),
    Parameter("ticks_max", float, "cap of E[T]", low=1.0, is_optional=True),
    Parameter("length_max", int, "most trades a bar may have", low=1, is_optional=True),
)
_AFML = (
    *_PRIOR,
    Parameter("num_prev_bars", float, "span, in bars, of the EWMA E[T]", 3.0, low=1.0),
    Parameter("imbalance_span", float, "span, in trades, of the other EWMAs", 10_000.0, low=1.0),
    _SIGN,
    *_CURES,
)
_SIZED = (_positive("size_initial", "E[v] before the first bar; none: the first trade's size",
                    is_optional=True),)  # fmt: skip
_VPIN = (
    _positive("bucket_size", "V, what closes a bucket", 10_000.0),
    Parameter("buckets", int, "n, how many buckets a value is made of", 50, low=1, high=100_000),
    Parameter("sigma_window", int, "price changes that sigma is made of", 20, low=1, high=100_000),
    _positive("sigma_floor", "least sigma", 1e-12),
    Parameter("unit", str, "what a bucket is filled with", "quote", choices=("quote", "base")),
    Parameter("classification", str, "how volume is split", "bulk", choices=("bulk", "exchange")),
)
_TIME = (
    Parameter("interval", str, "length of a bar, e.g. 30s, 5m, 1h, 1d"),
    Parameter("empty", bool, "whether intervals without a trade give a bar", default=False),
)
_BOTH: dict[Rule, tuple[Parameter, ...]] = {
    Rule.TIME: _TIME,
    Rule.TICK: (Parameter("size", int, "trades in a bar", low=1),),
    Rule.VOLUME: (_positive("size", "base quantity that closes a bar"),),
    Rule.DOLLAR: (_positive("size", "quote turnover that closes a bar"),),
    Rule.VPIN: _VPIN,
}
PARAMETERS: Mapping[tuple[Rule, Mode], tuple[Parameter, ...]] = {
    **{(rule, mode): them for rule, them in _BOTH.items() for mode in Mode},
    (Rule.TICK_IMBALANCE, Mode.RAVEN): _RAVEN,
    (Rule.VOLUME_IMBALANCE, Mode.RAVEN): _RAVEN,
    (Rule.DOLLAR_IMBALANCE, Mode.RAVEN): _RAVEN,
    (Rule.TICK_RUN, Mode.RAVEN): _RAVEN,
    (Rule.TICK_IMBALANCE, Mode.AFML): _AFML,
    (Rule.VOLUME_IMBALANCE, Mode.AFML): _AFML + _SIZED,
    (Rule.DOLLAR_IMBALANCE, Mode.AFML): _AFML + _SIZED,
    (Rule.TICK_RUN, Mode.AFML): _AFML,
    (Rule.VOLUME_RUN, Mode.AFML): _AFML + _SIZED,
    (Rule.DOLLAR_RUN, Mode.AFML): _AFML + _SIZED,
}
"""Rule and mode -> parameters, in the order in which they are told."""


def rule_of(rule: str, mode: str, *, where: str) -> tuple[Rule, Mode]:
    """Return rule and mode by their names.

    Raises:
        ProfileError: there is no such rule or mode, or the mode does not have the rule.
    """
    if rule not in set(Rule):
        raise ProfileError(f"rule {rule!r} {where}; the rules are {', '.join(Rule)}")
    if mode not in set(Mode):
        raise ProfileError(f"mode {mode!r} {where}; the modes are {', '.join(Mode)}")
    if (found := (Rule(rule), Mode(mode))) not in PARAMETERS:
        has = ", ".join(known for known, of in PARAMETERS if of == mode)
        raise ProfileError(f"rule {rule} in mode {mode} {where}; mode {mode} has {has}")
    return found


def checked(rule: Rule, mode: Mode, given: Mapping[str, Value], *, where: str) -> dict[str, Value]:
    """Return all parameters of a rule, the given ones checked and the others by default.

    Raises:
        ProfileError: one is unknown, missing, of the wrong type or out of its limits.
    """
    parameters = PARAMETERS[rule, mode]
    names = [parameter.name for parameter in parameters]
    for name in given:
        if name not in names:
            raise ProfileError(
                f"parameter {name} {where}; {rule} in mode {mode} has {', '.join(names)}"
            )
    values: dict[str, Value] = {}
    for parameter in parameters:
        value = given.get(parameter.name, parameter.default)
        if value is None and parameter.is_required:
            raise ProfileError(f"no {parameter.name} {where}; expected {parameter.allowed}")
        try:
            values[parameter.name] = parameter.check(value)
        except ValueError:
            raise ProfileError(
                f"{parameter.name} = {value!r} {where}; expected {parameter.allowed}"
            ) from None
    return values
