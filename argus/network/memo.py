"""Pure. Remembers what frames were decoded to, so that the same bytes are decoded once.

Overlapping connections deliver most frames twice, byte for byte. The second delivery finds the
fact that the first one made, with its earlier `ts_recv`; the splice decides as if the frame had
been decoded anew. Where a venue's copies differ (another send time), nothing is found.
"""

from argus.events import Event

FRAMES_MAX = 65_536


class Memo:
    """Frame -> fact and slot, for frames delivered once so far; bounded by `FRAMES_MAX`.

    A slot is a stream's number, the same on every connection that shares the memo, so that a frame
    that is found need not be looked at again. `take(frame, None)` gives fact and slot and forgets
    them.
    """

    __slots__ = ("_kept", "_slots", "take")

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[Event, int]] = {}
        self._slots: dict[str, int] = {}
        self.take = self._kept.pop

    def slot(self, stream: str) -> int:
        """Return the number of a stream, a new one if it has none."""
        return self._slots.setdefault(stream, len(self._slots))

    def keep(self, frame: bytes, fact: Event, slot: int) -> None:
        """Remember what a frame was decoded to; when full, forget all that was not asked for."""
        kept = self._kept
        kept[frame] = (fact, slot)
        if len(kept) > FRAMES_MAX:
            kept.clear()
