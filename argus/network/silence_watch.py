"""Shell. Listens to the streams of a connection and tells the one whose silence is a fault."""

from collections.abc import Callable, Mapping

from argus.agora.feed import Feed
from argus.agora.router import AgoraRouter
from argus.network.rarely import Rarely
from argus.network.silence import Deadlines, Hearing, fault, since_step
from argus.network.source import Stream
from argus.network.worker import Worker

STEP_NS = 1_000_000_000
"""Beyond this the wall clock was set; what it is off by less is lost in limits of seconds."""


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
        self._rarely = Rarely()
        self._difference: int | None = None
        self._step: tuple[int, bool] | None = None

    def find(self, worker: Worker, now: int, now_ns: int) -> tuple[str, str] | None:
        """Return the name of a stream whose silence is a fault, and why.

        Args:
            worker: the connection.
            now: monotonic ns, for telling a stream again.
            now_ns: wall clock, as `ts_recv`.
        """
        self._note_step(now, now_ns)
        feeds = {
            name: self._routers[name].feed(worker.path(stream))
            for name, stream in worker.streams.items()
        }
        moves = sorted(f.ts_moved for f in feeds.values() if f.ts_moved is not None)[-2:]
        for name, feed in feeds.items():
            heard = _heard(feed, moves)
            if self._step is not None:
                heard = since_step(heard, self._step[0], now_ns, is_back=self._step[1])
            why = fault(heard, self._deadlines(worker.streams[name]), now_ns)
            if why is not None and self._rarely.may(name, now):
                return name, why
        return None

    def _note_step(self, now: int, now_ns: int) -> None:
        """Note when the wall clock was set; drift is followed."""
        difference, before = now_ns - now, self._difference
        self._difference = difference
        if before is not None and abs(difference - before) >= STEP_NS:
            self._step = (now_ns, difference < before)


def _heard(feed: Feed, moves: list[int]) -> Hearing:
    """Return what was heard of a feed; `moves` are the two latest instants of all feeds."""
    others = moves if feed.ts_moved not in moves else [m for m in moves if m != feed.ts_moved]
    if feed.ts_moved in moves and moves.count(feed.ts_moved) > 1:
        others = [feed.ts_moved]
    sibling = others[-1] if others else None
    return Hearing(feed.ts_acknowledged, feed.ts_moved, feed.lead, feed.ts_behind, sibling)
