"""What signals do."""

import asyncio
import os
import signal

import pytest

from argus.cli.stopping import run, stopping
from argus.control.client import ask
from argus.control.server import serve_control


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_first_signal_asks_and_the_second_leaves(number: signal.Signals):
    left: list[int] = []

    async def main() -> list[bool]:
        stop, second = asyncio.Event(), asyncio.Event()

        def leave(code: int) -> None:
            left.append(code)
            second.set()

        with stopping(stop, leave=leave):
            os.kill(os.getpid(), number)
            await stop.wait()
            before = bool(left)
            os.kill(os.getpid(), number)
            await second.wait()
        return [before, stop.is_set()]

    assert run(main()) == [False, True]
    assert left == [128 + number]


def test_control_socket_works_on_the_recorder_s_loop(tmp_path):
    async def echo(value: int) -> object:
        return value

    async def main() -> object:
        path = tmp_path / "argus.sock"
        async with serve_control(path, {"echo": echo}):
            return await asyncio.to_thread(ask, path, "echo", {"value": 7})

    assert run(main()) == 7
