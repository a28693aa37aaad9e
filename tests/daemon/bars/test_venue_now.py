"""The venue's time at present, as its trades tell it."""

from argus.daemon.bars.venue_now import KEPT_NS, VenueNow

SECOND = 10**9


def test_our_clock_stands_for_it_until_a_trade_comes():
    assert VenueNow().now_ns(5, 17) == 17


def test_time_goes_on_from_the_latest_trade():
    venue = VenueNow()
    venue.note(100 * SECOND, 7 * SECOND)
    assert venue.now_ns(9 * SECOND, 10**18) == 102 * SECOND


def test_trade_that_was_on_its_way_for_long_changes_nothing_for_a_while():
    venue = VenueNow()
    venue.note(100 * SECOND, 0)
    venue.note(101 * SECOND, 5 * SECOND)
    assert venue.now_ns(5 * SECOND, 0) == 105 * SECOND
    venue.note(106 * SECOND, 5 * SECOND)
    assert venue.now_ns(5 * SECOND, 0) == 106 * SECOND
    late = 5 * SECOND + KEPT_NS + 1
    venue.note(50 * SECOND, late)
    assert venue.now_ns(late, 0) == 50 * SECOND
