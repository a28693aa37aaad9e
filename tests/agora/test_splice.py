"""What all splices share: when a feed is sewn, how far it lags, what a limit must be."""

import pytest

from argus.agora.feed import Feed
from argus.agora.splice import Identity, Limits, Splice
from argus.events import GapReason
from tests.agora.facts import SECOND, T0, bbo, trade
from tests.agora.trial import LIMITS, PATIENCE, QUIET, SEAMS

KINDS = [(Identity.CHAIN, trade), (Identity.RISING, bbo)]
each_kind = pytest.mark.parametrize(("identity", "fact"), KINDS)


def splice_of(identity: Identity) -> Splice:
    log: list = []
    return SEAMS[identity].splice(publish=log.append, tell=log.append, limits=LIMITS)


def watched(splice: Splice, *, until: int, since: int = T0) -> None:
    """Let ticks pass, ten a second."""
    for now in range(since, until + 1, SECOND // 10):
        splice.tick(now)


@each_kind
def test_feed_is_sewn_once_its_first_fact_came_from_another_too(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    for number in (10, 11):
        a.offer(fact(number))
    b.offer(fact(13))
    assert not splice.sewn(b, T0)
    a.offer(fact(12))
    assert not splice.sewn(b, T0) or identity is Identity.CHAIN  # 13 followed by itself
    a.offer(fact(13))
    assert splice.sewn(b, T0)


@each_kind
def test_only_feed_is_sewn_with_its_first_fact(identity, fact):
    splice = splice_of(identity)
    a = splice.attach("a")
    assert not splice.sewn(a, T0)
    a.offer(fact(10))
    assert splice.sewn(a, T0)


@each_kind
def test_quiet_feed_is_sewn_when_both_were_silent_since_the_acknowledgement(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(fact(10, T0 - 60 * SECOND))
    splice.acknowledge(b, T0)
    watched(splice, until=T0 + QUIET - SECOND // 10)
    assert not splice.sewn(b, T0 + QUIET - 1)
    watched(splice, since=T0 + QUIET, until=T0 + QUIET)
    assert splice.sewn(b, T0 + QUIET)


@each_kind
def test_silence_counts_from_the_latest_fact_of_the_other_feed(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    splice.acknowledge(b, T0)
    a.offer(fact(10, T0 + SECOND // 2))
    watched(splice, until=T0 + QUIET)
    assert not splice.sewn(b, T0 + QUIET)
    assert splice.sewn(b, T0 + SECOND // 2 + QUIET)


@each_kind
def test_feed_that_was_not_acknowledged_is_never_quiet_enough(identity, fact):
    splice = splice_of(identity)
    splice.attach("a").offer(fact(10))
    b = splice.attach("b")
    watched(splice, until=T0 + 2 * QUIET)
    assert not splice.sewn(b, T0 + 100 * QUIET)


@each_kind
def test_acknowledged_but_silent_feed_is_never_sewn_while_the_other_delivers(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    splice.acknowledge(a, T0)
    splice.acknowledge(b, T0)
    leads = []
    for second in range(30):
        now = T0 + second * SECOND
        a.offer(fact(10 + second, now))
        splice.tick(now)
        assert not splice.sewn(b, now)
        leads.append(b.lead)
    # The first tick after the patience begins to count.
    assert leads == [0, 0, *range(1, 29)]
    assert b.ts_behind == T0 + 2 * SECOND
    assert (a.lead, a.ts_behind) == (0, None)


@each_kind
def test_silent_feed_stays_behind_when_the_other_falls_silent_too(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    splice.acknowledge(b, T0)
    splice.tick(T0 + PATIENCE)
    a.offer(fact(10, T0 + PATIENCE))
    watched(splice, since=T0 + PATIENCE, until=T0 + 5 * QUIET)
    assert (b.lead, splice.sewn(b, T0 + 5 * QUIET)) == (1, False)


@each_kind
def test_feed_that_moves_is_not_behind_however_late_it_is(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    splice.acknowledge(b, T0)
    for second in range(10):
        now = T0 + second * SECOND
        a.offer(fact(100 + second, now))
        b.offer(fact(90 + second, now))
        splice.tick(now)
    assert (b.lead, b.ts_behind) == (0, None)


@each_kind
def test_feed_that_keeps_up_again_is_no_longer_behind(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    splice.acknowledge(b, T0)
    splice.tick(T0 + PATIENCE)
    for number in (10, 11):
        a.offer(fact(number, T0))
    splice.tick(T0 + PATIENCE + 1)
    assert (b.lead, b.ts_behind) == (2, T0 + PATIENCE + 1)
    for number in (10, 11):
        b.offer(fact(number, T0))
    splice.tick(T0 + PATIENCE + 2)
    assert (b.lead, b.ts_behind, b.ts_moved) == (0, None, T0 + PATIENCE + 2)


@each_kind
def test_quiet_feed_that_began_to_rest_sewn_stays_sewn(identity, fact):
    """Its frames are kept; only nobody looks at them one by one."""
    log: list = []
    splice = SEAMS[identity].splice(publish=log.append, tell=log.append, limits=LIMITS)
    a, b = splice.attach("a"), splice.attach("b")
    a.offer(first := fact(10))
    splice.acknowledge(b, T0)
    watched(splice, until=T0 + QUIET)
    assert splice.sewn(b, T0 + QUIET)
    b.set_resting(T0 + QUIET, is_resting=True)
    watched(splice, since=T0 + QUIET, until=T0 + 2 * QUIET)
    assert splice.sewn(b, T0 + 2 * QUIET)
    splice.detach(a, T0 + 2 * QUIET)
    b.set_resting(T0 + 2 * QUIET, is_resting=False)
    b.offer(second := fact(11, T0 + 2 * QUIET))
    splice.close(T0 + 2 * QUIET)
    assert log == [first, second]


@each_kind
def test_feed_that_rests_is_not_behind(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        splice.acknowledge(feed, T0)
        feed.offer(fact(10))
    splice.tick(T0 + PATIENCE)
    b.set_resting(T0 + PATIENCE, is_resting=True)
    for number in range(11, 100):
        a.offer(fact(number))
    splice.tick(T0 + QUIET)
    assert (b.lead, b.ts_behind) == (0, None)
    b.set_resting(T0 + QUIET, is_resting=False)
    splice.tick(T0 + QUIET)
    assert (b.lead, b.ts_behind, b.ts_moved) == (0, None, T0 + QUIET)


@each_kind
def test_path_has_kept_up_with_what_a_resting_feed_keeps_if_it_is_as_far(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        feed.offer(fact(10))
    b.set_resting(T0, is_resting=True)
    a.offer(fact(11))
    assert splice.has_kept_up(b, fact(11))
    assert not splice.has_kept_up(b, fact(12))


@each_kind
def test_facts_are_counted_once_and_repeats_apart(identity, fact):
    splice = splice_of(identity)
    a, b = splice.attach("a"), splice.attach("b")
    for feed in (a, b):
        for number in (10, 11, 12):
            feed.offer(fact(number))
    assert (splice.published, splice.repeats, splice.before) == (3, 3, fact(12))


@each_kind
def test_own_end_is_no_loss(identity, fact):
    log: list = []
    splice = SEAMS[identity].splice(publish=log.append, tell=log.append, limits=LIMITS)
    splice.attach("a").offer(fact(10))
    splice.attach("b")
    splice.close(T0)
    assert (log, splice.suspicion, splice.feeds) == ([fact(10)], None, [])


def test_empty_stream_that_is_cut_and_closed_has_no_hole():
    log: list = []
    splice = SEAMS[Identity.CHAIN].splice(publish=log.append, tell=log.append, limits=LIMITS)
    splice.detach(splice.attach("a"), T0, GapReason.STALLED)
    splice.close(T0)
    assert log == []


def test_quiet_stream_outlasts_the_patience():
    with pytest.raises(AssertionError, match="outlast"):
        Limits(patience_ns=2, quiet_ns=1)
    with pytest.raises(AssertionError, match="held_max"):
        Limits(held_max=0)


def test_each_identity_has_its_splice():
    assert [type(splice_of(i)).__name__ for i in Identity] == [
        *["ChainSplice"] * 3,
        *["RisingSplice"] * 2,
    ]


def test_shape_of_a_splice_is_no_splice():
    shape = Splice(publish=print, tell=print, limits=LIMITS)
    for call in (
        lambda: shape.attach("a"),
        lambda: shape.detach(Feed("a"), T0),
        lambda: shape.tick(T0),
    ):
        with pytest.raises(NotImplementedError):
            call()


@each_kind
def test_feed_that_repeats_a_burst_a_little_later_has_the_stream_not_begin_anew(identity, fact):
    log: list = []
    splice = SEAMS[identity].splice(publish=log.append, tell=log.append, limits=LIMITS)
    first, second = splice.attach("a"), splice.attach("b")
    burst = [fact(number) for number in range(100, 130)]
    for said in burst:
        first.offer(said)
    splice.tick(T0)
    for said in burst:
        second.offer(said)
    watched(splice, since=T0 + SECOND // 10, until=T0 + 30 * SECOND)
    first.offer(fact(130))
    assert log == [*burst, fact(130)]


@each_kind
def test_stream_whose_ids_begin_anew_is_followed_although_one_feed_has_stalled(identity, fact):
    log: list = []
    splice = SEAMS[identity].splice(publish=log.append, tell=log.append, limits=LIMITS)
    first, stalled = splice.attach("a"), splice.attach("b")
    for feed in (first, stalled):
        feed.offer(fact(1000))
    for number in range(1, 60):
        now = T0 + number * SECOND
        first.offer(fact(number, now))
        splice.tick(now)
    assert splice.last == 59
