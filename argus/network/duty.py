"""Shell. Which of a shard's connections is on duty, and which rest.

All connections decode until each stream is sewn; then all but the eldest rest (`resting.py`). They
are woken when the one on duty ends, when a fact is missing, when a frame could not be decoded, or
when a stream is found to have stalled; and they decode throughout a rotation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argus.agora.router import AgoraRouter
from argus.clock import Clock
from argus.network.spawn import Spawn
from argus.network.worker import Worker

CALM_NS = 3_000_000_000


class Duty:
    """Lets connections rest and wakes them.

    Args:
        routers: stream name -> router.
        spawn: starts the task that decodes what was kept.
        clock: monotonic for calm, wall for the age of frames.
    """

    def __init__(self, routers: Mapping[str, AgoraRouter], *, spawn: Spawn, clock: Clock) -> None:
        self._routers = routers
        self._spawn = spawn
        self._clock = clock
        self._ts_trouble = clock.monotonic_ns()

    def tick(self, live: Sequence[Worker], *, is_rotating: bool) -> None:
        """Decide for the live connections of a shard, the eldest first."""
        now = self._clock.monotonic_ns()
        awake = [w for w in live if not w.is_resting]
        resting = [w for w in live if w.is_resting]
        is_troubled = not awake or is_rotating
        if resting:
            is_troubled = is_troubled or self._is_missing(resting[0]) or self._is_behind(resting)
        if is_troubled or any(w.was_damaged() for w in live):
            self._ts_trouble = now
            self.wake(resting)
        elif len(awake) > 1 and now - self._ts_trouble >= CALM_NS:
            self._rest(awake)
        is_shared = sum(not w.is_resting for w in live) > 1
        for worker in live:
            worker.is_shared = is_shared

    def wake(self, resting: Sequence[Worker]) -> None:
        """Have connections decode what they kept, and then what comes."""
        for worker in resting:
            if not worker.is_waking:
                worker.is_waking = True
                self._spawn(f"wake {worker.number}", worker.wake())

    def _is_missing(self, worker: Worker) -> bool:
        return any(self._routers[name].splice.is_holding for name in worker.streams)

    def _is_behind(self, resting: Sequence[Worker]) -> bool:
        now_ns = self._clock.now_ns()
        return any([worker.is_ahead(now_ns) for worker in resting])  # noqa: C419 each has to look

    def _rest(self, awake: Sequence[Worker]) -> None:
        now_ns = self._clock.now_ns()
        if not all(self._is_sewn(worker, now_ns) for worker in awake):
            return
        keeper, *others = awake
        for name, stream in keeper.streams.items():
            self._routers[name].prefer(keeper.path(stream))
        for worker in others:
            worker.rest()

    def _is_sewn(self, worker: Worker, now_ns: int) -> bool:
        """Return whether a connection delivers all of its streams and lags with none of them."""
        for name, stream in worker.streams.items():
            router, path = self._routers[name], worker.path(stream)
            if not router.is_sewn(path, now_ns) or router.feed(path).ts_behind is not None:
                return False
        return True
