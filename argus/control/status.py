"""Pure. What a running recorder says about itself: one frozen value, also as plain JSON values.

The service fills a `Status`; the control socket sends it as JSON; `argus status` and the demo show
it. Durations are seconds, instants UTC nanoseconds, sizes bytes. Counts are since the start of the
generation; rates are over the last few seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec


class ConnectionState(StrEnum):
    """Where a connection is in its life."""

    DIALLING = "dialling"
    SEWING = "sewing"
    ACTIVE = "active"
    STANDBY = "standby"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStatus:
    """One open (or dialling) connection."""

    shard: str
    connection: int
    state: ConnectionState
    age_s: float
    streams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStatus:
    """The clock of a venue, compared with ours; positive: the venue's is ahead."""

    offset_s: float
    error_s: float
    """The true offset is not further from the estimate."""
    rtt_s: float
    ts: int
    """When it was estimated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source: its connections, and what came over them."""

    source: str
    symbols: int
    streams: int
    connections: tuple[ConnectionStatus, ...] = ()
    facts: int = 0
    facts_per_s: float = 0.0
    facts_by_data_type: Mapping[str, int] = field(default_factory=dict)
    repeats: int = 0
    """Facts that came again over another connection and were dropped by the splice."""
    held: int = 0
    """Facts held back for a seam at this moment."""
    rotations: int = 0
    reconnects: int = 0
    gaps: int = 0
    dead_letters: int = 0
    ts_last_fact: int | None = None
    clock: ClockStatus | None = None
    """None before the venue has told its time."""
    frozen_s: float = 0.0
    """How long the venue's time has stood still, at most over all shards, while facts came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageStatus:
    """What stands in buffers, in chunks and in the lake."""

    pending_rows: int = 0
    """Rows in memory that no chunk holds yet."""
    pending_bytes: int = 0
    chunks: int = 0
    """Sealed chunks that are not merged yet."""
    chunk_rows: int = 0
    chunk_bytes: int = 0
    date_files: int = 0
    rows_written: int = 0
    """Rows that reached a chunk since the start."""
    bytes_written: int = 0
    """Bytes of chunks and date files written since the start; merging rewrites are included."""
    rows_dropped: int = 0
    """Rows dropped because a declared limit was reached; each lies in a recorded gap."""
    merges: int = 0
    stale_generations: int = 0
    journal_bytes: int = 0
    """Bytes of accepted frames written to journals since the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineStatus:
    """What is watched of the machine; a limit of None is none."""

    disk: str = "ok"
    """`ok`, `low` (merging waits) or `full` (writes fail and are tried again)."""
    disk_free_bytes: int = 0
    disk_low_bytes: int = 0
    descriptors: int = 0
    descriptors_max: int | None = None
    descriptors_needed: int = 0
    """How many may be open when every shard rotates at once."""
    memory_bytes: int = 0
    """Resident now; `memory_bytes` of the recorder is the most that it ever was."""
    memory_bytes_max: int | None = None
    clock_steps: int = 0
    clock_step_s: float = 0.0
    """The last step of the wall clock; negative if it was set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsStatus:
    """The bars of one source, which are built as trades come."""

    source: str
    of_data_type: str
    profiles: tuple[str, ...] = ()
    symbols: int = 0
    behind: int = 0
    """Symbols whose bars are read from the disk first: at the start, and after a gap was filled."""
    bars: int = 0
    """Bars published since the start."""
    revised: int = 0
    """How often bars of a profile and symbol were told again with a higher revision."""
    trades_behind: int = 0
    """Trades that have come and are in no bar yet."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Symbol -> why its bars cannot be built at present."""


class SinkState(StrEnum):
    """What becomes of rows for a store."""

    OPENING = "opening"
    FEEDING = "feeding"
    AWAY = "away"
    REFUSING = "refusing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkStatus:
    """One store, and what waits for it."""

    store: str
    state: SinkState = SinkState.OPENING
    chunks: int = 0
    """Chunks in its spool."""
    chunk_bytes: int = 0
    notes: int = 0
    """Data types and dates that are to be read from the lake again."""
    oldest_s: float | None = None
    """How long the oldest chunk has waited."""
    rows_written: int = 0
    """Rows given to it since the start, some more than once."""
    rows_refused: int = 0
    bars_left: int = 0
    """Bars that did not go ahead of their chunk."""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A running recorder at one instant."""

    generation: str
    data: str
    ts_now: int
    ts_started: int
    uptime_s: float
    pid: int = 0
    version: str = ""
    sources: tuple[SourceStatus, ...] = ()
    storage: StorageStatus = StorageStatus()
    machine: MachineStatus = MachineStatus()
    bars: tuple[BarsStatus, ...] = ()
    sinks: tuple[SinkStatus, ...] = ()
    loop_lag_ms: float = 0.0
    """How late the event loop's timers are at present."""
    loop_lag_ms_max: float = 0.0
    loop_lag_ms_percentiles: Mapping[str, float] = field(default_factory=dict)
    """Since the start: `p50`, `p90`, `p99`, `p99.9`."""
    memory_bytes: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    """Every counter of the telemetry by its metric's name."""


def to_json(status: Status) -> dict[str, object]:
    """Return a status as plain JSON values; `from_json` reads it back."""
    plain = msgspec.to_builtins(status)
    assert isinstance(plain, dict)
    return plain


def from_json(plain: object) -> Status:
    """Return the status that `to_json` wrote. Fields added by a later version are ignored.

    Raises:
        msgspec.ValidationError: a field is missing or of another type.
    """
    return msgspec.convert(plain, Status)
