"""`argus gaps`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from argus.events import GapReason
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig, partition
from tests.storage.gap_rows import filled, gap


def run(data: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["gaps", *words, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result


def record(data: Path, generation: str, gaps: dict, *, merged: bool) -> None:
    rig = Rig(data, generation, data_type="gap")
    rig.flusher.bump_all(generation)
    rig.chunk(gaps)
    if merged:
        rig.flusher.flush_all()


SILENT = gap(
    None, None, of_data_type="bbo", reason=GapReason.STALLED,
    ts_from=MIDNIGHT + 10 * SECOND, ts_until=MIDNIGHT + 20 * SECOND,
)  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three open gaps and a filled one, in the lake and in a chunk that waits."""
    record(tmp_path, "g1", {"A": [gap(-5, 5), SILENT], "B": [gap(3, 5)]}, merged=True)
    record(tmp_path, "g2", {"A": [gap(50, 1549)], "B": [filled(gap(3, 5))]}, merged=False)
    return tmp_path


def test_open_gaps_are_listed_by_path_with_a_summary(data: Path):
    lines = run(data).stdout.splitlines()
    assert lines[:-1] == [
        "  from                           lasts  missing  missing ids  reason",
        f"{SOURCE}/bbo/A",
        "  2023-11-15T00:00:10.000Z        10 s        ?  -            stalled",
        f"{SOURCE}/trade/A",
        "  2023-11-14T23:59:54.000Z        12 s       11  -5 to 5      cut",
        "  2023-11-15T00:00:49.000Z  25 min 1 s    1,500  50 to 1549   cut",
        "",
    ]
    assert lines[-1] == (
        "3 gaps open, 25 min 23 s over all paths; 1,511 facts known to be missing; "
        "1 gap without a number; 1 filled"
    )


def test_state_is_shown_where_not_all_are_open(data: Path):
    lines = run(data, "--state", "all", "--data-type", "trade", "--until", "2023-11-15T00:00:10")
    assert lines.stdout.splitlines() == [
        "  from                      lasts  missing  missing ids  reason  state",
        f"{SOURCE}/trade/A",
        "  2023-11-14T23:59:54.000Z   12 s       11  -5 to 5      cut     open",
        f"{SOURCE}/trade/B",
        "  2023-11-15T00:00:02.000Z  4.0 s        3  3 to 5       cut     filled",
        "",
        "1 gap open, 12 s over all paths; 11 facts known to be missing; 1 filled",
    ]


def test_program_gets_every_value(data: Path):
    (found,) = json.loads(run(data, "--symbol", "B", "--state", "filled", "--json").stdout)["gaps"]
    assert found == {
        "source": SOURCE, "data_type": "trade", "symbol": "B",
        "ts_from": MIDNIGHT + 2 * SECOND, "ts_until": MIDNIGHT + 6 * SECOND,
        "duration_ns": 4 * SECOND, "first_missing_id": 3, "last_missing_id": 5, "missing": 3,
        "reason": "cut", "state": "filled", "ts_recorded": MIDNIGHT + 6 * SECOND + 7,
        "ts_filled": MIDNIGHT + 66 * SECOND + 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--source other", []),
        ("--symbol B", []),
        ("--symbol B --state filled", [3]),
        ("--state all", [None, -5, 50, 3]),
        ("--data-type bbo", [None]),
        ("--reason stalled", [None]),
        ("--min-missing 12", [50]),
        ("--from 2023-11-15T00:00:07", [None, 50]),
        ("--until 2023-11-14", [-5]),
        ("--from 2023-11-15 --until 2023-11-15T00:00:10", [-5]),
        ("--rows 1", [None, -5, 50]),
    ],
)
def test_options_narrow_it_down(data: Path, words: str, expected: list):
    found = json.loads(run(data, *words.split(), "--json").stdout)["gaps"]
    assert [entry["first_missing_id"] for entry in found] == expected


def test_rows_beyond_the_limit_are_counted(data: Path):
    lines = run(data, "--rows", "1").stdout.splitlines()
    assert lines[1:3] == [
        f"{SOURCE}/bbo/A",
        "  2023-11-15T00:00:10.000Z   10 s        ?  -            stalled",
    ]
    assert "2 more gaps; --rows shows more of them, --totals adds them up" in lines


def test_totals_add_up_what_is_selected(data: Path):
    found = json.loads(run(data, "--totals", "--state", "all", "--json").stdout)
    assert found["total"] == {
        "gaps": 4, "open": 3, "missing": 1514, "uncounted": 1, "duration_ns": 1527 * SECOND,
    }  # fmt: skip
    assert [(t["path"], t["gaps"], t["open"]) for t in found["by_path"]] == [
        (f"{SOURCE}/bbo/A", 1, 1),
        (f"{SOURCE}/trade/A", 2, 2),
        (f"{SOURCE}/trade/B", 1, 0),
    ]
    assert [(t["reason"], t["missing"]) for t in found["by_reason"]] == [
        ("cut", 1514),
        ("stalled", 0),
    ]
    assert [(t["date"], t["gaps"], t["duration_ns"] // SECOND) for t in found["by_day"]] == [
        ("2023-11-14", 1, 6),
        ("2023-11-15", 3, 1521),
    ]


def test_totals_are_tables_for_people(data: Path):
    lines = run(data, "--totals").stdout.splitlines()
    assert [line.split() for line in lines if line.startswith(("path", "stalled", "all"))] == [
        ["path", "gaps", "open", "missing", "without", "a", "number", "time"],
        ["stalled", "1", "1", "0", "1", "10", "s"],
        ["all", "3", "3", "1,511", "1", "25", "min", "23", "s"],
    ]
    assert run(data, "--totals", "--symbol", "B").stdout == "no gap is open; 1 filled\n"


def test_check_fails_while_a_gap_of_the_selection_is_open(data: Path):
    run(data, "--check", code=1)
    run(data, "--check", "--state", "filled", code=1)
    run(data, "--check", "--symbol", "B")
    run(data, "--check", "--until", "2023-11-13")


def test_torn_file_is_told_and_fails_the_check(data: Path):
    path = data / partition("B", "2023-11-15", "gap").path
    path.write_bytes(path.read_bytes()[:-5])
    result = run(data, "--symbol", "B", "--check", "--json", code=1)
    assert f"not read, as it is torn or not ours: {path}" in result.stderr
    assert json.loads(result.stdout)["unread"] == [str(path)]
    run(data, "--symbol", "B")


def test_lake_without_gaps(tmp_path: Path):
    assert run(tmp_path, "--check").stdout == "no gap is open\n"
    assert json.loads(run(tmp_path, "--json").stdout) == {"gaps": [], "unread": []}


def test_unknown_words_are_refused(data: Path):
    error = run(data, "--data-type", "trades", code=2).stderr
    assert '"trades" is not a data type; allowed: trade, agg_trade' in error
    assert "process_down" in run(data, "--reason", "boredom", code=2).stderr
    assert '"yesterday" is not a UTC date' in run(data, "--from", "yesterday", code=2).stderr
