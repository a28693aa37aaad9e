"""`argus prove`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argus.cli.main import main
from argus.events import Bbo, Origin
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, partition, trades
from tests.storage.gap_rows import gap, record


def run(data: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["prove", *words, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A is complete, though a gap says otherwise; B misses what a gap admits, and more."""
    record(
        tmp_path,
        {
            "trade": {"A": trades(range(-3, 4)), "B": trades([1, 2, 6, 8])},
            "gap": {"A": [gap(1, 1)], "B": [gap(3, 5)]},
        },
    )
    return tmp_path


def test_complete_path_is_proven(data: Path):
    assert run(data, f"{SOURCE}/trade/A").stdout.splitlines() == [
        f"{SOURCE}/trade/A: complete, proven by its ids",
        "  7 facts of 7, ids -3 to 3, from 2023-11-14T23:59:57.000Z to 2023-11-15T00:00:03.000Z",
        "  1 open gap disproved: all ids are there",
    ]


def test_disproved_gap_is_closed_on_command(data: Path):
    path = f"{SOURCE}/trade/A"
    assert run(data, path, "--close", "--dry-run").stdout.endswith("1 gap would be closed\n")
    assert run(data, path, "--close").stdout.endswith("1 gap closed\n")
    assert run(data, path, "--close").stdout.endswith("0 gaps closed\n")
    # What is missing stays open.
    run(data, f"{SOURCE}/trade/B", "--close", code=1)
    found = CliRunner().invoke(main, ["gaps", "--json", "--data", str(data)])
    assert [gap["symbol"] for gap in json.loads(found.stdout)["gaps"]] == ["B"]


def test_day_is_tied_to_the_day_before(data: Path):
    lines = run(data, f"{SOURCE}/trade/A", "--from", "2023-11-15").stdout.splitlines()
    assert "  tied to the fact before, of 2023-11-14T23:59:59.000Z" in lines
    lines = run(data, f"{SOURCE}/trade/A", "--until", "2023-11-14").stdout.splitlines()
    assert "  tied to the fact after, of 2023-11-15T00:00:00.000Z" in lines


def test_what_is_missing_is_told_with_what_admits_it(data: Path):
    assert run(data, f"{SOURCE}/trade/B", code=1).stdout.splitlines() == [
        f"{SOURCE}/trade/B: incomplete",
        "  4 facts of 8, ids 1 to 8, from 2023-11-15T00:00:01.000Z to 2023-11-15T00:00:08.000Z",
        "  missing 3 to 5, 3 facts, from 2023-11-15T00:00:02.000Z for 4.0 s: cut",
        "  missing 7, 1 fact, from 2023-11-15T00:00:06.000Z for 2.0 s: no gap says so",
        "  complete from 2023-11-15T00:00:01.000Z to 2023-11-15T00:00:02.000Z",
        "  complete from 2023-11-15T00:00:06.000Z to 2023-11-15T00:00:06.000Z",
        "  complete from 2023-11-15T00:00:08.000Z to 2023-11-15T00:00:08.000Z",
    ]


def test_gap_at_the_end_is_what_may_be_missing(data: Path):
    end = MIDNIGHT + 3 * SECOND
    row = gap(None, None, ts_event=end, ts_from=end, ts_until=end + 9 * SECOND, missing=None)
    record(data, {"gap": {"A": [row]}}, merged=False)
    lines = run(data, f"{SOURCE}/trade/A", code=1).stdout.splitlines()
    assert lines[0] == f"{SOURCE}/trade/A: complete but for recorded gaps"
    assert "  may be missing from 2023-11-15T00:00:03.000Z for 9.0 s: cut" in lines


def test_pattern_names_several_paths_and_one_of_them_fails(data: Path):
    found = json.loads(run(data, "*/trade/*", f"{SOURCE}/trade/A", "--json", code=1).stdout)
    assert [(p["symbol"], p["verdict"]) for p in found] == [("A", "complete"), ("B", "incomplete")]


def test_program_gets_every_value(data: Path):
    (found,) = json.loads(run(data, f"{SOURCE}/trade/B", "--json", code=1).stdout)
    holes, gaps = found.pop("holes"), found.pop("gaps")
    assert found == {
        "source": SOURCE, "data_type": "trade", "symbol": "B", "verdict": "incomplete",
        "grade": "A", "previous_id": None,
        "rows": 4, "expected": 8, "first_id": 1, "last_id": 8,
        "ts_first": MIDNIGHT + SECOND, "ts_last": MIDNIGHT + 8 * SECOND,
        "ts_before": None, "ts_after": None, "repeats": 0, "disorder": 0, "errors": [],
        "holes_left_out": 0, "disproved": [],
        "stretches": [
            {"ts_from": MIDNIGHT + a * SECOND, "ts_until": MIDNIGHT + b * SECOND}
            for a, b in ((1, 2), (6, 6), (8, 8))
        ],
    }  # fmt: skip
    assert [(h["first_id"], h["last_id"], h["is_covered"]) for h in holes] == [
        (3, 5, True),
        (7, 7, False),
    ]
    assert [(g["first_missing_id"], g["reason"], g["state"]) for g in gaps] == [(3, "cut", "open")]


def test_long_list_is_cut_off_but_for_programs(tmp_path: Path):
    record(tmp_path, {"trade": {"A": trades(range(1, 61, 2))}})
    lines = run(tmp_path, f"{SOURCE}/trade/A", code=1).stdout.splitlines()
    assert sum(line.startswith("  missing") for line in lines) == 20
    assert "  9 more; --json has all" in lines


def test_torn_file_is_told(data: Path):
    path = data / partition("A", "2023-11-15").path
    path.write_bytes(path.read_bytes()[:-5])
    lines = run(data, f"{SOURCE}/trade/A", code=1).stdout.splitlines()
    assert lines[0].endswith("/trade/A: incomplete")
    assert str(path) in "\n".join(lines)


def test_path_that_is_not_there_is_refused(data: Path):
    error = run(data, "binance/trade/C", code=1).stderr
    assert 'found no path like "binance/trade/C", expected source/data_type/symbol' in error


def test_path_without_a_chain_tells_where_there_is_no_doubt(data: Path):
    tops = [
        Bbo(t.ts_event, t.ts_recv, Origin.LIVE, t.trade_id, 1.0, 1.0, 2.0, 1.0)
        for t in trades(range(1, 10))
    ]
    record(data, {"bbo": {"A": tops}})
    first = f"{SOURCE}/bbo/A: unproven, as a missing fact would not show; "
    assert run(data, f"{SOURCE}/bbo/A", code=1).stdout.splitlines() == [
        f"{first}no gap is open",
        "  9 facts, ids 1 to 9, from 2023-11-15T00:00:01.000Z to 2023-11-15T00:00:09.000Z",
    ]
    record(data, {"gap": {"A": [gap(3, 3, of_data_type="bbo", missing=None)]}})
    assert run(data, f"{SOURCE}/bbo/A", code=1).stdout.splitlines()[2:] == [
        "  may be missing from 2023-11-15T00:00:02.000Z for 2.0 s: cut",
        "  no doubt from 2023-11-15T00:00:01.000Z to 2023-11-15T00:00:02.000Z",
        "  no doubt from 2023-11-15T00:00:04.000Z to 2023-11-15T00:00:09.000Z",
    ]


def test_path_without_facts_on_these_days_is_unproven(data: Path):
    lines = run(data, f"{SOURCE}/trade/A", "--from", "2024-01-01", code=1).stdout.splitlines()
    assert lines[0] == f"{SOURCE}/trade/A: unproven; nothing was recorded"
