"""Pure. Frames of a connection that rests: kept, looked at, and not decoded.

While one connection delivers a shard, the others only have to be ready. A connection that rests
keeps its frames as they came, for `RETENTION_NS`. After `LOOK_AGE_NS` the last one of each stream
is looked at: if the stream does not have it yet, the one on duty is behind and the connection is
woken, with all that it has kept. So the loss of any connection, or of one stream of it, still loses
nothing, and the second delivery of a fact costs a tenth of the first.
"""

from collections import deque

LOOK_AGE_NS = 1_000_000_000
"""As long as the seam's patience by default: what is missing then, the one on duty lacks."""

RETENTION_NS = 3_000_000_000
FRAMES_MAX = 100_000
"""Bounds memory to some 30 MB; at more than 33,000 frames a second the retention is shorter."""

type_of_stamped = tuple[int, bytes]


class Resting:
    """What a resting connection keeps: what was not looked at yet, then what was.

    A frame is forgotten only by a look later than the one that first saw it, so that whoever looked
    still finds all that he may need, however late he was.
    """

    __slots__ = ("_fresh", "_looked")

    def __init__(self) -> None:
        self._fresh: deque[type_of_stamped] = deque()
        self._looked: deque[type_of_stamped] = deque()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._looked)

    def add(self, ts_recv: int, frame: bytes) -> None:
        """Keep a frame."""
        self._fresh.append((ts_recv, frame))

    def look(self, now_ns: int, start: int) -> dict[bytes, type_of_stamped]:
        """Return the last frame of each stream that is old enough and was not looked at yet.

        Where more is kept than half of `FRAMES_MAX`, the oldest are old enough.

        Args:
            now_ns: the wall clock, as `ts_recv`.
            start: where a stream's name begins in a frame; it ends at the next quote.
        """
        self._forget(now_ns - RETENTION_NS)
        last: dict[bytes, type_of_stamped] = {}
        fresh, looked, until = self._fresh, self._looked, now_ns - LOOK_AGE_NS
        while fresh and (
            fresh[0][0] <= until
            or fresh[0][0] > now_ns  # the clock has stepped back
            or len(fresh) > FRAMES_MAX // 2
        ):
            stamped = fresh.popleft()
            frame = stamped[1]
            last[frame[start : frame.find(b'"', start)]] = stamped
            looked.append(stamped)
        return last

    def _forget(self, oldest: int) -> None:
        looked, fresh = self._looked, self._fresh
        while looked and (looked[0][0] <= oldest or len(looked) + len(fresh) > FRAMES_MAX):
            looked.popleft()

    def take(self, frames_max: int) -> list[type_of_stamped]:
        """Hand over so many of the oldest frames."""
        taken: list[type_of_stamped] = []
        for frames in (self._looked, self._fresh):
            while frames and len(taken) < frames_max:
                taken.append(frames.popleft())
        return taken
