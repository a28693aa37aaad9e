"""Shell. Watches the venue's time on the streams of a shard; once a second, nothing per frame."""

from collections.abc import Iterator, Mapping, Sequence

from argus.agora.router import AgoraRouter
from argus.network.rarely import Rarely
from argus.network.venue_time import Cure, VenueTime, cure
from argus.network.worker import Worker
from argus.telemetry import Report, VenueTimeFrozen


class VenueTimeWatch:
    """Finds the connection of a shard on which the venue's time stands still.

    Args:
        source: name of the source.
        shard: name of the shard.
        routers: stream name -> router, of all shards of the source.
        frozen_s: how long time may stand still while facts come.
        report: telemetry.

    Attributes:
        frozen_ns: for how long it has stood still; 0 if it goes on.
    """

    def __init__(
        self,
        source: str,
        shard: str,
        routers: Mapping[str, AgoraRouter],
        *,
        frozen_s: float,
        report: Report,
    ) -> None:
        self._source = source
        self._shard = shard
        self._routers = routers
        self._limit_ns = int(frozen_s * 1e9)
        self._report = report
        self._time = VenueTime()
        self._rarely = Rarely()
        self.frozen_ns = 0

    def find(self, live: Sequence[Worker], now: int) -> Worker | None:
        """Look, tell a time that stands still, and return the connection to be replaced.

        Args:
            live: the connections that deliver, the eldest first.
            now: monotonic ns.
        """
        awake = next((worker for worker in live if not worker.is_resting), None)
        if awake is None:
            return None
        self._time.look(self._times(awake), now)
        self.frozen_ns = self._time.frozen_ns(now)
        newest = self._time.newest
        if newest is None or self.frozen_ns < self._limit_ns:
            return None
        if not self._rarely.may(self._shard, now):
            return None
        others = max(self._others(awake, live), default=None)
        found = cure(newest, others, self._limit_ns)
        frozen_s = round(self.frozen_ns / 1e9, 1)
        self._report(VenueTimeFrozen(self._source, self._shard, awake.number, frozen_s, found))
        return awake if found is Cure.REPLACED else None

    def _times(self, worker: Worker) -> Iterator[tuple[str, int, int]]:
        for name in worker.streams:
            splice = self._routers[name].splice
            before = splice.before
            if before is not None and before.ts_event is not None:
                yield name, before.ts_event, splice.published + splice.repeats

    def _others(self, awake: Worker, live: Sequence[Worker]) -> Iterator[int]:
        """Return the venue times of what rests, and of the streams of other shards."""
        for worker in live:
            if worker.is_resting:
                for name, stream in worker.streams.items():
                    ts_venue = self._routers[name].feed(worker.path(stream)).ts_venue
                    if ts_venue is not None:
                        yield ts_venue
        for name, router in self._routers.items():
            before = router.splice.before
            if name not in awake.streams and before is not None and before.ts_event is not None:
                yield before.ts_event
