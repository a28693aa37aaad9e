"""The router: temporary paths onto a persistent one, and gaps beside it."""

import pytest
from msgspec.structs import replace

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.agora.router import AgoraRouter, Seam, instant, publish_gap, type_of_line
from argus.agora.splice import Identity
from argus.events import Event, Gap, GapReason, GapState, Origin
from tests.agora.facts import SECOND, T0, bbo, ids, trade
from tests.agora.trial import LIMITS, PATIENCE, QUIET

TO = Path("venue", "trade", "BTC")
GAPS = Path("venue", "gap", "BTC")
A, B = Path("venue", "trade", "BTC", 1), Path("venue", "trade", "BTC", 2)


class Relay:
    """A router, what is read from its path and its path of gaps, and what it reported."""

    def __init__(self, identity: Identity = Identity.CHAIN, initial: Event | None = None) -> None:
        self.agora = Agora({"": 64})
        self.reported: list[tuple[Path, Gap]] = []
        self.lines: list[type_of_line] = []
        self.facts = self.agora.subscribe("venue/trade/*")
        self.gaps = self.agora.subscribe("venue/gap/*")
        key = "trade_id" if identity is Identity.CHAIN else "update_id"
        self.router = AgoraRouter(
            self.agora,
            TO,
            initial,
            seam=Seam(identity, key),
            limits=LIMITS,
            tell_gap=self.tell_gap,
            append=self.lines.append,
        )

    def tell_gap(self, path: Path, gap: Gap) -> None:
        publish_gap(self.agora, path, gap)
        self.reported.append((path, gap))

    def publish(self, path: Path, *facts: Event) -> None:
        for fact in facts:
            self.router.source_publisher(path).publish(fact)

    def read(self) -> list[int]:
        return [i for news in self.facts.poll() for i in ids(news.facts)]

    def read_gaps(self) -> list[Event]:
        return [gap for news in self.gaps.poll() for gap in news.facts]


GAP = Gap(
    ts_event=T0,
    ts_recv=T0,
    origin=Origin.LIVE,
    of_data_type="trade",
    ts_from=T0,
    ts_until=T0,
    first_missing_id=None,
    last_missing_id=None,
    missing=None,
    reason=GapReason.CUT,
    state=GapState.OPEN,
)


def gap_of(**changed) -> Gap:
    return replace(GAP, **changed)


def test_two_temporary_paths_become_one_persistent_path():
    relay = Relay()
    relay.router.relay(A)
    relay.router.relay(B)
    relay.publish(A, trade(1), trade(2))
    relay.publish(B, trade(2), trade(3))
    relay.publish(A, trade(3), trade(4))
    assert relay.read() == [1, 2, 3, 4]


def test_initial_value_is_current_until_the_first_fact():
    relay = Relay(initial=trade(0))
    assert relay.agora.current(TO) == trade(0)
    relay.router.relay(A)
    relay.publish(A, trade(1))
    assert relay.agora.current(TO) == trade(1)


def test_readers_notice_nothing_of_a_hand_over():
    relay = Relay()
    relay.router.relay(A)
    relay.publish(A, trade(1))
    relay.router.relay(B)
    relay.router.acknowledge(B, T0)
    relay.publish(B, trade(2))
    assert relay.router.is_sewn(B, T0)
    relay.router.drop(A, T0)
    relay.publish(B, trade(3))
    assert relay.read() == [1, 2, 3]
    assert (relay.reported, relay.agora.paths()) == ([], [B, TO])


def test_gap_runs_from_the_last_fact_before_to_the_first_fact_after():
    relay = Relay()
    relay.router.relay(A)
    relay.publish(A, trade(1, T0))
    relay.router.drop(A, T0 + SECOND)
    relay.router.relay(B)
    relay.publish(B, trade(5, T0 + 9 * SECOND))
    gap = gap_of(
        ts_until=T0 + 9 * SECOND,
        ts_recv=T0 + 9 * SECOND,
        first_missing_id=2,
        last_missing_id=4,
        missing=3,
    )
    assert relay.reported == [(TO, gap)]
    assert relay.read_gaps() == [gap]
    assert relay.read() == [1, 5]


def test_gap_of_facts_without_venue_time_runs_by_receive_time():
    relay = Relay(Identity.RISING)
    relay.router.relay(A)
    relay.publish(A, bbo(1, T0))
    relay.router.drop(A, T0 + SECOND)
    relay.router.relay(B)
    relay.publish(B, bbo(5, T0 + SECOND))
    assert relay.reported == [(TO, gap_of(ts_until=T0 + SECOND, ts_recv=T0 + SECOND))]


