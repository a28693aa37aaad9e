"""A venue that emits facts in order, connections that deliver them, and what a splice made of it.

A `Trial` plays a list of deeds. Its connections keep the contract of a feed: what they deliver is
in order and complete from its first fact on, but for frames that were lost and told as damage.
Everything else is left to chance: when a fact is delivered, when a connection is opened,
acknowledged, cut or falls silent, and how the updates of a book are cut into diffs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hypothesis import strategies as st

from argus.agora.feed import Feed
from argus.agora.router import Seam
from argus.agora.splice import Hole, Identity, Limits, Splice
from argus.events import Event
from tests.agora.facts import SECOND, T0, bbo, delta, trade

PATIENCE, QUIET = SECOND, 3 * SECOND
LIMITS = Limits(patience_ns=PATIENCE, quiet_ns=QUIET, held_max=6)
ROOMY = Limits(patience_ns=PATIENCE, quiet_ns=QUIET, held_max=1000)

SEAMS = {
    Identity.CHAIN: Seam(Identity.CHAIN, "trade_id"),
    Identity.RANGE: Seam(Identity.RANGE, "last_update_id", first="first_update_id"),
    Identity.LINK: Seam(
        Identity.LINK, "last_update_id", first="first_update_id", previous="previous_update_id"
    ),
    Identity.RISING: Seam(Identity.RISING, "update_id"),
    Identity.NONE: Seam(Identity.NONE, "update_id"),
}
KEYS = {
    Identity.CHAIN: "trade_id",
    Identity.RANGE: "last_update_id",
    Identity.LINK: "last_update_id",
    Identity.RISING: "update_id",
    Identity.NONE: "update_id",
}


@dataclass
class Connection:
    """One connection's stream: what waits for its delivery, as (place in the venue, instant)."""

    feed: Feed
    queue: deque[tuple[int, int]] = field(default_factory=deque)
    delivered: list[Event] = field(default_factory=list)
    latest: Event | None = None
    is_stalled: bool = False
    is_resting: bool = False
    kept: list[Event | None] = field(default_factory=list)  # None: a frame that cannot be decoded


