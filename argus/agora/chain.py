"""Pure. Splice of streams whose ids form a chain: any feed may continue it.

A fact is accepted iff it continues the chain, dropped if it is covered. If it is ahead, it is held
back while another feed may still deliver what lies between; then the hole is told and the held
facts go out in order.

Depth diffs of two connections may be cut at different ids. A diff that begins inside what was
published and ends beyond it straddles. On spot it continues the book (its sizes are absolute), so
it is accepted without a hole, but only when no feed is left that may continue exactly. On futures
the chain of `pu` is broken by it, so a hole is told.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter

from argus.agora.feed import Feed
from argus.agora.splice import Hole, Identity, Limits, Splice
from argus.errors import ImplausibleId
from argus.events import Event, GapReason

type_of_key = Callable[[Event], int]

LEAP_MAX = 1_000_000_000
"""No symbol has so many trades in the months that a process lives: a larger id is damage."""


class ChainSplice(Splice):
    """Splice by chain.

    Args:
        identity: CHAIN, RANGE or LINK.
        first: name of the field with the first id a fact covers.
        last: name of the field with the last id it covers.
        previous: name of the field with the last id of the fact before (LINK only).
        publish: see `Splice`.
        tell: see `Splice`.
        limits: see `Splice`.
    """

    __slots__ = ("_first", "_holding", "_identity", "_last", "_previous")

    def __init__(
        self,
        *,
        identity: Identity,
        first: str,
        last: str,
        previous: str = "",
        publish: Callable[[Event], object],
        tell: Callable[[Hole], None],
        limits: Limits,
    ) -> None:
        super().__init__(publish=publish, tell=tell, limits=limits)
        assert identity in {Identity.CHAIN, Identity.RANGE, Identity.LINK}
        self._identity = identity
        self._first: type_of_key = attrgetter(first)
        self._last: type_of_key = attrgetter(last)
        self._previous: type_of_key = attrgetter(previous) if previous else self._before_first
        self._holding = 0

    @property
    def is_holding(self) -> bool:
        """Return whether facts are held back."""
        return self._holding > 0

    def key_of(self, fact: Event) -> int:
        """Return the last id of a fact."""
        return self._last(fact)

    def _before_first(self, fact: Event) -> int:
        return self._first(fact) - 1

    def attach(self, name: str) -> Feed:
        """Add a feed; it may continue the chain with its first fact."""
        feed = Feed(name)
        offer = self._offer_one if self._identity is Identity.CHAIN else self._offer_span
        feed.offer = partial(offer, feed)
        self.feeds.append(feed)
        return feed

    def _offer_one(self, feed: Feed, fact: Event) -> bool:
        # `_offer_span` would do; this is its fast path, for one id a fact.
        key = self._last(fact)
        feed.last = key
        if feed.first is None:
            feed.first = key
        if key - 1 == self.last:
            self.last = key
            self.before = fact
            self.published += 1
            self.suspicion = None
            self.publish(fact)
            if self._holding:
                self._settle()
            return True
        if self.last is not None and key <= self.last:
            self.repeats += 1
            return False
        return self._offer_other(feed, fact, key)

    def _offer_span(self, feed: Feed, fact: Event) -> bool:
        last_id = self._last(fact)
        feed.last = last_id
        if feed.first is None:
            feed.first = last_id
        if self.last is not None and self._previous(fact) == self.last:
            self._accept(fact)
            if self._holding:
                self._settle()
            return True
        return self._offer_other(feed, fact, last_id)

    def _offer_other(self, feed: Feed, fact: Event, last_id: int) -> bool:
        if self.last is None:
            if self.suspicion is not None and self.before is not None:
                self.tell(Hole(self.suspicion, self.before, fact))
            self._accept(fact)
            return True
        if last_id <= self.last:
            self.repeats += 1
            return False
        if self._identity is Identity.CHAIN and last_id - self.last > LEAP_MAX:
            feed.last = self.last
            raise ImplausibleId(f"id {last_id} follows {self.last}; at most {LEAP_MAX} more")
        feed.held.append(fact)
        self._holding += 1
        self.keep(fact)
        self._settle(impatient=len(feed.held) > self.limits.held_max)
        return False

    def _accept(self, fact: Event) -> None:
        self.last = self._last(fact)
        self.before = fact
        self.published += 1
        self.suspicion = None
        self.publish(fact)

    def _settle(self, *, impatient: bool = False) -> None:
        """Publish what is held back and continues the chain; skip holes nobody can fill."""
        while self._holding:
            while any(self._release(feed) for feed in self.feeds):
                pass
            if not self._holding or (self._is_awaited() and not impatient):
                return
            self._skip()
            impatient = False

    def _release(self, feed: Feed) -> bool:
        held, progress = feed.held, False
        while held:
            fact = held[0]
            assert self.last is not None
            is_next = self._previous(fact) == self.last and self._last(fact) > self.last
            if is_next:
                self._accept(fact)
                progress = True
            elif self._last(fact) <= self.last:
                self.repeats += 1
            else:
                break
            held.popleft()
            self._holding -= 1
            self.let_go(fact, is_next)
        return progress

    def _is_awaited(self) -> bool:
        """Return whether an attached feed that has not passed the hole may still fill it."""
        return any(
            feed.attached
            and not feed.held
            and (feed.last is not None or feed.ts_acknowledged is not None)
            for feed in self.feeds
        )

    def _skip(self) -> None:
        """Continue with the earliest held fact, telling the hole before it."""
        feed = min((f for f in self.feeds if f.held), key=lambda f: self._first(f.held[0]))
        fact = feed.held.popleft()
        self._holding -= 1
        assert self.last is not None
        if self._identity is not Identity.RANGE or self._first(fact) > self.last + 1:
            self.tell(self._hole(fact))
        self._accept(fact)
        self.let_go(fact, True)  # noqa: FBT003 one word says it

    def _hole(self, fact: Event) -> Hole:
        assert self.last is not None
        assert self.before is not None
        reason = self.suspicion or GapReason.VENUE_SKIPPED
        if any(f.damaged_after == self.last for f in self.feeds):
            reason = GapReason.DEAD_LETTER
        first, last = self.last + 1, self._previous(fact)
        if last < first:
            return Hole(GapReason.UNSEWN, self.before, fact)
        missing = last - first + 1 if self._identity is Identity.CHAIN else None
        return Hole(reason, self.before, fact, first, last, missing)

    def detach(self, feed: Feed, now_ns: int, reason: GapReason = GapReason.CUT) -> None:
        """Remove a feed; what it holds stays until it continues the chain or time is up."""
        others = [f for f in self.feeds if f is not feed and f.attached]
        feed.attached = False
        if self.before is not None and not any(self.sewn(f, now_ns) for f in others):
            self.suspicion = reason
        self._settle()
        self._forget()

    def tick(self, now_ns: int) -> None:
        """Skip every hole that has been waited for longer than the patience."""
        is_back = self._has_stepped_back(now_ns)
        while self._holding and (is_back or now_ns - self._ts_held() >= self.limits.patience_ns):
            self._settle(impatient=True)
            self._forget()
        if self._is_stuck(now_ns):
            self._begin_anew()
            self._holding = 0
        for feed in self.feeds:
            feed.watch(self.published, self.last, now_ns, self.limits.patience_ns)

    def _ts_held(self) -> int:
        """Return when the earliest of the held facts was received."""
        return min(f.held[0].ts_recv for f in self.feeds if f.held)

    def _forget(self) -> None:
        self.feeds = [f for f in self.feeds if f.attached or f.held]
