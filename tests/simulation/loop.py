"""An event loop in which time passes only when nothing is left to be done.

Its selector returns at once and adds the wait to a counter, and the loop's time is that counter.
Nothing in it depends on the machine: the same work is done in the same order each time. A wait
without end and without a timer is a deadlock. What would run in a thread runs inline.

Two traps, both met: with a clock resolution of 1 ns the loop spins for ever once a tiny wait no
longer changes a large float; and asyncio gives timers of equal deadlines no order, so whoever
delivers things in an order keeps a queue and lets the timer take its head.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NoReturn, ParamSpec, TypeVar

RESOLUTION_S = 1e-6
IDLE_TURNS_MAX = 100_000

P = ParamSpec("P")
T = TypeVar("T")


class Deadlock(AssertionError):
    """Everything waits, and no timer will ever wake anything."""


class Spinning(AssertionError):
    """The loop goes round and round without letting time pass."""


class Crash(SystemExit):
    """The process dies here and now. asyncio lets a `SystemExit` out of the loop at once."""


class _Wait:
    """Takes the selector's place: there are no sockets, only the next timer."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self._idle_turns = 0

    def select(self, timeout_s: float | None) -> list[Any]:
        if timeout_s is None:
            raise Deadlock("everything waits and no timer is set")
        if timeout_s > 0:
            self.elapsed_s += timeout_s
            self._idle_turns = 0
        else:
            self._idle_turns += 1
            if self._idle_turns > IDLE_TURNS_MAX:
                self._idle_turns = 0
                raise Spinning(f"{IDLE_TURNS_MAX} turns at {self.elapsed_s} s")
        return []


class SimLoop(asyncio.BaseEventLoop):
    """A loop in virtual time, which begins at 0 seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._clock_resolution = RESOLUTION_S
        self._selector = _Wait()
        self._crash = ""
        self.set_default_executor(InlineThreads())
        self.set_exception_handler(_tell_all_but_crashes)

    def time(self) -> float:
        """Return the virtual time."""
        return self._selector.elapsed_s

    def crash(self, how: str) -> NoReturn:
        """Let the process die: at once, or with the next turn if something holds the error back.

        A `TaskGroup` does, until its other tasks have ended.
        """
        self._crash = how
        raise Crash(how)

    def _process_events(self, events: list[Any]) -> None:
        if self._crash:
            raise Crash(self._crash)

    def _write_to_self(self) -> None:
        """Wake nobody: there is one thread, and it is awake."""

    def end_tasks(self) -> None:
        """Cancel what still runs, as after a crash, and let it end."""
        self._crash = ""
        for _ in range(10):
            # A set of tasks has no order that lasts from run to run; their names begin with one.
            tasks = sorted(asyncio.all_tasks(self), key=_number)
            if not tasks:
                return
            for task in tasks:
                task.cancel()
            # Who held the crash back raises it now.
            with suppress(Crash):
                self.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        raise AssertionError(f"tasks do not end: {tasks}")


def _tell_all_but_crashes(loop: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
    if not isinstance(what.get("exception"), Crash):
        loop.default_exception_handler(what)


def _number(task: asyncio.Task[Any]) -> tuple[int, str]:
    name = task.get_name()
    return (1, f"{int(name[5:]):09d}") if name[5:].isdigit() else (0, name)


class InlineThreads(ThreadPoolExecutor):
    """Runs work where it stands; a crash in it ends the process and not the piece of work.

    Args:
        delay_s: asked after each piece of work: how long it took, in virtual seconds.
    """

    def __init__(self, delay_s: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(1)  # makes no thread before the first `submit`, which is ours
        self._delay_s = delay_s

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do the work, and have it be done as much later as it took."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        try:
            result = work(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 it belongs to whoever awaits
            self._after(lambda error=error: future.set_exception(error))  # type: ignore[misc]
        else:
            self._after(lambda: future.set_result(result))
        return future

    def _after(self, end: Callable[[], None]) -> None:
        delay_s = self._delay_s()
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, end)
        else:
            end()
