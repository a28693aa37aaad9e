"""Shell. What the venue truly produced, each fact once, whoever got it.

In memory the latest `keep` facts of every stream are held; REST history is answered from the same
facts, so that it cannot say anything else. With a path, every fact is also written to a file as
`<ns> {"stream":…,"data":…}`, the layout of the recordings, in the order of production.

Payloads are as the venue produced them: those of spot carry microseconds (the synthetic market) or
what the recording had (replay).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from argus.simulator.errors import RecordingError, TruthEvicted
from argus.simulator.streams import Fact, Stream, channel_of, kind_of


class Held:
    """The facts of one stream: all were counted, the latest are here."""

    __slots__ = ("facts", "prefix", "produced")

    def __init__(self, stream: Stream, keep: int) -> None:
        """Begin empty."""
        self.facts: deque[Fact] = deque(maxlen=keep)
        self.produced = 0
        self.prefix = f'{{"stream":"{stream.name}","data":'.encode()

    @property
    def evicted(self) -> int:
        """Return how many of the oldest facts are no longer here."""
        return self.produced - len(self.facts)


class Truth:
    """What was produced, and when which symbol was listed; see the module."""

    def __init__(self, *, keep: int, path: Path | None = None) -> None:
        """Begin empty; a file at `path` is overwritten. `keep` bounds the facts of each stream."""
        assert keep > 0
        self._keep, self._path = keep, path
        self._held: dict[tuple[str, str], Held] = {}
        self._by_stream: dict[Stream, Held] = {}
        self._lines: list[bytes] = []
        self._file: BinaryIO | None = path.open("wb") if path else None
        self._listings: dict[str, list[tuple[int, int | None]]] = {}
        self.produced = 0

    def extend(self, facts: Iterable[Fact]) -> None:
        """Add facts in the order in which they were produced."""
        by_stream, lines, is_spooled = self._by_stream, self._lines, self._file is not None
        for fact in facts:
            held = by_stream.get(fact[0]) or self._begin(fact[0])
            held.facts.append(fact)
            held.produced += 1
            self.produced += 1
            if is_spooled:
                lines.append(b"%d %b%b}\n" % (fact[1], held.prefix, fact[3]))

    def flush(self) -> None:
        """Hand to the kernel what the file does not have yet."""
        if self._file and self._lines:
            self._file.write(b"".join(self._lines))
            self._file.flush()
            self._lines.clear()

    def close(self) -> None:
        """Write the rest and close the file; what is in memory can still be read."""
        self.flush()
        if self._file:
            self._file.close()
            self._file = None

    # --- what is asked ---------------------------------------------------------------------------

    def facts(self, kind: str, symbol: str) -> list[tuple[int, bytes]]:
        """Return instant (ns) and payload of all facts of a stream, in order.

        `kind` is what stands behind the `@` of the stream's name: `trade`, `depth`, `kline_1m`.

        Raises:
            TruthEvicted: if the oldest are no longer in memory and there is no file.
        """
        held = self._held.get((kind_of(kind), symbol))
        if held is None:
            return []
        if not held.evicted:
            return [(ts, payload) for _, ts, _, payload in held.facts]
        if self._path is None:
            raise TruthEvicted(kind, symbol, held.evicted)
        self.flush()
        wanted = f"{symbol.lower()}@{kind_of(kind)}"
        return [(ts, data) for ts, name, data in read_truth(self._path) if name == wanted]

    def payloads(self, kind: str, symbol: str) -> list[bytes]:
        """Return the payloads of all facts of a stream, in order; see `facts`."""
        return [payload for _, payload in self.facts(kind, symbol)]

    def latest(self, kind: str, symbol: str) -> Sequence[Fact]:
        """Return the facts of a stream that are in memory, the oldest first."""
        held = self._held.get((kind, symbol))
        return held.facts if held else ()

    def streams(self) -> list[tuple[str, str, int]]:
        """Return kind, symbol and number of facts of every stream that had any."""
        return [(kind, symbol, held.produced) for (kind, symbol), held in self._held.items()]

    # --- listings --------------------------------------------------------------------------------

    def list_symbol(self, symbol: str, ts: int) -> None:
        """Note that a symbol is traded from an instant on."""
        self._listings.setdefault(symbol, []).append((ts, None))

    def delist_symbol(self, symbol: str, ts: int) -> None:
        """Note that a symbol is no longer traded."""
        since, _ = self._listings[symbol].pop()
        self._listings[symbol].append((since, ts))

    def listings(self, symbol: str) -> list[tuple[int, int | None]]:
        """Return when a symbol was traded: from, until (ns), `None` for still."""
        return list(self._listings.get(symbol, ()))

    def _begin(self, stream: Stream) -> Held:
        key = (stream.kind, stream.symbol)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = Held(stream, self._keep)
        self._by_stream[stream] = held
        return held


def read_truth(path: Path) -> Iterator[tuple[int, str, bytes]]:
    """Yield instant (ns), channel and payload of every line of a truth file, in order.

    Raises:
        RecordingError: at a line that is none of ours.
    """
    opening, middle = b'{"stream":"', b'","data":'
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            instant, _, rest = line.partition(b" ")
            name, found, data = rest.partition(middle)
            if not (instant.isdigit() and name.startswith(opening) and found):
                raise RecordingError(str(path), number, line)
            yield int(instant), channel_of(name[len(opening) :].decode()), data[:-2]
