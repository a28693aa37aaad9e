"""Pure. The same thing is told, and cured, ever more rarely, if the cure is no help."""

FIRST_WAIT_NS = 10_000_000_000
LONGEST_WAIT_NS = 3_600_000_000_000
DOUBLINGS_MAX = 10


class Rarely:
    """Says whether something may be told again: after 10 s, 20 s, ... at most an hour."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, int]] = {}

    def may(self, name: str, now: int) -> bool:
        """Return whether `name` may be told at `now` (monotonic ns), and note that it is."""
        count, ts_next = self._told.get(name, (0, 0))
        if now < ts_next:
            return False
        wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS << min(count, DOUBLINGS_MAX))
        self._told[name] = (count + 1, now + wait_ns)
        return True