def test_reason_of_a_drop_is_the_reason_of_the_gap():
    relay = Relay()
    relay.router.relay(A)
    relay.publish(A, trade(1))
    relay.router.drop(A, T0, GapReason.STALLED)
    relay.router.relay(B)
    relay.publish(B, trade(3))
    assert [gap.reason for _, gap in relay.reported] == [GapReason.STALLED]


def test_undecodable_frame_is_the_reason_of_its_gap():
    relay = Relay()
    relay.router.relay(A)
    relay.publish(A, trade(1))
    relay.router.damage(A)
    relay.publish(A, trade(3))
    assert [gap.reason for _, gap in relay.reported] == [GapReason.DEAD_LETTER]


def test_path_that_is_closed_after_a_cut_has_a_gap_until_its_close():
    relay = Relay()
    relay.router.relay(A)
    relay.publish(A, trade(1))
    relay.router.drop(A, T0 + SECOND)
    relay.router.close(T0 + 2 * SECOND)
    assert relay.reported == [(TO, gap_of(ts_until=T0 + 2 * SECOND, ts_recv=T0 + 2 * SECOND))]


def test_tick_ends_the_patience():
    relay = Relay()
    relay.router.relay(A)
    relay.router.relay(B)
    relay.publish(A, trade(1))
    relay.publish(B, trade(3))
    relay.router.tick(T0 + PATIENCE)
    assert relay.read() == [1, 3]
    assert [gap.missing for _, gap in relay.reported] == [1]


def test_lead_of_the_others_is_told():
    relay = Relay()
    relay.router.relay(A)
    relay.router.relay(B)
    relay.router.acknowledge(B, T0)
    relay.router.tick(T0 + PATIENCE)
    relay.publish(A, trade(1), trade(2))
    relay.router.tick(T0 + QUIET)
    assert relay.router.lead(B) == (2, T0 + QUIET)
    assert relay.router.lead(A) == (0, None)
    assert relay.router.feed(B).ts_acknowledged == T0


def test_dropped_path_is_retired_and_what_it_still_delivers_goes_nowhere():
    relay = Relay()
    relay.router.relay(A)
    publisher = relay.router.source_publisher(A)
    relay.router.drop(A, T0)
    relay.router.drop(A, T0)
    publisher.publish(trade(1))
    assert (relay.read(), relay.agora.paths()) == ([], [TO])


def test_close_retires_temporary_paths_and_the_persistent_one_only_if_asked():
    relay = Relay()
    relay.router.relay(A)
    relay.publish(A, trade(1))
    relay.router.close(T0)
    assert relay.agora.paths() == [TO]
    relay.router.drop(A, T0)  # its connection ends later
    relay.router.close(T0, retire=True)
    assert relay.agora.paths() == []
    assert (relay.read(), relay.reported) == ([1], [])


def test_close_publishes_what_is_held_back():
    relay = Relay()
    relay.router.relay(A)
    relay.router.relay(B)
    relay.publish(A, trade(1))
    relay.publish(B, trade(3))
    relay.router.close(T0)
    assert relay.read() == [1, 3]


def test_persistent_path_cannot_be_relayed():
    relay = Relay()
    with pytest.raises(AssertionError, match="temporary"):
        relay.router.relay(TO)


def test_two_routers_may_share_a_persistent_path():
    relay = Relay()
    other = AgoraRouter(
        relay.agora,
        TO,
        seam=Seam(Identity.CHAIN, "trade_id"),
        limits=LIMITS,
        tell_gap=relay.tell_gap,
    )
    relay.router.relay(A)
    other.relay(B)
    relay.publish(A, trade(1))
    other.source_publisher(B).publish(trade(900))
    relay.publish(A, trade(2))
    assert (relay.read(), relay.reported) == ([1, 900, 2], [])


def test_instant_of_a_fact_is_its_venue_time_else_when_it_was_received():
    assert instant(trade(1, T0)) == T0
    assert instant(bbo(1, T0 + 1)) == T0 + 1


def test_what_a_connection_still_says_after_the_close_is_late_and_harmless():
    relay = Relay()
    relay.router.relay(A)
    relay.router.close(T0)
    relay.router.acknowledge(A, T0)
    relay.router.damage(A)
    assert relay.read_gaps() == []


def test_stream_that_ends_by_our_own_wish_loses_nothing_feed_by_feed():
    relay = Relay()
    for path in (A, B):
        relay.router.relay(path)
    relay.publish(A, trade(1), trade(2))
    relay.router.expect_end()
    relay.router.drop(A, T0)
    relay.router.drop(B, T0)
    relay.router.close(T0)
    assert relay.read() == [1, 2]
    assert relay.read_gaps() == []


def test_what_was_lost_before_the_end_is_still_told():
    relay = Relay()
    relay.router.relay(A)
    relay.publish(A, trade(1))
    relay.router.drop(A, T0)
    relay.router.expect_end()
    relay.router.close(T0)
    assert len(relay.read_gaps()) == 1