class Trial:
    """One venue, its connections, and a splice."""

    def __init__(self, identity: Identity, limits: Limits = LIMITS) -> None:
        self.identity = identity
        self.now = T0
        self.emitted: list[int] = []  # the ids of what the venue said, in order
        self.log: list[Event | Hole] = []
        self.splice: Splice = SEAMS[identity].splice(
            publish=self.log.append, tell=self.log.append, limits=limits
        )
        self.connections: list[Connection] = []
        self.count = 0

    # --- deeds -----------------------------------------------------------------------------------

    def play(self, deeds: list[tuple[str, int, int]]) -> Trial:
        for name, which, size in deeds:
            if name in {"attach", "emit", "wait"}:
                getattr(self, name)(size)
            elif self.connections:
                getattr(self, name)(self.connections[which % len(self.connections)], size)
        return self

    def attach(self, _: int = 0) -> None:
        if len(self.connections) < 3:
            self.count += 1
            self.connections.append(Connection(self.splice.attach(str(self.count))))

    def emit(self, size: int) -> None:
        """Let the venue say something: the ids of some streams have holes."""
        jump = 1 if self.identity in {Identity.CHAIN, Identity.RANGE} else size
        for _ in range(size):
            self.emitted.append((self.emitted[-1] if self.emitted else 100) + jump)
            for connection in self.connections:
                if not connection.is_stalled:
                    connection.queue.append((len(self.emitted) - 1, self.now))

    def deliver(self, connection: Connection, size: int) -> None:
        if connection.queue:
            fact = self._fact(self._take(connection, size))
            connection.latest = fact
            connection.delivered.append(fact)
            if connection.is_resting:
                connection.kept.append(fact)
            else:
                connection.feed.offer(fact)

    def damage(self, connection: Connection, size: int) -> None:
        """Lose a frame, and know it."""
        if connection.queue:
            self._take(connection, size)
            connection.latest = None
            if connection.is_resting:
                connection.kept.append(None)
            else:
                self.splice.damage(connection.feed)

    def repeat(self, connection: Connection, _: int = 0) -> None:
        """Deliver a frame twice; what came before a lost frame comes no more."""
        if connection.latest is not None and not connection.is_resting:
            connection.feed.offer(connection.latest)

    def acknowledge(self, connection: Connection, _: int = 0) -> None:
        self.splice.acknowledge(connection.feed, self.now)

    def stall(self, connection: Connection, _: int = 0) -> None:
        connection.is_stalled = True

    def cut(self, connection: Connection, _: int = 0) -> None:
        self.connections.remove(connection)
        if all(other.is_resting for other in self.connections):
            self.wake(connection)  # what it kept may be nowhere else
        self.splice.detach(connection.feed, self.now)
        self._wake_all()

    def rest(self, connection: Connection, _: int = 0) -> None:
        """Keep what comes from now on, if all feeds are sewn and another one stays awake."""
        awake = [c for c in self.connections if not c.is_resting]
        others = [c for c in awake if c is not connection]
        if connection in awake and others and all(self._is_sewn(c) for c in awake):
            self.splice.prefer(others[0].feed)
            connection.is_resting = True
            connection.feed.set_resting(self.now, is_resting=True)

    def wake(self, connection: Connection, _: int = 0) -> None:
        """Decode what was kept, and from then on what comes."""
        if not connection.is_resting:
            return
        for fact in connection.kept:
            if fact is None:
                self.splice.damage(connection.feed)
            else:
                connection.feed.offer(fact)
        connection.kept.clear()
        connection.is_resting = False
        connection.feed.set_resting(self.now, is_resting=False)

    def _wake_all(self) -> None:
        for connection in self.connections:
            self.wake(connection)

    def _is_sewn(self, connection: Connection) -> bool:
        return self.splice.sewn(connection.feed, self.now)

    def _look(self, connection: Connection) -> None:
        """Forget what the stream has, or wake whoever has more."""
        if not connection.kept:
            return
        latest = connection.kept[-1]
        if latest is None or not self.splice.has_kept_up(connection.feed, latest):
            self._wake_all()
        else:
            connection.kept.clear()

    def hand_over(self, connection: Connection, _: int = 0) -> None:
        """Cut a connection if the splice says that another one has all the rest."""
        if any(
            self.splice.sewn(other.feed, self.now)
            for other in self.connections
            if other is not connection
        ):
            self.cut(connection)

    def wait(self, halves: int) -> None:
        """Let time pass. No network holds a fact back for as long as a quiet stream is watched."""
        span = halves * PATIENCE // 2
        for connection in self.connections:
            while connection.queue and self.now + span - connection.queue[0][1] >= QUIET // 2:
                self.deliver(connection, 1)
        self.now += span
        if self.splice.is_holding:
            self._wake_all()
        for connection in self.connections:
            self._look(connection)
        self.splice.tick(self.now)

    def drain(self) -> None:
        """Let every connection deliver all it has."""
        self._wake_all()
        for connection in self.connections:
            while connection.queue:
                self.deliver(connection, 1)

    def settle(self) -> None:
        """Let everything be delivered and patience run out, however many holes there are."""
        self.drain()
        for _ in range(len(self.emitted) + 2):
            self.now += PATIENCE
            self.splice.tick(self.now)

    def _take(self, connection: Connection, size: int) -> list[int]:
        if self.identity not in {Identity.RANGE, Identity.LINK}:
            size = 1
        return [connection.queue.popleft()[0] for _ in range(min(size, len(connection.queue)))]

    def _fact(self, places: list[int]) -> Event:
        first, last = self.emitted[places[0]], self.emitted[places[-1]]
        match self.identity:
            case Identity.CHAIN:
                return trade(last, self.now)
            case Identity.RANGE:
                return delta(first, last, None, self.now)
            case Identity.LINK:
                before = self.emitted[places[0] - 1] if places[0] else first - 1
                return delta(first, last, before, self.now)
            case _:
                return bbo(last, self.now)

    # --- what came of it -------------------------------------------------------------------------

    def key(self, fact: Event) -> int:
        key: int = getattr(fact, KEYS[self.identity])
        return key

    @property
    def published(self) -> list[Event]:
        return [said for said in self.log if isinstance(said, Event)]

    @property
    def holes(self) -> list[Hole]:
        return [said for said in self.log if isinstance(said, Hole)]

    @property
    def held(self) -> list[int]:
        """How many facts each feed holds back."""
        return [len(feed.held) for feed in self.splice.feeds]

    def seams(self) -> list[tuple[Event, list[Hole], Event]]:
        """Each two facts that follow one another, and the holes told between them."""
        found: list[tuple[Event, list[Hole], Event]] = []
        before: Event | None = None
        holes: list[Hole] = []
        for said in self.log:
            if isinstance(said, Hole):
                holes.append(said)
                continue
            if before is not None:
                found.append((before, holes, said))
            before, holes = said, []
        return found

    def missing_between(self, before: Event, after: Event) -> list[int]:
        """What the venue said between two facts and neither of them covers."""
        first = getattr(after, "first_update_id", self.key(after))
        return [i for i in self.emitted if self.key(before) < i < first]


ANY = (
    *("emit", "emit", "emit", "deliver", "deliver", "deliver", "deliver", "deliver"),
    *("attach", "attach", "acknowledge", "cut", "hand_over", "stall", "damage", "repeat", "wait"),
    *("rest", "wake"),
)
FAULTLESS = (
    *("emit", "emit", "deliver", "deliver", "deliver"),
    *("attach", "acknowledge", "repeat", "hand_over", "rest", "wake"),
)


def deeds(names: tuple[str, ...]) -> st.SearchStrategy:
    """Lists of deeds that begin with one connection; half of them are long."""
    deed = st.tuples(st.sampled_from(names), st.integers(0, 2), st.integers(1, 3))
    lists = st.one_of(st.lists(deed, max_size=20), st.lists(deed, min_size=30, max_size=60))
    return lists.map(
        lambda found: [("attach", 0, 1), ("acknowledge", 0, 1), ("emit", 0, 2), *found]
    )
