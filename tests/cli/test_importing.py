"""`argus import`."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main

TS = 1_700_000_000_000_000_000


def frame(number: int) -> bytes:
    payload = {
        "stream": "btcusdt@trade",
        "data": {
            "e": "trade",
            "E": TS // 1000 + number,
            "s": "BTCUSDT",
            "t": number,
            "p": "100.5",
            "q": "2",
            "T": TS // 1000 + number,
            "m": True,
            "M": True,
        },
    }
    return b"%d %s\n" % (TS + number, json.dumps(payload, separators=(",", ":")).encode())


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


def test_recordings_are_imported_in_the_order_of_their_first_lines_and_once(tmp_path: Path):
    late, early = tmp_path / "a", tmp_path / "b.gz"
    late.write_bytes(frame(3) + frame(4))
    early.write_bytes(gzip.compress(frame(1) + frame(2)))
    words = ["import", str(late), str(early), "--source", "binance_spot"]
    words += ["--data", str(tmp_path / "data")]
    done = json.loads(run(*words, "--json").stdout)
    assert (done["facts"], done["gaps"], done["left"]) == ({"trade": 4}, 0, 0)
    again = json.loads(run(*words, "--json").stdout)
    assert again["stored_before"] == 4
    sql = "SELECT trade_id, ts_recv, origin FROM trade"
    rows = run("query", sql, "--data", str(tmp_path / "data"), "--json").stdout
    assert [row["trade_id"] for row in json.loads(rows)] == [1, 2, 3, 4]
    assert json.loads(rows)[0]["ts_recv"] == "2023-11-14T22:13:20.000000001Z"


def test_dry_run_lists_the_files_in_their_order(tmp_path: Path):
    late, early = tmp_path / "a", tmp_path / "b"
    late.write_bytes(frame(3))
    early.write_bytes(frame(1))
    words = ("import", str(late), str(early), "--source", "binance_spot", "--dry-run")
    found = json.loads(run(*words, "--data", str(tmp_path / "data"), "--json").stdout)
    assert [(f["file"], f["ts_first"]) for f in found] == [
        (str(early), TS + 1),
        (str(late), TS + 3),
    ]
    assert not (tmp_path / "data").exists()


def test_file_that_is_not_there_is_said_before_anything_is_imported(tmp_path: Path):
    good = tmp_path / "a"
    good.write_bytes(frame(1))
    words = ("import", str(good), str(tmp_path / "none"), "--source", "binance_spot")
    error = run(*words, "--data", str(tmp_path / "data"), code=1).stderr
    assert error == f"Error: recording {tmp_path}/none cannot be read: No such file or directory\n"
    assert not (tmp_path / "data").exists()


def test_unknown_source_lists_those_there_are(tmp_path: Path):
    error = run("import", "a", "--source", "binance", code=2).stderr
    assert "'binance_spot', 'binance_usdm'" in error


def test_recorded_traffic_gives_every_fact(tmp_path: Path, recordings: Path):
    files = [str(f) for f in sorted((recordings / "binance_spot").glob("*.gz"))]
    words = ["import", *files, "--source", "binance_spot", "--data", str(tmp_path)]
    done = json.loads(run(*words, "--json").stdout)
    assert done["facts"] == {
        "trade": 9_757 + 10_147,
        "bbo": 28_040 + 45_134,
        "book_delta": 3_451 + 3_044,
        "book_snapshot": 1,
    }
    assert (done["gaps"], done["undecodable"], done["unknown"]) == (0, 0, 0)


@pytest.mark.parametrize("line", [b"nonsense\n", b"12 {\n"])
def test_line_that_cannot_be_read_is_counted(tmp_path: Path, line: bytes):
    file = tmp_path / "a"
    file.write_bytes(frame(1) + line + frame(2))
    words = ("import", str(file), "--source", "binance_spot", "--data", str(tmp_path / "data"))
    result = run(*words, code=1)
    assert result.stdout.split("facts")[0].split()[1:3] == ["trade", "2"]
