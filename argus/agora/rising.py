"""Pure. Splice of streams whose ids only rise: the active feed is relayed, the others wait.

What a feed delivers beyond the active one is held back and dropped as the active one delivers it.
When the active feed ends, stalls or loses a frame, the best other feed is promoted: its held facts
that are new go out, in order. If it was not sewn, a hole is told before the next fact. A feed that
loses a frame while it waits is split there: what it held before goes out as a feed that has ended.

Streams without identity are cut by venue time; each promotion tells a hole, since equal times
prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter

from argus.agora.feed import Feed
from argus.agora.splice import Hole, Identity, Limits, Splice
from argus.events import Event, GapReason


class RisingSplice(Splice):
    """Splice by rising key.

    Args:
        identity: RISING, or NONE for streams that are cut by venue time.
        key: returns the rising key of a fact.
        publish: see `Splice`.
        tell: see `Splice`.
        limits: see `Splice`.
    """

    __slots__ = ("_holding", "_identity", "_key", "active", "stalls")

    def __init__(
        self,
        *,
        identity: Identity,
        key: str | Callable[[Event], int],
        publish: Callable[[Event], object],
        tell: Callable[[Hole], None],
        limits: Limits,
    ) -> None:
        super().__init__(publish=publish, tell=tell, limits=limits)
        assert identity in {Identity.RISING, Identity.NONE}
        self._identity = identity
        self._key: Callable[[Event], int] = attrgetter(key) if isinstance(key, str) else key
        self._holding = 0
        self.active: Feed | None = None
        self.stalls = 0

    @property
    def is_holding(self) -> bool:
        """Return whether facts are held back."""
        return self._holding > 0

    def key_of(self, fact: Event) -> int:
        """Return the key of a fact."""
        return self._key(fact)

    def prefer(self, feed: Feed) -> None:
        """Promote a sewn feed, if it is not the active one."""
        if feed is not self.active and feed.first is not None:
            self.promote(feed)

    def attach(self, name: str) -> Feed:
        """Add a feed; it becomes the active one with its first fact if there is none."""
        feed = Feed(name)
        feed.offer = partial(self._offer, feed)
        self.feeds.append(feed)
        return feed

    def _offer(self, feed: Feed, fact: Event) -> bool:
        key = self._key(fact)
        feed.last = key
        if feed.first is None:
            feed.first = key
        last = self.last
        if last is not None and key <= last:
            self.repeats += 1
            return False
        if feed is self.active:
            if self.suspicion is not None:
                self._judge(feed, fact)
            self.last = key
            self.before = fact
            self.published += 1
            self.publish(fact)
            if self._holding:
                self._drop_covered()
            return True
        self._hold(feed, fact)
        return False

    def _hold(self, feed: Feed, fact: Event) -> None:
        feed.held.append(fact)
        self._holding += 1
        self.keep(fact)
        if self.active is None:
            self.promote(feed)
        elif len(feed.held) > self.limits.held_max:
            self._stall(feed)

    def _drop_covered(self) -> None:
        last = self.last
        assert last is not None
        for feed in self.feeds:
            held = feed.held
            while held and self._key(held[0]) <= last:
                self.let_go(held.popleft(), False)  # noqa: FBT003 one word says it
                self._holding -= 1
                self.repeats += 1

    def _judge(self, feed: Feed, fact: Event) -> None:
        """Tell the hole before `fact`, unless its feed proves that nothing lies there."""
        assert self.suspicion is not None
        assert feed.first is not None
        proven = self.last is not None and feed.first <= self.last
        always = self.suspicion in {GapReason.DEAD_LETTER, GapReason.UNSEWN, GapReason.DISK}
        if self.before is not None and (always or not proven):
            self.tell(Hole(self.suspicion, self.before, fact))
        self.suspicion = None

    def promote(self, feed: Feed, now_ns: int = 0) -> None:
        """Relay `feed` from now on; what it holds and is new goes out first."""
        self.active = feed
        held, feed.held = list(feed.held), type(feed.held)()
        self._holding -= len(held)
        for fact in held:
            self.let_go(fact, self._offer(feed, fact))
        if not feed.attached:
            self.detach(feed, now_ns, GapReason.DEAD_LETTER)

    def _stall(self, feed: Feed, now_ns: int = 0) -> None:
        """Promote a feed since the active one does not deliver what this one has."""
        self.stalls += 1
        self._suspect(feed, now_ns, GapReason.STALLED)
        self.promote(feed, now_ns)

    def _suspect(self, successor: Feed | None, now_ns: int, reason: GapReason) -> None:
        if self.before is None or self.suspicion is GapReason.DEAD_LETTER:
            return
        if self._identity is Identity.NONE:
            self.suspicion = GapReason.UNSEWN
        elif successor is None or not self.sewn(successor, now_ns):
            self.suspicion = reason

    def detach(self, feed: Feed, now_ns: int, reason: GapReason = GapReason.CUT) -> None:
        """Remove a feed; if it was the active one, promote the best of the others."""
        feed.attached = False
        self.feeds.remove(feed)
        if feed is not self.active:
            self._holding -= len(feed.held)
            self._drop_held(feed)
            return
        self.active = None
        best = self._best(now_ns)
        self._suspect(best, now_ns, reason)
        if best is not None:
            self.promote(best, now_ns)

    def _best(self, now_ns: int) -> Feed | None:
        # Sewn first, then the one that is furthest; a feed without facts only if it is sewn.
        ranked = [f for f in self.feeds if f.last is not None or self.sewn(f, now_ns)]
        return max(ranked, key=lambda f: (self.sewn(f, now_ns), f.last or 0), default=None)

    def damage(self, feed: Feed) -> None:
        """Promote a sewn feed if the active one lost a frame; without one, tell a hole."""
        if feed is not self.active and feed.held:
            self._split(feed)
        super().damage(feed)
        if feed is not self.active or self.before is None:
            return
        sewn = [f for f in self.feeds if f.first is not None and self.sewn(f, 0)]
        if sewn and self._identity is Identity.RISING:
            self.promote(max(sewn, key=lambda f: f.last or 0))
        else:
            self.suspicion = GapReason.DEAD_LETTER

    def _split(self, feed: Feed) -> None:
        """Let what a feed holds be the end of a feed of its own: it is complete so far only."""
        ended = Feed(feed.name)
        ended.attached = False
        ended.first, ended.last = feed.first, feed.last
        ended.held, feed.held = feed.held, ended.held
        self.feeds = [f for f in self.feeds if f.attached or f.held]
        self.feeds.insert(self.feeds.index(feed), ended)

    def ending(self) -> Iterator[Feed]:
        """Return the active feed first, so that each of the others gives what it holds."""
        while self.feeds:
            yield self.active or self.feeds[0]

    def tick(self, now_ns: int) -> None:
        """Promote a feed that holds what the active one did not deliver within the patience."""
        is_back = self._has_stepped_back(now_ns)
        if self._is_stuck(now_ns):
            self._begin_anew()
            self._holding = 0
        if self._holding:
            stalled = [
                f
                for f in self.feeds
                if f.held and (is_back or now_ns - f.held[0].ts_recv >= self.limits.patience_ns)
            ]
            if stalled:
                self._stall(min(stalled, key=lambda f: self._key(f.held[0])), now_ns)
            self.feeds = [f for f in self.feeds if f.attached or f.held]
        for feed in self.feeds:
            feed.watch(self.published, self.last, now_ns, self.limits.patience_ns)
