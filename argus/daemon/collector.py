"""Shell. The garbage collector of a long-running recorder.

Facts hold no cycles and are freed by counting references; what the collector finds is small and
rare (exceptions, tasks). Its default thresholds make it look through everything that lives after
every few hundred allocations. What was imported is put out of its sight, and it looks seldom.
"""

import gc

YOUNG_MAX = 20_000
"""Allocations between two looks at what is young; each takes about a millisecond."""


def restore() -> None:
    """Give the collector back everything it was kept from, so that a process can end tidily."""
    gc.unfreeze()


def tune() -> None:
    """Collect once, freeze what lives, and look seldom from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 50, 50)
