"""Tasks: their failures are reported, and those that must not end are started again."""

import asyncio

import pytest

from argus.clock import SystemClock
from argus.daemon.supervisor import Supervisor, cause
from argus.telemetry import Happening, TaskFailed
from tests.daemon.recorder import run


class Quick(SystemClock):
    """Every wait is over at once."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def supervisor() -> tuple[Supervisor, list[Happening]]:
    reported: list[Happening] = []
    return Supervisor(Quick(), reported.append), reported


async def fail() -> None:
    raise ValueError("a story")


def test_failure_is_reported_with_its_place_and_ends_nothing_else():
    async def main() -> None:
        tasks, reported = supervisor()
        await tasks.spawn("work", fail())
        (failure,) = reported
        assert isinstance(failure, TaskFailed)
        assert failure.task == "work"
        assert failure.error.startswith("ValueError: a story in fail (test_supervisor.py:")

    run(main)


def test_task_that_must_not_end_is_started_again_until_it_succeeds():
    async def main() -> None:
        tasks, reported = supervisor()
        attempts: list[int] = []

        async def work() -> None:
            attempts.append(len(attempts))
            if len(attempts) < 4:
                raise OSError(attempts)

        await tasks.keep("work", work)
        assert attempts == [0, 1, 2, 3]
        waits = [r.retry_s for r in reported if isinstance(r, TaskFailed)]
        assert len(waits) == 3
        assert waits == sorted(waits)

    run(main)


@pytest.mark.filterwarnings("error")
def test_work_that_a_stop_keeps_from_beginning_is_closed():
    async def main() -> None:
        tasks, reported = supervisor()
        task = tasks.spawn("work", fail())
        await tasks.stop()
        assert task.cancelled()
        assert reported == []

    run(main)


def test_cause_of_a_group_is_its_innermost_error():
    group = BaseExceptionGroup("all", [BaseExceptionGroup("some", [KeyError("this")])])
    assert cause(group) == "KeyError: 'this'"
