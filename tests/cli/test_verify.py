"""`argus verify`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from tests.cli.recorded import record


def run(data: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["verify", *words, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One symbol is complete; the other misses two trades that no gap admits."""
    record(tmp_path, "aa", range(1, 6))
    record(tmp_path, "bb", range(1, 4), symbol="ETHUSDT")
    record(tmp_path, "cc", range(6, 9), symbol="ETHUSDT")
    for generation in ("aa", "bb", "cc"):
        CliRunner().invoke(main, ["bump", generation, "--data", str(tmp_path)])
    return tmp_path


def test_what_is_complete_is_well(data: Path):
    found = json.loads(run(data, "--symbol", "BTCUSDT", "--json").stdout)
    (day,) = found["days"]
    assert (day["rows"], day["first_id"], day["last_id"], day["missing"]) == (5, 1, 5, 0)
    assert (found["well"], found["unread"]) == (True, [])


def test_what_is_missing_without_a_gap_is_an_exit_code(data: Path):
    found = json.loads(run(data, "--unwell", "--json", code=1).stdout)
    (day,) = found["days"]
    assert (day["symbol"], day["missing"], day["missing_unadmitted"]) == ("ETHUSDT", 2, 2)
    assert (day["holes"][0]["first_id"], day["holes"][0]["last_id"]) == (4, 5)


def test_table_shows_each_path_and_day_and_ends_with_the_verdict(data: Path):
    lines = run(data, code=1).stdout.splitlines()
    assert lines[1].split() == (
        "binance_spot trade BTCUSDT 2024-10-04 5 1 5 0 0 0 0 0 yes".split()  # noqa: SIM905
    )
    assert lines[2].split()[-1] == "no"
    assert lines[-1] == "11 rows; 1 of 2 paths and days are well"


def test_dates_narrow_it_down(data: Path):
    last = run(data, "--from", "2024-10-05").stdout.splitlines()[-1]
    assert last == "0 rows; 0 of 0 paths and days are well"
    assert "2024-10-04" in run(data, "--until", "2024-10-04", code=1).stdout


def test_unknown_data_type_lists_those_there_are(data: Path):
    error = run(data, "--data-type", "trades", code=2).stderr
    assert '"trades" is not a data type; allowed: trade, agg_trade' in error


def test_file_that_is_not_ours_is_not_well(data: Path):
    folder = data / "lake" / "source=binance_spot" / "data_type=trade" / "symbol=XUSDT"
    folder = folder / "year=2024" / "date=2024-10-04"
    folder.mkdir(parents=True)
    (folder / "data.parquet").write_bytes(b"not parquet")
    result = run(data, "--symbol", "XUSDT", code=1)
    assert "are well" in result.stdout
