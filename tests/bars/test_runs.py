"""Run bars: Raven's longest run, and the book's greater side."""

from argus.bars import Profile, bars, profile


def rows(sides):
    return [(100.0, 1.0, side, n, n) for n, side in enumerate(sides)]


def test_run_counts_when_it_is_over():
    """The trade of the other side closes; the run that goes on is not carried to the next bar."""
    chosen = profile("trb_small", expected_ticks_initial=5)
    built = list(bars(rows([1] * 4 + [-1] * 5 + [1]), chosen))
    assert [(bar.theta, bar.total_ticks) for bar in built] == [(4, 5), (4, 5)]


def test_run_that_goes_on_closes_nothing():
    assert list(bars(rows([1] * 1000), profile("trb_small"))) == []


def test_the_books_sides_need_not_follow_on_each_other():
    chosen = Profile.of("x", "tick_run", sign="exchange", expected_ticks_initial=10)
    first = next(iter(bars(rows([1, -1] * 10), chosen)))
    assert (first.theta, first.total_ticks, first.threshold) == (7, 13, 7)


def test_cap_of_the_length_is_told():
    chosen = Profile.of("x", "volume_run", length_max=4)
    built = list(bars(rows([1] * 9), chosen))
    assert [(bar.total_ticks, bar.clamped) for bar in built] == [(4, True), (4, True)]
