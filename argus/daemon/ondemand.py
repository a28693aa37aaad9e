"""Shell. Candles of a running recorder: made ready when somebody first asks for any.

What builds bars takes a second to load and a hundred megabytes, so only who is asked has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING

import msgspec

from argus.control.protocol import Verb
from argus.daemon.access import accesses_of
from argus.daemon.written import Written
from argus.errors import DaemonError

if TYPE_CHECKING:
    from argus.daemon.ohlcv import Ohlcv
    from argus.daemon.pot import Pot
    from argus.daemon.service import Service

COLUMNS = ("price", "size", "side")


class OnDemand:
    """What answers those who ask for candles.

    Args:
        service: whose trades they are made of.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ohlcv: Ohlcv | None = None
        self._thread: Executor | None = None
        self._written: dict[tuple[str, str], Written] = {}
        self._making = asyncio.Lock()

    async def get(self) -> Ohlcv:
        """Return what gives candles.

        Raises:
            DaemonError: the recorder is still reading what earlier runs have left.
        """
        if not self._service.past.is_known:
            raise DaemonError("the recorder has only just begun; ask again in a moment")
        async with self._making:
            if self._ohlcv is None:
                self._ohlcv = await self._made()
        return self._ohlcv

    async def _made(self) -> Ohlcv:
        def load() -> type[Ohlcv]:
            from argus.daemon.ohlcv import Ohlcv  # noqa: PLC0415

            return Ohlcv

        service = self._service
        kind = await asyncio.to_thread(load)
        from argus.daemon.bars.driver import warm  # noqa: PLC0415

        self._thread = service.world.threads("candles")
        await warm(self._thread)
        access = accesses_of(
            service.config, service.rest, clock=service.clock, report=service.telemetry
        )
        return kind(
            service.config,
            agora=service.agora,
            written=self._reading,
            access=access.get,
            clock=service.clock,
            keep_running=self._keep_running,
            report=service.telemetry,
        )

    def _reading(self, source: str, data_type: str) -> Written:
        key = (source, data_type)
        if key not in self._written:
            assert self._thread is not None
            self._written[key] = Written(
                self._service.data,
                source,
                data_type,
                settle=self._service.recording.settle,
                thread=self._thread,
                columns=COLUMNS,
            )
        return self._written[key]

    def _keep_running(self, name: str, pot: Pot) -> Callable[[], None]:
        task = self._service.supervisor.keep(name, pot.run)

        def end() -> None:
            task.cancel()

        return end

    async def look(self, now_ns: int) -> None:  # noqa: ARG002 a job's form
        """Let go what nobody wants any more."""
        if self._ohlcv is not None:
            self._ohlcv.tidy()

    def stop(self) -> None:
        """Let go everything; its tasks have ended."""
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    def verbs(self) -> Mapping[str, Verb]:
        """Return verb -> coroutine function."""

        async def candles(
            symbol: str, source: str = "", interval: str = "1m", last: int = 100, since: int = 0
        ) -> object:
            ohlcv = await self.get()
            name = source or ohlcv.only_source
            answer = await ohlcv.ask(name, symbol, interval, last, since)
            return {"candles": msgspec.to_builtins(answer.candles), "change": answer.change}

        return {"candles": candles}
