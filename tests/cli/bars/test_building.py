import json
import shutil
from csv import DictReader
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from msgspec import structs
from pyarrow import csv

from argus.bars import profile
from argus.cli.bars import building
from argus.cli.main import main
from argus.control import client
from argus.lake.bars import stored_bars
from argus.storage.generation import accept
from tests.cli.bars.lakes import BUILD, FACTS, made, typed
from tests.daemon.bulk.rigs import at_once, recorder
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig, files

PROFILES = [profile("1m"), profile("tib_small")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path / "data")


def expected(*, of=FACTS):
    return at_once(of, PROFILES)


def test_bars_go_into_the_lake_and_are_queried(data: Path):
    text = typed(data, *BUILD, "--symbol", "A").stdout
    whole = expected()
    assert f"{whole.num_rows} bars of 1,200 trades; {whole.num_rows} written into the lake" in text
    found = typed(data, "query", "SELECT count(*) AS n, sum(volume) AS v FROM bars", "--json")
    (row,) = json.loads(found.stdout)
    assert row["n"] == whole.num_rows
    assert row["v"] == pytest.approx(sum(whole["volume"].to_pylist()))


def test_second_time_nothing_is_written(data: Path):
    typed(data, *BUILD)
    before = files(data)
    told = json.loads(typed(data, *BUILD, "--json").stdout)
    assert told["written"] == 0
    assert {(s["symbol"], s["profile"]) for s in told["series"]} == {
        (symbol, one.name) for symbol in "AB" for one in PROFILES
    }
    assert files(data) == before


@pytest.mark.parametrize("name", ["bars.parquet", "bars.csv"])
def test_file_has_the_bars_by_value(data: Path, tmp_path: Path, name: str):
    out = tmp_path / name
    text = typed(data, *BUILD, "--symbol", "A", "--out", str(out)).stdout
    assert text.endswith(f"written to {out}\n")
    table = csv.read_csv(out) if name.endswith("csv") else pq.read_table(out)
    whole = expected()
    assert table.column_names[:2] == ["source", "symbol"]
    rows = {(r["profile"], r["sequence"]): r for r in table.to_pylist()}
    assert len(rows) == whole.num_rows
    for bar in whole.to_pylist():
        row = rows[bar["profile"], bar["sequence"]]
        assert (row["open"], row["volume"], row["theta"]) == (
            bar["open"],
            bar["volume"],
            bar["theta"],
        )
    assert {p.name for p in tmp_path.iterdir()} == {"data", name}
    assert not [f for f in files(data) if "data_type=bar" in f]


def test_csv_instants_keep_their_nanoseconds(data: Path, tmp_path: Path):
    out = tmp_path / "a.csv"
    typed(data, "bars", "build", "--profile", "1m", "--symbol", "A", "--out", str(out))
    row = next(DictReader(out.read_text().splitlines()))
    assert row["ts_first"] == f"{np.datetime64(FACTS[0].ts_event, 'ns')}Z"


def test_file_that_fails_half_way_leaves_nothing(data: Path, tmp_path: Path, monkeypatch):
    def failing(*_):
        yield from ()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "bars_of", failing)
    typed(data, *BUILD, "--out", str(tmp_path / "a.parquet"), code=1)
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_series_that_begins_cold_says_so(data: Path, tmp_path: Path):
    out = tmp_path / "a.parquet"
    text = typed(
        data, *BUILD, "--symbol", "A", "--from", "2023-11-15T00:05", "--out", str(out)
    ).stdout
    assert "the series begin cold at 2023-11-15T00:05" in text
    later = [f for f in FACTS if (f.ts_event or 0) >= MIDNIGHT + 300 * SECOND]
    assert pq.read_table(out).num_rows == expected(of=later).num_rows


def test_compare_is_silent_about_equal_bars_and_exits_1_for_others(data: Path):
    typed(data, *BUILD, "--compare", code=1)
    typed(data, *BUILD)
    assert "differ" not in typed(data, *BUILD, "--compare").stdout
    live = recorder(data, "g2")
    hole = next(a for a, b in pairwise(FACTS) if b.trade_id > a.trade_id + 1)
    missed = [structs.replace(hole, trade_id=hole.trade_id + 1)]
    before = stored_bars(data, SOURCE, "A", "1m")
    live.chunk({"A": missed})
    text = typed(data, *BUILD, "--compare", code=1).stdout
    assert "differ, from bar" in text
    assert "total_ticks is" in text
    assert stored_bars(data, SOURCE, "A", "1m").equals(before)


