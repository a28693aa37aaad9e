"""Pure. How late the event loop is, and how fast things go."""

from collections import deque

SECOND_NS = 1_000_000_000
MICROSECOND_NS = 1_000
STEPS_BITS = 2
"""Each doubling of a duration has 4 steps, so a percentile is at most a quarter too high."""


class Lateness:
    """How late a periodic timer is called: what the event loop was busy with.

    A distribution of constant size: durations are counted in steps of microseconds that grow with
    the duration.
    """

    def __init__(self) -> None:
        self.last_ns = 0
        self.max_ns = 0
        self.count = 0
        self._steps: dict[int, int] = {}

    def note(self, *, due_ns: int, now_ns: int) -> None:
        """Note that a timer that was due has been called."""
        self.last_ns = max(0, now_ns - due_ns)
        self.max_ns = max(self.max_ns, self.last_ns)
        self.count += 1
        step = _step(self.last_ns // MICROSECOND_NS)
        self._steps[step] = self._steps.get(step, 0) + 1

    def percentile_ns(self, share: float) -> int:
        """Return how late at most a `share` (0 to 1) of the calls were; 0 before the first."""
        left = share * self.count
        for step in sorted(self._steps):
            left -= self._steps[step]
            if left <= 0:
                return min(self.max_ns, _end(step) * MICROSECOND_NS)
        return self.max_ns

    def percentiles_ms(self) -> dict[str, float]:
        """Return the usual percentiles by their names, in milliseconds."""
        wanted = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
        return {name: self.percentile_ns(share) / 1e6 for name, share in wanted.items()}


def _step(duration: int) -> int:
    """Return the number of the step that a duration falls into."""
    shift = max(0, duration.bit_length() - 1 - STEPS_BITS)
    return (shift << STEPS_BITS) + (duration >> shift)


def _end(step: int) -> int:
    """Return the first duration beyond a step."""
    shift = max(0, (step >> STEPS_BITS) - 1)
    return (step - (shift << STEPS_BITS) + 1) << shift


class Rate:
    """Growth of a counter per second, over the last `window_s`."""

    def __init__(self, window_s: float = 5.0) -> None:
        self._window_ns = int(window_s * SECOND_NS)
        self._first: tuple[int, int] | None = None
        self._later: deque[tuple[int, int]] = deque()

    def note(self, count: int, now_ns: int) -> None:
        """Note a counter's value."""
        if self._first is None:
            self._first = (now_ns, count)
            return
        self._later.append((now_ns, count))
        while len(self._later) > 1 and self._later[0][0] <= now_ns - self._window_ns:
            self._first = self._later.popleft()

    def per_second(self) -> float:
        """Return the growth per second; 0 before two values are known."""
        if self._first is None or not self._later:
            return 0.0
        (since, low), (until, high) = self._first, self._later[-1]
        return (high - low) * SECOND_NS / (until - since) if until > since else 0.0
