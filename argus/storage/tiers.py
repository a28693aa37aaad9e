"""Pure. Which date files to merge now, so that a day is not written over and over.

Merging rewrites the file. When what waits is as large as the file, each rewrite doubles it and the
rewrites of a day add up to twice its size, however long the day. What is small or rare waits
until it is old, and everything waits no longer than the end of its day. Rejected: merging
every flush (n flushes write (n+1)/2 times the final size) and by age alone (24 merges write 12.5
times).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from argus.storage.partition import Partition, ts_end_of

SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tiers:
    """When a date file is merged.

    Attributes:
        ratio: when what waits is this many times as large as the file ...
        size_bytes_min: ... and at least this large.
        rows_max: when so many rows wait, whatever their size: they are sorted in memory.
        age_max_s: when something has waited so long.
        grace_s: so long after the end of a date nothing more is expected for it.
    """

    ratio: float = 1.0
    size_bytes_min: int = 1 << 20
    rows_max: int = 4_000_000
    age_max_s: float = 6 * 3600.0
    grace_s: float = 600.0

    def __post_init__(self) -> None:
        assert self.ratio > 0
        assert self.rows_max > 0
        assert 0 <= self.grace_s <= self.age_max_s


@dataclass(frozen=True, slots=True)
class Load:
    """What waits for one date file, in figures; `ts_since` is when it was first seen waiting."""

    partition: Partition
    rows: int
    size_bytes: int
    file_bytes: int
    ts_since: int


def is_due(load: Load, now_ns: int, tiers: Tiers) -> bool:
    """Say whether a date file is to be merged now."""
    age_ns = now_ns - load.ts_since
    grace_ns = int(tiers.grace_s * SECOND_NS)
    if load.rows >= tiers.rows_max or age_ns >= int(tiers.age_max_s * SECOND_NS):
        return True
    # What comes in late for a closed date gathers for as long as the grace, too.
    if now_ns >= ts_end_of(load.partition.date) + grace_ns and age_ns >= grace_ns:
        return True
    return load.size_bytes >= max(tiers.size_bytes_min, tiers.ratio * load.file_bytes)


def due(loads: Iterable[Load], now_ns: int, tiers: Tiers) -> list[Partition]:
    """Return the date files to merge now."""
    return [load.partition for load in loads if is_due(load, now_ns, tiers)]
