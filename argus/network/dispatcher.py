"""Shell. The owner of one source: its universe, its routers and its pool of connections.

It asks the venue for the universe, takes the difference to what is recorded, gives new streams to
shards with room and closes what was removed. Others call what is periodic.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.agora.router import AgoraRouter
from argus.clock import Clock
from argus.config.schema import SourceConfig, SymbolRule
from argus.events import Gap
from argus.network import universe
from argus.network.beginnings import Beginnings
from argus.network.connection import Open
from argus.network.definitions import Definitions
from argus.network.gaps_told import GapsTold
from argus.network.journal import Journal
from argus.network.letters import DeadLetters
from argus.network.limiter import Limiter
from argus.network.listing import ask
from argus.network.memo import Memo
from argus.network.polling import Books, BooksWanted, poll_open_interest
from argus.network.pool import Pool
from argus.network.rest import Get
from argus.network.sample import UnknownFields
from argus.network.shard import Shard
from argus.network.silence import Deadlines, deadlines
from argus.network.source import Source, Stream
from argus.network.spawn import Spawn
from argus.network.tuning import policy, splice_limits
from argus.network.worker import Worker
from argus.telemetry import Report, UniverseChanged

ROUND_NS = 400_000_000
"""How often every router is looked at: what is judged then is judged in seconds."""


class Dispatcher:
    """Records one source onto persistent paths.

    Args:
        source: what the venue is.
        config: what is wanted of it.
        agora: where facts are published.
        open_link: opens websockets.
        get: answers REST requests.
        clock: time.
        spawn: starts tasks.
        numbers: gives connection numbers, unique in the process.
        random: returns numbers in [0, 1).
        journal: takes what has to survive the death of this process.
        letters: keeps undecodable frames.
        books_every_s: how often somebody looks which books need a snapshot.
        report: telemetry.
    """

    def __init__(
        self,
        source: Source,
        config: SourceConfig,
        agora: Agora,
        *,
        open_link: Open,
        get: Get,
        clock: Clock,
        spawn: Spawn,
        numbers: itertools.count[int],
        random: Callable[[], float],
        journal: Journal,
        letters: DeadLetters,
        books_every_s: float,
        report: Report,
    ) -> None:
        self.source = source
        self._config = config
        self._agora = agora
        self._open = open_link
        self._get = get
        self._clock = clock
        self._spawn = spawn
        self._numbers = numbers
        self._random = random
        self._journal = journal
        self._letters = letters
        self._report = report
        self._sample = UnknownFields(source.name, report)
        self._routers: dict[str, AgoraRouter] = {}
        self._definitions = Definitions(source.name, agora, journal, report)
        allowed = source.limits.streams.value
        self._pools = {
            route: Pool(
                partial(self._shard, route, config.websocket_urls.get(route, url)),
                capacity=min(config.streams_per_connection or allowed, allowed),
                spawn=spawn,
            )
            for route, url in source.websocket_urls.items()
        }
        limits = source.limits
        self._dials = Limiter(
            limits.connections_per_window.value, limits.connection_window_s * 1_000_000_000
        )
        self._limits, self._policy = splice_limits(config), policy(config)
        self.symbols: tuple[str, ...] = ()
        self.told = GapsTold(agora, journal, report)
        self.beginnings = Beginnings(source, journal, self.tell_gap)
        self._ts_round = 0
        self.books: Books | None = None
        if "book_snapshot" in config.data_types and "book_delta" in config.data_types:
            self.books = Books(
                source,
                agora,
                get,
                clock=clock,
                want=BooksWanted(
                    levels=config.snapshot_levels,
                    every_s=config.snapshot_every_s,
                    look_every_s=books_every_s,
                ),
                journal=journal,
                report=report,
            )

    async def refresh(self) -> universe.Change | None:
        """Ask for the universe and record exactly what is wanted of it.

        Returns what came and what went; None if the venue did not answer. Without an answer a
        list of symbols is recorded as it is written.
        """
        answer = await ask(self.source, self._get, self._report)
        if answer is None:
            wanted = self._config.symbols
            if not self.symbols and not isinstance(wanted, SymbolRule):
                self._carry(tuple(wanted))
            return None
        ts_recv, listed = answer
        self._definitions.tell_unknown(listed, self._config.symbols)
        change = self._carry(universe.select(listed, self._config.symbols))
        if "instrument" in self._config.data_types:
            self._definitions.publish(listed, self.symbols, ts_recv)
        self._forget(change.removed)
        return change

    def _forget(self, symbols: Sequence[str]) -> None:
        """Retire what is left of symbols that went: definitions, snapshots, gaps."""
        for path in self._agora.paths():
            is_ours = path.source == self.source.name and path.connection is None
            if is_ours and path.symbol in symbols:
                self._agora.remove(path)

    def _carry(self, symbols: tuple[str, ...]) -> universe.Change:
        change = universe.change(self.symbols, symbols)
        self.symbols = symbols
        streams = [
            stream
            for symbol in symbols
            for stream in self.source.streams(
                symbol, self._config.data_types, self._config.kline_intervals
            )
        ]
        wanted = {s.name for s in streams}
        for name in self._routers.keys() - wanted:
            self._routers[name].expect_end()
        for route in self._pools:
            self._fill(route, [s for s in streams if s.channel.route == route])
        self._retire(wanted)
        if self.books is not None:
            self.books.forget(change.removed)
        if change.added or change.removed:
            counts = len(change.added), len(change.removed), len(symbols)
            self._report(UniverseChanged(self.source.name, *counts))
        return change

    def _fill(self, route: str, streams: Sequence[Stream]) -> None:
        """Give a route's streams to its shards, moving none that stays."""
        for stream in streams:
            if stream.name not in self._routers:
                self._routers[stream.name] = AgoraRouter(
                    self._agora,
                    stream.path,
                    seam=stream.channel.seam,
                    limits=self._limits,
                    tell_gap=self.tell_gap,
                    begin=self.beginnings.begin,
                    append=self._journal.append,
                )
        # Streams of one data type travel together: one kind of frame, one decoder in the cache.
        ordered = sorted(streams, key=lambda s: self.source.channels.index(s.channel))
        self._pools[route].carry({stream.name: stream for stream in ordered})

    def _shard(self, route: str, url: str, number: int) -> Shard:
        memo = Memo() if self._config.standby else None

        def make_worker() -> Worker:
            return Worker(
                number=next(self._numbers),
                source=self.source,
                routers=self._routers,
                open_link=self._open,
                url=url + self.source.websocket_path,
                clock=self._clock,
                memo=memo,
                letters=self._letters,
                sample=self._sample,
                report=self._report,
            )

        return Shard(
            name=f"{route}-{number}" if route else str(number),
            source=self.source.name,
            policy=self._policy,
            routers=self._routers,
            make_worker=make_worker,
            deadlines=self._deadlines,
            frozen_s=self._config.frozen_s,
            dials=self._dials,
            spawn=self._spawn,
            clock=self._clock,
            random=self._random,
            report=self._report,
        )

    def _deadlines(self, stream: Stream) -> Deadlines:
        own, config = stream.channel.silence_s, self._config
        return deadlines(own, first_frame_s=config.first_frame_s, override_s=config.silence_s)

    def _retire(self, wanted: set[str]) -> None:
        """Close the routers, and then the paths, of streams that left the universe."""
        now_ns = self._clock.now_ns()
        gone = [name for name in self._routers if name not in wanted]
        paths = {self._routers[name].to_path for name in gone}
        for name in gone:
            router = self._routers.pop(name)
            router.close(now_ns)
            self.beginnings.end(router.to_path, router.splice.before)
        still = {router.to_path for router in self._routers.values()}
        for path in paths - still:
            self._agora.remove(path)

    def tell_gap(self, path: Path, gap: Gap) -> None:
        """Tell of a gap of a path, and ask for a new book if one is broken by it."""
        if self.told.tell(path, gap) and self.books is not None and path.data_type == "book_delta":
            self.books.broken(path.symbol)

    async def poll_open_interest(self) -> None:
        """Ask once for the open interest of every symbol."""
        if "open_interest" in self._config.data_types and self.source.rest.open_interest:
            await poll_open_interest(
                self.source,
                self._agora,
                self._get,
                self.symbols,
                journal=self._journal,
                report=self._report,
            )

    def tick(self) -> None:
        """Let time pass for every shard and for routers that hold facts back; seldom for all."""
        now_ns, now = self._clock.now_ns(), self._clock.monotonic_ns()
        if is_round := now - self._ts_round >= ROUND_NS:
            self._ts_round = now
        for router in self._routers.values():
            if is_round or router.splice.is_holding:
                router.tick(now_ns)
        for pool in self._pools.values():
            for shard in pool.shards:
                shard.tick()

    async def stop(self) -> None:
        """Close every stream, so that what is held back is published; then every connection."""
        now_ns = self._clock.now_ns()
        for router in self._routers.values():
            router.close(now_ns)
        for shard in self.shards():
            await shard.stop()

    def shards(self) -> list[Shard]:
        """Return the shards of every route."""
        return [shard for pool in self._pools.values() for shard in pool.shards]

    @property
    def gaps(self) -> int:
        """Return how many gaps were told."""
        return self.told.count

    def routers(self) -> dict[str, AgoraRouter]:
        """Return the routers by stream name."""
        return self._routers

    @property
    def rotations(self) -> int:
        """Return how many rotations were finished, by shards that have ended too."""
        ended = sum(pool.rotations_before for pool in self._pools.values())
        return ended + sum(shard.rotations for shard in self.shards())
