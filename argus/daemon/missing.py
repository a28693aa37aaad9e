"""Pure. What could not be taken into storage, and the gap that tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from argus.agora.router import instant
from argus.events import BookDelta, Event, Gap, GapReason, GapState, Origin


@dataclass(slots=True)
class Missing:
    """Facts of one path that could not be taken, one after the other.

    Attributes:
        reason: why not.
        before: the last one that was taken before; None if there is none.
        first: the first of them.
        last: the last of them.
        count: how many they are.
    """

    reason: GapReason
    before: Event | None
    first: Event
    last: Event
    count: int

    def add(self, facts: list[Event]) -> None:
        """Add facts that follow."""
        self.last = facts[-1]
        self.count += len(facts)

    def gap(self, data_type: str, after: Event | None, now_ns: int) -> Gap:
        """Return a gap from the last fact before to the first one after, None if none came."""
        before, first_id, last_id = self.before or self.first, _ids(self.first), _ids(self.last)
        return replace(
            gap_between(data_type, before, after or self.last, self.reason, now_ns),
            first_missing_id=first_id[0] if first_id else None,
            last_missing_id=last_id[-1] if last_id else None,
            missing=self.count,
        )


def gap_between(data_type: str, before: Event, after: Event, reason: GapReason, now_ns: int) -> Gap:
    """Return a gap between two facts, of which nothing is known but its ends."""
    ts_from = instant(before)
    return Gap(
        ts_event=ts_from,
        ts_recv=now_ns,
        origin=Origin.LIVE,
        of_data_type=data_type,
        ts_from=ts_from,
        ts_until=instant(after),
        first_missing_id=None,
        last_missing_id=None,
        missing=None,
        reason=reason,
        state=GapState.OPEN,
    )


def _ids(fact: Event) -> list[int]:
    """Return the ids that a fact covers: none, one, or first and last."""
    if isinstance(fact, BookDelta):
        return [fact.first_update_id, fact.last_update_id]
    return [getattr(fact, name) for name in fact.order[:1] if name.endswith("_id")]
