"""The same thing is told ever more rarely."""

from argus.network.rarely import LONGEST_WAIT_NS, Rarely

SECOND = 1_000_000_000


def told(names: str, seconds: int) -> list[tuple[str, int]]:
    rarely = Rarely()
    return [(n, s) for s in range(seconds) for n in names if rarely.may(n, s * SECOND)]


def test_each_wait_is_twice_as_long_as_the_one_before():
    assert told("a", 200) == [("a", 0), ("a", 10), ("a", 30), ("a", 70), ("a", 150)]


def test_no_wait_is_longer_than_an_hour():
    rarely, now, waits = Rarely(), 0, []
    for _ in range(15):
        assert rarely.may("a", now)
        later = now
        while not rarely.may("a", later):
            later += 10 * SECOND
        waits.append(later - now)
        now = later + LONGEST_WAIT_NS
    assert max(waits) == LONGEST_WAIT_NS


def test_names_do_not_wait_for_each_other():
    assert told("ab", 11) == [("a", 0), ("b", 0), ("a", 10), ("b", 10)]
