"""Shell. Writes happenings as log lines and counts them."""

import logging
from collections import Counter
from dataclasses import dataclass

from argus.clock import Clock
from argus.telemetry.happening import Happening, message

logger = logging.getLogger("argus")


@dataclass(slots=True)
class _Folded:
    ts_written: int
    suppressed: int = 0


class Telemetry:
    """Write each happening as one log line and count it.

    Args:
        clock: for folding: a repeated warning or error is written at most every `fold_every_s`.
        fold_every_s: seconds between two lines of the same kind.
    """

    def __init__(self, clock: Clock, *, fold_every_s: float = 10.0) -> None:
        self._clock = clock
        self._fold_ns = int(fold_every_s * 1e9)
        self._folded: dict[str, _Folded] = {}
        self.counters: Counter[str] = Counter()

    def __call__(self, happening: Happening) -> None:
        """Count a happening and write its line, folding repeated warnings and errors."""
        kind = type(happening)
        if kind.counter:
            self.counters[kind.counter] += happening.amount()
        suffix = ""
        if kind.level >= logging.WARNING and kind.is_folded:
            now = self._clock.monotonic_ns()
            key = kind.__name__
            folded = self._folded.get(key)
            if folded is not None and now - folded.ts_written < self._fold_ns:
                folded.suppressed += 1
                return
            if folded is not None and folded.suppressed:
                suffix = f" ({folded.suppressed} more of this kind since the last line)"
            self._folded[key] = _Folded(now)
        logger.log(kind.level, "%s%s", message(happening), suffix)
