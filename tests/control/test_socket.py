"""The control socket, over a real socket."""

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from argus.control.address import heir_of
from argus.control.client import ask, consult, is_running
from argus.control.protocol import REQUEST_BYTES_MAX
from argus.control.server import CONNECTIONS_MAX, serve_control
from argus.errors import ConfigError, DaemonError, DataFolderInUse, RecorderAbsent


async def echo(value: object = None) -> object:
    return value


async def refuse() -> object:
    raise ConfigError("this cannot be")


async def fail() -> object:
    raise KeyError("nothing here")


async def unanswerable() -> object:
    return object()


VERBS = {"echo": echo, "refuse": refuse, "fail": fail, "unanswerable": unanswerable}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "argus.sock"


def serving(path: Path, talk: Callable[[], Awaitable[None]]) -> None:
    """Run a conversation while a server listens."""

    async def run() -> None:
        async with serve_control(path, VERBS):
            await talk()

    asyncio.run(run())


def asking(path: Path, *arguments) -> Awaitable[object]:
    return asyncio.to_thread(ask, path, *arguments)


async def raw(path: Path, *lines: bytes) -> list[dict[str, object]]:
    """Send lines as they are over one connection; return all answers."""
    reader, writer = await asyncio.open_unix_connection(path, limit=2**20)
    writer.write(b"".join(lines))
    writer.write_eof()
    answers = (await reader.read()).splitlines()
    writer.close()
    await writer.wait_closed()
    return [json.loads(a) for a in answers]


def test_verb_is_answered(path: Path):
    async def talk() -> None:
        assert await asking(path, "echo", {"value": {"a": [1, None]}}) == {"a": [1, None]}

    serving(path, talk)


def test_only_the_owner_may_ask(path: Path):
    async def talk() -> None:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600  # noqa: PTH116

    serving(path, talk)


def test_errors_are_answered_and_the_next_request_too(path: Path):
    async def talk() -> None:
        with pytest.raises(DaemonError, match=r"^this cannot be$"):
            await asking(path, "refuse")
        with pytest.raises(DaemonError, match="KeyError: 'nothing here'"):
            await asking(path, "fail")
        with pytest.raises(DaemonError, match="TypeError"):
            await asking(path, "unanswerable")
        with pytest.raises(DaemonError, match=r"allowed: echo, fail, refuse, unanswerable"):
            await asking(path, "ehco")
        assert await asking(path, "echo", {"value": 1}) == 1

    serving(path, talk)


def test_malformed_and_huge_lines_are_answered_in_their_order(path: Path):
    good = b'{"verb":"echo","args":{"value":1}}\n'
    huge = b'{"verb":"echo","args":{"value":"' + b"x" * 3 * REQUEST_BYTES_MAX + b'"}}\n'

    async def talk() -> None:
        answers = await raw(path, b"nonsense\n", huge, good, b"\xff\x00\n", huge, good, b"{")
        assert [a["ok"] for a in answers] == [False, False, True, False, False, True, False]
        assert answers[1]["error"] == "the request is too long; at most 65536 bytes"
        assert answers[2] == {"ok": True, "result": 1}

    serving(path, talk)


def test_many_ask_at_the_same_time_and_each_is_answered_with_its_own(path: Path):
    """One request waits until all have arrived, so they are open together."""
    arrived: list[object] = []
    everyone = asyncio.Event()

    async def meet(value: object) -> object:
        arrived.append(value)
        if len(arrived) == CONNECTIONS_MAX:
            everyone.set()
        await everyone.wait()
        return value

    async def run() -> None:
        async with serve_control(path, {"meet": meet}):
            wanted = [
                raw(path, b'{"verb":"meet","args":{"value":%d}}\n' % n)
                for n in range(CONNECTIONS_MAX)
            ]
            answers = await asyncio.gather(*wanted)
        assert [a[0]["result"] for a in answers] == list(range(CONNECTIONS_MAX))

    asyncio.run(run())


def test_one_connection_too_many_is_told(path: Path):
    async def talk() -> None:
        streams = [await asyncio.open_unix_connection(path) for _ in range(CONNECTIONS_MAX)]
        for reader, writer in streams:
            writer.write(b'{"verb":"echo"}\n')
            await reader.readline()
        assert await raw(path) == [
            {"ok": False, "error": "32 connections are open; no more are allowed"}
        ]
        for _, writer in streams:
            writer.close()
            await writer.wait_closed()

    serving(path, talk)


def test_request_under_way_is_answered_before_the_end_and_idle_connections_are_ended(path: Path):
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow() -> object:
        begun.set()
        await may_end.wait()
        return "done"

    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            async with serve_control(path, {"slow": slow}):
                idle, idle_writer = await asyncio.open_unix_connection(path)
                reader, writer = await asyncio.open_unix_connection(path)
                writer.write(b'{"verb":"slow"}\n')
                await begun.wait()
                tasks.create_task(release())
            assert json.loads(await reader.readline()) == {"ok": True, "result": "done"}
            assert await idle.read() == b""
            for w in (writer, idle_writer):
                w.close()
                await w.wait_closed()

    async def release() -> None:
        may_end.set()

    asyncio.run(run())


