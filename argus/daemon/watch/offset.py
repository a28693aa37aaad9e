"""Pure. How far a venue's clock is ahead of ours, estimated from its answers, with a bound.

The venue read its clock somewhere between our question and its answer. Half of that time is the
bound of the error, so of several samples the quickest one is the best; an average would only add
the delays of the others. Nothing that is stored is corrected by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RESOLUTION_NS = 1_000_000
"""Venues give whole milliseconds: the true time is up to one later."""

BLUR_NS_MAX = 100_000_000
"""Our clocks may disagree by so much about a round trip: they are not read at the same instant."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question for the time.

    Attributes:
        ts_asked: our wall clock before it.
        ts_answered: our wall clock after it.
        rtt_ns: the time in between by the monotonic clock.
        ts_venue: the answer, cut to whole `RESOLUTION_NS`.
    """

    ts_asked: int
    ts_answered: int
    rtt_ns: int
    ts_venue: int

    @property
    def blur_ns(self) -> int:
        """Return by how much our two clocks disagree about the round trip."""
        return abs(self.ts_answered - self.ts_asked - self.rtt_ns)


@dataclass(frozen=True, slots=True)
class Offset:
    """An estimate: the venue's clock is `offset_ns` ahead of ours, give or take `error_ns`."""

    ts: int
    offset_ns: int
    error_ns: int
    rtt_ns: int
    samples: int

    def is_beyond(self, limit_ns: int) -> bool:
        """Return whether the clocks are certainly further apart than a limit."""
        return abs(self.offset_ns) - self.error_ns > limit_ns


def estimate(samples: Sequence[Sample]) -> Offset | None:
    """Return the estimate by the quickest sample; None without a usable one."""
    # More than that, and our own clock was set in between.
    usable = [sample for sample in samples if sample.blur_ns <= BLUR_NS_MAX]
    if not usable:
        return None
    best = min(usable, key=lambda sample: sample.rtt_ns)
    half = RESOLUTION_NS // 2
    middle = (best.ts_asked + best.ts_answered) // 2
    return Offset(
        ts=best.ts_answered,
        offset_ns=best.ts_venue + half - middle,
        error_ns=(best.rtt_ns + 1) // 2 + best.blur_ns + half,
        rtt_ns=best.rtt_ns,
        samples=len(usable),
    )
