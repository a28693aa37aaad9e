"""Shell. SIGTERM and SIGINT: the first ends what runs cleanly, the second at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click
import uvloop

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_T = TypeVar("_T")


@contextmanager
def stopping(stop: asyncio.Event, *, leave: Callable[[int], object] = os._exit) -> Iterator[None]:
    """Set an event at the first signal within the block; leave the process at the second.

    Leaving at once is safe for the data: files appear under their names only when they are whole.

    Args:
        stop: set at the first signal.
        leave: called at the second one with the exit code.
    """
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if stop.is_set():
            click.echo("stopped before everything was flushed and merged", err=True)
            leave(128 + number)
        else:
            click.echo("stopping; a second signal forces it", err=True)
            stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


def run(main: Coroutine[object, object, _T]) -> _T:
    """Run a coroutine on the loop that the recorder is made for; return what it returns."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
