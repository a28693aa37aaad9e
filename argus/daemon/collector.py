"""Shell. The garbage collector of a long-running recorder.

Facts hold no cycles and are freed by counting references; what the collector finds is small and
rare (exceptions, tasks). Its default thresholds make it look through everything that lives after
every few hundred allocations. What was imported is put out of its sight, and it looks seldom.
"""

import gc

YOUNG_MAX = 20_000
"""Allocations between two looks at what is young; each takes about a millisecond."""


type_of_thresholds = tuple[int, int, int]


def tune() -> type_of_thresholds:
    """Collect once, freeze what lives, and look seldom from now on; return how often before."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 50, 50)
    return before


def restore(before: type_of_thresholds) -> None:
    """Give the collector back everything it was kept from, and let it look as often as before.

    A process that goes on without a recorder has cycles of the ended one to be collected.
    """
    gc.unfreeze()
    gc.set_threshold(*before)
