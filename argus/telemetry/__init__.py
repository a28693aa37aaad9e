"""Shell. What can happen, one type each; reporting one does the log line and the counter.

A type's docstring is its message and its fields are the data. Levels: info for connections,
rotations, flushes; warning for what is tried again; error where data may be missing or a person
must act. A repeated warning or error is folded into one line with a count every 10 s.
"""

from argus.telemetry.happening import Happening, Report, message
from argus.telemetry.of_network import (
    BookBroken,
    ConnectionClosed,
    ConnectionLost,
    ConnectionOpened,
    DialRefused,
    FieldUnknown,
    FrameUndecodable,
    GapFound,
    MessageUnexpected,
    RequestFailed,
    RotationFinished,
    ShutdownAnnounced,
    StreamSilent,
    SymbolUnknown,
    UniverseChanged,
)
from argus.telemetry.of_recorder import (
    RecorderStarted,
    RecorderStopped,
    TaskFailed,
)
from argus.telemetry.of_storage import (
    ChunkFlushed,
    FactUnstorable,
    FileSetAside,
    FlushFailed,
    MergeFailed,
    PartitionMerged,
)
from argus.telemetry.writer import Telemetry

__all__ = [
    "BookBroken",
    "ChunkFlushed",
    "ConnectionClosed",
    "ConnectionLost",
    "ConnectionOpened",
    "DialRefused",
    "FactUnstorable",
    "FieldUnknown",
    "FileSetAside",
    "FlushFailed",
    "FrameUndecodable",
    "GapFound",
    "Happening",
    "MergeFailed",
    "MessageUnexpected",
    "PartitionMerged",
    "RecorderStarted",
    "RecorderStopped",
    "Report",
    "RequestFailed",
    "RotationFinished",
    "ShutdownAnnounced",
    "StreamSilent",
    "SymbolUnknown",
    "TaskFailed",
    "Telemetry",
    "UniverseChanged",
    "message",
]
