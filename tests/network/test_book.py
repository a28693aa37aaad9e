"""When a book needs a snapshot."""

from argus.network.book import RETRY_NS, BookSync

EVERY = 3600 * 1_000_000_000


def test_no_snapshot_is_wanted_before_the_first_diff():
    assert not BookSync().is_wanted(10**18)
    assert BookSync().heard(100).is_wanted(0)


def test_first_diff_of_a_stretch_is_the_one_that_counts():
    assert BookSync().heard(100).heard(200) == BookSync(first_update_id=100)


def test_snapshot_that_is_not_older_than_the_first_diff_joins():
    joined = BookSync(100, is_joined=True, ts_due=7 + EVERY)
    for last_update_id in (99, 100, 5000):
        assert BookSync().heard(100).answered(last_update_id, 7, EVERY) == joined
    assert [joined.is_wanted(now) for now in (6 + EVERY, 7 + EVERY)] == [False, True]


def test_snapshot_that_is_older_is_asked_for_again():
    sync = BookSync().heard(100).answered(98, 7, EVERY)
    assert sync == BookSync(100, is_joined=False, ts_due=7 + RETRY_NS)


def test_failed_request_is_sent_again_a_little_later():
    sync = BookSync().heard(100).failed(7)
    assert [sync.is_wanted(now) for now in (6 + RETRY_NS, 7 + RETRY_NS)] == [False, True]


def test_hole_makes_the_next_diff_the_first_and_asks_at_once():
    sync = BookSync().heard(100).answered(150, 7, EVERY).broken(9)
    assert sync == BookSync(None, is_joined=False, ts_due=9)
    assert not sync.is_wanted(10)
    assert sync.heard(300).is_wanted(10)


def test_answer_that_comes_after_a_hole_and_before_the_next_diff_joins_nothing():
    assert BookSync().heard(1).broken(9).answered(50, 10, EVERY) == BookSync(
        None, is_joined=False, ts_due=10 + RETRY_NS
    )
