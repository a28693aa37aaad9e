"""Shell. What can happen while what is missing is asked for over REST."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class GapFilled(Happening):
    """Gap is filled from the venue's past; what is left of it is a gap of its own."""

    path: str
    facts: int
    left: int
    counter: ClassVar[str] = counter_of("gap_filled")


@dataclass(frozen=True, slots=True)
class FactsBackfilled(Happening):
    """Facts were added from the venue's past."""

    path: str
    facts: int
    requests: int
    counter: ClassVar[str] = counter_of("facts_backfilled")

    def amount(self) -> int:
        """Return the facts."""
        return self.facts


@dataclass(frozen=True, slots=True)
class GapUnfillable(Happening):
    """Gaps of these paths stay open; told once."""

    source: str
    data_type: str
    why: str
    counter: ClassVar[str] = counter_of("gap_unfillable")


@dataclass(frozen=True, slots=True)
class BackfillDelayed(Happening):
    """Venue does not answer for its past; asked again later."""

    path: str
    why: str
    retry_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("backfill_delayed")
