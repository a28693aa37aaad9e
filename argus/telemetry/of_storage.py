"""Shell. What can happen between the paths and the lake."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class FactUnstorable(Happening):
    """Fact holds a value that its column cannot hold; it alone is missing, as a gap tells."""

    path: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("fact_unstorable")


@dataclass(frozen=True, slots=True)
class ChunkFlushed(Happening):
    """Chunk flushed."""

    source: str
    data_type: str
    rows: int
    size_bytes: int
    level: ClassVar[int] = logging.DEBUG
    counter: ClassVar[str] = counter_of("chunk_flushed")


@dataclass(frozen=True, slots=True)
class FlushFailed(Happening):
    """Flush failed; the rows are kept in memory and tried again."""

    source: str
    data_type: str
    rows: int
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("flush_failed")


@dataclass(frozen=True, slots=True)
class PartitionMerged(Happening):
    """Chunks merged into date files."""

    source: str
    data_type: str
    partitions: int
    rows: int
    size_bytes: int
    counter: ClassVar[str] = counter_of("partition_merged")


@dataclass(frozen=True, slots=True)
class MergeFailed(Happening):
    """Merge failed; its chunks stay and are tried again."""

    source: str
    data_type: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("merge_failed")


@dataclass(frozen=True, slots=True)
class FileSetAside(Happening):
    """File is unreadable or foreign; it was set aside and everything else goes on."""

    file: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("file_set_aside")


@dataclass(frozen=True, slots=True)
class JournalFailed(Happening):
    """Journal cannot be written; lines wait in memory and are tried again."""

    source: str
    lines: int
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("journal_failed")


@dataclass(frozen=True, slots=True)
class JournalResumed(Happening):
    """Journal is written again."""

    source: str
    counter: ClassVar[str] = counter_of("journal_resumed")


@dataclass(frozen=True, slots=True)
class JournalRecovered(Happening):
    """Journal of a run that died was decoded again; its facts are durable."""

    source: str
    generation: str
    lines: int
    torn: int
    undecodable: int
    gaps: int
    seconds: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("journal_recovered")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class JournalLeft(Happening):
    """Journal of a run that died is left as it is; a person has to look at it."""

    folder: str
    why: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("journal_left")
