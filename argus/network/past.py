"""Shell. Asks a venue for its past, page by page, and waits where it asks for patience."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from argus.clock import Clock
from argus.errors import RateLimited, Refused, Unreachable
from argus.events import Event
from argus.network.backoff import Backoff
from argus.network.history import History, Scale, type_of_span
from argus.network.rest import Get
from argus.network.source import UNDECODABLE, Request
from argus.telemetry import Report, RequestFailed

ATTEMPTS_MAX = 5
BACKOFF = Backoff(first_ns=1_000_000_000, longest_ns=60_000_000_000)
T = TypeVar("T")


class Past:
    """What one source can be asked about its past.

    Args:
        name: the source's name.
        get: answers requests, within the weight that may be spent on this.
        clock: paces attempts.
        report: told of requests that failed.

    Attributes:
        requests: sent since the beginning, also those that failed.
        weight: what they cost together.
    """

    def __init__(self, name: str, get: Get, *, clock: Clock, report: Report) -> None:
        self._name = name
        self._get = get
        self._clock = clock
        self._report = report
        self.requests = 0
        self.weight = 0

    async def page(
        self, history: History, symbol: str, interval: str, scale: Scale, page: type_of_span
    ) -> list[Event]:
        """Return the facts from the first to the last number of a page, as the venue has them.

        Raises:
            Refused: the venue says no, or something that is not understood.
            RateLimited: it still asks us to wait after many attempts.
            Unreachable: no answer after many attempts.
        """
        first, last = (scale.key(number) for number in page)
        request = history.request(symbol, interval, first, last)
        return await self._ask(request, lambda ts, answer: history.decode(answer, ts, interval))

    async def span(
        self, history: History, symbol: str, ts_from: int | None, ts_until: int | None
    ) -> type_of_span | None:
        """Return the first and the last key from one instant until before another (UTC ns).

        None if there is nothing in between. Without an instant the venue's first fact, or its
        latest, is the end.

        Raises:
            Refused: as above, and so the others.
            RateLimited: as above.
            Unreachable: as above.
        """
        finding = history.finding
        assert finding is not None, f"{history.data_type} is numbered by time"

        async def find(ts: int | None) -> type_of_span | None:
            return await self._ask(
                finding.request(symbol, ts), lambda _, answer: finding.decode(answer)
            )

        latest = await find(None)
        begin = None if ts_from is None else await find(ts_from)
        end = None if ts_until is None else await find(ts_until)
        if latest is None or (ts_from is not None and begin is None):
            return None
        first = 0 if begin is None else begin[0]
        last = latest[1] if end is None else end[0] - 1
        return (first, last) if first <= last else None

    async def _ask(self, request: Request, decode: Callable[[int, bytes], T]) -> T:
        failures = 0
        while True:
            self.requests += 1
            self.weight += request.weight
            try:
                ts_recv, answer = await self._get(request)
                return decode(ts_recv, answer)
            except UNDECODABLE as error:
                # What the venue answered with success and is not understood: asking again is no
                # use, and what it means is not known.
                raise Refused(request.path, 200, f"not understood: {error}") from error
            except (Refused, RateLimited, Unreachable) as error:
                failures += 1
                if failures >= ATTEMPTS_MAX or error.is_final:
                    raise
                # After a 429 the limiter waits as long as the venue wants.
                wait_s = BACKOFF.delay_ns(failures, 0.5) / 1e9
                self._report(RequestFailed(self._name, str(error), wait_s))
                await self._clock.sleep(wait_s)
