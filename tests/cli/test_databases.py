"""`argus db`, against a real server."""

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from tests.bars.sinks.postgres.server import PASSWORD, Server, postgresql


@pytest.fixture(scope="module")
def server():
    found = Server(postgresql())
    found.create()
    yield found
    found.remove()


@pytest.fixture
def url(server, monkeypatch) -> str:
    found = server.database()
    monkeypatch.setenv("ARGUS_TIMESCALE_URL", found)
    return found


def run(data: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["db", *words, "--data", str(data)])
    assert result.exit_code == code, result.output
    assert PASSWORD not in result.output
    return result


def test_nothing_is_done_without_an_address(tmp_path, monkeypatch):
    monkeypatch.delenv("ARGUS_TIMESCALE_URL", raising=False)
    for verb in ("init", "check", "status"):
        error = run(tmp_path, verb, code=2).stderr
        assert error == (
            "Error: no database is configured; expected its address in timescale.url or in "
            "ARGUS_TIMESCALE_URL\n"
        )


@pytest.mark.server
def test_tables_are_made_checked_and_shown(tmp_path, url):
    missing = run(tmp_path, "check", code=1).stdout
    assert "Problem: there is no schema mart: run `argus db init`\n" in missing
    assert "Nothing was changed" in run(tmp_path, "init", "--dry-run").stdout
    assert json.loads(run(tmp_path, "check", "--json", code=1).stdout)["version"] == 0
    text = run(tmp_path, "init").stdout
    assert "Schema: 0001 star_schema" in text
    assert [line.split() for line in text.splitlines() if line.startswith("exchange")] == [
        ["exchange", "BINANCE_FUTURES,", "BINANCE_SPOT", "-", "-"]
    ]
    done = json.loads(run(tmp_path, "init", "--json").stdout)
    assert (done["written"], done["migrations"], done["notes"]) == (True, [], [])
    assert done["dimensions"]["dim__coin"] == {"added": [], "revived": [], "deleted": []}
    assert run(tmp_path, "check").stdout.endswith("Rows can be written.\n")
    found = json.loads(run(tmp_path, "check", "--json").stdout)
    assert (found["version"], found["problems"]) == (1, [])
    assert found["address"].startswith("postgresql://postgres@127.0.0.1:")
    (tmp_path / "spool/timescale/refused").mkdir(parents=True)
    (tmp_path / "spool/timescale/1.parquet").write_bytes(bytes(1024))
    shown = json.loads(run(tmp_path, "status", "--json").stdout)
    assert {t["rows"] for t in shown["tables"]} == {0}
    assert shown["spool"] == {
        "chunks": 1,
        "size_bytes": 1024,
        "days_to_read": 0,
        "refused_files": 0,
    }
    lines = run(tmp_path, "status").stdout.splitlines()
    assert " ".join(lines[1].split()) == "fact__tick_imbalance partitioned by month 0 - 0 B"
    assert lines[-1] == (
        "In the spool: 1 chunk of 1.0 KiB, 0 days to be read from the lake, "
        "0 files of rows set aside"
    )
    with psycopg.connect(url) as connection:
        coins = connection.execute("SELECT coin FROM mart.dim__coin ORDER BY 1").fetchall()
        assert coins == [("BTC",), ("ETH",)]


@pytest.mark.server
def test_what_is_wrong_is_one_line(tmp_path, url, monkeypatch):
    monkeypatch.setenv("ARGUS_TIMESCALE_URL", url.replace(PASSWORD, "wrong"))
    error = run(tmp_path, "check", code=1).stderr
    assert "password authentication failed" in error
    assert error.count("\n") == 1
    monkeypatch.setenv("ARGUS_TIMESCALE_URL", "postgresql://u:wrong@[::1/x")
    error = run(tmp_path, "status", code=1).stderr
    assert "is not understood" in error
    assert "wrong" not in error
