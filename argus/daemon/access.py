"""Shell. Sources whose past can be asked for, with what others leave of the weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from argus.clock import Clock
from argus.config.schema import Config, SourceConfig
from argus.network.past import Past
from argus.network.source import Request, Source
from argus.network.sources import SOURCES
from argus.telemetry import Report


class AskSpare(Protocol):
    """Asks one source over REST; the real one is `RestClient`."""

    async def get_spare(self, request: Request, share: float) -> tuple[int, bytes]:
        """Return when the answer came (UTC ns), and the answer; nobody waits for the request."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """A source whose past can be asked for.

    Attributes:
        source: the source.
        past: asks it.
        intervals: the lengths of candles that are recorded.
        symbols: what is recorded; empty where that is not known.
        data_types: what is recorded.
    """

    source: Source
    past: Past
    intervals: tuple[str, ...]
    symbols: tuple[str, ...] = ()
    data_types: tuple[str, ...] = ()


def accesses_of(
    config: Config, asks: Mapping[str, AskSpare], *, clock: Clock, report: Report
) -> dict[str, Access]:
    """Return the configured sources that can be asked."""
    share = config.backfill.weight_share
    return {
        name: _access(config.sources[name], ask, share, clock, report) for name, ask in asks.items()
    }


def _access(
    config: SourceConfig, ask: AskSpare, share: float, clock: Clock, report: Report
) -> Access:
    async def get(request: Request) -> tuple[int, bytes]:
        return await ask.get_spare(request, share)

    return Access(
        source=SOURCES[config.name],
        past=Past(config.name, get, clock=clock, report=report),
        intervals=config.kline_intervals,
        symbols=config.symbols if isinstance(config.symbols, tuple) else (),
        data_types=config.data_types,
    )
