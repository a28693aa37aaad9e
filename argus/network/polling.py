"""Shell. What a source gives over REST only: snapshots of books, open interest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.clock import Clock
from argus.errors import VenueError
from argus.events import BookDelta, BookSnapshot, Event, Origin
from argus.network.book import BookSync
from argus.network.journal import Journal
from argus.network.rest import Get
from argus.network.source import UNDECODABLE, Request, Source
from argus.telemetry import BookBroken, Report, RequestFailed

Fact = TypeVar("Fact", bound=Event)

FAILURE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksWanted:
    """What is wanted of each book.

    Attributes:
        levels: levels per side.
        every_s: a fresh snapshot after so long.
        look_every_s: how often to look which books need one.
    """

    levels: int
    every_s: float
    look_every_s: float


class Books:
    """Fetches a snapshot for each book that needs one, one after the other.

    Args:
        source: gives the requests.
        agora: its `book_delta` paths are followed; snapshots are published on `book_snapshot`.
        get: answers requests, within the venue's weight.
        clock: for due times.
        want: what is wanted of each book.
        journal: takes each snapshot.
        report: telemetry.
    """

    def __init__(
        self,
        source: Source,
        agora: Agora,
        get: Get,
        *,
        clock: Clock,
        want: BooksWanted,
        journal: Journal,
        report: Report,
    ) -> None:
        self._source = source
        self._agora = agora
        self._get = get
        self._clock = clock
        self._want = want
        self._every_ns = int(want.every_s * 1e9)
        self._journal = journal
        self._report = report
        self._books: dict[str, BookSync] = {}
        self._diffs = agora.subscribe(f"{source.name}/book_delta/*")

    def broken(self, symbol: str) -> None:
        """Note a hole in a symbol's diffs."""
        self._report(BookBroken(f"{self._source.name}/book_delta/{symbol}", "hole in the diffs"))
        self._follow()
        sync = self._books.get(symbol, BookSync())
        self._books[symbol] = sync.broken(self._clock.monotonic_ns())

    def forget(self, symbols: Iterable[str]) -> None:
        """Stop following symbols that left the universe."""
        for symbol in symbols:
            self._books.pop(symbol, None)

    async def run(self) -> None:
        """Fetch what is wanted, for ever."""
        while True:
            self._follow()
            now = self._clock.monotonic_ns()
            wanted = [s for s, sync in self._books.items() if sync.is_wanted(now)]
            for symbol in wanted:
                await self._fetch(symbol)
            await self._clock.sleep(self._want.look_every_s)

    def _follow(self) -> None:
        for news in self._diffs.poll():
            symbol = news.path.symbol
            sync = self._books.get(symbol)
            if sync is None or sync.first_update_id is None:
                first = news.facts[0]
                assert isinstance(first, BookDelta)
                self._books[symbol] = (sync or BookSync()).heard(first.first_update_id)

    async def _fetch(self, symbol: str) -> None:
        request = self._source.rest.snapshot(symbol, self._want.levels)
        found = await _ask(self._source, self._get, request, self._report, self._read)
        sync, now = self._books.get(symbol), self._clock.monotonic_ns()
        if sync is None:
            return
        if found is None:
            self._books[symbol] = sync.failed(now)
            await self._clock.sleep(FAILURE_S)
            return
        fact, answer = found
        path = Path(self._source.name, "book_snapshot", symbol)
        self._agora.publisher(path).publish(fact)
        self._journal.note(path, fact, answer)
        self._books[symbol] = sync.answered(fact.last_update_id, now, self._every_ns)

    def _read(self, ts_recv: int, answer: bytes) -> BookSnapshot:
        return self._source.rest.decode_snapshot(answer, ts_recv, Origin.SNAPSHOT)


async def poll_open_interest(
    source: Source,
    agora: Agora,
    get: Get,
    symbols: Iterable[str],
    *,
    journal: Journal,
    report: Report,
) -> None:
    """Ask once for the open interest of each symbol and publish the answers."""
    rest = source.rest
    assert rest.open_interest is not None
    decode = rest.decode_open_interest
    assert decode is not None
    for symbol in symbols:
        found = await _ask(
            source,
            get,
            rest.open_interest(symbol),
            report,
            lambda ts_recv, answer: decode(answer, ts_recv, Origin.LIVE),
        )
        path = Path(source.name, "open_interest", symbol)
        if found is None:
            continue
        fact, _ = found
        publisher = agora.publisher(path)
        current = publisher.current
        if current is None or current.ts_event != fact.ts_event:
            publisher.publish(fact)
            journal.note(path, fact)


async def _ask(
    source: Source,
    get: Get,
    request: Request,
    report: Report,
    read: Callable[[int, bytes], Fact],
) -> tuple[Fact, bytes] | None:
    """Return the fact, and the answer it was read from."""
    try:
        ts_recv, answer = await get(request)
        fact = read(ts_recv, answer)
    except (VenueError, *UNDECODABLE) as error:
        report(RequestFailed(source.name, str(error), FAILURE_S))
        return None
    return fact, answer
