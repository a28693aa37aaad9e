"""Splice by chain: any feed may continue it; what nobody has is told, by its ids, and no more."""

import pytest
from hypothesis import given, settings

from argus.agora.chain import ChainSplice
from argus.agora.splice import Hole, Identity
from argus.errors import ImplausibleId
from argus.events import Event, GapReason
from tests.agora.facts import delta, ids, trade
from tests.agora.trial import ANY, FAULTLESS, LIMITS, PATIENCE, ROOMY, Trial, deeds

CHAINS = [Identity.CHAIN, Identity.RANGE, Identity.LINK]


def check_chain(trial: Trial) -> None:
    """One id a fact: whatever does not follow has a hole before it that names what is missing."""
    for before, holes, after in trial.seams():
        first, last = trial.key(before) + 1, trial.key(after) - 1
        assert last >= first - 1
        expected = [(before, after, first, last, last - first + 1)] if last >= first else []
        assert [
            (h.before, h.after, h.first_missing_id, h.last_missing_id, h.missing) for h in holes
        ] == expected


def check_range(trial: Trial) -> None:
    """Diffs follow or overlap; a hole is told exactly where ids are missing between two."""
    for before, holes, after in trial.seams():
        first, last = trial.key(before) + 1, after.first_update_id - 1  # type: ignore[attr-defined]
        assert trial.key(after) > trial.key(before)
        expected = [(before, after, first, last, None)] if last >= first else []
        assert [
            (h.before, h.after, h.first_missing_id, h.last_missing_id, h.missing) for h in holes
        ] == expected


def check_link(trial: Trial) -> None:
    """Each diff names the one before it, or a hole is told."""
    for before, holes, after in trial.seams():
        last, previous = trial.key(before), after.previous_update_id  # type: ignore[attr-defined]
        assert trial.key(after) > last
        told = [(h.before, h.after, h.first_missing_id, h.last_missing_id) for h in holes]
        if previous == last:
            assert told == []
        elif previous > last:
            assert told == [(before, after, last + 1, previous)]
        else:
            assert told == [(before, after, None, None)]
            assert [h.reason for h in holes] == [GapReason.UNSEWN]


CHECKS = {
    Identity.CHAIN: check_chain,
    Identity.RANGE: check_range,
    Identity.LINK: check_link,
}


# --- whatever happens ------------------------------------------------------------------------


@pytest.mark.parametrize("identity", CHAINS)
@settings(max_examples=200)
@given(deeds(ANY))
def test_whatever_happens_order_holds_and_what_is_missing_is_told(identity, played):
    trial = Trial(identity).play(played)
    CHECKS[identity](trial)
    trial.drain()
    trial.splice.close(trial.now)
    CHECKS[identity](trial)


@pytest.mark.parametrize("identity", CHAINS)
@given(deeds(ANY))
def test_no_feed_holds_more_than_its_limit(identity, played):
    trial = Trial(identity)
    for deed in played:
        trial.play([deed])
        assert max(trial.held, default=0) <= LIMITS.held_max


@pytest.mark.parametrize("identity", CHAINS)
@given(deeds(ANY))
def test_when_faults_stop_all_that_was_delivered_is_published_or_told(identity, played):
    trial = Trial(identity).play(played)
    trial.settle()
    assert trial.held == [0] * len(trial.held)
    delivered = [f for c in trial.connections for f in c.delivered]
    if delivered:
        assert trial.key(trial.published[-1]) >= max(map(trial.key, delivered))
    CHECKS[identity](trial)


@pytest.mark.parametrize("identity", [Identity.CHAIN, Identity.RANGE])
@given(deeds(FAULTLESS))
def test_hand_over_between_overlapping_feeds_loses_nothing_and_tells_no_hole(identity, played):
    trial = Trial(identity, ROOMY).play(played)
    trial.drain()
    assert trial.holes == []
    if trial.published:
        CHECKS[identity](trial)
        assert trial.key(trial.published[-1]) == trial.emitted[-1]


@given(deeds(FAULTLESS))
def test_hand_over_between_diffs_cut_alike_loses_nothing_and_tells_no_hole(played):
    alike = [(name, which, 1) for name, which, _ in played]
    trial = Trial(Identity.LINK, ROOMY).play(alike)
    trial.drain()
    assert trial.holes == []
    if trial.published:
        assert ids(trial.published) == trial.emitted[trial.emitted.index(ids(trial.published)[0]) :]


@given(deeds(FAULTLESS))
def test_hand_over_between_diffs_cut_differently_breaks_the_link_but_loses_no_update(played):
    trial = Trial(Identity.LINK, ROOMY).play(played)
    trial.drain()
    assert [h.first_missing_id for h in trial.holes] == [None] * len(trial.holes)
    assert [trial.missing_between(before, after) for before, _, after in trial.seams()] == [
        [] for _ in trial.seams()
    ]


# --- by example ------------------------------------------------------------------------------


