"""Pure. The venue's limits, and the windows that count against them.

Numbers: web-socket-streams.md (5 messages/s, 1,024 streams, 300 connections per 5 minutes, ping
every 20 s, pong within 60 s, 24 h) and rest-api.md (6,000 weight per minute) of the spot
documentation, 2026-07-21; for USD-M 10 messages/s, 200 streams (the safe figure of clients),
ping every 3 minutes, pong within 10 minutes, 2,400 weight per minute.
"""

from collections import deque
from dataclasses import dataclass

from argus.simulator.streams import Source

SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the venue lets its clients do; the defaults are those of spot."""

    messages_per_s: int = 5
    streams_per_connection: int = 1024
    dials_per_window: int = 300
    dial_window_s: float = 300.0
    ping_every_s: float = 20.0
    pong_within_s: float = 60.0
    lifetime_s: float = 86_400.0
    weight_per_minute: int = 6000
    # Answers of 429 within a minute after which the address is banned.
    refusals_until_ban: int = 20
    ban_s: float = 120.0

    def __post_init__(self) -> None:
        """Refuse limits that cannot be kept."""
        assert self.messages_per_s > 0
        assert self.streams_per_connection > 0
        assert self.dials_per_window > 0
        assert self.dial_window_s > 0
        assert self.ping_every_s > 0
        assert self.pong_within_s > 0
        assert self.lifetime_s > 0
        assert self.weight_per_minute > 0
        assert self.refusals_until_ban > 0


def limits_of(source: Source) -> Limits:
    """Return the limits of a venue."""
    if source is Source.BINANCE_SPOT:
        return Limits()
    return Limits(
        messages_per_s=10,
        streams_per_connection=200,
        ping_every_s=180.0,
        pong_within_s=600.0,
        weight_per_minute=2400,
    )


class Window:
    """Counts what happens within a sliding stretch of time."""

    __slots__ = ("_length_ns", "_limit", "_seen")

    def __init__(self, limit: int, length_ns: int) -> None:
        """Allow `limit` within any `length_ns`."""
        self._limit, self._length_ns = limit, length_ns
        self._seen: deque[int] = deque(maxlen=limit + 1)

    def is_within(self, now_ns: int) -> bool:
        """Count one more and return whether the limit still holds."""
        self._seen.append(now_ns)
        while self._seen[0] <= now_ns - self._length_ns:
            self._seen.popleft()
        return len(self._seen) <= self._limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a REST request is served: 200, 429 or 418, and what its headers say."""

    status: int
    used_weight: int
    retry_after_s: int = 0
    ts_ban_end_ms: int = 0


class WeightBudget:
    """The REST weight used in the current minute; a client that goes on after 429 is banned."""

    __slots__ = ("_ban_end_ns", "_limits", "_minute", "_refusals", "_used")

    def __init__(self, limits: Limits) -> None:
        """Begin with nothing used."""
        self._limits = limits
        self._minute = self._used = self._refusals = self._ban_end_ns = 0

    def spend(self, weight: int, now_ns: int) -> Verdict:
        """Count a request of some weight and say whether it is served."""
        minute = now_ns // _MINUTE_NS
        if minute != self._minute:
            self._minute, self._used, self._refusals = minute, 0, 0
        if now_ns < self._ban_end_ns:
            return self._banned(now_ns)
        self._used += weight
        if self._used <= self._limits.weight_per_minute:
            return Verdict(200, self._used)
        self._refusals += 1
        if self._refusals > self._limits.refusals_until_ban:
            self._ban_end_ns = now_ns + int(self._limits.ban_s * SECOND_NS)
            return self._banned(now_ns)
        return Verdict(429, self._used, retry_after_s=60 - now_ns % _MINUTE_NS // SECOND_NS)

    def _banned(self, now_ns: int) -> Verdict:
        left_s = -(-(self._ban_end_ns - now_ns) // SECOND_NS)
        return Verdict(418, self._used, left_s, self._ban_end_ns // 1_000_000)
