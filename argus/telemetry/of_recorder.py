"""Shell. What can happen to a recorder as a whole."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class TaskFailed(Happening):
    """Task failed and is started again."""

    task: str
    error: str
    retry_s: float
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("task_failed")


@dataclass(frozen=True, slots=True)
class RecorderStarted(Happening):
    """Recorder started."""

    generation: str
    data: str
    counter: ClassVar[str] = counter_of("recorder_started")


@dataclass(frozen=True, slots=True)
class RecorderStopped(Happening):
    """Recorder stopped; all but what is unwritten is in chunks or in the lake."""

    generation: str
    facts: int
    gaps: int
    unwritten: int
    counter: ClassVar[str] = counter_of("recorder_stopped")


@dataclass(frozen=True, slots=True)
class CandlesUnanswered(Happening):
    """Venue did not give candles that were asked for; those with trades missing are marked."""

    source: str
    symbol: str
    interval: str
    error: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("candles_unanswered")
