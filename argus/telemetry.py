"""Shell. What can happen, one type each; reporting one does the log line and the counter.

A type's docstring is its message and its fields are the data. Levels: info for connections,
rotations, flushes; warning for what is tried again; error where data may be missing or a person
must act. A repeated warning or error is folded into one line with a count every 10 s.
"""

import logging
from collections import Counter
from dataclasses import dataclass, fields
from typing import ClassVar, Protocol

from argus.clock import Clock

logger = logging.getLogger("argus")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that can happen; subclasses say what. `counter` names the metric it adds to."""

    level: ClassVar[int] = logging.INFO
    counter: ClassVar[str] = ""

    def amount(self) -> int:
        """Return what the counter rises by."""
        return 1


class Report(Protocol):
    """Where happenings go."""

    def __call__(self, happening: Happening) -> None:
        """Take one happening."""
        ...


@dataclass(slots=True)
class _Folded:
    ts_written: int
    suppressed: int = 0


class Telemetry:
    """Write each happening as one log line and count it.

    Args:
        clock: for folding: a repeated warning or error is written at most every `fold_every_s`.
        fold_every_s: seconds between two lines of the same kind.
    """

    def __init__(self, clock: Clock, *, fold_every_s: float = 10.0) -> None:
        self._clock = clock
        self._fold_ns = int(fold_every_s * 1e9)
        self._folded: dict[str, _Folded] = {}
        self.counters: Counter[str] = Counter()

    def __call__(self, happening: Happening) -> None:
        """Count a happening and write its line, folding repeated warnings and errors."""
        kind = type(happening)
        if kind.counter:
            self.counters[kind.counter] += happening.amount()
        suffix = ""
        if kind.level >= logging.WARNING:
            now = self._clock.monotonic_ns()
            key = kind.__name__
            folded = self._folded.get(key)
            if folded is not None and now - folded.ts_written < self._fold_ns:
                folded.suppressed += 1
                return
            if folded is not None and folded.suppressed:
                suffix = f" ({folded.suppressed} more of this kind since the last line)"
            self._folded[key] = _Folded(now)
        logger.log(kind.level, "%s%s", message(happening), suffix)


def message(happening: Happening) -> str:
    """Return a happening as one line: the first line of its docstring, then its fields."""
    doc = (type(happening).__doc__ or type(happening).__name__).strip().splitlines()[0].rstrip(".")
    data = " ".join(f"{f.name}={getattr(happening, f.name)}" for f in fields(happening))
    return f"{doc}: {data}" if data else doc


def _declare(name: str) -> str:
    return f"argus_{name}_total"


@dataclass(frozen=True, slots=True)
class ConnectionOpened(Happening):
    """Connection opened."""

    source: str
    shard: str
    connection: int
    counter: ClassVar[str] = _declare("connection_opened")


@dataclass(frozen=True, slots=True)
class ConnectionClosed(Happening):
    """Connection closed."""

    source: str
    shard: str
    connection: int
    reason: str
    counter: ClassVar[str] = _declare("connection_closed")


@dataclass(frozen=True, slots=True)
class ConnectionLost(Happening):
    """Connection lost; a successor is dialled."""

    source: str
    shard: str
    connection: int
    reason: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = _declare("connection_lost")


@dataclass(frozen=True, slots=True)
class DialRefused(Happening):
    """Dial refused; tried again later."""

    source: str
    shard: str
    reason: str
    retry_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = _declare("connection_refused")


@dataclass(frozen=True, slots=True)
class RotationFinished(Happening):
    """Rotation finished; the successor was sewn on every stream before the close."""

    source: str
    shard: str
    predecessor: int
    successor: int
    seam_s: float
    counter: ClassVar[str] = _declare("rotation_finished")


@dataclass(frozen=True, slots=True)
class ShutdownAnnounced(Happening):
    """Venue announced the end of a connection; its successor is dialled at once."""

    source: str
    shard: str
    connection: int
    counter: ClassVar[str] = _declare("connection_shutdown_announced")


@dataclass(frozen=True, slots=True)
class StreamSilent(Happening):
    """Stream is silent where facts are expected; its connection is replaced."""

    source: str
    stream: str
    connection: int
    why: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = _declare("stream_silent")


@dataclass(frozen=True, slots=True)
class GapFound(Happening):
    """Facts may be missing; the gap is recorded."""

    path: str
    reason: str
    missing: int | None
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("gap_found")


@dataclass(frozen=True, slots=True)
class FrameUndecodable(Happening):
    """Frame cannot be decoded; its bytes are kept as a dead letter."""

    source: str
    stream: str
    error: str
    file: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("frame_undecodable")


@dataclass(frozen=True, slots=True)
class FactUnstorable(Happening):
    """Fact holds a value that its column cannot hold; it alone is missing, as a gap tells."""

    path: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("fact_unstorable")


@dataclass(frozen=True, slots=True)
class FieldUnknown(Happening):
    """Venue sends a field that no event carries; it is kept in the raw frames only."""

    source: str
    channel: str
    field: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = _declare("field_unknown")


@dataclass(frozen=True, slots=True)
class MessageUnexpected(Happening):
    """Venue sent a message that belongs to no subscribed stream."""

    source: str
    connection: int
    text: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = _declare("message_unexpected")


@dataclass(frozen=True, slots=True)
class UniverseChanged(Happening):
    """Universe changed."""

    source: str
    added: int
    removed: int
    symbols: int
    counter: ClassVar[str] = _declare("universe_changed")


@dataclass(frozen=True, slots=True)
class SymbolUnknown(Happening):
    """Symbol is not listed at the venue; everything else is recorded."""

    source: str
    symbol: str
    alike: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("symbol_unknown")


@dataclass(frozen=True, slots=True)
class RequestFailed(Happening):
    """REST request failed."""

    source: str
    error: str
    retry_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = _declare("request_failed")


@dataclass(frozen=True, slots=True)
class BookBroken(Happening):
    """Order book lost its chain; a fresh snapshot is fetched for this symbol alone."""

    path: str
    why: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = _declare("book_broken")


@dataclass(frozen=True, slots=True)
class ChunkFlushed(Happening):
    """Chunk flushed."""

    source: str
    data_type: str
    rows: int
    size_bytes: int
    level: ClassVar[int] = logging.DEBUG
    counter: ClassVar[str] = _declare("chunk_flushed")


@dataclass(frozen=True, slots=True)
class FlushFailed(Happening):
    """Flush failed; the rows are kept in memory and tried again."""

    source: str
    data_type: str
    rows: int
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("flush_failed")


@dataclass(frozen=True, slots=True)
class PartitionMerged(Happening):
    """Chunks merged into date files."""

    source: str
    data_type: str
    partitions: int
    rows: int
    size_bytes: int
    counter: ClassVar[str] = _declare("partition_merged")


@dataclass(frozen=True, slots=True)
class MergeFailed(Happening):
    """Merge failed; its chunks stay and are tried again."""

    source: str
    data_type: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("merge_failed")


@dataclass(frozen=True, slots=True)
class FileSetAside(Happening):
    """File is unreadable or foreign; it was set aside and everything else goes on."""

    file: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("file_set_aside")


@dataclass(frozen=True, slots=True)
class TaskFailed(Happening):
    """Task failed and is started again."""

    task: str
    error: str
    retry_s: float
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = _declare("task_failed")


@dataclass(frozen=True, slots=True)
class RecorderStarted(Happening):
    """Recorder started."""

    generation: str
    data: str
    counter: ClassVar[str] = _declare("recorder_started")


@dataclass(frozen=True, slots=True)
class RecorderStopped(Happening):
    """Recorder stopped; everything is flushed and merged."""

    generation: str
    facts: int
    gaps: int
    counter: ClassVar[str] = _declare("recorder_stopped")
