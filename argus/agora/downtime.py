"""Pure. Whether the facts of two runs of a recorder join, and the gap where they do not.

What was recorded last before this run, and what came first in it: where ids form a chain they say
whether anything lies between; where they only rise, or there are none, everything may. A first
fact that was recorded before proves that nothing is missing: from it on, this run is complete.
"""

from __future__ import annotations

from operator import attrgetter

from argus.agora.router import Seam
from argus.agora.splice import Hole, Identity
from argus.events import Event, GapReason


def hole_between(
    seam: Seam, before: Event, after: Event, reason: GapReason = GapReason.PROCESS_DOWN
) -> Hole | None:
    """Return what may be missing between two runs of one stream; None if nothing is.

    Args:
        seam: how facts of the stream are joined.
        before: the last fact of an earlier run.
        after: the first fact of this run.
        reason: why nobody recorded in between.
    """
    if seam.identity is Identity.NONE:
        return Hole(reason, before, after)
    last, reached = key_of(seam, before), key_of(seam, after)
    if reached <= last:
        is_anew = reached < last and _is_later(before, after)
        return Hole(reason, before, after) if is_anew else None
    if seam.identity is Identity.RISING:
        return Hole(reason, before, after)
    until = _first(seam, after) - 1
    if seam.identity is Identity.LINK:
        until = attrgetter(seam.previous)(after)
    if until <= last:
        return None
    missing = until - last if seam.identity is Identity.CHAIN else None
    return Hole(reason, before, after, last + 1, until, missing)


def _is_later(before: Event, after: Event) -> bool:
    """Return whether a fact is later by the venue's own time; one with a lower id is not, then.

    Its ids have begun anew.
    """
    if before.ts_event is None or after.ts_event is None:
        return False
    return after.ts_event > before.ts_event


def key_of(seam: Seam, fact: Event) -> int:
    """Return what facts of the stream are ordered by: an id, the last one of a range, or a time."""
    key = attrgetter(seam.key) if isinstance(seam.key, str) else seam.key
    return key(fact)


def _first(seam: Seam, fact: Event) -> int:
    assert isinstance(seam.key, str)
    first: int = attrgetter(seam.first or seam.key)(fact)
    return first