def test_running_recorder_that_builds_the_same_bars_is_not_disturbed(
    data: Path, monkeypatch, tmp_path
):
    config = data.parent / "argus.toml"
    config.write_text('[bars]\nprofiles = ["1m"]\n')
    monkeypatch.setattr(client, "is_running", lambda _: True)
    words = [*BUILD, "--data", str(data), "--config", str(config)]
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 1
    assert "a recorder runs on" in refused.stderr
    assert "write to a file with --out" in refused.stderr
    assert CliRunner().invoke(main, [*words, "--out", str(tmp_path / "a.csv")]).exit_code == 0
    other = ["bars", "build", "--profile", "5m", "--data", str(data), "--config", str(config)]
    assert CliRunner().invoke(main, other).exit_code == 0


def test_profiles_of_the_configuration_are_built(data: Path):
    config = data.parent / "argus.toml"
    config.write_text(
        '[bars]\nprofiles = ["mine"]\n[bars.profile.mine]\nrule = "tick"\nsize = 100\n'
    )
    words = ["bars", "build", "--data", str(data), "--config", str(config), "--json"]
    told = json.loads(CliRunner().invoke(main, words).stdout)
    assert [(s["symbol"], s["profile"], s["built"]) for s in told["series"]] == [
        ("A", "mine", 12), ("B", "mine", 3),
    ]  # fmt: skip


def test_profiles_of_which_no_bar_has_closed_are_told(data: Path):
    text = typed(data, *BUILD, "--profile", "trb_large", "--symbol", "A").stdout
    assert " bars of 1,200 trades, none of trb_large; " in text
    alone = typed(data, "bars", "build", "--profile", "trb_large", "--symbol", "A").stdout
    assert alone == "0 bars of 1,200 trades, none of trb_large; 0 written into the lake\n"


def test_torn_file_is_told(data: Path):
    torn = next(data.glob("lake/**/*.parquet"))
    torn.write_bytes(torn.read_bytes()[:-9])
    error = typed(data, *BUILD).stderr
    assert error == f"Warning: not read, as it is torn or not ours: {torn}\n"


def test_torn_files_alone_are_the_reason_why_there_are_no_trades(data: Path):
    for torn in data.glob("lake/**/*.parquet"):
        torn.write_bytes(torn.read_bytes()[:-9])
    shutil.rmtree(data / "temp", ignore_errors=True)
    error = typed(data, *BUILD, "--symbol", "A", code=1).stderr
    assert error.startswith("Error: no trade of A; not read, as torn or not ours: ")
    assert "symbol=A" in error


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        ((), 2, "no profile is configured; name some with --profile, e.g. --profile 1m"),
        (("--profile", "1x"), 2, "profile '1x'; the defaults are tib_small"),
        (("--profile", "1m", "--symbol", "C"), 1, "no trade of C at venue_spot; found: A, B"),
        (("--profile", "1m", "--source", "x"), 1, "no trades of x are recorded in"),
        (("--profile", "1m", "--out", "a.txt"), 2, "the name has to end with .parquet or .csv"),
        (("--profile", "1m", "--out", "no/a.csv"), 2, "there is no folder no"),
        (
            ("--profile", "1m", "--from", "2030-01-01"),
            1,
            "no trade of A, B between --from and --to",
        ),
        (("--profile", "1m", "--out", "a.csv", "--compare"), 2, "one of them is allowed"),
    ],
)
def test_what_cannot_be_built_is_one_line(data: Path, words, code, line):
    assert line in typed(data, "bars", "build", *words, code=code).stderr


def test_several_sources_have_to_be_told_apart(data: Path):
    other = Rig(data, "g2")
    other.storage.source = "venue_usdm"
    other.chunk({"A": FACTS[:9]})
    accept(data, "g2", disk=other.disk)
    assert "name one with --source: venue_spot, venue_usdm" in typed(data, *BUILD, code=2).stderr
    typed(data, *BUILD, "--source", "venue_usdm")
