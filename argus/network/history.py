"""Pure. How a venue's past is asked for: a value per data type, with its evidence.

Facts of the past are numbered without holes: trades by their ids, candles by how many lengths fit
before them. So one piece of arithmetic says what is missing, for all of them, and pages run along
the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from argus.events import Event, Gap

if TYPE_CHECKING:
    from argus.network.source import Request

NS = 1_000_000_000

type_of_span = tuple[int, int]
"""First and last number, both included."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers the keys of facts: the fact of number n has the key `begin + n * step`."""

    step: int = 1
    begin: int = 0

    def number(self, key: int) -> int:
        """Return the number of a key; a key between two numbers has the lower one."""
        return (key - self.begin) // self.step

    def key(self, number: int) -> int:
        """Return the key of a number."""
        return self.begin + number * self.step


IDS = Scale()

# 1970 began on a Thursday, candles of a week begin on Mondays.
_FIRST_MONDAY_NS = 4 * 86_400 * NS
_UNITS_NS = {"s": NS, "m": 60 * NS, "h": 3600 * NS, "d": 86_400 * NS, "w": 7 * 86_400 * NS}


def ids(interval: str) -> Scale | None:  # noqa: ARG001 a scale's form
    """Return the scale of ids that rise by one."""
    return IDS


def candles(interval: str) -> Scale | None:
    """Return the scale of candles by their begin (ns); None where their length varies.

    Which days begin a candle of several days is not documented, so these are left out as well.
    """
    count, unit = interval[:-1], interval[-1:]
    if not count.isdigit() or unit not in _UNITS_NS or (unit in "dw" and count != "1"):
        return None
    return Scale(int(count) * _UNITS_NS[unit], _FIRST_MONDAY_NS if unit == "w" else 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """How the key of a fact is found by its instant.

    Attributes:
        request: symbol and instant (UTC ns) to the request for the first fact from then on; without
            an instant, for the latest.
        decode: its answer to the first and the last key that it stands for; None if it is empty.
    """

    request: Callable[[str, int | None], Request]
    decode: Callable[[bytes], type_of_span | None]


@dataclass(frozen=True, slots=True)
class History:
    """How the past of one data type is asked for.

    Attributes:
        data_type: what its facts are.
        key: the field of a fact that pages run along.
        rows_max: facts in one answer, at most.
        request: symbol, interval, first and last key to the request; both are included.
        decode: its answer, `ts_recv` and interval to the facts, in order, of origin `backfill`.
        evidence: where the above comes from.
        scale: interval to the numbers of facts; None where they cannot be numbered.
        finding: how keys are found by their instant; None where keys are instants (UTC ns).
        reach_s: how far back the venue answers; None for all of its past.
    """

    data_type: str
    key: str
    rows_max: int
    request: Callable[[str, str, int, int], Request]
    decode: Callable[[bytes, int, str], list[Event]]
    evidence: str
    scale: Callable[[str], Scale | None] = ids
    finding: Finding | None = None
    reach_s: float | None = None

    @property
    def is_timed(self) -> bool:
        """Say whether keys are instants: then facts are asked for once for each interval."""
        return self.finding is None

    def number(self, fact: Event, scale: Scale) -> int:
        """Return a fact's number."""
        return scale.number(int(getattr(fact, self.key)))

    def numbers_between(self, scale: Scale, ts_from: int, ts_until: int) -> type_of_span:
        """Return the numbers of what ended after `ts_from` and not after `ts_until` (UTC ns).

        The first is greater than the last if there is none. Only where keys are instants.
        """
        assert self.is_timed, f"{self.data_type} is not numbered by time"
        return scale.number(ts_from), scale.number(ts_until) - 1

    def numbers_of(self, gap: Gap, scale: Scale) -> type_of_span | None:
        """Return the numbers that a gap says are missing; None if it does not tell."""
        if self.is_timed:
            return self.numbers_between(scale, gap.ts_from, gap.ts_until)
        if gap.first_missing_id is None or gap.last_missing_id is None:
            return None
        return gap.first_missing_id, gap.last_missing_id

    def ts_reached(self, now_ns: int) -> int:
        """Return the instant before which the venue does not answer."""
        return 0 if self.reach_s is None else now_ns - int(self.reach_s * NS)
