"""Pure. What can be made to go wrong, and when.

A `Fault` is a value; `Schedule` says which are due. What a fault does is in `injector.py`; frames
are spoiled in `tamper.py`.
"""

from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush

from argus.simulator.draws import Draws

SECOND_NS = 1_000_000_000


class FaultKind(StrEnum):
    """The faults; what each reads of a `Fault` beside its target is said here."""

    CUT = "cut"  # the connection is aborted
    HALF_OPEN = "half_open"  # nothing sent nor answered; aborted after `for_s`
    DELAY = "delay"  # everything comes `value_s` later, plus up to `jitter_s`
    SLOW_PONG = "slow_pong"  # pongs come `value_s` later
    SLOW_ACK = "slow_ack"  # answers to requests come `value_s` later
    SILENT = "silent"  # acknowledged, but nothing is sent of `stream`
    DROP = "drop"  # `count` facts of `stream` are not sent; REST has them
    DUPLICATE = "duplicate"  # `count` frames of `stream` are sent twice
    MALFORMED = "malformed"  # before `count` frames of `stream` comes half a frame
    CORRUPT = "corrupt"  # `count` frames of `stream` come as half a frame only
    FROZEN = "frozen"  # frames of `stream` go on, but the times in them stand still
    STALE = "stale"  # in place of each frame of `stream` comes the first one again
    SERVER_SHUTDOWN = "server_shutdown"  # spot: `serverShutdown`, then a cut after `value_s`
    # On the venue as a whole:
    REFUSE_DIAL = "refuse_dial"  # new connections get HTTP 503 for `for_s`
    CLOSE_PORT = "close_port"  # new connections are refused by TCP for `for_s`
    REFUSE_REST = "refuse_rest"  # REST answers HTTP 503 for `for_s`
    LIMIT_REST = "limit_rest"  # REST answers HTTP 429 for `for_s`, to wait for `value_s`
    SLOW_REST = "slow_rest"  # REST answers come `value_s` later, for `for_s`
    LIST = "list"  # `symbol` begins to be traded
    DELIST = "delist"  # `symbol` ends
    SKIP_IDS = "skip_ids"  # `count` ids of `symbol`'s `stream` (trade, aggTrade, depth) never come
    CLOCK_OFFSET = "clock_offset"  # the venue's clock is `value_s` ahead from now on


CONNECTION_KINDS = frozenset(
    {
        FaultKind.CUT,
        FaultKind.HALF_OPEN,
        FaultKind.DELAY,
        FaultKind.SLOW_PONG,
        FaultKind.SLOW_ACK,
        FaultKind.SILENT,
        FaultKind.DROP,
        FaultKind.DUPLICATE,
        FaultKind.MALFORMED,
        FaultKind.CORRUPT,
        FaultKind.FROZEN,
        FaultKind.STALE,
        FaultKind.SERVER_SHUTDOWN,
    }
)
FRAME_KINDS = frozenset(
    {
        FaultKind.SILENT,
        FaultKind.DROP,
        FaultKind.DUPLICATE,
        FaultKind.MALFORMED,
        FaultKind.CORRUPT,
        FaultKind.FROZEN,
        FaultKind.STALE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, or a series of them.

    In a schedule it comes `at_s` after the venue has started, and with `every_s` again and again;
    up to `spread_s` is added by chance each time. `for_s` ends what lasts (`None`: it does not
    end). `target` is the number of a connection or one of `any`, `all`, `oldest`, `newest`, `next`
    (the one dialled next). `stream` is a pattern of stream names; `count` bounds how many frames
    are spoiled (`None`: all within `for_s`). A delisted `symbol` stays in exchangeInfo with
    `status` (`BREAK`, `SETTLING`), or leaves it.
    """

    kind: FaultKind
    at_s: float = 0.0
    every_s: float | None = None
    spread_s: float = 0.0
    for_s: float | None = None
    target: str | int = "any"
    stream: str = "*"
    symbol: str = ""
    status: str = ""
    count: int | None = None
    value_s: float = 0.0
    jitter_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what would never happen, or never stop happening."""
        assert self.at_s >= 0
        assert self.every_s is None or self.every_s > 0
        assert self.for_s is None or self.for_s > 0
        assert isinstance(self.target, int) or self.target in {
            "any",
            "all",
            "oldest",
            "newest",
            "next",
        }
        assert self.symbol or self.kind not in {
            FaultKind.LIST,
            FaultKind.DELIST,
            FaultKind.SKIP_IDS,
        }

    def end_ns(self, now_ns: int) -> int | None:
        """Return when a fault that begins now ends, `None` for never."""
        return None if self.for_s is None else now_ns + int(self.for_s * SECOND_NS)


class Schedule:
    """Which faults are due."""

    __slots__ = ("_draws", "_heap", "_pushed")

    def __init__(self, faults: tuple[Fault, ...], draws: Draws, *, start_ns: int) -> None:
        """Plan the first occurrence of every fault."""
        self._draws = draws
        self._heap: list[tuple[int, int, Fault]] = []
        self._pushed = 0
        for fault in faults:
            self._plan(fault, start_ns + int(fault.at_s * SECOND_NS))

    def due(self, now_ns: int) -> list[Fault]:
        """Return what is due, in order; series are planned on."""
        due = []
        while self._heap and self._heap[0][0] <= now_ns:
            at_ns, _, fault = heappop(self._heap)
            due.append(fault)
            if fault.every_s is not None:
                self._plan(fault, at_ns + int(fault.every_s * SECOND_NS))
        return due

    def _plan(self, fault: Fault, at_ns: int) -> None:
        self._pushed += 1
        spread_ns = int(fault.spread_s * SECOND_NS * self._draws.uniform())
        heappush(self._heap, (at_ns + spread_ns, self._pushed, fault))
