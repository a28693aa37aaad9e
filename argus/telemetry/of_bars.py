"""Shell. What can happen to bars that are built while it is recorded."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class BarsBegun(Happening):
    """Bars of a source are up to date; from now on they are built as trades come."""

    source: str
    symbols: int
    from_states: int
    seconds: float
    counter: ClassVar[str] = counter_of("bars_begun")


@dataclass(frozen=True, slots=True)
class BarsBuilt(Happening):
    """Bars were closed and published."""

    source: str
    bars: int
    level: ClassVar[int] = logging.DEBUG
    counter: ClassVar[str] = counter_of("bars_built")

    def amount(self) -> int:
        """Return the bars."""
        return self.bars


@dataclass(frozen=True, slots=True)
class BarsRewound(Happening):
    """Bars are built anew from before a stretch whose trades are there now, or are not stored."""

    path: str
    reason: str
    after_id: int | None
    counter: ClassVar[str] = counter_of("bars_rewound")


@dataclass(frozen=True, slots=True)
class BarsRevised(Happening):
    """Bars that were published differ from what the trades give; a higher revision counts."""

    path: str
    profiles: int
    counter: ClassVar[str] = counter_of("bars_revised")


@dataclass(frozen=True, slots=True)
class BarsFailed(Happening):
    """Bars of a symbol cannot be built; it is tried again from where they were saved last."""

    path: str
    error: str
    retry_s: float
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("bars_failed")


@dataclass(frozen=True, slots=True)
class BarsUnsaved(Happening):
    """States of bars cannot be saved; those saved before stay, and a restart takes longer."""

    source: str
    error: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("bars_unsaved")
