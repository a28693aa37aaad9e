"""`argus verify`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus import __version__
from argus.cli.main import main
from argus.storage import certifying
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
    lines = [" ".join(line.split()) for line in run(data, code=1).stdout.splitlines()]
    assert lines[:4] == [
        "binance_spot trade",
        "symbol date grade rows expected first id last id missing unadmitted verdict",
        "BTCUSDT 2024-10-04 A 5 5 1 5 0 0 complete",
        "ETHUSDT 2024-10-04 A 6 8 1 8 2 2 incomplete",
    ]
    assert lines[-1] == "11 rows; 1 of 2 paths and days are well"


def test_table_has_no_columns_for_what_is_nowhere(data: Path):
    lines = run(data, "--symbol", "BTCUSDT").stdout.splitlines()
    heads = " ".join(lines[1].split())
    assert heads == "symbol date grade rows expected first id last id verdict"
    assert lines[2].split() == ["BTCUSDT", "2024-10-04", "A", "5", "5", "1", "5", "complete"]


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


def certificates(data: Path) -> list[str]:
    found = (data / "certificates").rglob("*.json")
    return sorted(str(path.relative_to(data / "certificates")) for path in found)


def test_what_is_proven_is_certified_beside_the_lake(data: Path):
    folder = data / "certificates"
    result = run(data, code=1)
    assert f"certificates: 2 written, 0 unchanged in {folder}" in result.stdout.splitlines()
    places = [
        f"source=binance_spot/data_type=trade/symbol={symbol}/year=2024/date=2024-10-04.json"
        for symbol in ("BTCUSDT", "ETHUSDT")
    ]
    assert certificates(data) == places
    found = [json.loads((folder / place).read_bytes()) for place in places]
    assert [(c["verdict"], c["missing"], c["argus"]) for c in found] == [
        ("complete", 0, __version__),
        ("incomplete", 2, __version__),
    ]
    again = json.loads(run(data, "--json", code=1).stdout)["certificates"]
    assert again == {"folder": str(folder), "written": 0, "unchanged": 2, "refused": None}


def test_without_certificates_nothing_is_written(data: Path):
    found = json.loads(run(data, "--no-certificates", "--json", code=1).stdout)
    assert (found["certificates"], (data / "certificates").exists()) == (None, False)
    assert "certificates" not in run(data, "--no-certificates", code=1).stdout


def test_read_only_folder_is_said_and_does_not_fail(data: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(certifying, "passing_folder", refused)
    lines = run(data, "--symbol", "BTCUSDT").stdout.splitlines()
    assert f"no certificates written: Read-only file system: {data}/certificates" in lines


def test_json_says_what_is_proven_of_each_day(data: Path):
    (day,) = json.loads(run(data, "--symbol", "BTCUSDT", "--json").stdout)["days"]
    told = ("grade", "verdict", "expected", "previous_id", "rows_waiting", "file", "book")
    assert {name: day[name] for name in told} == {
        "grade": "A",
        "verdict": "complete",
        "expected": 5,
        "previous_id": None,
        "rows_waiting": 5,
        "file": None,
        "book": None,
    }
    assert day["gaps"] == {
        "open": 0, "open_missing": 0, "filled": 0, "filled_missing": 0, "reaches_on": False,
    }  # fmt: skip


@pytest.fixture
def certified(data: Path) -> Path:
    """The same, merged and certified."""
    CliRunner().invoke(main, ["flush", "--data", str(data)])
    run(data, code=1)
    return data


def test_check_says_that_nothing_changed(certified: Path):
    result = run(certified, "--check", "--symbol", "BTCUSDT")
    assert result.stdout == "1 paths and days: 1 unchanged\n"
    found = json.loads(run(certified, "--check", "--symbol", "BTCUSDT", "--json").stdout)
    (day,) = found["days"]
    assert len(day.pop("certified")) == len("2026-11-20T12:00:00Z")
    assert day == {
        "source": "binance_spot",
        "data_type": "trade",
        "symbol": "BTCUSDT",
        "date": "2024-10-04",
        "change": "unchanged",
        "well": True,
        "was": {"rows": 5, "verdict": "complete"},
        "now": None,
        "error": None,
    }
    assert found["well"]
    assert {change: n for change, n in found["counts"].items() if n} == {"unchanged": 1}


def test_check_says_what_changed_since_it_was_certified(certified: Path):
    record(certified, "dd", range(6, 8))
    CliRunner().invoke(main, ["bump", "dd", "--data", str(certified)])
    record(certified, "ee", range(1, 3), symbol="XRPUSDT")
    CliRunner().invoke(main, ["bump", "ee", "--data", str(certified)])
    (broken,) = certified.glob("lake/*/*/symbol=ETHUSDT/*/*/data.parquet")
    content = bytearray(broken.read_bytes())
    content[100] ^= 1
    broken.write_bytes(content)
    lines = run(certified, "--check", code=1).stdout.splitlines()
    cells = [line.split() for line in lines]
    assert cells[1][:4] == ["binance_spot", "trade", "BTCUSDT", "2024-10-04"]
    assert cells[1][5:] == ["grown", "5", "7", "complete", "complete"]
    assert cells[2][5:7] == ["unreadable", "6"]
    assert str(broken) in lines[2]
    assert cells[3] == ["binance_spot", "trade", "XRPUSDT", "2024-10-04", "not", "certified"]
    assert lines[-1] == "3 paths and days: 1 grown, 1 unreadable, 1 not certified"
    unwell = json.loads(run(certified, "--check", "--unwell", "--json", code=1).stdout)
    assert [day["symbol"] for day in unwell["days"]] == ["ETHUSDT"]
    assert "BTCUSDT" not in run(certified, "--check", "--unwell", code=1).stdout


def test_check_shows_what_was_not_well_already(certified: Path):
    lines = run(certified, "--check", code=1).stdout.splitlines()
    assert lines[1].split()[5:] == ["unchanged", "6", "incomplete"]
    assert lines[-1] == "2 paths and days: 2 unchanged"


def test_check_names_a_certificate_that_cannot_be_read(certified: Path):
    path = next(certified.rglob("symbol=BTCUSDT/*/*.json"))
    path.write_bytes(b"?")
    result = run(certified, "--check", "--symbol", "BTCUSDT", code=1)
    assert "certificate unreadable" in result.stdout
    assert "expected a certificate, in certificates/source=binance_spot" in result.stdout


def test_check_writes_nothing(certified: Path):
    def looks() -> dict[Path, int]:
        return {p: p.stat().st_mtime_ns for p in certified.rglob("*.json")}

    before = looks()
    record(certified, "dd", range(6, 8))
    CliRunner().invoke(main, ["bump", "dd", "--data", str(certified)])
    run(certified, "--check", code=1)
    assert looks() == before
