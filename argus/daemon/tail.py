"""Shell. Following the trades of a path from an id on: first what is on disk, then what comes.

A tail hears the path from its beginning on. It is attached once everything that is on disk was
given: from then on it gives what it has heard since, without what was given already. What comes
faster than it is taken is let go, and then the tail has to be attached again: what was let go is on
disk by then. So each trade is given once, in order, and none is left out but what nobody recorded.

    tail = Tail(agora, path, after=last_id)
    async for _, table in attach([tail], written, work=lambda _, table: table): ...
    while tail.is_attached: facts = tail.take(); ...
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from operator import attrgetter
from typing import TypeAlias, TypeVar

import pyarrow as pa

from argus.agora.agora import Agora, News
from argus.agora.path import Path
from argus.clock import Clock
from argus.daemon.written import Written
from argus.events import EVENTS, Event
from argus.lake.span import Span

HELD_MAX = 8192
"""Trades that are held back of one path; they are shared with whoever else reads it."""
RETRY_S = 1.0

T = TypeVar("T")
type_of_part: TypeAlias = pa.Table | list[Event]


class Tail:
    """What comes on one path, from the moment on at which this is made.

    Args:
        agora: where the path is, or will be.
        path: the path, of a data type in the order of an id.
        after: the last id that is known already; None to begin with the first trade there is.
        held_max: how many trades are held back at most.

    Attributes:
        after: the last id that was given.
        is_attached: whether everything before what is held back was given.
    """

    def __init__(
        self, agora: Agora, path: Path, *, after: int | None = None, held_max: int = HELD_MAX
    ) -> None:
        self.path = path
        self.after = after
        self.is_attached = False
        self._agora = agora
        self._held_max = held_max
        self._id_of: Callable[[Event], int] = attrgetter(EVENTS[path.data_type].order[0])
        self._held: list[Event] = []
        self._is_whole = False
        self._hearing = agora.subscribe(str(path), self._hear)

    @property
    def held(self) -> int:
        """Return how many trades have come and were not given yet, but for those on disk."""
        return len(self._held) + self._hearing.lag

    def _hear(self, news: News) -> None:
        if not self._is_whole:
            return
        if news.missed or len(self._held) + len(news.facts) > self._held_max:
            self.lose()
        else:
            self._held += news.facts

    def lose(self) -> None:
        """Let go what is held back: it is to be read from the disk."""
        self._held.clear()
        self._is_whole = self.is_attached = False

    def begin(self) -> None:
        """Hold back what comes from now on, to be given after all that is on disk now."""
        self.lose()
        for _ in self._hearing.poll():
            pass
        self._is_whole = True

    def passed(self, last: int) -> None:
        """Note that everything was given up to an id."""
        self.after = last

    def attach(self) -> bool:
        """Note that everything on disk was given; return false if it is to be begun again."""
        self.is_attached = self._is_whole
        return self.is_attached

    def take(self) -> list[Event]:
        """Return what has come and was not given yet; nothing unless it is attached."""
        for news in self._hearing.poll():
            self._hear(news)
        if not self.is_attached or not self._held:
            return []
        facts, self._held = self._held, []
        first, last = self._id_of(facts[0]), self._id_of(facts[-1])
        if last - first + 1 != len(facts) or (self.after is not None and first <= self.after):
            facts = self._beyond(facts)
        if facts:
            self.after = self._id_of(facts[-1])
        return facts

    def _beyond(self, facts: list[Event]) -> list[Event]:
        found, after = [], self.after
        for fact in facts:
            number = self._id_of(fact)
            if after is None or number > after:
                found.append(fact)
                after = number
        return found

    def rewind(self, after: int | None) -> None:
        """Go back to an id: what follows it is to be given again."""
        self.lose()
        self.after = after

    def close(self) -> None:
        """Hear nothing more."""
        self._agora.unsubscribe(self._hearing)


async def attach(
    tails: Sequence[Tail], written: Written, work: Callable[[str, pa.Table], T]
) -> AsyncGenerator[tuple[Tail, T], None]:
    """Give what is on disk of some paths of one source, until they are attached.

    A path that was overrun meanwhile, and all if not everything could be written, are not attached
    at the end: then it is to be called again, and goes on where they stand.

    Args:
        tails: paths of the source and data type of `written`.
        written: reads what was recorded.
        work: done to a symbol and each batch of its trades, in the thread that reads.

    Yields:
        A tail, which is past that batch, and what `work` returned.

    Raises:
        StorageError: the date files of a symbol were replaced again and again.
        OSError: the system failed.
    """
    by_symbol = {tail.path.symbol: tail for tail in tails}
    for tail in tails:
        tail.begin()
    if not await written.settled():
        return
    wanted = {symbol: Span(after=tail.after) for symbol, tail in by_symbol.items()}
    async with aclosing(written.read(wanted, work)) as batches:
        current: Tail | None = None
        async for symbol, last, done in batches:
            tail = by_symbol[symbol]
            if current is not None and current is not tail:
                current.attach()
            current = tail
            tail.passed(last)
            yield tail, done
    for tail in tails:
        if not tail.is_attached:
            tail.attach()


async def follow(
    tail: Tail,
    written: Written,
    *,
    clock: Clock,
    every_s: float,
    attached: Callable[[], None] = lambda: None,
) -> AsyncGenerator[type_of_part, None]:
    """Give the trades of one path without an end: tables from the disk, then lists of events.

    It attaches the tail as often as that is needed. Close it (`contextlib.aclosing`) at the end.

    Args:
        tail: the path; it is closed with this.
        written: reads what was recorded.
        clock: paces the looks at the path.
        every_s: how often it is looked for what came.
        attached: called each time when everything on disk was given.
    """
    try:
        while True:
            if tail.is_attached:
                facts = tail.take()
                if facts:
                    yield facts
                if tail.is_attached:
                    await clock.sleep(every_s)
                continue
            async with aclosing(attach([tail], written, lambda _, table: table)) as parts:
                async for _, table in parts:
                    yield table
            if tail.is_attached:
                attached()
            else:
                await clock.sleep(RETRY_S)
    finally:
        tail.close()
