"""Pure. The router: what relays temporary paths onto a persistent one, through the splice.

Everything left of the persistent path may come and go; nothing to the right of it ever notices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argus.agora.agora import Agora, Publisher
from argus.agora.chain import ChainSplice
from argus.agora.feed import Feed
from argus.agora.path import Path
from argus.agora.rising import RisingSplice
from argus.agora.splice import Hole, Identity, Limits, Splice
from argus.events import Event, Gap, GapReason, GapState, Origin

type_of_line = tuple[int, bytes]
"""`ts_recv` and a frame."""


def _begin_nothing(_: Path, __: Event) -> None:
    """Stand in where nobody cares for the first fact."""


def _keep_nothing(_: type_of_line) -> None:
    """Stand in where no journal is kept."""


@dataclass(frozen=True, slots=True)
class Seam:
    """How the facts of a channel are joined: their identity and the fields that carry it.

    `key` is the single id of a fact (CHAIN), the last id of its range (RANGE, LINK), or what rises
    (RISING, NONE): a field's name or a function of the fact.
    """

    identity: Identity
    key: str | Callable[[Event], int]
    first: str = ""
    previous: str = ""

    def splice(
        self,
        *,
        publish: Callable[[Event], object],
        tell: Callable[[Hole], None],
        limits: Limits,
    ) -> Splice:
        """Return a new splice for one stream of this channel."""
        if self.identity in {Identity.RISING, Identity.NONE}:
            return RisingSplice(
                identity=self.identity, key=self.key, publish=publish, tell=tell, limits=limits
            )
        assert isinstance(self.key, str)
        return ChainSplice(
            identity=self.identity,
            first=self.first or self.key,
            last=self.key,
            previous=self.previous,
            publish=publish,
            tell=tell,
            limits=limits,
        )


class AgoraRouter:
    """Relays temporary paths onto one persistent path, each fact once and in order.

    Args:
        agora: where both kinds of paths live.
        to_path: the persistent path; taken now if it is free.
        initial_value: its current value until the first fact.
        seam: how facts of this stream are joined.
        limits: how long and how much is held back.
        tell_gap: takes each gap of the path; it publishes it (see `publish_gap`).
        begin: told of the path and its first fact, before that is published.
        append: takes `ts_recv` and frame of each accepted fact, in that order. Whoever publishes on
            a temporary path sets `frame`, appends what was published at once, and then calls
            `write_released`, since what was held back may follow.

    Attributes:
        first: the first fact that was published; None before it was.
        frame: what the fact that is published next was decoded from.
        released: what waits for `write_released`.
    """

    def __init__(
        self,
        agora: Agora,
        to_path: Path,
        initial_value: Event | None = None,
        *,
        seam: Seam,
        limits: Limits,
        tell_gap: Callable[[Path, Gap], None],
        begin: Callable[[Path, Event], None] = _begin_nothing,
        append: Callable[[type_of_line], None] = _keep_nothing,
    ) -> None:
        self._agora = agora
        self.to_path = to_path
        self._tell_gap = tell_gap
        self._begin = begin
        self.append = append
        self.first: Event | None = None
        self._frames: dict[int, tuple[bytes, int]] = {}
        self.frame = b""
        self.released: list[type_of_line] = []
        self._now_ns = 0
        self._is_ending = False
        self.publisher = agora.publisher(to_path)
        if initial_value is not None:
            self.publisher.ring.current = initial_value
        self.splice = seam.splice(publish=self._publish_first, tell=self._tell, limits=limits)
        self.splice.keep, self.splice.let_go = self._keep, self._let_go
        self.splice.anew = self.begin_anew
        self._feeds: dict[Path, tuple[Publisher, Feed]] = {}

    def relay(self, from_path: Path) -> Feed:
        """Add a temporary path as a feed. Its publisher must have been created in the agora."""
        assert from_path.connection is not None, f"{from_path} is no temporary path"
        publisher = self._agora.publisher(from_path)
        feed = self.splice.attach(str(from_path.connection))
        publisher.relay(feed.offer)
        self._feeds[from_path] = (publisher, feed)
        return feed

    def _publish_first(self, fact: Event) -> None:
        self.splice.publish = self.publisher.publish
        self.first = fact
        self._begin(self.to_path, fact)
        self.publisher.publish(fact)

    def begin_anew(self) -> None:
        """Take the fact that is published next for the first one."""
        self.first = None
        self.splice.publish = self._publish_first

    def _keep(self, fact: Event) -> None:
        # While it is held, no other object has its address; two feeds may hold the same one.
        _, feeds = self._frames.get(id(fact), (b"", 0))
        self._frames[id(fact)] = self.frame, feeds + 1

    def _let_go(self, fact: Event, is_published: bool) -> None:  # noqa: FBT001 the splice's form
        frame, feeds = self._frames.pop(id(fact))
        if feeds > 1:
            self._frames[id(fact)] = frame, feeds - 1
        if is_published:
            self.released.append((fact.ts_recv, frame))

    def write_released(self) -> None:
        """Append the frames of facts that were held back and are published now."""
        for line in self.released:
            self.append(line)
        self.released.clear()

    def drop(self, from_path: Path, now_ns: int, reason: GapReason = GapReason.CUT) -> None:
        """Remove a temporary path that will deliver nothing more, and retire it."""
        if from_path not in self._feeds:
            return  # the router was closed before the connection
        publisher, feed = self._feeds.pop(from_path)
        publisher.relay(None)
        self._now_ns = now_ns
        suspicion = self.splice.suspicion
        self.splice.detach(feed, now_ns, reason)
        self.write_released()
        if self._is_ending:
            self.splice.suspicion = suspicion
        self._agora.remove(from_path)

    def expect_end(self) -> None:
        """Note that the stream ends by our own wish: feeds that go from now on are no loss."""
        self._is_ending = True

    def acknowledge(self, from_path: Path, now_ns: int) -> None:
        """Note that the venue says it serves a temporary path's stream."""
        if from_path in self._feeds:  # else the router was closed before the connection
            self.splice.acknowledge(self._feeds[from_path][1], now_ns)

    def damage(self, from_path: Path) -> None:
        """Note that a frame of a temporary path could not be decoded."""
        if from_path in self._feeds:  # else the router was closed before the connection
            self.splice.damage(self._feeds[from_path][1])
            self.write_released()

    def has_kept_up(self, from_path: Path, fact: Event) -> bool:
        """Return whether the path has what a resting feed was found to have delivered."""
        return self.splice.has_kept_up(self._feeds[from_path][1], fact)

    def prefer(self, from_path: Path) -> None:
        """Relay a sewn feed rather than any other, where only one is relayed."""
        self.splice.prefer(self._feeds[from_path][1])
        self.write_released()

    def is_sewn(self, from_path: Path, now_ns: int) -> bool:
        """Return whether nothing is lost if all other feeds of the path end now."""
        return self.splice.sewn(self._feeds[from_path][1], now_ns)

    def lead(self, from_path: Path) -> tuple[int, int | None]:
        """Return how many facts a feed is behind its path, and since when (ns)."""
        feed = self._feeds[from_path][1]
        return feed.lead, feed.ts_behind

    def source_publisher(self, from_path: Path) -> Publisher:
        """Return the writing end of a temporary path that is relayed."""
        return self._feeds[from_path][0]

    def feed(self, from_path: Path) -> Feed:
        """Return the feed of a temporary path."""
        return self._feeds[from_path][1]

    def tick(self, now_ns: int) -> None:
        """Give up waiting where patience has run out."""
        self._now_ns = now_ns
        self.splice.tick(now_ns)
        if self.released:
            self.write_released()

    def close(self, now_ns: int, *, retire: bool = False) -> None:
        """End the stream: publish what is held, tell an open hole; retire the path if asked."""
        self._now_ns = now_ns
        for path, (publisher, _) in list(self._feeds.items()):
            publisher.relay(None)
            self._agora.remove(path)
        self._feeds.clear()
        self.splice.close(now_ns)
        self.write_released()
        if retire:
            self._agora.remove(self.to_path)

    def _tell(self, hole: Hole) -> None:
        self._tell_gap(self.to_path, gap_of(hole, self.to_path.data_type, self._now_ns))


def gap_of(hole: Hole, data_type: str, now_ns: int) -> Gap:
    """Return a hole as the fact that tells of it; `now_ns` is its end if it has no other."""
    after = hole.after
    ts_until = now_ns if after is None else instant(after)
    ts_from = instant(hole.before)
    return Gap(
        ts_event=ts_from,
        ts_recv=now_ns if after is None else after.ts_recv,
        origin=Origin.LIVE,
        of_data_type=data_type,
        ts_from=ts_from,
        ts_until=ts_until,
        first_missing_id=hole.first_missing_id,
        last_missing_id=hole.last_missing_id,
        missing=hole.missing,
        reason=hole.reason,
        state=GapState.OPEN,
    )


def publish_gap(agora: Agora, path: Path, gap: Gap) -> None:
    """Publish a gap of a path on `source/gap/symbol`."""
    agora.publisher(Path(path.source, "gap", path.symbol)).publish(gap)


def instant(fact: Event) -> int:
    """Return a fact's venue time, or when we received it if the venue gives none (UTC ns)."""
    return fact.ts_recv if fact.ts_event is None else fact.ts_event
