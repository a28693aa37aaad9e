"""Doubles of the world around the network: a clock that moves when told, a scripted link."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from argus.agora.path import Path
from argus.errors import Unreachable
from argus.events import Event
from tests.waiting import until

SECOND = 1_000_000_000
T0 = 1_700_000_000 * SECOND


class TestClock:
    """A clock whose `sleep` lets its own time pass, at once, or when it is no longer held."""

    __test__ = False

    def __init__(self) -> None:
        self.elapsed = 0
        self.slept: list[float] = []
        self.is_held = False

    def now_ns(self) -> int:
        return T0 + self.elapsed

    def monotonic_ns(self) -> int:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        await until(lambda: not self.is_held)
        self.elapsed += round(seconds * SECOND)

    def set(self, seconds: float) -> None:
        self.elapsed = round(seconds * SECOND)


class ScriptedLink:
    """A websocket that keeps what was sent, and delivers what the test gives it."""

    def __init__(self, clock: TestClock) -> None:
        self.clock = clock
        self.sent: list[tuple[int, str]] = []  # instant (monotonic), text
        self.pauses: list[float | None] = []
        self.is_closed = False
        self.failure: Exception | None = None
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._receive: Callable[[int, bytes], None] | None = None

    async def send(self, text: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent.append((self.clock.monotonic_ns(), text))

    async def pump(self, receive: Callable[[int, bytes], None]) -> str:
        self._receive = receive
        return await self._ended

    def pace(self, pause_s: float | None) -> None:
        self.pauses.append(pause_s)

    async def close(self) -> None:
        self.is_closed = True
        self.end("closed by us")

    def deliver(self, *frames: bytes) -> None:
        assert self._receive is not None
        for frame in frames:
            self._receive(self.clock.now_ns(), frame)

    def end(self, how: str) -> None:
        if not self._ended.done():
            self._ended.set_result(how)


class ScriptedOpen:
    """Opens one scripted link, or refuses."""

    def __init__(self, clock: TestClock, *, is_reachable: bool = True) -> None:
        self.clock = clock
        self.is_reachable = is_reachable
        self.dialled: list[str] = []
        self.links: list[ScriptedLink] = []

    async def __call__(self, url: str) -> ScriptedLink:
        self.dialled.append(url)
        if not self.is_reachable:
            raise Unreachable(url, "refused")
        self.links.append(ScriptedLink(self.clock))
        return self.links[-1]


class ListJournal:
    """A journal in memory."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, bytes]] = []
        self.noted: list[tuple[str, Event]] = []
        self.append = self.lines.append

    def begin(self, path: Path, fact: Event) -> None:
        self.noted.append((f"begin {path}", fact))

    def note(self, path: Path, fact: Event, answer: bytes = b"") -> None:
        self.noted.append((str(path), fact))
