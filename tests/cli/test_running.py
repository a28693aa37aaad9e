"""`argus status` and `argus stop`, against a control socket."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from argus.control.protocol import Verb
from argus.control.server import serve_control
from argus.control.status import SourceStatus, Status, StorageStatus, to_json

STATUS = Status(
    generation="a1b2",
    data="lake",
    ts_now=2,
    ts_started=1,
    uptime_s=3725.0,
    pid=42,
    sources=(SourceStatus(source="binance_spot", symbols=2, streams=10, facts=1234, gaps=3),),
    storage=StorageStatus(pending_rows=77, chunks=5),
    memory_bytes=2**20,
)


async def status() -> object:
    return to_json(STATUS)


def asked(folder: Path, verbs: Mapping[str, Verb], *words: str) -> Result:
    """Run a verb of the command line while a recorder listens."""

    async def run() -> Result:
        async with serve_control(folder / "argus.sock", verbs):
            arguments = [*words, "--data", str(folder)]
            return await asyncio.to_thread(CliRunner().invoke, main, arguments)

    return asyncio.run(run())


def test_status_is_shown(tmp_path: Path):
    shown = asked(tmp_path, {"status": status}, "status").stdout
    for text in ("generation a1b2", "up 1 h 2 min", "binance_spot", "1,234", "77 rows", "1.0 MiB"):
        assert text in shown


def test_status_in_json_is_the_whole_of_it(tmp_path: Path):
    result = asked(tmp_path, {"status": status}, "status", "--json")
    assert json.loads(result.stdout) == json.loads(json.dumps(to_json(STATUS)))


def test_status_of_nobody_says_where_it_looked(tmp_path: Path):
    result = CliRunner().invoke(main, ["status", "--data", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: no recorder is running; nothing listens at {tmp_path}/argus.sock\n",
    )


def test_status_that_is_not_understood_is_said(tmp_path: Path):
    async def other() -> object:
        return {"uptime": 1}

    result = asked(tmp_path, {"status": other}, "status")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the recorder's status is not understood: ")


@pytest.mark.parametrize(("words", "stops"), [(("stop",), 1), (("stop", "--dry-run"), 0)])
def test_stop_asks_unless_it_is_a_dry_run(tmp_path: Path, words: tuple[str, ...], stops: int):
    stopped = []

    async def stop() -> object:
        stopped.append(1)
        return {}

    result = asked(tmp_path, {"status": status, "stop": stop}, *words)
    assert (result.exit_code, len(stopped)) == (0, stops)
    assert "a1b2" in result.stdout
