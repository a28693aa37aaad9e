"""Pure. Profiles: named sets of parameters, the defaults by name, and intervals by their text."""

import re
from dataclasses import dataclass

from argus.bars.rules import Mode, Rule, Value, checked, rule_of
from argus.errors import ProfileError

VERSION = 2  # part of a fingerprint: raised when a rule gives other bars, so that series begin anew
UNITS_NS = {"s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86_400 * 10**9}
_INTERVAL = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Profile:
    """A rule with all its parameters, under a name. Make one with `Profile.of` or `profile`.

    `parameters` holds a pair of name and value for every parameter, in the order of the rule's
    declaration (`argus.bars.rules.PARAMETERS`).
    """

    name: str
    rule: Rule
    mode: Mode
    parameters: tuple[tuple[str, Value], ...]

    @classmethod
    def of(cls, name: str, rule: str, mode: str = "afml", **parameters: Value) -> "Profile":
        """Return a profile; what is not given has its default.

        Args:
            name: one to 64 letters, digits, `_`, `.` and `-`; the word on the bars.
            rule: e.g. `volume_imbalance`.
            mode: `afml` or `raven`.
            parameters: those of the rule, see `docs/bars.md`.

        Raises:
            ProfileError: says what was found and what is allowed.
        """
        if not _NAME.fullmatch(name):
            raise ProfileError(
                f"profile {name!r}; a name is up to 64 letters, digits, '_', '.' and '-'"
            )
        where = f"in profile {name}"
        known_rule, known_mode = rule_of(rule, mode, where=where)
        values = checked(known_rule, known_mode, parameters, where=where)
        if known_rule is Rule.TIME:
            interval_ns(str(values["interval"]))
        _check_pairs(values, where)
        return cls(name, known_rule, known_mode, tuple(values.items()))

    def __getitem__(self, name: str) -> Value:
        """Return a parameter's value; KeyError if the rule has no such parameter."""
        return dict(self.parameters)[name]

    @property
    def fingerprint(self) -> str:
        """Return a text of all that the bars depend on, besides the trades."""
        values = ",".join(f"{name}={value!r}" for name, value in self.parameters)
        return f"{VERSION}:{self.rule}:{self.mode}:{values}"

    @property
    def label(self) -> str:
        """Return the name, of VPIN with what Raven adds to it: `vpin_V10000_n50_sw20`."""
        if self.rule is not Rule.VPIN:
            return self.name
        size, buckets, window = self["bucket_size"], self["buckets"], self["sigma_window"]
        return f"{self.name}_V{size:g}_n{buckets}_sw{window}"


def _check_pairs(values: dict[str, Value], where: str) -> None:
    for low, high in (("threshold_min", "threshold_max"), ("ticks_min", "ticks_max")):
        least, most = values.get(low), values.get(high)
        if isinstance(least, float) and isinstance(most, float) and least > most:
            raise ProfileError(f"{low} = {least:g} {where}; expected at most {high} = {most:g}")


def interval_ns(text: str) -> int:
    """Return the length of an interval such as `1s`, `5m`, `4h` or `1d` in nanoseconds.

    Raises:
        ProfileError: the text is no interval.
    """
    found = _INTERVAL.fullmatch(text)
    if found is None:
        raise ProfileError(
            f"interval {text!r}; expected a number from 1 to 99999 and s, m, h or d, e.g. 5m"
        )
    return int(found[1]) * UNITS_NS[found[2]]


_NAMED: dict[str, tuple[Rule, Mode, dict[str, Value]]] = {
    "tib_small": (Rule.TICK_IMBALANCE, Mode.RAVEN, {"expected_ticks_initial": 100.0}),
    "tib_large": (Rule.TICK_IMBALANCE, Mode.RAVEN, {"expected_ticks_initial": 500.0}),
    "trb_small": (Rule.TICK_RUN, Mode.RAVEN, {"expected_ticks_initial": 100.0}),
    "trb_large": (Rule.TICK_RUN, Mode.RAVEN, {"expected_ticks_initial": 500.0}),
    "vib_small": (Rule.VOLUME_IMBALANCE, Mode.RAVEN, {"expected_ticks_initial": 100.0}),
    "vib_large": (Rule.VOLUME_IMBALANCE, Mode.RAVEN, {"expected_ticks_initial": 250.0}),
    "vpin": (Rule.VPIN, Mode.RAVEN, {}),
}
NAMES = tuple(_NAMED)
"""Names of the defaults besides the intervals."""


def profile(name: str, **overrides: Value) -> Profile:
    """Return a named default (`tib_small`, `vpin`, `5m`, …), some parameters replaced.

    Raises:
        ProfileError: there is no such default, or a parameter is not allowed.
    """
    if name in _NAMED:
        rule, mode, parameters = _NAMED[name]
        return Profile.of(name, rule, mode, **(parameters | overrides))
    if _INTERVAL.fullmatch(name):
        given: dict[str, Value] = {"interval": name}
        return Profile.of(name, Rule.TIME, Mode.AFML, **(given | overrides))
    raise ProfileError(
        f"profile {name!r}; the defaults are {', '.join(NAMES)} and intervals such as 1s, 5m, 1d"
    )
