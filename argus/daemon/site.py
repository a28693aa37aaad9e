"""Shell. Where a recorder writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from argus.storage.disk import Disk
from argus.storage.room import Plenty, Room


@dataclass(frozen=True, slots=True)
class Site:
    """A data folder, and who writes into it.

    Attributes:
        data: the data folder.
        generation: hash of this run.
        disk: what writes.
        room: is asked before merges and told of failed writes.
    """

    data: Path
    generation: str
    disk: Disk
    room: Room = field(default_factory=Plenty)


def is_wanted(key: tuple[str, str], source: str | None, data_type: str | None) -> bool:
    """Return whether a source and data type are among those that are asked for, None for all."""
    return source in {None, key[0]} and data_type in {None, key[1]}
