import pytest

from benchmarks.table import markdown, share_lines, stages_markdown
from benchmarks.verdict import Outcome, Row, ratios, row, spread


def outcome(name, cpu_s, **facts):
    usual = {
        "messages": 100,
        "messages_received": 200,
        "facts": 100,
        "rows": 100,
        "bytes_written": 1_000,
        "wall_s": 4.0,
        "sent_s": 2.0,
        "cpu_all_s": cpu_s,
        "rss_mb": 50.0,
    }
    return Outcome(contestant=name, cpu_s=cpu_s, **(usual | facts))


def rounds(*pairs):
    return [{"argus": outcome("argus", a), "peer": outcome("peer", b)} for a, b in pairs]


def test_costs_are_per_fact_and_per_message():
    found = outcome("argus", 0.001)
    assert found.us_per_fact == pytest.approx(10)
    assert found.us_per_message == pytest.approx(5)
    assert found.bytes_per_row == 10


def test_ratio_is_taken_within_each_round():
    found = ratios(rounds((1.0, 6.0), (2.0, 8.0), (1.0, 7.0)), "argus", "peer")
    assert found == pytest.approx([6.0, 4.0, 7.0])
    assert spread(found) == pytest.approx((6.0, 4.0, 7.0))


def test_row_has_medians_and_the_largest_memory():
    played = rounds((1.0, 6.0), (2.0, 8.0), (1.0, 7.0))
    played[1]["peer"] = outcome("peer", 8.0, rss_mb=80.0)
    found = row(played, "peer", "argus")
    assert isinstance(found, Row)
    assert found.us_per_fact.median == pytest.approx(70_000)
    assert found.rss_mb == 80.0
    assert found.ratio == pytest.approx((6.0, 4.0, 7.0))


def test_one_fault_voids_all_figures():
    played = rounds((1.0, 6.0), (1.0, 6.0))
    played[1]["peer"] = outcome("peer", 6.0, fault="99 facts recorded, 100 sent")
    assert row(played, "peer", "argus") == "99 facts recorded, 100 sent"
    line = markdown(played, ["argus", "peer"], "argus").splitlines()[-1]
    assert line.startswith("| peer | no figure: 99 facts recorded, 100 sent |")
    assert line.count("|") == 11


def test_share_of_a_core_is_taken_from_the_set_pace_and_may_exceed_it():
    assert outcome("argus", 3.0, due_s=2.0, sent_s=4.0).cpu_share == 1.5
    assert outcome("argus", 3.0).cpu_share is None
    paced = [{"argus": outcome("argus", 1.0, due_s=2.0)}]
    assert "50.0%" in markdown(paced, ["argus"], "argus")
    assert "%" not in markdown(rounds((1.0, 2.0)), ["argus"], "argus")


def test_shares_are_given_as_part_of_the_peer():
    lines = share_lines(rounds((1.0, 4.0)), ["argus", "peer"], "peer")
    assert lines == "- CPU of argus / peer: 0.25 (0.25-0.25)"


def test_stage_costs_what_it_adds():
    lines = stages_markdown({"mix": {"receive": 0.5, "decode": 1.25}}).splitlines()
    assert lines[2:] == ["| mix | receive | 0.50 | 0.50 |", "| mix | decode | 1.25 | 0.75 |"]
