"""How far the stream leads one feed: counted from when it last kept up."""

from argus.agora.feed import Feed
from tests.agora.facts import SECOND, T0


def watched(feed: Feed, published: int, last: int, seconds: int) -> int:
    feed.watch(published, last, T0 + seconds * SECOND, SECOND)
    return feed.lead


def test_feed_that_does_not_keep_up_is_led_by_ever_more_facts():
    feed = Feed("a")
    feed.ts_acknowledged = T0
    feed.last = 10
    assert watched(feed, 5, 10, 2) == 0
    assert watched(feed, 6, 11, 3) == 1
    assert watched(feed, 9, 14, 4) == 4
    assert feed.ts_behind == T0 + 3 * SECOND
    feed.last = 14
    assert watched(feed, 9, 14, 5) == 0
    assert feed.ts_behind is None


def test_nothing_is_counted_before_the_acknowledgement_has_had_its_time():
    feed = Feed("a")
    assert watched(feed, 100, 100, 1) == 0
    feed.ts_acknowledged = T0
    assert watched(feed, 200, 200, 0) == 0
    assert watched(feed, 300, 300, 1) == 0
    assert watched(feed, 301, 301, 2) == 1


def test_resting_feed_is_not_counted_and_begins_anew():
    feed = Feed("a")
    feed.ts_acknowledged = T0
    feed.last = 1
    watched(feed, 1, 1, 1)
    assert watched(feed, 3, 3, 2) == 2
    feed.set_resting(T0 + 3 * SECOND, is_resting=True)
    assert watched(feed, 9, 9, 4) == 0
    feed.set_resting(T0 + 5 * SECOND, is_resting=False)
    assert watched(feed, 10, 10, 6) == 0
    assert watched(feed, 12, 12, 7) == 2