def chain(**changed) -> tuple[ChainSplice, list]:
    log: list = []
    arguments = {"identity": Identity.CHAIN, "first": "trade_id", "last": "trade_id"} | changed
    splice = ChainSplice(publish=log.append, tell=log.append, limits=LIMITS, **arguments)
    return splice, log


def ranges() -> tuple[ChainSplice, list]:
    return chain(identity=Identity.RANGE, first="first_update_id", last="last_update_id")


def links() -> tuple[ChainSplice, list]:
    return chain(
        identity=Identity.LINK,
        first="first_update_id",
        last="last_update_id",
        previous="previous_update_id",
    )


def test_first_fact_begins_the_chain_whatever_its_id():
    splice, log = chain()
    splice.attach("a").offer(trade(7))
    assert ids(log) == [7]


def test_any_feed_may_continue_and_repeats_are_dropped():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    for feed, trade_id in [(a, 1), (b, 1), (b, 2), (b, 3), (a, 2), (a, 3), (a, 4), (b, 4)]:
        feed.offer(trade(trade_id))
    assert ids(log) == [1, 2, 3, 4]
    assert (splice.published, splice.repeats) == (4, 4)


def test_fact_ahead_waits_for_the_feed_that_may_still_deliver_what_lies_between():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(trade(1))
    b.offer(trade(3))
    assert ids(log) == [1]
    a.offer(trade(2))
    assert ids(log) == [1, 2, 3]


def test_fact_ahead_of_the_only_feed_goes_out_at_once_after_its_hole():
    splice, log = chain()
    a = splice.attach("a")
    a.offer(first := trade(1))
    a.offer(second := trade(5))
    assert log == [first, Hole(GapReason.VENUE_SKIPPED, first, second, 2, 4, 3), second]


def test_hole_of_a_cut_feed_says_so_and_names_what_is_missing():
    splice, log = chain()
    a = splice.attach("a")
    a.offer(first := trade(1))
    splice.detach(a, first.ts_recv)
    b = splice.attach("b")
    b.offer(second := trade(4))
    assert log == [first, Hole(GapReason.CUT, first, second, 2, 3, 2), second]


def test_reason_of_a_detachment_is_the_reason_of_the_hole():
    splice, log = chain()
    a = splice.attach("a")
    a.offer(first := trade(1))
    splice.detach(a, first.ts_recv, GapReason.STALLED)
    splice.attach("b").offer(second := trade(3))
    assert log[1] == Hole(GapReason.STALLED, first, second, 2, 2, 1)


def test_cut_is_forgotten_when_the_chain_goes_on_without_a_hole():
    splice, log = chain()
    a = splice.attach("a")
    a.offer(trade(1))
    splice.detach(a, trade(1).ts_recv)
    b = splice.attach("b")
    b.offer(trade(2))
    b.offer(skipped := trade(4))
    assert log[2] == Hole(GapReason.VENUE_SKIPPED, trade(2), skipped, 3, 3, 1)


def test_lost_frame_is_the_reason_of_its_hole():
    splice, log = chain()
    a = splice.attach("a")
    a.offer(first := trade(1))
    splice.damage(a)
    a.offer(second := trade(3))
    assert log == [first, Hole(GapReason.DEAD_LETTER, first, second, 2, 2, 1), second]


def test_lost_frame_that_another_feed_delivers_is_no_hole():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(trade(1))
    b.offer(trade(1))
    splice.damage(a)
    a.offer(trade(3))
    b.offer(trade(2))
    assert ids(log) == [1, 2, 3]


def test_patience_ends_with_a_tick():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(first := trade(1))
    b.offer(second := trade(3))
    splice.tick(second.ts_recv + PATIENCE - 1)
    assert log == [first]
    splice.tick(second.ts_recv + PATIENCE)
    assert log == [first, Hole(GapReason.VENUE_SKIPPED, first, second, 2, 2, 1), second]


def test_one_tick_ends_the_waiting_for_every_hole_that_is_old_enough():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(trade(1))
    for trade_id in (3, 5, 7):
        b.offer(trade(trade_id))
    splice.tick(trade(7).ts_recv + PATIENCE)
    assert ids([said for said in log if not isinstance(said, Hole)]) == [1, 3, 5, 7]


def test_feed_that_was_cut_still_gives_what_it_held():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(trade(1))
    b.offer(trade(3))
    splice.detach(b, trade(3).ts_recv)
    a.offer(trade(2))
    assert ids(log) == [1, 2, 3]


def test_earliest_of_what_is_held_comes_first_after_a_hole():
    splice, log = chain()
    a, b, c = (splice.attach(name) for name in "abc")
    a.offer(trade(1))
    b.offer(trade(5))
    c.offer(trade(3))
    splice.detach(a, trade(1).ts_recv)
    c.offer(trade(4))
    assert ids([said for said in log if not isinstance(said, Hole)]) == [1, 3, 4, 5]


def test_silent_feed_that_was_never_acknowledged_is_not_waited_for():
    splice, log = chain()
    a = splice.attach("a")
    splice.attach("b")
    a.offer(trade(1))
    a.offer(trade(3))
    assert [type(said).__name__ for said in log] == ["Trade", "Hole", "Trade"]


