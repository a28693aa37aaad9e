"""Shell. What one connection asks of its venue, within the venue's limit of messages."""

import asyncio
from collections.abc import Sequence

from argus.clock import Clock
from argus.network.connection import FAILURES, Link
from argus.network.limiter import Limiter
from argus.network.source import Source, Stream

NAMES_PER_MESSAGE = 100
WINDOW_NS = 1_100_000_000
"""A second as the venue counts it, and a tenth for what the network delays."""


class Subscribing:
    """Sends subscriptions and keeps which of them wait for their acknowledgement.

    Args:
        source: how they are written, and how many messages are allowed. One less than that is
            used: pongs count as well.
        clock: paces the messages.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._limiter = Limiter(max(1, source.limits.messages_per_second.value - 1), WINDOW_NS)
        self._asked: asyncio.Queue[tuple[bool, tuple[Stream, ...]]] = asyncio.Queue()
        self._unsent = 0
        self._waiting: dict[int, tuple[Stream, ...]] = {}
        self._request = 0

    @property
    def is_settled(self) -> bool:
        """Return whether everything is sent and every subscription acknowledged."""
        return not self._waiting and not self._unsent

    def ask(self, streams: Sequence[Stream], *, is_new: bool) -> None:
        """Subscribe to streams (or end that), now or as soon as the connection is open."""
        for start in range(0, len(streams), NAMES_PER_MESSAGE):
            self._unsent += 1
            self._asked.put_nowait((is_new, tuple(streams[start : start + NAMES_PER_MESSAGE])))

    def acknowledged(self, request: int) -> tuple[Stream, ...]:
        """Return the streams of a request that the venue has acknowledged."""
        return self._waiting.pop(request, ())

    async def run(self, link: Link) -> None:
        """Send what is asked, until the connection ends."""
        while True:
            is_new, streams = await self._asked.get()
            while wait := self._limiter.wait_ns(1, self._clock.monotonic_ns()):
                await self._clock.sleep(wait / 1e9)
            self._limiter.spend(1, self._clock.monotonic_ns())
            self._request += 1
            self._unsent -= 1
            if is_new:
                self._waiting[self._request] = streams
            spell = self._source.subscribe if is_new else self._source.unsubscribe
            try:
                await link.send(spell([s.name for s in streams], self._request))
            except FAILURES:
                return  # the connection is ending; who reads from it says how
