"""`argus db load`: an old lake into a new store."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from argus.storage.disk import LocalDisk
from argus.storage.flush import FlushHandler
from argus.storage.generation import accept
from tests.bars.sinks.influx_server import free_port
from tests.bars.sinks.test_influx import answering
from tests.cli.recorded import DAY_NS, TS, record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lake of two symbols and one date, and a chunk of another one that is not merged yet."""
    data = tmp_path / "data"
    record(data, "old", range(3))
    record(data, "older", range(2), symbol="ETHUSDT")
    disk = LocalDisk("own", is_durable=False)
    for generation in ("old", "older"):
        accept(data, generation, disk=disk)
    FlushHandler(
        "binance_spot", "trade", data=data, generation="own", disk=disk, report=lambda _: None
    ).flush_all()
    record(data, "new", range(DAY_NS, DAY_NS + 4))
    accept(data, "new", disk=disk)
    return tmp_path


def load(folder: Path, url: str, *words: str) -> Result:
    return called(folder, url, "load", *words)


def called(folder: Path, url: str, *words: str) -> Result:
    config = folder / "argus.toml"
    text = f'[storage]\ndata = "{folder}/data"\n'
    if url:
        text += f'[influx]\nurl = "{url}"\ntimeout_s = 2\n'
    config.write_text(text)
    return CliRunner().invoke(main, ["db", *words, "--config", str(config)])


def test_everything_is_written_once_and_nothing_waits(folder: Path):
    with answering(204) as url:
        done = load(folder, url, "--store", "influx", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["days"], told["rows"], told["left"], told["error"]) == (2, 9, 0, "")
    assert list((folder / "data/spool/influx").glob("again*")) == []


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (("--to", "2024-10-04"), 5),
        (("--from", "2024-10-05"), 4),
        (("--symbol", "ETHUSDT"), 2),
        (("--data-type", "bbo"), 0),
        (("--source", "binance_usdm"), 0),
    ],
)
def test_what_is_asked_for_is_written(folder: Path, words, rows):
    assert TS == 1_728_000_000 * 10**9
    with answering(204) as url:
        done = load(folder, url, "--store", "influx", "--json", *words)
    assert json.loads(done.stdout)["rows"] == rows


def test_store_that_is_away_is_told_and_what_is_left_is_loaded_the_next_time(folder: Path):
    done = load(folder, f"http://127.0.0.1:{free_port()}", "--store", "influx")
    assert done.exit_code == 1
    assert "no answer from" in done.stderr
    assert "2 days wait in the spool of influx" in done.stderr
    with answering(204) as url:
        done = load(folder, url, "--store", "influx", "--from", "2030-01-01", "--json")
    assert json.loads(done.stdout)["rows"] == 9


def test_store_that_refuses_is_told_with_its_words(folder: Path):
    with answering(401) as url:
        done = load(folder, url, "--store", "influx")
    assert done.exit_code == 1
    assert "status 401" in done.stderr


def test_dry_run_counts_and_notes_nothing(folder: Path):
    done = load(folder, "http://127.0.0.1:1", "--store", "influx", "--dry-run", "--json")
    assert json.loads(done.stdout)["days"] == 2
    assert not (folder / "data/spool").exists()


def test_store_that_is_not_configured_is_named(folder: Path):
    done = load(folder, "", "--store", "influx")
    assert done.exit_code == 1
    assert '"influx" is not a store of the configuration; it has: none' in done.stderr


def test_influx_that_takes_rows_and_one_that_does_not(folder: Path):
    with answering(204) as url:
        done = called(folder, url, "check", "--store", "influx")
    assert (done.exit_code, done.stdout) == (0, "Rows can be written.\n")
    with answering(401) as url:
        done = called(folder, url, "check", "--store", "influx")
    assert done.exit_code == 1
    assert "status 401" in done.stdout
    done = called(folder, "", "check", "--store", "influx")
    assert done.exit_code == 2
    assert "no InfluxDB is configured" in done.stderr


def test_what_waits_for_influx_is_shown(folder: Path):
    load(folder, f"http://127.0.0.1:{free_port()}", "--store", "influx")
    done = called(folder, "", "status", "--store", "influx", "--json")
    assert json.loads(done.stdout)["spool"] == {
        "chunks": 0,
        "size_bytes": 0,
        "days_to_read": 2,
        "refused_files": 0,
    }
    shown = called(folder, "", "status", "--store", "influx").stdout
    assert "2 days to be read from the lake" in shown
