"""Shell. What a fault does to the venue, or to the connections it is aimed at."""

from argus.simulator.befall import befall
from argus.simulator.faults import CONNECTION_KINDS, Fault, FaultKind
from argus.simulator.feed import Feed
from argus.simulator.feed_clock import FeedClock
from argus.simulator.limits import SECOND_NS
from argus.simulator.rest import RestServer
from argus.simulator.streams import kind_of
from argus.simulator.truth import Truth
from argus.simulator.websocket import WebsocketServer


class Injector:
    """Carries out faults."""

    def __init__(
        self,
        *,
        feed: Feed,
        clock: FeedClock,
        truth: Truth,
        websocket: WebsocketServer,
        rest: RestServer,
        closing: dict[str, str],
    ) -> None:
        """Take the parts that can be made to fail."""
        self._feed, self._clock, self._truth = feed, clock, truth
        self._websocket, self._rest, self._closing = websocket, rest, closing

    def inject(self, fault: Fault, now: int) -> None:
        """Let a fault begin.

        Raises:
            NoSuchConnection: if it is aimed at one that is not open.
            NotByReplay: if a recording cannot do it.
        """
        if fault.kind not in CONNECTION_KINDS:
            self._inject_venue(fault, now)
        elif fault.target == "next":
            self._websocket.for_next.append(fault)
        else:
            for session in self._websocket.chosen(fault.target):
                befall(session, fault, now)

    def _inject_venue(self, fault: Fault, now: int) -> None:
        end_ns = fault.end_ns(now)
        match fault.kind:
            case FaultKind.REFUSE_DIAL:
                self._websocket.refuse_until_ns = end_ns
            case FaultKind.CLOSE_PORT:
                self._websocket.close_port(end_ns)
            case FaultKind.REFUSE_REST:
                self._rest.refuse(end_ns)
            case FaultKind.LIMIT_REST:
                self._rest.limit(fault.value_s, end_ns)
            case FaultKind.SLOW_REST:
                self._rest.slow_down(fault.value_s, end_ns)
            case FaultKind.CLOCK_OFFSET:
                self._clock.shift(int(fault.value_s * SECOND_NS))
                self._feed.shift_clock(int(fault.value_s * SECOND_NS))
            case _:
                self._inject_market(fault)

    def _inject_market(self, fault: Fault) -> None:
        symbol, ts = fault.symbol, self._feed.now_ns
        is_listed = any(spec.symbol == symbol for spec in self._feed.listed())
        match fault.kind:
            case FaultKind.LIST:
                self._feed.list_symbol(symbol)
                self._closing.pop(symbol, None)
                if not is_listed:
                    self._truth.list_symbol(symbol, ts)
            case FaultKind.DELIST:
                self._feed.delist_symbol(symbol)
                if fault.status:
                    self._closing[symbol] = fault.status
                if is_listed:
                    self._truth.delist_symbol(symbol, ts)
            case FaultKind.SKIP_IDS:
                kind = kind_of(fault.stream.rpartition("@")[2])
                self._feed.skip_ids(symbol, kind, fault.count or 1)
            case _:
                msg = f"{fault.kind} concerns connections"
                raise AssertionError(msg)