def test_silent_feed_that_was_acknowledged_is_waited_for():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    splice.acknowledge(b, trade(1).ts_recv)
    a.offer(trade(1))
    a.offer(trade(3))
    b.offer(trade(2))
    assert ids(log) == [1, 2, 3]


def test_feed_that_holds_too_much_is_waited_for_no_longer():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(trade(1))
    for trade_id in range(3, 3 + LIMITS.held_max):
        b.offer(trade(trade_id))
    assert ids(log) == [1]
    b.offer(trade(3 + LIMITS.held_max))
    assert ids([said for said in log if not isinstance(said, Hole)]) == [1, *range(3, 10)]


def test_diff_that_straddles_waits_for_one_that_continues_exactly():
    splice, log = ranges()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(one := delta(1, 10))
    b.offer(delta(5, 15))
    a.offer(two := delta(11, 20))
    assert log == [one, two]


def test_diff_that_straddles_is_taken_without_a_hole_when_nothing_continues_exactly():
    splice, log = ranges()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(one := delta(1, 10))
    b.offer(two := delta(5, 15))
    splice.detach(a, one.ts_recv)
    assert log == [one, two]


def test_diff_that_straddles_breaks_the_link_and_that_is_told():
    splice, log = links()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(one := delta(1, 10, 0))
    b.offer(two := delta(6, 15, 5))
    splice.detach(a, one.ts_recv)
    assert log == [one, Hole(GapReason.UNSEWN, one, two), two]


def test_link_with_jumping_ids_is_no_hole():
    splice, log = links()
    a = splice.attach("a")
    a.offer(one := delta(1, 10, 0))
    a.offer(two := delta(14, 20, 10))
    assert log == [one, two]


def test_missing_link_is_told_with_the_ids_between():
    splice, log = links()
    a = splice.attach("a")
    a.offer(one := delta(1, 10, 0))
    a.offer(two := delta(25, 30, 20))
    assert log == [one, Hole(GapReason.VENUE_SKIPPED, one, two, 11, 20), two]


def test_close_publishes_what_is_held_back_and_is_itself_no_hole():
    splice, log = chain()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(first := trade(1))
    b.offer(second := trade(3))
    splice.close(second.ts_recv)
    assert [type(said).__name__ for said in log] == ["Trade", "Hole", "Trade"]
    assert (log[0], log[2]) == (first, second)
    assert splice.feeds == []


def test_close_after_a_cut_tells_a_hole_without_an_end():
    splice, log = chain()
    a = splice.attach("a")
    a.offer(first := trade(1))
    splice.detach(a, first.ts_recv)
    splice.close(first.ts_recv)
    splice.close(first.ts_recv)
    assert log == [first, Hole(GapReason.CUT, first, None)]


def test_implausible_id_is_refused_and_hides_no_fact_that_follows():
    published: list[Event] = []
    splice = ChainSplice(
        identity=Identity.CHAIN,
        first="trade_id",
        last="trade_id",
        publish=published.append,
        tell=lambda _: None,
        limits=LIMITS,
    )
    feed = splice.attach("1")
    feed.offer(trade(1))
    with pytest.raises(ImplausibleId, match="id 9000000000000000 follows 1"):
        feed.offer(trade(9_000_000_000_000_000))
    feed.offer(trade(2))
    assert published == [trade(1), trade(2)]


def fresh_splice(published: list[Event], holes: list[Hole]) -> ChainSplice:
    return ChainSplice(
        identity=Identity.CHAIN,
        first="trade_id",
        last="trade_id",
        publish=published.append,
        tell=holes.append,
        limits=LIMITS,
    )


def test_venue_that_begins_its_ids_anew_is_followed_after_a_hole_is_told():
    published: list[Event] = []
    holes: list[Hole] = []
    splice = fresh_splice(published, holes)
    feed = splice.attach("1")
    old: list[Event] = [trade(n) for n in (1000, 1001)]
    again: list[Event] = [trade(n) for n in range(1, 60)]
    for fact in old:
        feed.offer(fact)
    now = old[-1].ts_recv
    for second, fact in enumerate(again):
        feed.offer(fact)
        splice.tick(now + second * 1_000_000_000)
    # Ten seconds and twenty facts of nothing new are what it takes.
    rest = again[again.index(published[2]) :]
    assert published == [*old, *rest]
    assert [(h.before, h.after) for h in holes] == [(old[-1], rest[0])]
    assert again.index(rest[0]) < 25


def test_clock_that_steps_back_ends_the_waiting():
    published: list[Event] = []
    holes: list[Hole] = []
    splice = fresh_splice(published, holes)
    one, other = splice.attach("1"), splice.attach("2")
    one.offer(trade(1))
    other.offer(trade(1))
    one.offer(trade(3))
    hour = 3_600_000_000_000
    splice.tick(trade(3).ts_recv)
    assert published == [trade(1)]
    splice.tick(trade(3).ts_recv - hour)
    assert published == [trade(1), trade(3)]
    assert [(h.first_missing_id, h.last_missing_id) for h in holes] == [(2, 2)]
