"""The offset of a venue's clock is estimated within its bound, whatever the delays are."""

from hypothesis import given
from hypothesis import strategies as st

from argus.daemon.watch.offset import RESOLUTION_NS, Offset, Sample, estimate

MS = 1_000_000
SECOND = 1000 * MS
T0 = 1_700_000_000 * SECOND
DELAYS = st.integers(0, 3 * SECOND)


def sample(there: int, back: int, offset: int, ts: int = T0) -> Sample:
    """A question that takes so long there and back, to a venue with this offset."""
    ts_venue = (ts + there + offset) // RESOLUTION_NS * RESOLUTION_NS
    return Sample(ts, ts + there + back, there + back, ts_venue)


@given(st.lists(st.tuples(DELAYS, DELAYS), min_size=1, max_size=8), st.integers(-(10**12), 10**12))
def test_true_offset_is_never_outside_the_bound(delays, offset):
    found = estimate(
        [sample(there, back, offset, T0 + i) for i, (there, back) in enumerate(delays)]
    )
    assert found is not None
    assert abs(found.offset_ns - offset) <= found.error_ns
    assert found.rtt_ns == min(there + back for there, back in delays)
    assert found.samples == len(delays)


def test_quickest_sample_gives_the_estimate():
    samples = [
        sample(0, 900 * MS, 5 * SECOND),
        sample(3 * MS, 3 * MS, 5 * SECOND),
        sample(900 * MS, 0, 5 * SECOND),
    ]
    found = estimate(samples)
    assert found == Offset(T0 + 6 * MS, 5 * SECOND + MS // 2, 3 * MS + MS // 2, 6 * MS, 3)


def test_sample_during_which_our_clock_was_set_is_left_out():
    spoiled = Sample(T0, T0 - 3600 * SECOND, 2 * MS, T0)
    assert estimate([spoiled]) is None
    found = estimate([spoiled, sample(50 * MS, 50 * MS, 0)])
    assert found is not None
    assert (found.samples, found.rtt_ns) == (1, 100 * MS)


@given(DELAYS, DELAYS, st.integers(0, 90 * MS), st.integers(-90 * MS, 90 * MS))
def test_bound_covers_what_our_clocks_disagree_about(there, back, late, stepped):
    """The monotonic clock is read a little late, and the wall clock was set a little."""
    true = sample(there, back, SECOND)
    found = estimate(
        [Sample(true.ts_asked, true.ts_answered + stepped, true.rtt_ns + late, true.ts_venue)]
    )
    if found is not None:
        assert abs(found.offset_ns - SECOND) <= found.error_ns


def test_without_an_answer_there_is_no_estimate():
    assert estimate([]) is None


def test_offset_is_large_only_if_it_certainly_is():
    assert Offset(T0, 1500 * MS, 400 * MS, 800 * MS, 1).is_beyond(SECOND)
    assert Offset(T0, -1500 * MS, 400 * MS, 800 * MS, 1).is_beyond(SECOND)
    assert not Offset(T0, 1500 * MS, 600 * MS, 1200 * MS, 1).is_beyond(SECOND)
