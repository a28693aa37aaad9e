"""Pure. Keeps a venue's limit before anything is sent: so much weight in any window of time."""

from collections import deque


class Limiter:
    """Weight spent in a sliding window.

    Args:
        weight_max: what may be spent in any window of `window_ns`.
        window_ns: length of the window.
    """

    def __init__(self, weight_max: int, window_ns: int) -> None:
        assert weight_max > 0
        assert window_ns > 0
        self.weight_max = weight_max
        self.window_ns = window_ns
        self._spent: deque[tuple[int, int]] = deque()
        self._sum = 0
        self._ts_closed_until = 0

    def wait_ns(self, weight: int, now_ns: int, share: float = 1.0) -> int:
        """Return how long to wait before `weight` may be spent (0: now). Spends nothing.

        Whoever asks with a `share` below 1 leaves the rest of the limit to others; what is heavier
        than its share is spent once nothing else is in the window.

        Raises:
            ValueError: `weight` exceeds the limit, so that no waiting would help.
        """
        if weight > self.weight_max:
            msg = f"weight {weight} exceeds the limit of {self.weight_max}"
            raise ValueError(msg)
        self._forget(now_ns)
        wait = max(0, self._ts_closed_until - now_ns)
        excess = self._sum + weight - max(weight, int(self.weight_max * share))
        for ts, spent in self._spent:
            if excess <= 0:
                break
            excess -= spent
            wait = max(wait, ts + self.window_ns - now_ns)
        return wait

    def spend(self, weight: int, now_ns: int) -> None:
        """Note that `weight` is being spent now."""
        self._forget(now_ns)
        self._spent.append((now_ns, weight))
        self._sum += weight

    def observe(self, used: int, now_ns: int) -> None:
        """Take the venue's own count of the weight used, if it is higher than ours."""
        self._forget(now_ns)
        if used > self._sum:
            self.spend(used - self._sum, now_ns)

    def close_until(self, ts_ns: int) -> None:
        """Spend nothing before an instant, since the venue asked for it."""
        self._ts_closed_until = max(self._ts_closed_until, ts_ns)

    def used(self, now_ns: int) -> int:
        """Return the weight spent in the window that ends now."""
        self._forget(now_ns)
        return self._sum

    def _forget(self, now_ns: int) -> None:
        while self._spent and self._spent[0][0] <= now_ns - self.window_ns:
            self._sum -= self._spent.popleft()[1]
