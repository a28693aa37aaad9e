"""Splice by rising key: one feed is relayed; a change of feed loses nothing, or tells where."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from argus.agora.rising import RisingSplice
from argus.agora.splice import Hole, Identity
from argus.events import Bbo, GapReason
from tests.agora.facts import T0, bbo, ids
from tests.agora.trial import ANY, FAULTLESS, LIMITS, PATIENCE, QUIET, ROOMY, Trial, deeds

RISING = [Identity.RISING, Identity.NONE]


def check(trial: Trial) -> None:
    """What is published rises, and all that is missing lies inside a hole told in its place."""
    for before, holes, after in trial.seams():
        assert trial.key(after) > trial.key(before)
        assert [(h.before, h.after) for h in holes] in ([], [(before, after)])
        if trial.missing_between(before, after):
            assert [(h.before, h.after) for h in holes] == [(before, after)]


# --- whatever happens ------------------------------------------------------------------------


@pytest.mark.parametrize("identity", RISING)
@settings(max_examples=200)
@given(deeds(ANY))
def test_whatever_happens_order_holds_and_what_is_missing_is_told(identity, played):
    trial = Trial(identity).play(played)
    check(trial)
    trial.drain()
    trial.splice.close(trial.now)
    check(trial)


@pytest.mark.parametrize("identity", RISING)
@given(deeds(ANY))
def test_no_feed_holds_more_than_its_limit(identity, played):
    trial = Trial(identity)
    for deed in played:
        trial.play([deed])
        assert max(trial.held, default=0) <= LIMITS.held_max


@pytest.mark.parametrize("identity", RISING)
@given(deeds(ANY))
def test_when_faults_stop_all_that_was_delivered_is_published_or_told(identity, played):
    trial = Trial(identity).play(played)
    trial.settle()
    assert trial.held == [0] * len(trial.held)
    delivered = [f for c in trial.connections for f in c.delivered]
    if delivered:
        assert trial.key(trial.published[-1]) >= max(map(trial.key, delivered))
    check(trial)


@given(deeds(FAULTLESS))
def test_hand_over_between_overlapping_feeds_loses_nothing_and_tells_no_hole(played):
    trial = Trial(Identity.RISING, ROOMY).play(played)
    trial.drain()
    assert trial.holes == []
    if trial.published:
        assert ids(trial.published) == trial.emitted[trial.emitted.index(ids(trial.published)[0]) :]


@given(deeds((*FAULTLESS, "wait")))
def test_hand_over_of_a_quiet_stream_loses_nothing_and_tells_no_hole(played):
    """Time passes, but whatever the venue says is delivered before patience runs out."""
    trial = Trial(Identity.RISING, ROOMY)
    for deed in played:
        if deed[0] == "wait":
            trial.drain()
        trial.play([deed])
    trial.drain()
    assert trial.holes == []
    if trial.published:
        assert ids(trial.published) == trial.emitted[trial.emitted.index(ids(trial.published)[0]) :]


# --- by example ------------------------------------------------------------------------------


def rising(identity: Identity = Identity.RISING, **limits) -> tuple[RisingSplice, list]:
    log: list = []
    splice = RisingSplice(
        identity=identity,
        key="update_id",
        publish=log.append,
        tell=log.append,
        limits=replace(LIMITS, **limits),
    )
    return splice, log


def published(log: list) -> list[int]:
    return ids([said for said in log if not isinstance(said, Hole)])


def test_active_feed_alone_is_relayed_and_the_other_waits():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(bbo(10))
    b.offer(bbo(10))
    b.offer(bbo(20))
    assert published(log) == [10]
    a.offer(bbo(20))
    assert [len(f.held) for f in (a, b)] == [0, 0]
    a.offer(bbo(30))
    assert published(log) == [10, 20, 30]


def test_first_feed_with_a_fact_becomes_the_active_one():
    splice, log = rising()
    splice.attach("a")
    b = splice.attach("b")
    b.offer(bbo(10))
    assert (splice.active, published(log)) == (b, [10])


def test_sewn_feed_takes_over_with_what_it_held_and_no_hole():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    for update_id in (10, 20):
        a.offer(bbo(update_id))
    for update_id in (20, 30, 40):
        b.offer(bbo(update_id))
    splice.detach(a, T0)
    assert log == [bbo(10), bbo(20), bbo(30), bbo(40)]


def test_unsewn_feed_takes_over_after_a_hole():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(bbo(10))
    b.offer(bbo(30))
    splice.detach(a, T0)
    assert log == [bbo(10), Hole(GapReason.CUT, bbo(10), bbo(30)), bbo(30)]


def test_next_number_proves_nothing_where_ids_have_holes():
    splice, log = rising()
    a = splice.attach("a")
    a.offer(bbo(10))
    splice.detach(a, T0)
    splice.attach("b").offer(bbo(11))
    assert log == [bbo(10), Hole(GapReason.CUT, bbo(10), bbo(11)), bbo(11)]


def test_feed_that_proves_with_its_first_fact_that_nothing_is_missing_tells_no_hole():
    """A venue that repeats its latest facts to each new subscriber sews a path after a cut."""
    splice, log = rising()
    a = splice.attach("a")
    a.offer(bbo(10))
    splice.detach(a, T0)
    b = splice.attach("b")
    for update_id in (10, 20):
        b.offer(bbo(update_id))
    assert log == [bbo(10), bbo(20)]


def test_of_sewn_feeds_the_furthest_takes_over():
    splice, log = rising()
    feeds = [splice.attach(name) for name in "abc"]
    for feed in feeds:
        feed.offer(bbo(10))
    feeds[2].offer(bbo(20))
    splice.detach(feeds[0], T0)
    assert (splice.active, log) == (feeds[2], [bbo(10), bbo(20)])


def test_sewn_feed_is_preferred_to_one_that_is_further():
    splice, _ = rising()
    a, b, c = (splice.attach(name) for name in "abc")
    a.offer(bbo(10))
    b.offer(bbo(10))
    c.offer(bbo(30))
    splice.detach(a, T0)
    assert splice.active is b


def test_end_of_a_waiting_feed_changes_nothing():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(bbo(10))
    b.offer(bbo(20))
    splice.detach(b, T0)
    a.offer(bbo(20))
    a.offer(bbo(30))
    splice.tick(T0 + QUIET)
    assert log == [bbo(10), bbo(20), bbo(30)]


def test_feed_that_has_what_the_active_one_does_not_deliver_takes_over_after_the_patience():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(bbo(10))
    b.offer(bbo(10))
    b.offer(bbo(20))
    splice.tick(T0 + PATIENCE - 1)
    assert (splice.active, splice.stalls) == (a, 0)
    splice.tick(T0 + PATIENCE)
    assert (splice.active, splice.stalls) == (b, 1)
    assert log == [bbo(10), bbo(20)]


def test_unsewn_feed_that_outlasts_a_stalled_one_tells_a_hole():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(bbo(10))
    b.offer(bbo(30))
    splice.tick(T0 + PATIENCE)
    assert log == [bbo(10), Hole(GapReason.STALLED, bbo(10), bbo(30)), bbo(30)]


def test_feed_that_holds_too_much_takes_over_at_once():
    splice, log = rising(held_max=2)
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(bbo(10))
    for update_id in (20, 30, 40):
        b.offer(bbo(update_id))
    assert published(log) == [10, 20, 30, 40]


def test_quiet_feed_takes_over_without_a_hole_once_both_were_silent_long_enough():
    splice, log = rising()
    a = splice.attach("a")
    a.offer(bbo(10))
    b = splice.attach("b")
    splice.acknowledge(b, T0)
    splice.tick(T0 + QUIET)
    assert splice.sewn(b, T0 + QUIET)
    splice.detach(a, T0 + QUIET)
    b.offer(bbo(20, T0 + QUIET))
    assert log == [bbo(10), bbo(20, T0 + QUIET)]


# --- lost frames -----------------------------------------------------------------------------


def test_lost_frame_of_the_only_feed_is_a_hole():
    splice, log = rising()
    a = splice.attach("a")
    a.offer(bbo(10))
    splice.damage(a)
    a.offer(bbo(30))
    assert log == [bbo(10), Hole(GapReason.DEAD_LETTER, bbo(10), bbo(30)), bbo(30)]


def test_lost_frame_that_a_sewn_feed_delivers_is_no_hole():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(bbo(10))
    splice.damage(a)
    a.offer(bbo(30))
    b.offer(bbo(20))
    b.offer(bbo(30))
    assert log == [bbo(10), bbo(20), bbo(30)]


def test_lost_frame_hands_over_to_the_furthest_of_the_sewn_feeds():
    splice, _ = rising()
    a, b, c = (splice.attach(name) for name in "abc")
    for feed in (a, b, c):
        feed.offer(bbo(10))
    a.offer(bbo(20))
    c.offer(bbo(20))
    splice.damage(a)
    assert splice.active is c


def test_lost_frame_before_the_first_fact_is_no_hole():
    splice, log = rising()
    a = splice.attach("a")
    splice.damage(a)
    a.offer(bbo(10))
    assert log == [bbo(10)]


def test_hole_of_a_waiting_feed_is_told_in_its_place_when_that_feed_takes_over():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(bbo(10))
    b.offer(bbo(20))
    splice.damage(b)
    b.offer(bbo(40))
    splice.detach(a, T0)
    hole = Hole(GapReason.DEAD_LETTER, bbo(20), bbo(40))
    assert log == [bbo(10), bbo(20), hole, bbo(40)]


def test_hole_of_a_waiting_feed_is_told_with_the_next_fact_if_there_is_none_yet():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(bbo(10))
    splice.damage(b)
    splice.detach(a, T0)
    b.offer(bbo(40))
    assert log == [bbo(10), Hole(GapReason.CUT, bbo(10), bbo(40)), bbo(40)]


def test_hole_of_a_waiting_feed_that_the_active_one_covers_is_none():
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(bbo(10))
    splice.damage(b)
    a.offer(bbo(20))
    a.offer(bbo(30))
    b.offer(bbo(30))
    splice.detach(a, T0)
    b.offer(bbo(40))
    assert log == [bbo(10), bbo(20), bbo(30), bbo(40)]


def test_feed_that_lost_a_frame_is_not_sewn_before_it_has_caught_up():
    splice, _ = rising()
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        splice.acknowledge(feed, T0)
        feed.offer(bbo(10))
    assert splice.sewn(b, T0)
    splice.damage(b)
    splice.tick(T0 + 2 * QUIET)
    assert not splice.sewn(b, T0 + 2 * QUIET)
    b.offer(bbo(30))
    assert not splice.sewn(b, T0)
    a.offer(bbo(30))
    assert splice.sewn(b, T0)


def test_feed_that_lost_a_frame_and_takes_over_from_a_stalled_one_tells_its_hole():
    """A loses 20 and hands over to B, which is silent ever after: A comes back, without 20."""
    splice, log = rising()
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(bbo(10))
    splice.damage(a)
    a.offer(bbo(30))
    splice.tick(T0 + PATIENCE)
    assert log == [bbo(10), Hole(GapReason.STALLED, bbo(10), bbo(30)), bbo(30)]


# --- without identity ------------------------------------------------------------------------


def test_without_identity_every_change_of_feed_is_told():
    splice, log = rising(Identity.NONE)
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(bbo(10))
    b.offer(bbo(10))
    b.offer(bbo(20))
    splice.detach(a, T0)
    assert log == [bbo(10), Hole(GapReason.UNSEWN, bbo(10), bbo(20)), bbo(20)]


def test_without_identity_a_lost_frame_is_a_hole_whoever_else_delivers():
    splice, log = rising(Identity.NONE)
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(bbo(10))
    splice.damage(a)
    a.offer(bbo(30))
    assert log == [bbo(10), Hole(GapReason.DEAD_LETTER, bbo(10), bbo(30)), bbo(30)]


# --- the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_close_publishes_what_is_held_back_whichever_feed_came_first(order):
    splice, log = rising()
    feeds = {name: splice.attach(name) for name in order}
    feeds["a"].offer(bbo(10))
    feeds["b"].offer(bbo(10))
    feeds["b"].offer(bbo(20))
    splice.close(T0)
    assert log == [bbo(10), bbo(20)]
    assert splice.feeds == []


def test_close_after_a_cut_tells_a_hole_without_an_end():
    splice, log = rising()
    a = splice.attach("a")
    a.offer(bbo(10))
    splice.detach(a, T0)
    splice.close(T0)
    assert log == [bbo(10), Hole(GapReason.CUT, bbo(10), None)]


def test_key_may_be_a_function_of_the_fact():
    def key(fact):
        assert isinstance(fact, Bbo)
        return -fact.update_id

    log: list = []
    splice = RisingSplice(
        identity=Identity.RISING, key=key, publish=log.append, tell=log.append, limits=LIMITS
    )
    a = splice.attach("a")
    for update_id in (3, 2, 2, 5, 1):
        a.offer(bbo(update_id))
    assert ids(log) == [3, 2, 1]
