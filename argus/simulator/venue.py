"""Shell. A venue that is not there: the place where its parts are joined.

```python
async with Venue(VenueOptions(source=Source.BINANCE_SPOT, symbols=("BTCUSDT",))) as venue:
    ...  # venue.websocket_url, venue.rest_url, venue.inject(Fault(kind=FaultKind.CUT))
venue.truth.payloads("trade", "BTCUSDT")
```
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from argus.simulator.answers import Answers
from argus.simulator.draws import Draws
from argus.simulator.errors import NoSuchConnection
from argus.simulator.fanout import Fanout
from argus.simulator.faults import Fault, Schedule
from argus.simulator.feed import Feed
from argus.simulator.feed_clock import FeedClock
from argus.simulator.injector import Injector
from argus.simulator.limits import SECOND_NS
from argus.simulator.machine_time import let_pass, wall_ns
from argus.simulator.market import Market
from argus.simulator.options import VenueOptions
from argus.simulator.replay import Replay
from argus.simulator.rest import RestServer
from argus.simulator.session import Session
from argus.simulator.streams import Source
from argus.simulator.truth import Truth
from argus.simulator.websocket import WebsocketServer

# What one turn produces at most: the loop has to get to its sockets.
_FACTS_PER_TURN = 5000
# As fast as the readers take it: so much may wait in a connection before the market waits, too.
_FLAT_OUT_FACTS = 1000
_FLAT_OUT_UNREAD_BYTES = 1024 * 1024
_FAR_NS = 10**19
_TRUTH_EVERY_NS = SECOND_NS // 10
# The draws of the network and the faults must not depend on how much the market has drawn.
_FAULT_STREAM, _NETWORK_STREAM = 1, 2


class Venue:
    """One simulated venue on two ports of the local machine; an async context manager.

    Public state: `truth` (what was produced), `counts` (what happened: dials, connections, frames,
    refusals), `finished` (set when a recording or `facts_max` is at its end), `options`.
    """

    def __init__(self, options: VenueOptions, *, now_ns: Callable[[], int] = wall_ns) -> None:
        """Prepare a venue; nothing listens before it is entered.

        Raises:
            RecordingError: if a file to replay is no recording.
        """
        self.options, self._now_ns = options, now_ns
        self.counts: Counter[str] = Counter()
        self.finished = asyncio.Event()
        self.truth = Truth(keep=options.truth_keep, path=options.truth_path)
        self._feed: Feed = _feed_of(options, now_ns())
        self._clock = FeedClock(
            feed_ns=self._feed.now_ns, now_ns=now_ns(), speed=options.speed or 1.0
        )
        self._fanout = Fanout(options.source, is_untouched=bool(options.replay))
        limits = options.effective_limits
        self._websocket = WebsocketServer(
            options,
            self._fanout,
            draws=Draws(options.seed, _NETWORK_STREAM),
            now_ns=now_ns,
            counts=self.counts,
        )
        answers = Answers(options.source, self._feed, limits, self.truth.latest)
        self._rest = RestServer(
            answers,
            limits,
            host=options.host,
            port=options.rest_port,
            now_ns=now_ns,
            counts=self.counts,
        )
        self._injector = Injector(
            feed=self._feed,
            clock=self._clock,
            truth=self.truth,
            websocket=self._websocket,
            rest=self._rest,
            closing=answers.closing,
        )
        self._schedule = Schedule((), Draws(options.seed, _FAULT_STREAM), start_ns=now_ns())
        self._pump: asyncio.Task[None] | None = None
        self._owner: asyncio.Task[object] | None = None
        self._flushed_ns = 0

    async def __aenter__(self) -> Self:
        """Open both ports and let time run.

        Raises:
            OSError: if a port is taken; then nothing is left open.
        """
        try:
            await self._websocket.start()
            await self._rest.start()
        except OSError:
            await self._close()
            raise
        for spec in self._feed.listed():
            self.truth.list_symbol(spec.symbol, self._feed.now_ns)
        self._schedule = Schedule(
            self.options.faults,
            Draws(self.options.seed, _FAULT_STREAM),
            start_ns=self._now_ns(),
        )
        if not self.options.wait_for_connections:
            self._clock.start(self._now_ns())
        self._owner = asyncio.current_task()
        self._pump = asyncio.create_task(self._run(), name="venue")
        self._pump.add_done_callback(self._tell_owner)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything; the truth can still be read. An error of the venue itself is raised."""
        assert self._pump is not None
        self._pump.cancel()
        await asyncio.wait([self._pump])
        await self._close()
        failure = None if self._pump.cancelled() else self._pump.exception()
        if failure is not None:
            if isinstance(error, asyncio.CancelledError) and self._owner is not None:
                self._owner.uncancel()
            raise failure

    async def _close(self) -> None:
        await self._websocket.stop()
        await self._rest.stop()
        self.truth.close()

    def _tell_owner(self, pump: "asyncio.Task[None]") -> None:
        """Let whoever has entered the venue know that it has failed, as a TaskGroup would."""
        if not pump.cancelled() and pump.exception() is not None and self._owner is not None:
            self._owner.cancel()

    # --- where it is -----------------------------------------------------------------------------

    @property
    def websocket_url(self) -> str:
        """Return the base address of the sockets (spot; on USD-M the legacy, public one)."""
        return f"ws://{self.options.host}:{self._websocket.port}"

    @property
    def websocket_urls(self) -> dict[str, str]:
        """Return the base addresses by tier; spot has none."""
        if self.options.source is Source.BINANCE_SPOT:
            return {}
        return {tier: f"{self.websocket_url}/{tier}" for tier in ("public", "market")}

    @property
    def rest_url(self) -> str:
        """Return the base address of REST."""
        return f"http://{self.options.host}:{self._rest.port}"

    @property
    def sessions(self) -> list[Session]:
        """Return the connections that are open, the oldest first."""
        return self._websocket.sessions

    # --- what can be done to it ------------------------------------------------------------------

    def inject(self, fault: Fault) -> None:
        """Let a fault happen now, whatever its `at_s`; `every_s` is ignored."""
        self._injector.inject(fault, self._now_ns())
        self.counts[f"fault_{fault.kind}"] += 1

    def pause(self) -> None:
        """Produce no more facts; connections and REST go on."""
        self._produce(self._now_ns())
        self._clock.pause(self._now_ns())

    def resume(self) -> None:
        """Produce facts again, from where production was paused."""
        self._clock.start(self._now_ns())

    # --- the loop --------------------------------------------------------------------------------

    async def _run(self) -> None:
        tick_s = self.options.tick_ms / 1000
        while True:
            now = self._now_ns()
            self._inject_due(now)
            await self._websocket.mind_port(now)
            produced = self._produce(now)
            self._websocket.turn(now)
            if now - self._flushed_ns >= _TRUTH_EVERY_NS:
                self._flushed_ns = now
                self.truth.flush()
            # Flat out, the pace is set by the sockets; else by the tick.
            await let_pass(0 if produced and not self.options.speed else tick_s)

    def _inject_due(self, now: int) -> None:
        for fault in self._schedule.due(now):
            try:
                self.inject(fault)
            except NoSuchConnection:
                # It was planned for a number; whether that is still open is not the plan's fault.
                self.counts["faults_missed"] += 1

    def _produce(self, now: int) -> int:
        if not self._clock.is_running:
            self._start_when_awaited(now)
            return 0
        if self.finished.is_set():
            return 0
        left = _FACTS_PER_TURN
        if self.options.facts_max is not None:
            left = min(left, self.options.facts_max - self.truth.produced)
        until = self._clock.feed_ns(now)
        if not self.options.speed:
            if any(one.unread_bytes > _FLAT_OUT_UNREAD_BYTES for one in self.sessions):
                return 0
            left, until = min(left, _FLAT_OUT_FACTS), _FAR_NS
        facts = self._feed.advance(until, left)
        self.truth.extend(facts)
        self._fanout.publish(facts, now)
        if self._feed.is_finished or self._is_enough():
            self.finished.set()
        return len(facts)

    def _is_enough(self) -> bool:
        most = self.options.facts_max
        return most is not None and self.truth.produced >= most

    def _start_when_awaited(self, now: int) -> None:
        wanted = self.options.wait_for_connections
        if wanted and sum(1 for one in self.sessions if one.streams) >= wanted:
            self._clock.start(now)


def _feed_of(options: VenueOptions, now_ns: int) -> Feed:
    if options.replay:
        return Replay(options.source, options.replay)
    start_ns = now_ns + int(options.clock_offset_s * SECOND_NS)
    return Market(
        options.source,
        options.names,
        seed=options.seed,
        start_ns=start_ns if options.start_ns is None else options.start_ns,
        rate=options.rate,
        mix=options.mix,
        weights=options.weights,
        intervals=options.intervals,
        levels=options.book_levels,
        liquidations_per_s=options.liquidations_per_s,
    )
