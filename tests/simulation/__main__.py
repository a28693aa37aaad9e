"""`python -m tests.simulation --seeds 5000`: many days, side by side; see docs/contributing.md.

Prints each day that went wrong with its seed and options, and at the end what was simulated. Its
exit code is 1 if any did.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from argus.clock import SystemClock
from tests.simulation.day import Outcome, simulate
from tests.simulation.options import options

CRASHES = "crashes"


@dataclass(slots=True)
class Total:
    """What many days were like, in figures."""

    seeds: int = 0
    days: float = 0.0
    said: int = 0
    recorded: int = 0
    lost: int = 0
    gaps: int = 0
    befell: Counter[str] = field(default_factory=Counter)
    wrong: list[int] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Add a day."""
        verdict = outcome.verdict
        self.seeds += 1
        self.days += outcome.days
        self.said += verdict.said
        self.recorded += verdict.recorded
        self.lost += verdict.lost
        self.gaps += verdict.gaps
        self.befell += outcome.counts
        if verdict.wrong:
            self.wrong.append(outcome.options.seed)

    def lines(self, seconds: float) -> Iterable[str]:
        """Return the figures, for people."""
        faults = dict(sorted((k, n) for k, n in self.befell.items() if k != CRASHES))
        yield f"{self.seeds} seeds, {self.days:.0f} simulated days, {seconds:.0f} seconds"
        yield f"{self.said} facts said, {self.recorded} recorded"
        yield f"{self.lost} lost inside {self.gaps} recorded gaps"
        kinds = ", ".join(f"{n} {kind}" for kind, n in faults.items())
        yield f"{sum(faults.values())} faults: {kinds}"
        yield f"{self.befell[CRASHES]} crashes"
        yield f"{len(self.wrong)} days went wrong: {self.wrong}" if self.wrong else "all days right"


def day(seed: int) -> Outcome:
    """Simulate one day; what was reported stays in its process."""
    outcome = simulate(options(seed))
    outcome.happenings.clear()
    return outcome


def main(arguments: list[str]) -> int:
    """Simulate the days that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many days")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--story", action="store_true", help="print what the recorder reported")
    asked = parser.parse_args(arguments)
    clock, total = SystemClock(), Total()
    ts_begin = clock.monotonic_ns()
    seeds = range(asked.first, asked.first + asked.seeds)
    if asked.story:
        return tell(seeds)
    with ProcessPoolExecutor(asked.workers) as workers:
        for outcome in workers.map(day, seeds, chunksize=5):
            total.add(outcome)
            if outcome.verdict.wrong:
                print(outcome, flush=True)
    print("\n".join(total.lines((clock.monotonic_ns() - ts_begin) / 1e9)))
    return 1 if total.wrong else 0


def tell(seeds: Iterable[int]) -> int:
    """Print the story of each day, for whoever looks for the fault."""
    wrong = 0
    for seed in seeds:
        outcome = simulate(options(seed))
        print("\n".join([*outcome.happenings, str(outcome)]))
        wrong += bool(outcome.verdict.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
