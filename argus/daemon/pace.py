"""Pure. How late the event loop is, and how fast things go: figures over the last seconds."""

from collections import deque

SECOND_NS = 1_000_000_000


class Lateness:
    """How late a periodic timer is called: what the event loop was busy with."""

    def __init__(self) -> None:
        self.last_ns = 0
        self.max_ns = 0

    def note(self, *, due_ns: int, now_ns: int) -> None:
        """Note that a timer that was due has been called."""
        self.last_ns = max(0, now_ns - due_ns)
        self.max_ns = max(self.max_ns, self.last_ns)


class Rate:
    """Growth of a counter per second, over the last `window_s`."""

    def __init__(self, window_s: float = 5.0) -> None:
        self._window_ns = int(window_s * SECOND_NS)
        self._seen: deque[tuple[int, int]] = deque()

    def note(self, count: int, now_ns: int) -> None:
        """Note a counter's value."""
        self._seen.append((now_ns, count))
        while len(self._seen) > 2 and self._seen[1][0] <= now_ns - self._window_ns:
            self._seen.popleft()

    def per_second(self) -> float:
        """Return the growth per second; 0 before two values are known."""
        if len(self._seen) < 2:  # noqa: PLR2004 a rate needs two points
            return 0.0
        (since, low), (until, high) = self._seen[0], self._seen[-1]
        return (high - low) * SECOND_NS / (until - since) if until > since else 0.0
