"""`argus run`, as a process of its own against a simulated venue."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from argus.cli.main import main
from argus.control.client import ask
from argus.control.status import Status, from_json
from tests.cli.venue import ARGUS, configured, simulated
from tests.waiting import until_blocking


@contextmanager
def recorder(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a recorder until the block ends; its first line on stdout was read."""
    command = [*ARGUS, "run", "--config", str(file), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            begun = json.loads(process.stdout.readline())
            assert begun["pid"] == process.pid
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def status(folder: Path) -> Status:
    return from_json(ask(folder / "data" / "argus.sock", "status"))


def trade_ids(folder: Path) -> list[int]:
    (file,) = (folder / "data" / "lake").glob("*/data_type=trade/symbol=BTCUSDT/*/*/data.parquet")
    with pq.ParquetFile(file) as opened:
        return opened.read(columns=["trade_id"])["trade_id"].to_pylist()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly_with_everything_merged(tmp_path: Path, number: signal.Signals):
    with (
        simulated("--symbols", "BTCUSDT", "--rate", "500") as venue,
        recorder(configured(tmp_path, venue)) as process,
    ):
        until_blocking(lambda: status(tmp_path).sources[0].facts > 300)
        process.send_signal(number)
        _, lines = process.communicate(timeout=30)
    assert process.returncode == 0, lines
    ids = trade_ids(tmp_path)
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert len(ids) > 50
    assert not (tmp_path / "data" / "argus.sock").exists()
    temp = tmp_path / "data" / "temp"
    assert list(temp.rglob("*.parquet")) == []


def test_second_recorder_on_a_folder_is_refused_and_stop_ends_the_first(tmp_path: Path):
    with simulated("--symbols", "BTCUSDT") as venue:
        file = configured(tmp_path, venue)
        with recorder(file) as process:
            second = subprocess.run(
                [*ARGUS, "run", "--config", str(file)], capture_output=True, text=True, check=False
            )
            assert second.returncode == 1
            last = second.stderr.splitlines()[-1]
            assert last.startswith(f"Error: process {process.pid} already records here")
            stopped = CliRunner().invoke(main, ["stop", "--config", str(file)])
            assert stopped.exit_code == 0, stopped.output
            process.communicate(timeout=30)
    assert process.returncode == 0


def test_dry_run_checks_and_shows_the_configuration(tmp_path: Path):
    file = tmp_path / "argus.toml"
    file.write_text('[sources.binance_spot]\nsymbols = { quote = "USDT" }')
    runner = CliRunner()
    shown = runner.invoke(main, ["run", "--config", str(file), "--data", "lake", "--dry-run"])
    assert "data folder: lake\n" in shown.stdout
    found = runner.invoke(main, ["run", "--config", str(file), "--dry-run", "--json"])
    assert json.loads(found.stdout)["sources"]["binance_spot"]["symbols"]["quote"] == ["USDT"]


@pytest.mark.parametrize("words", [["--dry-run"], []])
def test_profile_of_bars_that_cannot_be_built_is_refused(tmp_path: Path, words: list[str]):
    file = tmp_path / "argus.toml"
    file.write_text('[bars]\nprofiles = ["1m", "tib_smal"]')
    result = CliRunner().invoke(main, ["run", "--config", str(file), "--data", "x", *words])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: profile 'tib_smal'; the defaults are tib_small")
    assert result.stderr.count("\n") == 1


def test_wrong_configuration_is_one_line(tmp_path: Path):
    file = tmp_path / "argus.toml"
    file.write_text('[sources.binance_spot]\ndata_types = ["trades"]')
    result = CliRunner().invoke(main, ["run", "--config", str(file)])
    assert result.exit_code == 2
    assert result.stderr.startswith('Error: "trades" is not a data type of binance_spot (did you')
    assert result.stderr.count("\n") == 1


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path):
    (tmp_path / "file").touch()
    result = subprocess.run(
        [*ARGUS, "run", "--data", str(tmp_path / "file" / "data")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "cannot be written" in result.stderr.splitlines()[-1]
