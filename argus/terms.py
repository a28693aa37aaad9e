"""Pure. Closed sets of words, and marks of how text is stored; `argus.events` hands them on."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Side of the aggressor (trades) or of the order (liquidations)."""

    BUY = "buy"
    SELL = "sell"
    UNKNOWN = "unknown"

    # Enum hashes by name in Python code; the text's own hash is in C and cached.
    __hash__ = str.__hash__


class Origin(StrEnum):
    """How a fact reached us."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    BACKFILL = "backfill"
    IMPORT = "import"

    __hash__ = str.__hash__


class GapState(StrEnum):
    """Whether what a gap says is missing has been filled since."""

    OPEN = "open"
    FILLED = "filled"

    __hash__ = str.__hash__


class GapReason(StrEnum):
    """Why a stretch of a path may be incomplete."""

    CUT = "cut"
    UNSEWN = "unsewn"
    STALLED = "stalled"
    OVERRUN = "overrun"
    VENUE_SKIPPED = "venue_skipped"
    DEAD_LETTER = "dead_letter"
    DISK = "disk"
    PROCESS_DOWN = "process_down"

    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class Category:
    """Text with few distinct values: a dictionary string on disk. `doc` describes the field."""

    doc: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text of any content, stored as it is. `doc` describes the field."""

    doc: str
