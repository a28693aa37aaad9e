"""Shell. What the venue says its symbols are: published when new or changed, and at their end."""

from collections.abc import Mapping, Sequence

import msgspec

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.config.schema import SymbolRule
from argus.events import Instrument
from argus.network import universe
from argus.network.journal import Journal
from argus.telemetry import Report, SymbolUnknown

DELISTED = "DELISTED"
"""Our word, not a venue's: the status of a definition that is listed no more."""


class Definitions:
    """Publishes definitions on `instrument` paths.

    Args:
        source: name of the source.
        agora: where they are published.
        journal: takes each.
        report: told of wanted symbols that the venue does not list, each once.
    """

    def __init__(self, source: str, agora: Agora, journal: Journal, report: Report) -> None:
        self._source = source
        self._agora = agora
        self._journal = journal
        self._report = report
        self._known: dict[str, Instrument] = {}
        self._told: set[str] = set()

    def tell_unknown(
        self, listed: Mapping[str, Instrument], wanted: Sequence[str] | SymbolRule
    ) -> None:
        """Tell which wanted symbols are not listed, with listed ones that look alike."""
        for symbol, alike in universe.unknown(listed, wanted).items():
            if symbol not in self._told:
                self._told.add(symbol)
                self._report(SymbolUnknown(self._source, symbol, ", ".join(alike) or "none"))

    def publish(
        self, listed: Mapping[str, Instrument], symbols: Sequence[str], ts_recv: int
    ) -> None:
        """Publish what is new or changed; of a delisted symbol its last words."""
        for symbol in universe.redefined(self._known, listed, symbols):
            self._publish(symbol, listed[symbol])
        for symbol in [s for s in self._known if s not in listed]:
            self._publish(
                symbol,
                msgspec.structs.replace(self._known[symbol], ts_recv=ts_recv, status=DELISTED),
            )
        self._known = {s: listed[s] for s in symbols if s in listed}

    def _publish(self, symbol: str, definition: Instrument) -> None:
        path = Path(self._source, "instrument", symbol)
        self._agora.publisher(path).publish(definition)
        self._journal.note(path, definition)
