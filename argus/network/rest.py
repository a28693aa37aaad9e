"""Shell. REST requests of one source, kept within the venue's weight before they are sent."""

from __future__ import annotations

import asyncio
from typing import Protocol

import aiohttp

from argus.clock import Clock
from argus.errors import RateLimited, Refused, Unreachable
from argus.network.limiter import Limiter
from argus.network.source import Request

TIMEOUT_S = 20.0
ANSWER_BYTES_MAX = 64 * 2**20
BAN_S = 120.0
SPARE_WAIT_NS = 100_000_000
"""A request that uses what others leave looks again so soon while another one waits."""


class Get(Protocol):
    """Answers requests; the real one is `RestClient.get`."""

    async def __call__(self, request: Request) -> tuple[int, bytes]:
        """Return when the answer's last byte came (UTC ns), and the answer."""
        ...


class RestClient:
    """Asks one REST address.

    Args:
        url: base address.
        limiter: shared by all sources of the same budget.
        weight_header: where the venue says how much weight was used; "" if nowhere.
        clock: stamps answers and paces requests.
    """

    def __init__(self, url: str, *, limiter: Limiter, weight_header: str, clock: Clock) -> None:
        self._url = url
        self._limiter = limiter
        self._weight_header = weight_header
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._turn = asyncio.Lock()

    async def get(self, request: Request) -> tuple[int, bytes]:
        """Wait for the request's weight, send it, and return when it was answered, and what.

        Raises:
            RateLimited: the venue asks us to wait; nothing is sent until then.
            Refused: any other status than 200.
            Unreachable: no answer.
        """
        async with self._turn:
            while wait := self._limiter.wait_ns(request.weight, self._clock.monotonic_ns()):
                await self._clock.sleep(wait / 1e9)
            self._limiter.spend(request.weight, self._clock.monotonic_ns())
        return await self._send(request)

    async def get_spare(self, request: Request, share: float) -> tuple[int, bytes]:
        """Do the same with what others leave: nobody ever waits for this request.

        It is sent when no other one waits and, with it, not more than a share of the limit is used.

        Raises:
            RateLimited: the venue asks us to wait; nothing is sent until then.
            Refused: any other status than 200.
            Unreachable: no answer.
        """
        while wait := self._spare_wait_ns(request.weight, share):
            await self._clock.sleep(wait / 1e9)
        self._limiter.spend(request.weight, self._clock.monotonic_ns())
        return await self._send(request)

    def _spare_wait_ns(self, weight: int, share: float) -> int:
        wait = self._limiter.wait_ns(weight, self._clock.monotonic_ns(), share)
        return max(wait, SPARE_WAIT_NS) if self._turn.locked() else wait

    async def _send(self, request: Request) -> tuple[int, bytes]:
        url = self._url + request.path
        try:
            async with self._open().get(url, headers=dict(request.headers)) as answer:
                body = await answer.read()
                ts_recv = self._clock.now_ns()
                self._observe(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(url, str(error) or type(error).__name__) from error
        if answer.status in {418, 429}:
            raise self._limited(url, answer)
        if answer.status != 200:  # noqa: PLR2004 the status of success
            raise Refused(url, answer.status, body.decode("utf-8", "replace"))
        return ts_recv, body

    def _observe(self, answer: aiohttp.ClientResponse) -> None:
        used = answer.headers.get(self._weight_header, "") if self._weight_header else ""
        if used.isdigit():
            self._limiter.observe(int(used), self._clock.monotonic_ns())

    def _limited(self, url: str, answer: aiohttp.ClientResponse) -> RateLimited:
        text = answer.headers.get("Retry-After", "")
        seconds = float(text) if text.isdigit() else BAN_S
        self._limiter.close_until(self._clock.monotonic_ns() + int(seconds * 1e9))
        return RateLimited(url, answer.status, seconds)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), trust_env=True
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
