"""Shell. What a running recorder can be asked about candles over its control socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from argus.control.protocol import Verb
from argus.errors import DaemonError

if TYPE_CHECKING:
    from argus.daemon.ohlcv import Ohlcv


def ohlcv_verbs(found: Callable[[], Ohlcv | None]) -> Mapping[str, Verb]:
    """Return verb -> coroutine function; what answers them is there once sources have begun."""

    async def candles(
        symbol: str, source: str = "", interval: str = "1m", last: int = 100, since: int = 0
    ) -> object:
        ohlcv = found()
        if ohlcv is None:
            raise DaemonError("the recorder has only just begun; ask again in a moment")
        answer = await ohlcv.ask(source or ohlcv.only_source, symbol, interval, last, since)
        return {"candles": msgspec.to_builtins(answer.candles), "change": answer.change}

    return {"candles": candles}
