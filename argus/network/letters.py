"""Shell. Where undecodable frames are kept, as those who need it see it."""

from typing import Protocol


class DeadLetters(Protocol):
    """Keeps frames with their bytes."""

    def __call__(self, source: str, ts_recv: int, frame: bytes) -> str:
        """Keep a frame; return where."""
        ...
