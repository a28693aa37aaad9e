"""Shell. Which stores there are, and what each is made of.

What talks to a database is loaded only where one is configured: half a second of every start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from argus.bars.sinks.store import Store
from argus.clock import SystemClock
from argus.config.influx import TOKEN
from argus.config.schema import Config
from argus.daemon.sinks.memory import MemoryFile
from argus.telemetry import Report


@dataclass(frozen=True, slots=True)
class Wish:
    """A store that is configured.

    Attributes:
        store: the store, not opened yet.
        spool_bytes_max: what may wait for it on the disk.
    """

    store: Store
    spool_bytes_max: int


type_of_environ = Mapping[str, str]


def _influx(config: Config, environ: type_of_environ, report: Report) -> Wish | None:
    influx = config.influx
    if not influx.url:
        return None
    from argus.bars.sinks.influx import InfluxStore  # noqa: PLC0415 see above

    memory = MemoryFile(Path(config.data), InfluxStore.name, report=report)
    store = InfluxStore(influx, token=environ.get(TOKEN, ""), report=report, memory=memory)
    return Wish(store, influx.spool_bytes_max)


type_of_making = Callable[[Config, type_of_environ, Report], Wish | None]


def _timescale(config: Config, _environ: type_of_environ, report: Report) -> Wish | None:
    timescale = config.timescale
    if not timescale.url:
        return None
    from argus.bars.sinks.postgres.store import PostgresStore  # noqa: PLC0415 see above
    from argus.lake.instruments import Pairs  # noqa: PLC0415 see above

    clock = SystemClock()
    pairs = Pairs(Path(config.data), clock)
    store = PostgresStore(timescale, pairs=pairs, clock=clock, report=report)
    return Wish(store, timescale.spool_bytes_max)


MADE: Mapping[str, type_of_making] = {
    "timescale": _timescale,
    "influx": _influx,
}
"""A store's name to what makes it, or gives None if it is not configured."""


def stores(config: Config, *, report: Report, environ: type_of_environ = os.environ) -> list[Wish]:
    """Return every store that is configured."""
    made = (make(config, environ, report) for make in MADE.values())
    return [wish for wish in made if wish is not None]
