"""Virtual time: it passes only when nothing is left to be done, and never by itself."""

import asyncio

import pytest

from tests.simulation.clock import SECOND_NS, SimClock
from tests.simulation.loop import Crash, Deadlock, InlineThreads, SimLoop, Spinning


@pytest.fixture
def loop():
    loop = SimLoop()
    yield loop
    loop.close()


def test_days_pass_in_no_time_and_in_order(loop):
    clock, seen = SimClock(loop, ts_begin=0), []

    async def every(seconds: float) -> None:
        for _ in range(3):
            await clock.sleep(seconds)
            seen.append((seconds, clock.monotonic_ns() // SECOND_NS))

    async def main() -> None:
        await asyncio.gather(every(86_400), every(50_000))

    loop.run_until_complete(main())
    assert seen == [
        (50_000, 50_000),
        (86_400, 86_400),
        (50_000, 100_000),
        (50_000, 150_000),
        (86_400, 172_800),
        (86_400, 259_200),
    ]


def test_wait_that_nothing_will_ever_end_is_a_deadlock(loop):
    with pytest.raises(Deadlock):
        loop.run_until_complete(asyncio.Event().wait())
    loop.end_tasks()


def test_loop_that_lets_no_time_pass_is_found(loop):
    async def spin() -> None:
        while True:  # noqa: ASYNC110 nothing would end it
            await asyncio.sleep(0)

    with pytest.raises(Spinning):
        loop.run_until_complete(spin())
    loop.end_tasks()


def test_tiny_wait_after_many_days_ends(loop):
    async def main() -> None:
        clock = SimClock(loop, ts_begin=0)
        await clock.sleep(1e7)
        await clock.sleep(1e-9)

    loop.run_until_complete(main())


def test_work_of_a_thread_is_done_at_once_and_known_later(loop):
    done: list[str] = []

    async def main() -> float:
        threads = InlineThreads(lambda: 7.5)
        await asyncio.get_running_loop().run_in_executor(threads, done.append, "work")
        return loop.time()

    assert loop.run_until_complete(main()) == 7.5
    assert done == ["work"]


def test_error_in_a_thread_belongs_to_who_waits(loop):
    async def main() -> None:
        await asyncio.to_thread(lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        loop.run_until_complete(main())


def test_crash_in_a_thread_ends_the_process_and_its_tasks_can_be_tidied_away(loop):
    ended = []

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("other")

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(other())
            await asyncio.sleep(0)
            await asyncio.to_thread(loop.crash, "now")

    with pytest.raises(Crash):
        loop.run_until_complete(main())
    assert ended == []
    loop.end_tasks()
    assert ended == ["other"]


def test_wall_clock_drifts_and_jumps_and_the_monotonic_one_does_not(loop):
    clock = SimClock(loop, ts_begin=1000 * SECOND_NS, drift=0.01)
    clock.jump(-3)
    loop.run_until_complete(clock.sleep(100))
    assert clock.now_ns() == (1000 + 100 + 1 - 3) * SECOND_NS
    assert clock.true_ns() == 1100 * SECOND_NS
    assert clock.monotonic_ns() == 100 * SECOND_NS
