"""Shell. What can happen between a venue and the paths."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class ConnectionOpened(Happening):
    """Connection opened."""

    source: str
    shard: str
    connection: int
    counter: ClassVar[str] = counter_of("connection_opened")


@dataclass(frozen=True, slots=True)
class ConnectionClosed(Happening):
    """Connection closed."""

    source: str
    shard: str
    connection: int
    reason: str
    counter: ClassVar[str] = counter_of("connection_closed")


@dataclass(frozen=True, slots=True)
class ConnectionLost(Happening):
    """Connection lost; a successor is dialled."""

    source: str
    shard: str
    connection: int
    reason: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("connection_lost")


@dataclass(frozen=True, slots=True)
class DialRefused(Happening):
    """Dial refused; tried again later."""

    source: str
    shard: str
    reason: str
    retry_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("connection_refused")


@dataclass(frozen=True, slots=True)
class RotationFinished(Happening):
    """Rotation finished; the successor was sewn on every stream before the close."""

    source: str
    shard: str
    predecessor: int
    successor: int
    seam_s: float
    counter: ClassVar[str] = counter_of("rotation_finished")


@dataclass(frozen=True, slots=True)
class ShutdownAnnounced(Happening):
    """Venue announced the end of a connection; its successor is dialled at once."""

    source: str
    shard: str
    connection: int
    counter: ClassVar[str] = counter_of("connection_shutdown_announced")


@dataclass(frozen=True, slots=True)
class StreamSilent(Happening):
    """Stream is silent where facts are expected; its connection is replaced."""

    source: str
    stream: str
    connection: int
    why: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("stream_silent")


@dataclass(frozen=True, slots=True)
class GapFound(Happening):
    """Facts may be missing; the gap is recorded."""

    path: str
    reason: str
    missing: int | None
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("gap_found")


@dataclass(frozen=True, slots=True)
class FrameUndecodable(Happening):
    """Frame cannot be decoded; its bytes are kept as a dead letter."""

    source: str
    stream: str
    error: str
    file: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("frame_undecodable")


@dataclass(frozen=True, slots=True)
class FieldUnknown(Happening):
    """Venue sends a field that no event carries; what is known is recorded."""

    source: str
    channel: str
    field: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("field_unknown")


@dataclass(frozen=True, slots=True)
class MessageUnexpected(Happening):
    """Venue sent a message that belongs to no subscribed stream."""

    source: str
    connection: int
    text: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("message_unexpected")


@dataclass(frozen=True, slots=True)
class UniverseChanged(Happening):
    """Universe changed."""

    source: str
    added: int
    removed: int
    symbols: int
    counter: ClassVar[str] = counter_of("universe_changed")


@dataclass(frozen=True, slots=True)
class SymbolUnknown(Happening):
    """Symbol is not listed at the venue; everything else is recorded."""

    source: str
    symbol: str
    alike: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("symbol_unknown")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class RequestFailed(Happening):
    """REST request failed."""

    source: str
    error: str
    retry_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("request_failed")


@dataclass(frozen=True, slots=True)
class BookBroken(Happening):
    """Order book lost its chain; a fresh snapshot is fetched for this symbol alone."""

    path: str
    why: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("book_broken")
