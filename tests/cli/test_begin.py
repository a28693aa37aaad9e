"""`argus init`, `argus sources`, `argus schema`."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from argus.cli.main import main
from argus.cli.settings import known
from argus.config import parse
from argus.events import EVENTS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("ARGUS_CONFIG", "ARGUS_DATA_PATH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*words: str, code: int = 0):
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


def test_init_writes_what_run_reads(folder: Path):
    run("init")
    written = tomllib.loads((folder / "argus.toml").read_text("utf-8"))
    assert parse(written, known=known()) == parse({}, known=known())


def test_init_does_not_replace_a_file_unasked(folder: Path):
    (folder / "argus.toml").write_text("[log]")
    refused = run("init", code=2)
    assert refused.stderr == "Error: argus.toml exists already; --force replaces it\n"
    run("init", "--force")
    assert "[storage]" in (folder / "argus.toml").read_text("utf-8")


def test_init_shows_on_a_dry_run_what_it_would_write(folder: Path):
    shown = run("init", "--dry-run").stdout
    assert not (folder / "argus.toml").exists()
    run("init")
    assert (folder / "argus.toml").read_text("utf-8") == shown


def test_init_answers_in_json(folder: Path):
    found = json.loads(run("init", "--config", "mine.toml", "--json").stdout)
    size = (folder / "mine.toml").stat().st_size
    assert found == {"file": "mine.toml", "bytes": size, "written": True}


def test_sources_lists_addresses_and_data_types():
    found = json.loads(run("sources", "--json").stdout)
    assert list(found) == ["binance_spot", "binance_usdm"]
    assert list(found["binance_usdm"]["websocket_urls"]) == ["public", "market"]
    assert "wss://stream.binance.com:9443" in run("sources").stdout


def test_schema_shows_every_column():
    found = json.loads(run("schema", "--json").stdout)
    assert list(found["data_types"]) == list(EVENTS)
    text = run("schema", "trade").stdout
    assert "trade_id" in text
    assert "update_id" not in text


def test_schema_in_sql_creates_the_tables(tmp_path: Path):
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        connection.execute(run("schema", "--sql").stdout)
        tables = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
    assert sorted(tables) == sorted(EVENTS)


def test_unknown_data_type_lists_what_there_is():
    assert "'trade', 'agg_trade', 'bbo'" in run("schema", "trades", code=2).stderr
