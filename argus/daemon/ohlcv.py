"""Shell. OHLCV on demand: the last candles of any symbol and interval, then every change of them.

Candles are made when they are first asked for, and kept warm for as long as somebody follows them
or has asked not long ago.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import TypeAlias

from argus.agora.agora import Agora
from argus.bars.candles import Candle
from argus.bars.profiles import interval_ns
from argus.clock import Clock
from argus.config.bars import data_type_of
from argus.config.schema import Config
from argus.daemon.access import Access
from argus.daemon.pot import Pot, Sources, Wish
from argus.daemon.written import Written
from argus.errors import ArgusError, DaemonError
from argus.telemetry import Report

LAST_MAX = 5000
KEEP_MIN = 128
POTS_MAX = 1000
READY_S = 30.0
LINGER_NS = 60_000_000_000
"""So long a set is kept warm after it was last asked for."""

type_of_key: TypeAlias = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked for.

    Attributes:
        candles: in the order of time.
        change: number of the last change; with it the next call asks for what came after.
    """

    candles: list[Candle]
    change: int


class Ohlcv:
    """Candles of a running recorder, for whoever asks.

    Args:
        config: what is recorded.
        agora: where trades are published.
        written: source and data type to what reads the trades that were recorded.
        access: a source to what can be asked of its venue; None if nothing can.
        clock: tells which intervals are over.
        keep_running: starts a task by its name and returns what ends it.
        report: telemetry.
    """

    def __init__(
        self,
        config: Config,
        *,
        agora: Agora,
        written: Callable[[str, str], Written],
        access: Callable[[str], Access | None],
        clock: Clock,
        keep_running: Callable[[str, Pot], Callable[[], None]],
        report: Report,
    ) -> None:
        self._config = config
        self._agora = agora
        self._written = written
        self._access = access
        self._clock = clock
        self._keep_running = keep_running
        self._report = report
        self._pots: dict[type_of_key, tuple[Pot, Callable[[], None]]] = {}

    @property
    def warm(self) -> list[type_of_key]:
        """Return source, symbol, interval and size of each set that is kept."""
        return list(self._pots)

    @property
    def only_source(self) -> str:
        """Return the one source that is recorded.

        Raises:
            DaemonError: there are several.
        """
        if len(self._config.sources) != 1:
            known = ", ".join(self._config.sources)
            raise DaemonError(f"several sources are recorded; name one of {known}")
        return next(iter(self._config.sources))

    async def ask(
        self, source: str, symbol: str, interval: str, last: int = 100, since: int = 0
    ) -> Answer:
        """Return the last candles of a symbol, of them those that changed after `since`.

        The newest may not be over yet. Candles without trades are there as well.

        Raises:
            DaemonError: the source or the interval is unknown, `last` is out of range, or history
                takes long to read.
        """
        pot = self._pot(source, symbol, interval, last)
        try:
            async with asyncio.timeout(READY_S):
                await pot.ready.wait()
        except TimeoutError as error:
            raise DaemonError(
                f"the history of {symbol} is still being read; ask again in a moment"
            ) from error
        await pot.refresh()
        return Answer(pot.candles.last(last, since=since), pot.candles.change)

    async def follow(
        self, source: str, symbol: str, interval: str, last: int = 100, *, every_s: float = 0.2
    ) -> AsyncGenerator[Candle, None]:
        """Give the last candles, then each candle that changes, without an end.

        A candle that changes more than once between two looks is given as it is then. Close it
        (`contextlib.aclosing`) to stop listening.

        Raises:
            DaemonError: the source or the interval is unknown, or `last` is out of range.
        """
        pot, since = self._pot(source, symbol, interval, last), 0
        pot.listeners += 1
        try:
            while True:
                answer = await self.ask(source, symbol, interval, last, since)
                since = answer.change
                for candle in answer.candles:
                    yield candle
                await self._clock.sleep(every_s)
        finally:
            pot.listeners -= 1

    def tidy(self) -> None:
        """Let go the sets that nobody wants any more."""
        now_ns = self._clock.monotonic_ns()
        for key, (pot, end) in list(self._pots.items()):
            if not pot.listeners and now_ns - pot.ts_asked > LINGER_NS:
                end()
                del self._pots[key]

    def stop(self) -> None:
        """Let go all of them."""
        for _, end in self._pots.values():
            end()
        self._pots.clear()

    def _pot(self, source: str, symbol: str, interval: str, last: int) -> Pot:
        if not 1 <= last <= LAST_MAX:
            raise DaemonError(f"found {last} candles asked for, expected 1 to {LAST_MAX}")
        # Sets have few sizes, so that those who want about as many share one.
        keep = max(KEEP_MIN, 1 << (last - 1).bit_length())
        key = (source, symbol, interval, keep)
        if key not in self._pots:
            self._pots[key] = self._begun(self._wish(source, symbol, interval), keep)
        pot, _ = self._pots[key]
        pot.ts_asked = self._clock.monotonic_ns()
        return pot

    def _begun(self, wish: Wish, keep: int) -> tuple[Pot, Callable[[], None]]:
        if len(self._pots) >= POTS_MAX:
            raise DaemonError(f"found {POTS_MAX} sets of candles kept warm, which is the most")
        sources = Sources(
            agora=self._agora,
            written=self._written(wish.source, wish.data_type) if wish.data_type else None,
            access=self._access(wish.source),
            clock=self._clock,
            grace_ns=int(self._config.bars.grace_s * 1e9),
            report=self._report,
        )
        pot = Pot(wish, sources, keep)
        name = f"candles {wish.source} {wish.symbol} {wish.interval} {keep}"
        return pot, self._keep_running(name, pot)

    def _wish(self, source: str, symbol: str, interval: str) -> Wish:
        config = self._config.sources.get(source)
        if config is None:
            known = ", ".join(self._config.sources)
            raise DaemonError(f'"{source}" is no source that is recorded; expected one of {known}')
        try:
            length_ns = interval_ns(interval)
        except ArgusError as error:
            raise DaemonError(str(error)) from error
        return Wish(
            source=source,
            symbol=symbol,
            interval=interval,
            interval_ns=length_ns,
            data_type=data_type_of(self._config.bars, source, config.data_types),
        )
