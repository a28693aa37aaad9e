"""Pure. The router: what relays temporary paths onto a persistent one, through the splice.

Everything left of the persistent path may come and go; nothing to the right of it ever notices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argus.agora.agora import Agora, Publisher
from argus.agora.chain import ChainSplice
from argus.agora.path import Path
from argus.agora.rising import RisingSplice
from argus.agora.splice import Feed, Hole, Identity, Limits, Splice
from argus.events import Event, Gap, GapReason, GapState, Origin


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
        publish: Callable[[Event], None],
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
        report_gap: takes each gap after it has been published on `source/gap/symbol`.
    """

    def __init__(
        self,
        agora: Agora,
        to_path: Path,
        initial_value: Event | None = None,
        *,
        seam: Seam,
        limits: Limits,
        report_gap: Callable[[Path, Gap], None],
    ) -> None:
        self._agora = agora
        self.to_path = to_path
        self._gap_path = Path(to_path.source, "gap", to_path.symbol)
        self._report_gap = report_gap
        self._now_ns = 0
        self._is_ending = False
        self.publisher = agora.publisher(to_path)
        if initial_value is not None:
            self.publisher.ring.current = initial_value
        self.splice = seam.splice(publish=self.publisher.publish, tell=self._tell, limits=limits)
        self._feeds: dict[Path, tuple[Publisher, Feed]] = {}

    def relay(self, from_path: Path) -> Feed:
        """Add a temporary path as a feed. Its publisher must have been created in the agora."""
        assert from_path.connection is not None, f"{from_path} is no temporary path"
        publisher = self._agora.publisher(from_path)
        feed = self.splice.attach(str(from_path.connection))
        publisher.relay(feed.offer)
        self._feeds[from_path] = (publisher, feed)
        return feed

    def drop(self, from_path: Path, now_ns: int, reason: GapReason = GapReason.CUT) -> None:
        """Remove a temporary path that will deliver nothing more, and retire it."""
        if from_path not in self._feeds:
            return  # the router was closed before the connection
        publisher, feed = self._feeds.pop(from_path)
        publisher.relay(None)
        self._now_ns = now_ns
        suspicion = self.splice.suspicion
        self.splice.detach(feed, now_ns, reason)
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

    def has_kept_up(self, from_path: Path, fact: Event) -> bool:
        """Return whether the path has what a resting feed was found to have delivered."""
        return self.splice.has_kept_up(self._feeds[from_path][1], fact)

    def prefer(self, from_path: Path) -> None:
        """Relay a sewn feed rather than any other, where only one is relayed."""
        self.splice.prefer(self._feeds[from_path][1])

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

    def close(self, now_ns: int, *, retire: bool = False) -> None:
        """End the stream: publish what is held, tell an open hole; retire the path if asked."""
        self._now_ns = now_ns
        for path, (publisher, _) in list(self._feeds.items()):
            publisher.relay(None)
            self._agora.remove(path)
        self._feeds.clear()
        self.splice.close(now_ns)
        if retire:
            self._agora.remove(self.to_path)

    def overrun(self, missed: int, after: Event, now_ns: int) -> None:
        """Record that a reader which records this path has missed facts before `after`."""
        self._now_ns = now_ns
        self._publish_gap(GapReason.OVERRUN, None, after, None, None, missed)

    def _tell(self, hole: Hole) -> None:
        self._publish_gap(
            hole.reason,
            hole.before,
            hole.after,
            hole.first_missing_id,
            hole.last_missing_id,
            hole.missing,
        )

    def _publish_gap(
        self,
        reason: GapReason,
        before: Event | None,
        after: Event | None,
        first: int | None,
        last: int | None,
        missing: int | None,
    ) -> None:
        ts_recv = self._now_ns if after is None else after.ts_recv
        ts_until = ts_recv if after is None else instant(after)
        ts_from = ts_until if before is None else instant(before)
        gap = Gap(
            ts_event=ts_from,
            ts_recv=ts_recv,
            origin=Origin.LIVE,
            of_data_type=self.to_path.data_type,
            ts_from=ts_from,
            ts_until=ts_until,
            first_missing_id=first,
            last_missing_id=last,
            missing=missing,
            reason=reason,
            state=GapState.OPEN,
        )
        self._agora.publisher(self._gap_path).publish(gap)
        self._report_gap(self.to_path, gap)


def instant(fact: Event) -> int:
    """Return a fact's venue time, or when we received it if the venue gives none (UTC ns)."""
    return fact.ts_recv if fact.ts_event is None else fact.ts_event
