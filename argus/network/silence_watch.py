"""Shell. Listens to the streams of a connection and tells the one whose silence is a fault."""

from collections.abc import Callable, Mapping

from argus.agora.router import AgoraRouter
from argus.agora.splice import Feed
from argus.network.silence import Deadlines, Hearing, fault
from argus.network.source import Stream
from argus.network.worker import Worker

FIRST_WAIT_NS = 10_000_000_000
LONGEST_WAIT_NS = 3_600_000_000_000


class SilenceWatch:
    """Finds silent streams; the same one ever more rarely, if replacing its connection is no help.

    Args:
        routers: stream name -> router.
        deadlines: how long a stream may be silent.
    """

    def __init__(
        self, routers: Mapping[str, AgoraRouter], deadlines: Callable[[Stream], Deadlines]
    ) -> None:
        self._routers = routers
        self._deadlines = deadlines
        self._told: dict[str, tuple[int, int]] = {}

    def find(self, worker: Worker, now: int, now_ns: int) -> tuple[str, str] | None:
        """Return the name of a stream whose silence is a fault, and why.

        Args:
            worker: the connection.
            now: monotonic ns, for telling a stream again.
            now_ns: wall clock, as `ts_recv`.
        """
        feeds = {
            name: self._routers[name].feed(worker.path(stream))
            for name, stream in worker.streams.items()
        }
        moves = sorted(f.ts_moved for f in feeds.values() if f.ts_moved is not None)[-2:]
        for name, feed in feeds.items():
            why = fault(_heard(feed, moves), self._deadlines(worker.streams[name]), now_ns)
            if why is not None and self._may_tell(name, now):
                return name, why
        return None

    def _may_tell(self, stream: str, now: int) -> bool:
        count, ts_next = self._told.get(stream, (0, 0))
        if now < ts_next:
            return False
        wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS << min(count, 10))
        self._told[stream] = (count + 1, now + wait_ns)
        return True


def _heard(feed: Feed, moves: list[int]) -> Hearing:
    """Return what was heard of a feed; `moves` are the two latest instants of all feeds."""
    others = moves if feed.ts_moved not in moves else [m for m in moves if m != feed.ts_moved]
    if feed.ts_moved in moves and moves.count(feed.ts_moved) > 1:
        others = [feed.ts_moved]
    sibling = others[-1] if others else None
    return Hearing(feed.ts_acknowledged, feed.ts_moved, feed.lead, feed.ts_behind, sibling)
