"""Shell. What the lake knows of instruments: the latest definition of each symbol."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from argus.clock import Clock
from argus.errors import StorageError
from argus.lake.query import query

AGAIN_NS = 60 * 10**9
"""How long it is not looked again for symbols that the lake does not know."""

_LATEST = """
SELECT source, symbol, arg_max(base, ts_recv) AS base, arg_max(quote, ts_recv) AS quote,
    arg_max(status, ts_recv) AS status, arg_max(contract_type, ts_recv) AS contract_type
FROM instrument GROUP BY source, symbol ORDER BY source, symbol
"""


@dataclass(frozen=True, slots=True)
class Definition:
    """The latest definition of a symbol."""

    source: str
    symbol: str
    base: str
    quote: str
    status: str
    contract_type: str | None


def definitions(data: Path) -> Iterator[Definition]:
    """Yield the latest definition of each symbol that was ever listed; none without a lake.

    Raises:
        StorageError: the lake changes faster than it can be read.
    """
    if not data.is_dir():
        return
    for row in query(data, _LATEST).to_pylist():
        yield Definition(**row)


class Pairs:
    """Base and quote asset by source and symbol, as the lake has them.

    Args:
        data: the data folder.
        clock: tells when it may be looked for unknown symbols again.
    """

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data = data
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[str, str]] = {}
        self._next_ns = clock.monotonic_ns()

    def __call__(self, source: str, symbol: str) -> tuple[str, str] | None:
        """Return base and quote asset of a symbol; None if the lake does not tell them."""
        if (source, symbol) not in self._known and self._clock.monotonic_ns() >= self._next_ns:
            # What changes while it is read tells nothing now; whoever asks can do without.
            with suppress(StorageError):
                found = definitions(self._data)
                self._known = {(d.source, d.symbol): (d.base, d.quote) for d in found}
            self._next_ns = self._clock.monotonic_ns() + AGAIN_NS
        return self._known.get((source, symbol))
