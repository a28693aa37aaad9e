"""Shell. The REST server: weights, bans and errors around the answers."""

import json
from collections import Counter
from collections.abc import Callable
from math import ceil

from aiohttp import web

from argus.simulator.answers import Answers, Body, Question, RestError
from argus.simulator.limits import Limits, Verdict, WeightBudget
from argus.simulator.machine_time import let_pass
from argus.simulator.streams import Source
from argus.simulator.weights import weight_of

_PREFIX = {Source.BINANCE_SPOT: "/api/v3/", Source.BINANCE_USDM: "/fapi/v1/"}


class RestServer:
    """The venue's REST server."""

    def __init__(
        self,
        answers: Answers,
        limits: Limits,
        *,
        host: str,
        port: int,
        now_ns: Callable[[], int],
        counts: Counter[str],
    ) -> None:
        """Begin closed; `start` opens the port."""
        self._answers, self._limits, self._now_ns = answers, limits, now_ns
        self._host, self.port = host, port
        self._counts = counts
        self._budget = WeightBudget(limits)
        self._runner: web.AppRunner | None = None
        self.refuse_until_ns: int | None = 0
        self.limit_until_ns: int | None = 0
        self.limit_wait_s = 0
        self.slow_until_ns: int | None = 0
        self.slow_s = 0.0

    async def start(self) -> None:
        """Listen; a port of 0 becomes the one that was found."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and what is open on it."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.Response:
        self._counts["rest_requests"] += 1
        now = self._now_ns()
        if self.refuse_until_ns is None or now < self.refuse_until_ns:
            return web.Response(status=503, text="Service Unavailable")
        if self.slow_s and (self.slow_until_ns is None or now < self.slow_until_ns):
            await let_pass(self.slow_s)
        source, query = self._answers.source, dict(request.query)
        prefix = _PREFIX[source]
        if not request.path.startswith(prefix):
            return web.Response(status=404, text="Not Found")
        endpoint = request.path.removeprefix(prefix)
        verdict = self._verdict(weight_of(source, endpoint, query), now)
        if verdict.status != 200:  # noqa: PLR2004 - HTTP
            return self._limited(verdict)
        question = Question(
            query=query,
            has_key=bool(request.headers.get("X-MBX-APIKEY")),
            is_micro=source is Source.BINANCE_SPOT
            and request.headers.get("X-MBX-TIME-UNIT", "").upper() == "MICROSECOND",
        )
        try:
            return _response(200, self._answers.answer(endpoint, question), verdict)
        except RestError as error:
            self._counts["rest_errors"] += 1
            return _response(error.status, {"code": error.code, "msg": error.text}, verdict)

    def _verdict(self, weight: int, now: int) -> Verdict:
        verdict = self._budget.spend(weight, now)
        if self.limit_until_ns is None or now < self.limit_until_ns:
            return Verdict(429, verdict.used_weight, retry_after_s=self.limit_wait_s)
        return verdict

    def _limited(self, verdict: Verdict) -> web.Response:
        self._counts["rest_refused"] += 1
        limit = self._limits.weight_per_minute
        text = (
            f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE."
            " Please use WebSocket Streams for live updates to avoid polling the API."
        )
        if verdict.status == 418:  # noqa: PLR2004 - HTTP, as the venue uses it
            text = (
                "Way too much request weight used; IP banned until"
                f" {verdict.ts_ban_end_ms}. Please use WebSocket Streams for live updates to"
                " avoid bans."
            )
        response = _response(verdict.status, {"code": -1003, "msg": text}, verdict)
        response.headers["Retry-After"] = str(verdict.retry_after_s)
        return response

    def refuse(self, until_ns: int | None) -> None:
        """Answer everything with HTTP 503 until an instant."""
        self.refuse_until_ns = until_ns

    def limit(self, wait_s: float, until_ns: int | None) -> None:
        """Answer everything with HTTP 429 until an instant, and ask to wait so many seconds."""
        self.limit_wait_s, self.limit_until_ns = ceil(wait_s), until_ns

    def slow_down(self, by_s: float, until_ns: int | None) -> None:
        """Answer everything later until an instant."""
        self.slow_s, self.slow_until_ns = by_s, until_ns


def _response(status: int, body: Body, verdict: Verdict) -> web.Response:
    data = (
        body
        if isinstance(body, bytes)
        else json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    )
    return web.Response(
        status=status,
        body=data,
        content_type="application/json",
        headers={"X-MBX-USED-WEIGHT-1M": str(verdict.used_weight)},
    )
