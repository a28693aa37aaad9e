"""Shell. Starts tasks, reports their failures, and starts those again that must not end.

The one place where every exception is caught: a failure anywhere is reported with its cause, and
nothing else stops because of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from argus.clock import Clock
from argus.network.backoff import Backoff
from argus.telemetry import Report, TaskFailed

RESTART = Backoff(first_ns=1_000_000_000, longest_ns=60_000_000_000)


class Supervisor:
    """Owns the tasks of a recorder.

    Args:
        clock: paces restarts.
        report: takes a `TaskFailed` for each failure.
    """

    def __init__(self, clock: Clock, report: Report) -> None:
        self._clock = clock
        self._report = report
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start a task that ends by itself; its failure is reported, not raised."""
        task = asyncio.create_task(self._once(name, work), name=name)
        # A task that is cancelled before its first step never awaits `work`.
        task.add_done_callback(lambda _: work.close())
        return self._own(task)

    def keep(
        self, name: str, work: Callable[[], Coroutine[None, None, None]]
    ) -> asyncio.Task[None]:
        """Start a task that is started again, with back-off, whenever it fails."""
        return self._own(asyncio.create_task(self._again(name, work), name=name))

    def _own(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _once(self, name: str, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 the one place
            self._report(TaskFailed(name, cause(error), 0.0))

    async def _again(self, name: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        failures = 0
        while True:
            ts_started = self._clock.monotonic_ns()
            try:
                await work()
            except Exception as error:  # noqa: BLE001 the one place
                if self._clock.monotonic_ns() - ts_started > RESTART.longest_ns:
                    failures = 0
                failures += 1
                wait_s = RESTART.delay_ns(failures, 0.5) / 1e9
                self._report(TaskFailed(name, cause(error), round(wait_s, 1)))
                await self._clock.sleep(wait_s)
            else:
                return

    async def stop(self) -> None:
        """Cancel what still runs and wait for its end."""
        tasks = [t for t in self._tasks if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run_again(
    name: str, work: Callable[[], None], *, report: Report, pause: Callable[[float], None]
) -> None:
    """Run what works in a thread of its own; start it again, with back-off, whenever it fails.

    Args:
        name: what it is called in reports.
        work: returns when it is asked to end.
        report: takes a `TaskFailed` for each failure.
        pause: lets so many seconds pass, or fewer if the thread is asked to end.
    """
    failures = 0
    while True:
        try:
            work()
        except Exception as error:  # noqa: BLE001 the one place
            failures += 1
            wait_s = RESTART.delay_ns(failures, 0.5) / 1e9
            report(TaskFailed(name, cause(error), round(wait_s, 1)))
            pause(wait_s)
        else:
            return


def cause(error: BaseException) -> str:
    """Return an exception as one line, with the innermost of a group."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    place = ""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        code = trace.tb_frame.f_code
        place = f" in {code.co_name} ({code.co_filename.rpartition('/')[2]}:{trace.tb_lineno})"
    return f"{type(error).__name__}: {error}{place}"
