"""Steps of the wall clock are found, forward and back; drift and slow readings are none."""

from hypothesis import given
from hypothesis import strategies as st

from argus.daemon.watch.step import Reading, WallClock

MS = 1_000_000
SECOND = 1000 * MS
T0 = 1_700_000_000 * SECOND
FRESH = WallClock(100 * MS)


def found(readings: list[Reading]) -> list[int | None]:
    clock, steps = FRESH, []
    for reading in readings:
        clock, size = clock.step(reading)
        steps.append(size)
    return steps


def reading(now_ns: int, ahead_ns: int, blur_ns: int = 0) -> Reading:
    """The wall clock is read in the middle, for what the test says of it to be exact."""
    return Reading(now_ns - blur_ns // 2, T0 + now_ns + ahead_ns, now_ns + (blur_ns + 1) // 2)


def test_step_is_told_once_with_its_size_and_direction():
    aheads = [0, 0, 3600 * SECOND, 3600 * SECOND, -SECOND]
    steps = found([reading(s * SECOND, ahead) for s, ahead in enumerate(aheads)])
    assert steps == [None, None, 3600 * SECOND, None, -3601 * SECOND]


def test_last_step_and_their_number_are_kept():
    clock = FRESH
    for s, ahead in enumerate([0, SECOND, 0, 0]):
        clock, _ = clock.step(reading(s * SECOND, ahead))
    assert (clock.steps, clock.last_step_ns) == (2, -SECOND)


@given(st.lists(st.integers(-500_000, 500_000), max_size=300), st.integers(1, 60))
def test_drift_of_up_to_500_ppm_is_never_a_step(drifts, every_s):
    ahead, readings = 0, []
    for i, ppb in enumerate(drifts):
        ahead += ppb * every_s  # ns per look: parts in 1e9 times seconds
        readings.append(reading(i * every_s * SECOND, ahead, blur_ns=MS))
    assert found(readings) == [None] * len(drifts)


@given(
    st.lists(st.sampled_from([0, 0, 0, 200 * MS, -200 * MS, 86_400 * SECOND]), max_size=50),
    st.integers(0, 40 * MS),
)
def test_each_step_is_found_with_its_size_whatever_the_blur_allows(sizes, blur):
    ahead, readings = 0, [reading(0, 0, blur)]
    for i, size in enumerate(sizes, 1):
        ahead += size
        readings.append(reading(i * SECOND, ahead, blur))
    assert found(readings)[1:] == [size or None for size in sizes]


@given(st.integers(0, SECOND), st.integers(0, SECOND))
def test_process_that_is_held_between_two_readings_is_no_step(held_before, held_after):
    held = Reading(SECOND, T0 + SECOND + held_before, SECOND + held_before + held_after)
    assert found([reading(0, 0), held, reading(9 * SECOND, 0)]) == [None, None, None]
