"""Pure. The seam: what several feeds deliver of one stream becomes one stream, each fact once.

A feed is one connection's delivery of one stream: in order, and complete from its first fact on.
So once some fact has come from two feeds, everything the one has still to give is in the other,
too. This module holds what all splices share; `chain.py` joins streams whose ids form a chain,
`rising.py` those whose ids merely rise.

Time comes in as `ts_recv` of facts and as `now_ns` of `tick`. Bounds: a feed holds at most
`held_max` facts back, for at most `patience_ns`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from argus.agora.feed import Feed
from argus.events import Event, GapReason


class Identity(StrEnum):
    """How the facts of a stream are told apart and joined."""

    CHAIN = "chain"
    """One id a fact, the next is one higher (trades, aggregates)."""
    RANGE = "range"
    """A range of ids a fact, the next begins one higher (depth diffs of spot markets)."""
    LINK = "link"
    """A fact names the last id of the fact before it (of futures, often)."""
    RISING = "rising"
    """Ids rise and have holes (best bid and offer)."""
    NONE = "none"
    """No id: cut by venue time, and every change of feed is a possible loss."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of one stream that may be incomplete: between `before` and `after`.

    `after` is None when the stream was closed before another fact came.
    """

    reason: GapReason
    before: Event
    after: Event | None
    first_missing_id: int | None = None
    last_missing_id: int | None = None
    missing: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much is held back, and when a quiet stream counts as sewn."""

    patience_ns: int = 1_000_000_000
    quiet_ns: int = 3_000_000_000
    held_max: int = 65_536
    stuck_ns: int = 10_000_000_000
    stuck_facts: int = 20

    def __post_init__(self) -> None:
        """Check the relation between the limits."""
        assert 0 < self.patience_ns <= self.quiet_ns, "a quiet stream must outlast the patience"
        assert self.held_max > 0, "held_max must be positive"


def _care_not(*_: object) -> None:
    """Take what nobody asked for."""


