"""Shell. A feed from recording files: the same interface as the market, the bytes untouched.

The clock is that of the recording: a fact is due at the instant its line carries. Several files are
merged by that instant. Lines need not be sorted within a file: none comes before one above it.
"""

import gzip
from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from typing import BinaryIO, cast

from argus.simulator.errors import NotByReplay, RecordingError
from argus.simulator.recording import Line, id_of, read_line, symbol_of
from argus.simulator.replay_book import ReplayBook
from argus.simulator.streams import DEPTH, Fact, Source, Stream, stream_of
from argus.simulator.symbols import SymbolSpec, spec_of


def lines_of(path: Path) -> Iterator[Line]:
    """Yield the lines of a recording, plain or compressed (`.gz`).

    Raises:
        RecordingError: at the first line that is none of a recording.
    """
    with _opened(path) as file:
        for number, text in enumerate(file, 1):
            line = read_line(text)
            if line is None:
                raise RecordingError(str(path), number, text)
            yield line


def _opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


class Replay:
    """Recordings as a feed; see the module."""

    def __init__(self, source: Source, paths: tuple[Path, ...]) -> None:
        """Look through the files for symbols and snapshots, then stand at their beginning.

        Raises:
            RecordingError: if a file is no recording.
        """
        self._source = source
        self._streams: dict[str, Stream] = {}
        self._specs: dict[str, SymbolSpec] = {}
        snapshots: dict[str, bytes] = {}
        starts = [self._look_through(path, snapshots) for path in paths]
        self._books = {symbol: ReplayBook(snapshots.get(symbol)) for symbol in self._specs}
        self._now_ns = min((start for start in starts if start is not None), default=0)
        self._lines = merge(*(lines_of(path) for path in paths), key=lambda line: line.ts)
        self._next: Line | None = next(self._lines, None)

    @property
    def now_ns(self) -> int:
        """Return the recorded instant up to which facts have been produced."""
        return self._now_ns

    @property
    def is_finished(self) -> bool:
        """Return whether the recordings are at their end."""
        return self._next is None

    def advance(self, until_ns: int, facts_max: int = 1_000_000) -> list[Fact]:
        """Return the facts up to a recorded instant, at most `facts_max`."""
        out: list[Fact] = []
        line = self._next
        while line is not None and line.ts <= until_ns and len(out) < facts_max:
            if not line.is_snapshot:
                out.append(self._fact(line))
            self._now_ns = max(self._now_ns, line.ts)
            line = self._next = next(self._lines, None)
        if len(out) < facts_max and line is not None:
            self._now_ns = max(self._now_ns, until_ns)
        return out

    def shift_clock(self, by_ns: int) -> None:
        """Do nothing: what was recorded carries its own times."""

    def listed(self) -> list[SymbolSpec]:
        """Return the symbols of the recordings."""
        return list(self._specs.values())

    def delisted(self) -> list[SymbolSpec]:
        """Return nothing: a recording delists no symbol."""
        return []

    def knows(self, symbol: str) -> bool:
        """Return whether the recordings have a symbol."""
        return symbol in self._specs

    def list_symbol(self, symbol: str) -> None:
        """Refuse: a recording has the symbols it has."""
        raise NotByReplay(f"list {symbol}")

    def delist_symbol(self, symbol: str) -> None:
        """Refuse: a recording has the symbols it has."""
        raise NotByReplay(f"delist {symbol}")

    def skip_ids(self, symbol: str, kind: str, count: int) -> None:
        """Refuse: the ids are recorded."""
        raise NotByReplay(f"skip {count} ids of {kind} {symbol}")

    def depth(self, symbol: str, limit: int) -> bytes | None:
        """Return the recorded snapshot, or the book that follows from it."""
        book = self._books.get(symbol)
        return book.answer(limit) if book else None

    def open_interest(self, symbol: str) -> str | None:
        """Return 0 for a known symbol: the recordings do not carry it."""
        return "0.000" if symbol in self._specs else None

    def _fact(self, line: Line) -> Fact:
        stream = self._streams[line.name]
        key = id_of(stream.kind, line.payload)
        if stream.kind == DEPTH:
            self._books[stream.symbol].add(key, line.payload)
        return stream, line.ts, key, line.payload

    def _look_through(self, path: Path, snapshots: dict[str, bytes]) -> int | None:
        """Note streams, symbols and first snapshots; a bare one is of the file's first symbol."""
        first_ns, first_symbol = None, ""
        bare: bytes | None = None
        for line in lines_of(path):
            first_ns = line.ts if first_ns is None else min(first_ns, line.ts)
            if not line.name:
                bare = bare or line.payload
            elif line.is_snapshot:
                snapshots.setdefault(symbol_of(line), line.payload)
            elif line.name not in self._streams:
                symbol = symbol_of(line)
                first_symbol = first_symbol or symbol
                self._streams[line.name] = stream_of(
                    self._source, symbol, line.name.partition("@")[2]
                )
                self._specs.setdefault(symbol, spec_of(self._source, symbol))
        if bare is not None and first_symbol:
            snapshots.setdefault(first_symbol, bare)
        return first_ns
