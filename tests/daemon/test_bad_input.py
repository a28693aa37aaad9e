"""What a person does wrong, or a machine runs out of: said clearly, and the rest goes on."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from argus.cli.main import main
from argus.control.client import ask
from argus.control.status import Status, from_json
from tests.cli.venue import ARGUS, configured, simulated
from tests.daemon.checker import stored
from tests.waiting import until_blocking


@contextmanager
def running(file: Path, data: Path) -> Iterator["Process"]:
    """A recorder as a process; it may take its time to end."""
    command = [*ARGUS, "run", "--config", str(file), "--json"]
    with (
        (file.parent / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield Process(process, data, file.parent / "log")
        finally:
            if process.poll() is None:
                process.kill()


class Process:
    """A recorder that runs, what it says, and how it ends."""

    def __init__(self, process: "subprocess.Popen[str]", data: Path, log: Path) -> None:
        self._process, self._data, self._log = process, data, log

    def status(self) -> Status:
        return from_json(ask(self._data / "argus.sock", "status"))

    def facts(self) -> int:
        return self.status().sources[0].facts

    @property
    def log(self) -> str:
        return self._log.read_text()

    def end(self) -> int:
        self._process.terminate()
        return self._process.wait(timeout=60)


@contextmanager
def mounted(folder: Path, size_kb: int) -> Iterator[Path]:
    """A small file system of its own, where that may be had."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder)]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"no file system can be mounted here: {found.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def trade_ids(data: Path) -> list[int]:
    return [row[0] for row in stored(data, "binance_spot", "trade", "BTCUSDT", ("trade_id",))]


def test_venue_that_cannot_be_reached_is_said_and_recorded_when_it_comes(tmp_path: Path):
    nowhere = {"websocket_url": "ws://127.0.0.1:9", "rest_url": "http://127.0.0.1:9"}
    file = configured(tmp_path, nowhere)
    with running(file, tmp_path / "data") as recorder:
        until_blocking(lambda: "Dial refused" in recorder.log, timeout_s=30)
        assert "REST request failed" in recorder.log
        assert recorder.status().sources[0].symbols == 1
        assert recorder.end() == 0
    assert "Traceback" not in recorder.log
    assert "no answer from ws://127.0.0.1:9" in recorder.log


def test_second_recorder_leaves_the_first_and_its_folder_as_they_are(tmp_path: Path):
    with simulated("--symbols", "BTCUSDT") as venue:
        file = configured(tmp_path, venue)
        with running(file, tmp_path / "data") as recorder:
            until_blocking(lambda: recorder.facts() > 50, timeout_s=30)
            before = folders(tmp_path / "data" / "temp")
            second = subprocess.run(
                [*ARGUS, "run", "--config", str(file)], capture_output=True, text=True, check=False
            )
            assert second.returncode == 1
            assert "already records here" in second.stderr.splitlines()[-1]
            assert folders(tmp_path / "data" / "temp") == before
            facts = recorder.facts()
            until_blocking(lambda: recorder.facts() > facts + 50, timeout_s=30)
            assert recorder.end() == 0


def folders(parent: Path) -> list[str]:
    return sorted(f.name for f in parent.iterdir() if f.is_dir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
def test_read_only_folder_is_one_clear_line(tmp_path: Path):
    with mounted(tmp_path / "data", 1024) as folder:
        remount(folder, "ro")
        found = subprocess.run(
            [*ARGUS, "run", "--data", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path.cwd(),
        )
    assert found.returncode == 1
    assert "Traceback" not in found.stderr
    last = found.stderr.splitlines()[-1]
    assert last.startswith(f"Error: data folder {folder} cannot be written")
    assert "Read-only file system" in last


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
def test_full_disk_is_said_and_recording_goes_on_once_there_is_room(tmp_path: Path):
    with simulated("--symbols", "BTCUSDT", "--rate", "2000") as venue:
        file = configured(tmp_path, venue, data_types=["trade"])
        text = file.read_text().replace(
            "[storage]", "[storage]\nbuffer_bytes_max = 100000\nflush_bytes_max = 50000"
        )
        file.write_text(text)
        with mounted(tmp_path / "data", 256) as folder:
            with running(file, folder) as recorder:
                until_blocking(lambda: recorder.facts() > 50, timeout_s=30)
                ballast = folder / "ballast"
                fill(ballast)
                until_blocking(lambda: "Flush failed" in recorder.log, timeout_s=30)
                assert "No space left on device" in recorder.log
                until_blocking(lambda: recorder.status().storage.rows_dropped > 100, timeout_s=60)
                ballast.unlink()
                remount(folder, "size=64m")
                dropped = recorder.status().storage.rows_dropped
                facts = recorder.facts()
                until_blocking(lambda: recorder.facts() > facts + 500, timeout_s=30)
                assert recorder.end() == 0
                assert dropped
            ids = trade_ids(folder)
            holes = [(a + 1, b - 1) for a, b in pairwise(ids) if b != a + 1]
            columns = ("reason", "first_missing_id", "last_missing_id", "missing")
            gaps = stored(folder, "binance_spot", "gap", "BTCUSDT", columns)
            assert holes
            assert gaps == [("disk", first, last, last - first + 1) for first, last in holes]
            assert "Traceback" not in recorder.log


def fill(ballast: Path) -> None:
    """Write until there is no room."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


def test_foreign_and_torn_files_are_set_aside_and_the_rest_goes_on(tmp_path: Path):
    data = tmp_path / "data"
    with simulated("--symbols", "BTCUSDT,ETHUSDT", "--rate", "500") as venue:
        file = configured(tmp_path, venue, symbols=["BTCUSDT", "ETHUSDT"], data_types=["trade"])
        never = "flush_every_s = 0.5\nmerge_age_s = 3600\nmerge_ratio = 100"
        file.write_text(file.read_text().replace("flush_every_s = 0.5", never))
        with running(file, data) as recorder:
            until_blocking(lambda: list(data.glob("temp/*/*/trade/*.parquet")), timeout_s=30)
            recorder._process.kill()
            recorder._process.wait()
        # What a person put into the lake, and a chunk that a dying machine has cut short.
        (chunk, *_) = sorted(data.glob("temp/*/*/trade/*.parquet"))
        chunk.write_bytes(chunk.read_bytes()[:-40])
        (data / "temp" / "notes.txt").write_text("mine")
        strange = data / "lake/source=binance_spot/data_type=trade/symbol=ETHUSDT"
        (strange / "notes.txt").parent.mkdir(parents=True)
        (strange / "notes.txt").write_text("mine")
        with running(file, data) as recorder:
            until_blocking(lambda: recorder.facts() > 100, timeout_s=30)
            assert recorder.end() == 0
    assert "File is unreadable or foreign" in recorder.log
    assert "Traceback" not in recorder.log
    assert chunk.with_name(f"{chunk.name}.torn").exists()
    assert (strange / "notes.txt").read_text() == "mine"
    assert len(trade_ids(data)) > 20


@pytest.mark.parametrize("is_parquet", [True, False])
def test_date_file_that_is_not_ours_is_told_and_nothing_is_lost(tmp_path: Path, is_parquet: bool):
    data = tmp_path / "data"
    with simulated("--symbols", "BTCUSDT,ETHUSDT", "--rate", "500") as venue:
        file = configured(tmp_path, venue, symbols=["BTCUSDT", "ETHUSDT"], data_types=["trade"])
        with running(file, data) as recorder:
            until_blocking(lambda: recorder.facts() > 100, timeout_s=30)
            assert recorder.end() == 0
        (strange,) = data.glob("lake/*/data_type=trade/symbol=ETHUSDT/*/*/data.parquet")
        before = trade_ids(data)
        if is_parquet:
            pq.write_table(pa.table({"x": [1]}), strange)
        else:
            strange.write_text("this is no Parquet file")
        content = strange.read_bytes()
        with running(file, data) as recorder:
            until_blocking(lambda: recorder.facts() > 100, timeout_s=30)
            assert recorder.end() == 0
    assert "Traceback" not in recorder.log
    assert "foreign" in recorder.log
    assert len(trade_ids(data)) > len(before)
    aside = [f for f in data.rglob("data.parquet*") if f.read_bytes() == content]
    if is_parquet:
        # It is somebody's; the chunks wait until he has moved it.
        assert aside == [strange]
        assert list(data.glob("temp/*/*/trade/*.parquet"))
        strange.unlink()
        flushed = CliRunner().invoke(main, ["flush", "--data", str(data)])
        assert flushed.exit_code == 0, flushed.output
    else:
        assert [f.suffix for f in aside] == [".torn"]
    assert strange.exists()
    assert list(data.glob("temp/*/*/trade/*.parquet")) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "[sources.binance_spot]\nsymbol = ['A']",
            '"symbol" is not a key (did you mean "symbols"?)',
        ),
        ("[sources.binance_spot]\ndata_types = ['trades']", '"trades" is not a data type'),
        ("[sources.binance]\n", '"binance" is not a source'),
        ("[storage]\nflush_every_s = 0", "flush_every_s"),
        ("[storage", "argus.toml"),
    ],
)
def test_wrong_configuration_is_one_line_that_says_what_is_allowed(
    tmp_path: Path, text: str, wanted: str
):
    file = tmp_path / "argus.toml"
    file.write_text(text)
    result = CliRunner().invoke(main, ["run", "--config", str(file)])
    assert result.exit_code == 2
    assert wanted in result.stderr
    assert result.stderr.count("\n") == 1
