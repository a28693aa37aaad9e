"""Shell. What can happen between the chunks and the stores: databases that rows are written to."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from argus.telemetry.happening import Happening, counter_of


@dataclass(frozen=True, slots=True)
class StoreOpened(Happening):
    """Store answers; what waits for it is written."""

    store: str
    chunks: int
    notes: int
    counter: ClassVar[str] = counter_of("store_opened")


@dataclass(frozen=True, slots=True)
class StoreLost(Happening):
    """Store gives no answer; what is for it waits in its spool, and it is tried again."""

    store: str
    error: str
    wait_s: float
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("store_lost")


@dataclass(frozen=True, slots=True)
class StoreRefusing(Happening):
    """Store refuses until somebody changes something; what is for it waits in its spool."""

    store: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("store_refusing")
    is_folded: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class RowsStored(Happening):
    """Rows written to a store."""

    store: str
    source: str
    data_type: str
    rows: int
    level: ClassVar[int] = logging.DEBUG
    counter: ClassVar[str] = counter_of("store_row_written")

    def amount(self) -> int:
        """Return the rows."""
        return self.rows


@dataclass(frozen=True, slots=True)
class RowsSetAside(Happening):
    """Rows that a store will never take were set aside; the others were written."""

    store: str
    rows: int
    why: str
    file: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("store_row_refused")

    def amount(self) -> int:
        """Return the rows."""
        return self.rows


@dataclass(frozen=True, slots=True)
class BarsLeftToSpool(Happening):
    """Bars were not written at once; the chunk that holds them brings them."""

    store: str
    bars: int
    level: ClassVar[int] = logging.DEBUG
    counter: ClassVar[str] = counter_of("store_bar_left_to_spool")

    def amount(self) -> int:
        """Return the bars."""
        return self.bars


@dataclass(frozen=True, slots=True)
class BarsNotDeleted(Happening):
    """Store cannot delete bars that were built anew; those of the highest revision count."""

    store: str
    symbol: str
    profile: str
    revision: int
    from_sequence: int
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("store_bar_not_deleted")


@dataclass(frozen=True, slots=True)
class SpoolShortened(Happening):
    """Spool is full; its oldest chunks were replaced by notes to read the lake again."""

    store: str
    chunks: int
    size_bytes: int
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("spool_chunk_replaced")

    def amount(self) -> int:
        """Return the chunks."""
        return self.chunks


@dataclass(frozen=True, slots=True)
class SpoolFailed(Happening):
    """Spool cannot be written or read; its chunks stay where they are and are tried again."""

    store: str
    error: str
    level: ClassVar[int] = logging.ERROR
    counter: ClassVar[str] = counter_of("spool_failed")


@dataclass(frozen=True, slots=True)
class FeederLeft(Happening):
    """Store did not answer while the recorder stopped; what it was not given waits in its spool."""

    store: str
    chunks: int
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("feeder_left")


@dataclass(frozen=True, slots=True)
class OldRowsKept(Happening):
    """Store cannot drop rows that are older than they have to be kept; writing goes on."""

    store: str
    why: str
    level: ClassVar[int] = logging.WARNING
    counter: ClassVar[str] = counter_of("store_old_row_kept")
