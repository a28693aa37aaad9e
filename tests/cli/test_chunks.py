"""`argus flush`, `argus bump`, `argus stale`, with and without a running recorder."""

import asyncio
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from argus.control.server import serve_control
from argus.storage.chunk import TEMP
from tests.cli.recorded import record

DATE = "source=binance_spot/data_type=trade/symbol={}/year=2024/date=2024-10-04/data.parquet"


def run(data: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [*words, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result


def in_json(data: Path, *words: str):
    return json.loads(run(data, *words, "--json").stdout)


def ids(data: Path, symbol: str = "BTCUSDT") -> list[int]:
    file = pq.ParquetFile(data / "lake" / DATE.format(symbol))
    with file:
        return file.read(columns=["trade_id"])["trade_id"].to_pylist()


def test_accepted_chunks_are_merged_and_gone(tmp_path: Path):
    record(tmp_path, "aa", range(1, 4))
    run(tmp_path, "bump", "aa")
    done = in_json(tmp_path, "flush")
    assert (done["partitions"], done["rows"], done["chunks_deleted"]) == (1, 3, 1)
    assert ids(tmp_path) == [1, 2, 3]
    assert [p.name for p in (tmp_path / TEMP).iterdir() if p.is_dir()] == []


def test_chunks_that_nobody_accepted_stay_and_are_listed(tmp_path: Path):
    record(tmp_path, "aa", range(1, 4))
    assert in_json(tmp_path, "flush")["rows"] == 0
    assert [(s["hash"], s["files"], s["deleted"]) for s in in_json(tmp_path, "stale")] == [
        ("aa", 1, False)
    ]
    assert "aa" in run(tmp_path, "stale").stdout


def test_flush_is_narrowed_down_to_a_symbol(tmp_path: Path):
    record(tmp_path, "aa", range(1, 3))
    record(tmp_path, "bb", range(1, 3), symbol="ETHUSDT")
    run(tmp_path, "bump", "aa")
    run(tmp_path, "bump", "bb")
    assert in_json(tmp_path, "flush", "--symbol", "ETHUSDT")["rows"] == 2
    assert ids(tmp_path, "ETHUSDT") == [1, 2]
    assert not (tmp_path / "lake" / DATE.format("BTCUSDT")).exists()
    assert in_json(tmp_path, "flush", "--generation", "aa")["rows"] == 2


def test_dry_run_of_a_flush_lists_what_waits_and_changes_nothing(tmp_path: Path):
    record(tmp_path, "aa", range(1, 4))
    run(tmp_path, "bump", "aa")
    (work,) = in_json(tmp_path, "flush", "--dry-run")
    assert (work["source"], work["data_type"], work["chunks"]) == ("binance_spot", "trade", 1)
    assert not (tmp_path / "lake").exists()
    assert in_json(tmp_path, "flush", "--dry-run", "--source", "binance_usdm") == []


def test_bump_accepts_what_is_selected_and_says_how_much(tmp_path: Path):
    record(tmp_path, "aa", range(1, 4))
    assert in_json(tmp_path, "bump", "aa", "--dry-run") == {
        "generation": "aa",
        "accepted": False,
        "chunks": 1,
    }
    assert len(in_json(tmp_path, "stale")) == 1
    run(tmp_path, "bump", "aa", "--source", "binance_spot", "--data-type", "trade")
    assert in_json(tmp_path, "stale") == []


@pytest.mark.parametrize("words", [("bump", "xx"), ("flush", "--generation", "xx")])
def test_unknown_generation_is_said_with_those_there_are(tmp_path: Path, words: tuple[str, ...]):
    record(tmp_path, "aa", range(1, 4))
    result = run(tmp_path, *words, code=1)
    assert result.stderr == f'Error: "xx" is not a generation; found: aa; in {tmp_path}\n'


def test_stale_generation_is_deleted_for_good_unless_it_is_a_dry_run(tmp_path: Path):
    record(tmp_path, "aa", range(1, 4))
    record(tmp_path, "bb", range(1, 4))
    assert [s["hash"] for s in in_json(tmp_path, "stale", "--delete", "aa", "--dry-run")] == ["aa"]
    assert (tmp_path / TEMP / "aa").exists()
    (deleted,) = in_json(tmp_path, "stale", "--delete", "aa")
    assert (deleted["hash"], deleted["deleted"]) == ("aa", True)
    assert [s["hash"] for s in in_json(tmp_path, "stale")] == ["bb"]


def test_accepted_generation_is_not_deleted(tmp_path: Path):
    record(tmp_path, "aa", range(1, 4))
    run(tmp_path, "bump", "aa")
    assert "are accepted and not merged" in run(tmp_path, "stale", "--delete", "aa", code=1).stderr


def test_nothing_at_all_is_well(tmp_path: Path):
    assert in_json(tmp_path, "flush")["rows"] == 0
    assert run(tmp_path, "stale").stdout == "no stale generations\n"


def test_running_recorder_is_asked_to_flush(tmp_path: Path):
    asked: list[object] = []

    async def flush(
        source: str | None = None, data_type: str | None = None, symbol: str | None = None
    ) -> object:
        asked.append((source, data_type, symbol))
        return {"rows": 7, "failures": 0}

    async def main_() -> Result:
        async with serve_control(tmp_path / "argus.sock", {"flush": flush}):
            return await asyncio.to_thread(run, tmp_path, "flush", "--source", "binance_spot")

    assert asyncio.run(main_()).stdout == "rows 7, failures 0\n"
    assert asked == [("binance_spot", None, None)]


def test_failure_of_a_merge_is_an_exit_code(tmp_path: Path):
    async def flush() -> object:
        return {"rows": 0, "failures": 2}

    async def main_() -> Result:
        async with serve_control(tmp_path / "argus.sock", {"flush": flush}):
            return await asyncio.to_thread(run, tmp_path, "flush", code=1)

    assert "2 date files could not be merged" in asyncio.run(main_()).stderr