class Splice:
    """What every splice has: feeds, the fact published last, and what is suspected of being lost.

    A feed's `offer` says whether the fact was published at once. One that was not is a repeat, or
    it went through `keep` and later goes through `let_go`.

    Args:
        publish: takes each accepted fact, once, in the venue's order.
        tell: takes each hole before the fact after it is published.

    Attributes:
        keep: told of each fact that is held back.
        let_go: told of each fact that is held back no more, and whether it was published.
        anew: told when the next fact is taken for the beginning of the stream.
    """

    __slots__ = (
        "_seen",
        "_ts_ticked",
        "anew",
        "before",
        "feeds",
        "keep",
        "last",
        "let_go",
        "limits",
        "publish",
        "published",
        "repeats",
        "suspicion",
        "tell",
    )

    def __init__(
        self,
        *,
        publish: Callable[[Event], object],
        tell: Callable[[Hole], None],
        limits: Limits,
    ) -> None:
        self.publish = publish
        self.tell = tell
        self.limits = limits
        self.keep: Callable[[Event], None] = _care_not
        self.let_go: Callable[[Event, bool], None] = _care_not
        self.anew: Callable[[], None] = _care_not
        self.feeds: list[Feed] = []
        self.before: Event | None = None
        self.last: int | None = None
        self.published = 0
        self.repeats = 0
        self.suspicion: GapReason | None = None
        self._ts_ticked = 0
        self._seen = (0, 0, 0)

    def attach(self, name: str) -> Feed:
        """Add a feed and return it; its `offer` takes its facts."""
        raise NotImplementedError

    def detach(self, feed: Feed, now_ns: int, reason: GapReason = GapReason.CUT) -> None:
        """Remove a feed that will deliver nothing more."""
        raise NotImplementedError

    def tick(self, now_ns: int) -> None:
        """Give up waiting where patience has run out."""
        raise NotImplementedError

    def acknowledge(self, feed: Feed, now_ns: int) -> None:
        """Note that the venue says it serves this feed."""
        feed.ts_acknowledged = now_ns

    def sewn(self, feed: Feed, now_ns: int) -> bool:
        """Return whether nothing is lost if every other feed ends now.

        True once a fact has come from this feed and, by another, from the stream; or, on a quiet
        stream, once both have been silent since the acknowledgement. A feed that rests was sewn
        when it began to.
        """
        if feed.is_resting:
            return True
        if feed.first is not None:
            return self.last is not None and feed.first <= self.last
        if feed.ts_acknowledged is None or feed.lead or feed.marked is None or feed.is_damaged:
            return False
        silent_since = feed.ts_acknowledged
        if self.before is not None:
            silent_since = max(silent_since, self.before.ts_recv)
        return now_ns - silent_since >= self.limits.quiet_ns

    def damage(self, feed: Feed) -> None:
        """Note that a frame of this feed could not be decoded: it has a hole after its last."""
        feed.is_damaged = True
        feed.damaged_after = feed.last
        feed.first = None

    def _has_stepped_back(self, now_ns: int) -> bool:
        """Return whether the clock is behind the last tick: what is held cannot be timed then."""
        is_back, self._ts_ticked = now_ns < self._ts_ticked, now_ns
        return is_back

    def _is_stuck(self, now_ns: int) -> bool:
        """Return whether feeds deliver and deliver, and nothing of it passes for new.

        Then the venue has begun its ids anew, or one wild id has hidden all that followed. A feed
        that merely lagged, or was woken, repeats much as well, but arrives where the stream is.
        """
        published, repeats, since = self._seen
        if self.published != published or now_ns < since or self.repeats == repeats:
            self._seen = (self.published, self.repeats, now_ns)
            return False
        if (
            self.last is None
            or now_ns - since < self.limits.stuck_ns
            or self.repeats - repeats < self.limits.stuck_facts
        ):
            return False
        keys = [f.last for f in self.feeds if f.last is not None and f.has_moved_since(since)]
        return bool(keys) and max(keys) < self.last

    def _begin_anew(self) -> None:
        """Take the next fact for the beginning of the stream, and tell a hole before it."""
        for feed in self.feeds:
            feed.first = feed.last = None
            self._drop_held(feed)
        self.last = None
        self.anew()
        self.suspicion = GapReason.VENUE_SKIPPED
        self._seen = (self.published, self.repeats, self._ts_ticked)

    def _drop_held(self, feed: Feed) -> None:
        for fact in feed.held:
            self.let_go(fact, False)  # noqa: FBT003 one word says it
        feed.held.clear()

    @property
    def is_holding(self) -> bool:
        """Return whether facts are held back."""
        raise NotImplementedError

    def key_of(self, fact: Event) -> int:
        """Return the last id, or the key, of a fact."""
        raise NotImplementedError

    def has_kept_up(self, feed: Feed, fact: Event) -> bool:
        """Return whether the stream has a fact of a resting feed; if so, the feed is sewn."""
        key = self.key_of(fact)
        feed.ts_venue = fact.ts_event
        if self.last is None or key > self.last:
            return False
        feed.last = key
        if feed.first is None:
            feed.first = key
        return True

    def prefer(self, feed: Feed) -> None:
        """Relay this feed rather than any other, where only one is relayed."""

    def ending(self) -> Iterator[Feed]:
        """Return the feeds in the order in which a close removes them."""
        yield from list(self.feeds)

    def close(self, now_ns: int) -> None:
        """End the stream: publish what is held back, and tell a hole that has no end."""
        suspicion = self.suspicion
        for feed in self.ending():
            self.detach(feed, now_ns)
        if suspicion is None:
            self.suspicion = None  # our own end is no loss of this stream
        if self.suspicion is not None and self.before is not None:
            self.tell(Hole(self.suspicion, self.before, None))
            self.suspicion = None
