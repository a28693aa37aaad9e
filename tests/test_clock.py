"""The machine's clocks."""

import asyncio

from argus.clock import SystemClock

SECOND = 1_000_000_000


def test_wall_clock_counts_nanoseconds_since_1970():
    assert SystemClock().now_ns() > 1_700_000_000 * SECOND


def test_monotonic_clock_never_steps_back():
    clock = SystemClock()
    readings = [clock.monotonic_ns() for _ in range(1000)]
    assert readings == sorted(readings)


def test_sleep_lets_at_least_that_time_pass():
    async def sleep() -> int:
        clock = SystemClock()
        before = clock.monotonic_ns()
        await clock.sleep(0.01)
        return clock.monotonic_ns() - before

    assert asyncio.run(sleep()) >= 0.0099 * SECOND
