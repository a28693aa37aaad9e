"""Shell. What can happen to the machine and to the time."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class DiskLow(Happening):
    """Disk is nearly full; merging waits, recording goes on."""

    free_bytes: int
    low_bytes: int
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("disk_low")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class DiskFull(Happening):
    """Disk is full; what cannot be written is kept in memory and tried again."""

    free_bytes: int
    writer: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("disk_full")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class DiskFreed(Happening):
    """Disk has room again."""

    free_bytes: int
    state: str
    counter: ClassVar[str] = counter_of("disk_freed")


@dataclass(frozen=True, slots=True)
class MergePostponed(Happening):
    """Merge would leave too little room on the disk; its chunks stay and lose nothing."""

    source: str
    data_type: str
    date_files: int
    need_bytes: int
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("merge_postponed")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class DescriptorsHigh(Happening):
    """Open files and connections come near what the system allows."""

    used: int
    limit: int
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("descriptors_high")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class DescriptorsShort(Happening):
    """What is to be recorded needs more open files and connections than the system allows."""

    needed: int
    limit: int
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("descriptors_short")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class MemoryHigh(Happening):
    """Memory comes near its limit."""

    used_bytes: int
    limit_bytes: int
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("memory_high")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class MemoryOver(Happening):
    """Memory is at its limit; all buffers are flushed early."""

    used_bytes: int
    limit_bytes: int
    rows: int
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("memory_over")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class ClockStepped(Happening):
    """Clock of this machine was set, or the machine slept; stored times stay as they are."""

    step_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("clock_stepped")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class ClockOffsetEstimated(Happening):
    """Clock of a venue was compared with ours; positive: the venue's is ahead."""

    source: str
    offset_s: float
    error_s: float
    level: ClassVar[int] = logging.DEBUG
    counter: ClassVar[str] = counter_of("clock_offset_estimated")


@dataclass(frozen=True, slots=True)
class ClockOffsetLarge(Happening):
    """Clock of a venue and ours are far apart; stored times stay as they are."""

    source: str
    offset_s: float
    error_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("clock_offset_large")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class ClockOffsetUnkept(Happening):
    """Estimate of a clock's offset could not be written."""

    source: str
    error: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("clock_offset_unkept")


@dataclass(frozen=True, slots=True)
class VenueTimeFrozen(Happening):
    """Facts keep coming, but the venue's time in them stands still."""

    source: str
    shard: str
    connection: int
    frozen_s: float
    cure: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("venue_time_frozen")
    is_folded: ClassVar[bool] = False
