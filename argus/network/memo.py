"""Pure. Remembers what frames were decoded to, so that the same bytes are decoded once.

Overlapping connections deliver most frames twice, byte for byte. The second delivery finds the
fact that the first one made, with its earlier `ts_recv`; the splice decides as if the frame had
been decoded anew. Where a venue's copies differ (another send time), nothing is found.
"""

from argus.events import Event

FRAMES_MAX = 8192


class Memo:
    """Frame -> fact, for frames that were delivered once so far; bounded by `FRAMES_MAX`.

    `take(frame, None)` gives a fact and forgets it.
    """

    __slots__ = ("_kept", "take")

    def __init__(self) -> None:
        self._kept: dict[bytes, Event] = {}
        self.take = self._kept.pop

    def keep(self, frame: bytes, fact: Event) -> None:
        """Remember what a frame was decoded to; when full, forget all that was not asked for."""
        kept = self._kept
        kept[frame] = fact
        if len(kept) > FRAMES_MAX:
            kept.clear()
