"""`argus query`, over chunks and the lake."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from tests.cli.recorded import record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    record(tmp_path, "aa", range(1, 4))
    run(tmp_path, "bump", "aa")
    run(tmp_path, "flush")
    record(tmp_path, "bb", range(3, 6))
    run(tmp_path, "bump", "bb")
    return tmp_path


def run(data: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [*words, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result


def test_lake_and_chunks_are_one_and_each_fact_is_there_once(data: Path):
    found = run(data, "query", "SELECT trade_id, ts_event, side FROM trade ORDER BY 1", "--json")
    rows = json.loads(found.stdout)
    assert [row["trade_id"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0] == {
        "trade_id": 1,
        "ts_event": "2024-10-04T00:00:00.000000001Z",
        "side": "buy",
    }


def test_csv_is_read_back(data: Path):
    text = run(data, "query", "SELECT trade_id, symbol FROM trade ORDER BY 1", "--csv").stdout
    rows = list(csv.DictReader(text.splitlines()))
    assert rows[4] == {"trade_id": "5", "symbol": "BTCUSDT"}


def test_table_shows_the_first_rows_and_how_many_more_there_are(data: Path):
    text = run(data, "query", "SELECT trade_id FROM trade ORDER BY 1", "--rows", "2").stdout
    assert [line.strip() for line in text.splitlines()] == [
        "trade_id",
        "1",
        "2",
        "3 more rows; --rows shows more of them",
    ]


def test_cell_that_looks_like_markup_is_data(data: Path):
    assert "[bold]x" in run(data, "query", "SELECT '[bold]x' AS a").stdout


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELEC 1", 'Error: Parser Error: syntax error at or near "SELEC"\n'),
        ("SELECT * FROM trades", "Error: Catalog Error: Table with name trades does not exist!"),
        ("SELECT tradeid FROM trade", 'Error: Binder Error: Referenced column "tradeid" not found'),
    ],
)
def test_query_that_is_not_right_is_one_line(data: Path, sql: str, line: str):
    error = run(data, "query", sql, code=2).stderr
    assert error.startswith(line)
    assert error.count("\n") == 1


def test_query_that_fails_is_one_line(data: Path):
    error = run(data, "query", "SELECT CAST(side AS INTEGER) FROM trade", code=1).stderr
    assert error.startswith("Error: Conversion Error")
    assert error.count("\n") == 1


def test_two_forms_at_once_are_refused(data: Path):
    error = run(data, "query", "SELECT 1", "--csv", "--json", code=2).stderr
    assert "--csv and --json are both given" in error


def test_folder_that_is_not_there_is_said(tmp_path: Path):
    error = run(tmp_path / "none", "query", "SELECT 1", code=1).stderr
    assert error == f"Error: {tmp_path}/none is not a folder; a data folder is expected there\n"
