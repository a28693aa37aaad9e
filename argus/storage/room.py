"""Pure. What those who write ask about the room on the disk, and tell of it."""

from typing import Protocol


class Room(Protocol):
    """Decides whether there is room; called from threads as well."""

    def may_merge(self, need_bytes: int) -> bool:
        """Return whether a merge may write so much before it can delete anything."""
        ...

    def note(self, writer: str, error: OSError | None) -> None:
        """Take how the last write of a writer ended: None if well."""
        ...


class Plenty:
    """Room without end: nobody watches it."""

    def may_merge(self, need_bytes: int) -> bool:  # noqa: ARG002 there is always enough
        """Return True."""
        return True

    def note(self, writer: str, error: OSError | None) -> None:
        """Take it and do nothing."""