def test_verb_that_does_not_end_is_given_up_at_the_end(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("argus.control.server.STOP_WAIT_S", 0.02)
    begun = asyncio.Event()

    async def hang() -> object:
        begun.set()
        return await asyncio.Event().wait()

    async def run() -> None:
        async with serve_control(path, {"hang": hang}):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b'{"verb":"hang"}\n')
            await begun.wait()
        assert json.loads(await reader.readline()) == {
            "ok": False,
            "error": "the recorder stopped before it was done",
        }
        writer.close()
        await writer.wait_closed()

    asyncio.run(run())


def test_asker_that_goes_away_disturbs_nobody(path: Path):
    async def talk() -> None:
        _, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"verb":"echo"}\n{"verb":"echo"}\n{"verb":')
        writer.transport.abort()
        assert await asking(path, "echo", {"value": 1}) == 1

    serving(path, talk)


def test_socket_is_gone_at_the_end_and_can_be_made_again(path: Path):
    async def talk() -> None:
        assert await asyncio.to_thread(is_running, path)

    serving(path, talk)
    assert not path.exists()
    assert not is_running(path)
    serving(path, talk)


def test_no_recorder_is_said_with_the_path(path: Path):
    with pytest.raises(DaemonError, match=rf"^no recorder is running; nothing listens at {path}$"):
        ask(path, "status")


def test_socket_of_a_dead_process_is_replaced(path: Path):
    """The file stays when a process is killed; nobody listens on it."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert path.exists()
    with pytest.raises(DaemonError, match="no recorder is running"):
        ask(path, "status")

    async def talk() -> None:
        assert await asking(path, "echo", {"value": 1}) == 1

    serving(path, talk)


def test_lock_of_a_killed_process_is_free(path: Path):
    code = (
        "import asyncio,sys,os\nfrom pathlib import Path\n"
        "from argus.control.server import serve_control\n"
        "async def main():\n"
        "    async with serve_control(Path(sys.argv[1]), {}):\n"
        "        print('up', flush=True)\n        os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=False, capture_output=True, text=True
    )
    assert (done.stdout, done.returncode, path.exists()) == ("up\n", -9, True)

    async def talk() -> None:
        assert await asking(path, "echo", {"value": 1}) == 1

    serving(path, talk)


def test_living_recorder_is_not_replaced(path: Path):
    async def talk() -> None:
        with pytest.raises(DataFolderInUse, match=f"process {os.getpid()} already records here"):
            async with serve_control(path, VERBS):
                pass
        assert await asking(path, "echo", {"value": 1}) == 1

    serving(path, talk)


def test_path_longer_than_an_address_works(tmp_path: Path):
    path = tmp_path / ("d" * 100) / ("e" * 100) / "argus.sock"

    async def talk() -> None:
        assert await asking(path, "echo", {"value": 1}) == 1

    serving(path, talk)


def test_answer_that_does_not_come_is_waited_for_only_so_long(path: Path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        with pytest.raises(DaemonError, match=rf"no answer to status within 0.05 s; at {path}"):
            ask(path, "status", timeout_s=0.05)


def test_answer_that_breaks_off_is_said(path: Path):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b'{"ok":')
        writer.close()

    async def run() -> None:
        async with await asyncio.start_unix_server(hang_up, path):
            with pytest.raises(DaemonError, match="answer ends after 6 bytes"):
                await asking(path, "status")

    asyncio.run(run())


def test_whoever_asks_waits_for_the_recorder_that_takes_over(path: Path):
    async def main() -> None:
        asked = asyncio.Event()

        async def begin() -> object:
            asked.set()
            return await asking(path, "echo", {"value": 3})

        with heir_of(path):
            asks = asyncio.create_task(begin())
            running = asyncio.create_task(asyncio.to_thread(is_running, path))
            await asked.wait()
            done, _ = await asyncio.wait({asks, running}, timeout=0.1)
            assert not done
            listening = serve_control(path, VERBS)
            await listening.__aenter__()
        assert (await asks, await running) == (3, True)
        await listening.__aexit__(None, None, None)
        with pytest.raises(RecorderAbsent):
            await consult(path, "echo", {})

    asyncio.run(main())


def test_a_recorder_that_takes_over_and_dies_keeps_nobody_waiting(path: Path):
    with heir_of(path):
        pass
    with pytest.raises(RecorderAbsent):
        ask(path, "echo")
    assert not is_running(path)


def test_only_one_process_takes_over(path: Path):
    with heir_of(path), pytest.raises(DataFolderInUse, match="taking over already"), heir_of(path):
        pass


def test_what_only_reads_is_asked_again_if_its_answer_was_lost(path: Path):
    """As by a recorder that leaves while the next one listens already."""
    answers = iter([b"", b'{"ok":true,"result":7}\n', b""])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(next(answers))
        writer.close()

    async def main() -> None:
        server = await asyncio.start_unix_server(talk, path)
        async with server:
            with heir_of(path):
                pass
            assert await asking(path, "status") == 7
            with pytest.raises(RecorderAbsent):
                await asking(path, "stop")

    asyncio.run(main())
