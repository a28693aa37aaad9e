"""Pure. Waiting times between attempts: doubling, capped, jittered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that double from `first_ns` to `longest_ns`."""

    first_ns: int = 500_000_000
    longest_ns: int = 60_000_000_000

    def __post_init__(self) -> None:
        """Check the relation between the limits."""
        assert 0 < self.first_ns <= self.longest_ns, "the first delay exceeds the longest"

    def delay_ns(self, failures: int, jitter: float) -> int:
        """Return how long to wait after `failures` failures in a row.

        Args:
            failures: at least 1.
            jitter: a random number in [0, 1); the delay lies between half and all of its bound.
        """
        assert failures >= 1
        assert 0 <= jitter < 1
        bound = min(self.longest_ns, self.first_ns << min(failures - 1, 32))
        return bound // 2 + int(bound // 2 * jitter)
