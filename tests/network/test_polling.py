"""What comes over REST only: snapshots of books, open interest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.errors import Unreachable
from argus.events import BookSnapshot, OpenInterest
from argus.network.book import RETRY_NS
from argus.network.polling import FAILURE_S, Books, BooksWanted, poll_open_interest
from argus.network.source import Request
from argus.network.sources import SOURCES
from argus.telemetry import BookBroken, Happening, RequestFailed
from tests.agora.facts import delta
from tests.network.doubles import SECOND, ListJournal, TestClock
from tests.waiting import until

SOURCE = SOURCES["binance_usdm"]
DAY_S = 86_400


@dataclass
class Answers:
    """A venue that answers what it was told to, and keeps what it was asked."""

    clock: TestClock
    bodies: list[bytes]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: Request) -> tuple[int, bytes]:
        self.asked.append(request.path)
        if not self.bodies:
            raise Unreachable(request.path, "nothing")
        return self.clock.now_ns(), self.bodies.pop(0)


def snapshot(last_update_id: int) -> bytes:
    return b'{"lastUpdateId":%d,"T":5,"bids":[["1","2"]],"asks":[]}' % last_update_id


class Shelf:
    """Books over scripted answers."""

    def __init__(self, *bodies: bytes) -> None:
        self.clock = TestClock()
        self.agora = Agora({"": 64})
        self.get = Answers(self.clock, list(bodies))
        self.reported: list[Happening] = []
        self.journal = ListJournal()
        self.snapshots = self.agora.subscribe("*/book_snapshot/*")
        self.books = Books(
            SOURCE,
            self.agora,
            self.get,
            clock=self.clock,
            want=BooksWanted(levels=100, every_s=DAY_S, look_every_s=0.01),
            journal=self.journal,
            report=self.reported.append,
        )

    def diff(self, symbol: str, first: int) -> None:
        path = Path(SOURCE.name, "book_delta", symbol)
        self.agora.publisher(path).publish(delta(first, first + 9, first - 1))

    def found(self) -> list[tuple[str, int]]:
        return [
            (news.path.symbol, fact.last_update_id)
            for news in self.snapshots.poll()
            for fact in news.facts
            if isinstance(fact, BookSnapshot)
        ]

    async def run_for(self, seconds: float) -> None:
        """Let the books do what they do for some of their own time."""
        end = self.clock.elapsed + seconds * SECOND
        task = asyncio.create_task(self.books.run())
        await until(lambda: task.done() or self.clock.elapsed >= end, every_s=0)
        task.cancel()


def test_book_gets_a_snapshot_with_its_first_diff_and_another_a_day_later():
    async def main() -> None:
        shelf = Shelf(snapshot(150), snapshot(900))
        await shelf.run_for(1)
        assert shelf.get.asked == []
        shelf.diff("BTCUSDT", 100)
        await shelf.run_for(60)
        assert shelf.found() == [("BTCUSDT", 150)]
        shelf.clock.elapsed += DAY_S * SECOND
        await shelf.run_for(1)
        assert shelf.found() == [("BTCUSDT", 900)]
        assert shelf.get.asked == ["/fapi/v1/depth?symbol=BTCUSDT&limit=100"] * 2

    asyncio.run(main())


def test_snapshot_older_than_the_diffs_is_recorded_and_another_is_fetched():
    async def main() -> None:
        shelf = Shelf(snapshot(50), snapshot(150))
        shelf.diff("BTCUSDT", 100)
        await shelf.run_for(RETRY_NS / SECOND + 1)
        assert shelf.found() == [("BTCUSDT", 50), ("BTCUSDT", 150)]

    asyncio.run(main())


def test_hole_in_the_diffs_of_a_symbol_fetches_that_symbol_alone():
    async def main() -> None:
        shelf = Shelf(snapshot(150), snapshot(150), snapshot(950))
        shelf.diff("BTCUSDT", 100)
        shelf.diff("ETHUSDT", 100)
        await shelf.run_for(5)
        assert shelf.found() == [("BTCUSDT", 150), ("ETHUSDT", 150)]
        shelf.books.broken("ETHUSDT")
        shelf.diff("ETHUSDT", 900)
        await shelf.run_for(5)
        assert shelf.found() == [("ETHUSDT", 950)]
        assert shelf.reported == [
            BookBroken("binance_usdm/book_delta/ETHUSDT", "hole in the diffs")
        ]

    asyncio.run(main())


def test_request_that_fails_is_told_and_tried_again_later():
    async def main() -> None:
        shelf = Shelf(b"<html>", snapshot(150))
        shelf.diff("BTCUSDT", 100)
        await shelf.run_for(5)
        assert shelf.found() == [("BTCUSDT", 150)]
        (told,) = shelf.reported
        assert isinstance(told, RequestFailed)
        assert (told.source, told.retry_s) == ("binance_usdm", FAILURE_S)

    asyncio.run(main())


def test_symbol_that_left_is_asked_for_no_more():
    async def main() -> None:
        shelf = Shelf()
        shelf.diff("BTCUSDT", 100)
        await shelf.run_for(2)
        asked = len(shelf.get.asked)
        shelf.books.forget(["BTCUSDT", "NEVERUSDT"])
        await shelf.run_for(60)
        assert asked > 0
        assert len(shelf.get.asked) == asked

    asyncio.run(main())


def interest(value: str, time: int) -> bytes:
    return b'{"openInterest":"%s","symbol":"x","time":%d}' % (value.encode(), time)


def test_open_interest_is_asked_for_by_symbol_and_told_when_it_is_news():
    async def main() -> None:
        shelf = Shelf(interest("1.5", 1), interest("2", 1), interest("1.5", 1), b"{}")
        news = shelf.agora.subscribe("*/open_interest/*")
        for symbols in (["BTCUSDT", "ETHUSDT"], ["BTCUSDT", "ETHUSDT"]):
            await poll_open_interest(
                SOURCE,
                shelf.agora,
                shelf.get,
                symbols,
                journal=shelf.journal,
                report=shelf.reported.append,
            )
        polled = [(n.path.symbol, f) for n in news.poll() for f in n.facts]
        assert [(s, f.open_interest) for s, f in polled if isinstance(f, OpenInterest)] == [
            *[("BTCUSDT", 1.5), ("ETHUSDT", 2.0)]
        ]
        assert [type(told) for told in shelf.reported] == [RequestFailed]
        assert shelf.journal.noted == [(f"{SOURCE.name}/open_interest/{s}", f) for s, f in polled]

    asyncio.run(main())
