import json
import sys
from pathlib import Path

import pytest

from tests.cli.bars.lakes import BUILD, made, typed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path / "data")


def test_stored_bars_are_drawn_and_the_last_ones_tabled(data: Path):
    typed(data, *BUILD)
    lines = typed(data, "bars", "show", "A", "--last", "12", "--rows", "2").stdout.splitlines()
    assert lines[0] == "A · 1m · venue_spot"
    assert "12 bars" in lines[1]
    assert "built now" not in lines[1]
    assert lines[-3].split()[:6] == ["sequence", "ts_open", "ts_last", "open", "high", "low"]
    assert len({line.split()[0] for line in lines[-2:]}) == 2


def test_bars_that_are_not_stored_are_built_for_once(data: Path):
    text = typed(data, "bars", "show", "A", "--profile", "5m").stdout
    assert "none are stored, built now" in " ".join(text.split())
    stored = typed(data, "query", "SELECT count(*) AS n FROM bars", "--json").stdout
    assert json.loads(stored) == [{"n": 0}]


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize(
    ("words", "sequences"),
    [
        (("--last", "3"), [17, 18, 19]),
        (("--from", "2023-11-15T00:02", "--to", "2023-11-15T00:04"), [3, 4]),
        (("--to", "2023-11-15T00:02"), [1, 2]),
        (("--from", "2023-11-15T00:02", "--last", "1"), [19]),
    ],
)
def test_same_bars_are_shown_stored_or_not(data: Path, words, sequences, is_stored):
    if is_stored:
        typed(data, *BUILD)
    told = json.loads(typed(data, "bars", "show", "A", *words, "--json").stdout)
    assert [bar["sequence"] for bar in told["bars"]] == sequences
    assert told["is_stored"] is is_stored
    assert told["bars"][0]["ts_open"].startswith("2023-11-15T00:")


def test_picture_and_page_are_drawn(data: Path, tmp_path: Path):
    png, html = tmp_path / "a.png", tmp_path / "a.html"
    words = ("bars", "show", "A", "--profile", "tib_small", "--png", str(png), "--html", str(html))
    text = typed(data, *words).stdout
    assert text.endswith(f"drawn into {png}\ndrawn into {html}\n")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "candlestick" in html.read_text("utf-8")


@pytest.mark.parametrize(("option", "needs"), [("--png", "matplotlib"), ("--html", "plotly")])
def test_missing_extra_is_told(data: Path, tmp_path: Path, monkeypatch, option, needs):
    for name in [n for n in sys.modules if n.partition(".")[0] == needs]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, needs, None)
    error = typed(data, "bars", "show", "A", option, str(tmp_path / "a"), code=1).stderr
    assert f"needs {needs}, which is not installed: pip install argus-recorder[plot]" in error


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("C",), "no trade of C at venue_spot; found: A, B"),
        (("A", "--from", "2030-01-01"), "no bar 1m of A comes of its trades in that time"),
        (("A", "--profile", "vpin"), "no bar vpin of A comes of its trades in that time"),
    ],
)
def test_what_is_not_there_is_one_line(data: Path, words, line):
    error = typed(data, "bars", "show", *words, code=1).stderr
    assert line in error
    assert error.count("\n") == 1


def test_nothing_recorded_is_told(tmp_path: Path):
    error = typed(tmp_path, "bars", "show", "A", code=1).stderr
    assert "no trades are recorded in" in error
