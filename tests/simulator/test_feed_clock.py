"""The feed's time: faster, standing, shifted."""

from argus.simulator.feed_clock import FeedClock


def test_a_clock_stands_until_it_is_started_and_then_runs_at_its_speed():
    clock = FeedClock(feed_ns=1000, now_ns=5, speed=10.0)
    assert clock.feed_ns(50) == 1000
    clock.start(50)
    clock.start(70)  # it runs already
    assert clock.feed_ns(60) == 1100


def test_a_paused_clock_goes_on_where_it_stood():
    clock = FeedClock(feed_ns=0, now_ns=0, speed=1.0)
    clock.start(0)
    clock.pause(10)
    assert clock.feed_ns(99) == 10
    clock.start(100)
    assert clock.feed_ns(105) == 15


def test_a_clock_can_be_set():
    clock = FeedClock(feed_ns=0, now_ns=0, speed=1.0)
    clock.start(0)
    clock.shift(-5)
    assert clock.feed_ns(20) == 15
