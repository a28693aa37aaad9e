"""`argus demo`, as a process of its own, and what surrounds it."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from argus.cli.demo import data_folder
from argus.errors import ConfigError
from tests.cli.venue import ARGUS


def test_demo_records_rotates_and_answers_in_json(tmp_path: Path):
    words = ["--seconds", "9", "--symbols", "2", "--rate", "200", "--json"]
    done = subprocess.run(
        [*ARGUS, "demo", *words, "--data", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["well"]
    assert found["files"] > 10
    assert [s["rotations"] > 0 for s in found["status"]["sources"]] == [True, True]
    assert [s["gaps"] for s in found["status"]["sources"]] == [0, 0]
    assert {row["symbol"] for row in found["query"]["rows"]} >= {"BTCUSDT"}


def test_demo_without_a_terminal_writes_lines_and_a_signal_ends_it(tmp_path: Path):
    command = [*ARGUS, "demo", "--seconds", "600", "--data", str(tmp_path / "demo")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "recording a simulated Binance" in process.stdout.readline()
        assert "  streams " in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "SELECT source, symbol, count(*) AS trades" in rest
    assert f"verify it:  argus verify --data {tmp_path}/demo" in rest


def test_folder_with_a_lake_is_not_mixed_with_simulated_facts(tmp_path: Path):
    (tmp_path / "lake").mkdir()
    with pytest.raises(ConfigError, match="has a lake already"):
        data_folder(tmp_path, 0)


def test_folder_is_named_by_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARGUS_DATA_PATH", raising=False)
    assert data_folder(None, 1_700_000_000 * 10**9) == Path("data/demo/20231114T221320")
