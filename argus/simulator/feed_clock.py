"""Pure. How the time of the feed follows from the time of the machine."""

SECOND_NS = 1_000_000_000


class FeedClock:
    """Feed time = where it started + the time since then, `speed` times as fast + an offset."""

    __slots__ = ("_anchor_feed_ns", "_anchor_ns", "_speed", "is_running")

    def __init__(self, *, feed_ns: int, now_ns: int, speed: float) -> None:
        """Stand at `feed_ns` when the machine says `now_ns`; `start` lets it run."""
        self._anchor_feed_ns, self._anchor_ns, self._speed = feed_ns, now_ns, speed
        self.is_running = False

    def start(self, now_ns: int) -> None:
        """Go on from where it stands."""
        if not self.is_running:
            self._anchor_ns, self.is_running = now_ns, True

    def pause(self, now_ns: int) -> None:
        """Stand still."""
        self._anchor_feed_ns, self.is_running = self.feed_ns(now_ns), False

    def feed_ns(self, now_ns: int) -> int:
        """Return the feed's time when the machine says `now_ns`."""
        if not self.is_running:
            return self._anchor_feed_ns
        return self._anchor_feed_ns + int((now_ns - self._anchor_ns) * self._speed)

    def shift(self, by_ns: int) -> None:
        """Set the feed's clock forward, or back."""
        self._anchor_feed_ns += by_ns
