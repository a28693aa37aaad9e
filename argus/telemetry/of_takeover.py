"""Shell. What can happen while one recorder takes over from another."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class TakeoverBegun(Happening):
    """Recording beside the recorder that runs, to take over from it."""

    generation: str
    version: str
    from_generation: str
    from_version: str
    counter: ClassVar[str] = counter_of("takeover_begun")


@dataclass(frozen=True, slots=True)
class TakeoverWaiting(Happening):
    """Streams are not sewn yet with what the other recorder has recorded."""

    streams: int
    example: str
    level: ClassVar[int] = logging.DEBUG
    counter: ClassVar[str] = counter_of("takeover_waiting")


@dataclass(frozen=True, slots=True)
class TakeoverAccepted(Happening):
    """Every stream is sewn and this generation accepted; the other recorder is asked to leave."""

    generation: str
    streams: int
    seconds: float
    counter: ClassVar[str] = counter_of("takeover_accepted")


@dataclass(frozen=True, slots=True)
class TakeoverDelayed(Happening):
    """The other recorder has not left yet; both record, and nothing is lost."""

    why: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("takeover_delayed")


@dataclass(frozen=True, slots=True)
class TakeoverFinished(Happening):
    """Took over; the other recorder has gone."""

    generation: str
    from_generation: str
    counter: ClassVar[str] = counter_of("takeover_finished")


@dataclass(frozen=True, slots=True)
class TakeoverAbandoned(Happening):
    """Gave up taking over; the other recorder goes on as if nothing had been."""

    generation: str
    why: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("takeover_abandoned")


@dataclass(frozen=True, slots=True)
class HandedOver(Happening):
    """Another recorder takes over; this one flushes and leaves, and merges nothing more."""

    generation: str
    to_generation: str
    counter: ClassVar[str] = counter_of("handed_over")
