"""A recorder dies at every single step on its disk, by kill and by power cut, and begins again.

The run is short but has all of them: journals, chunks, date files that are made and that grow, what
is accepted, segments and chunks that are removed. After each death every fact is there once, and
what is lost was said within the time that the journal promises.
"""

from dataclasses import replace

import pytest

from argus.storage.journal import Journal
from tests.simulation.day import JOURNAL, Day, Outcome, simulate
from tests.simulation.disk import SimFile
from tests.simulation.options import options

SHORT = replace(
    options(1),
    source="binance_spot",
    symbols=("BTCUSDT",),
    standby=0,
    begins_h=23.85,  # across midnight
    burst_s=20.0,
    burst_facts=6,
    delay_s=0.05,
    drift=0.0,
    flush_h=0.07,
    merge_h=0.15,
    backfills=False,
    faults={},
    hours=0.25,
    data_types=("trade", "bbo"),
    down_s=(1.0,),
    healing_h=0.1,
)
BLOCKS = 8
WINDOW_S = {
    "kill": JOURNAL.write_ms / 1000 + 1,
    "power_cut": (JOURNAL.write_ms + JOURNAL.fsync_ms) / 1000 + 1,
}


def lived(step: int, how: str) -> tuple[Day, Outcome]:
    """Return a day in which the process dies at a step; the day may be over before."""
    days: list[Day] = []

    def prepare(day: Day) -> None:
        days.append(day)
        day.weather.die_at(step, how)

    outcome = simulate(SHORT, prepare=prepare)
    return days[0], outcome


def too_early(day: Day, outcome: Outcome, how: str) -> list[tuple[str, str, int]]:
    """Return what is lost although it was said so long before the process died."""
    return [
        (data_type, symbol, number)
        for data_type, symbol, number in outcome.verdict.missing
        if day.seconds_at(day.venue.told[data_type, symbol].instants[number])
        < day.deaths[0] - WINDOW_S[how]
    ]


@pytest.fixture(scope="module")
def steps() -> int:
    """How many steps a run has to which nothing happens."""
    day, outcome = lived(10**9, "kill")
    assert not outcome.verdict.wrong, str(outcome)
    assert outcome.verdict.lost == 0
    return day.platter.steps


@pytest.mark.slow
@pytest.mark.parametrize("how", ["kill", "power_cut"])
@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_fact_is_recorded_once_at_whatever_step_the_process_died(steps, how, block):
    wrong = []
    for step in range(1 + block, steps + 1, BLOCKS):
        day, outcome = lived(step, how)
        assert len(day.deaths) == 1
        early = too_early(day, outcome, how)
        if outcome.verdict.wrong or early:
            wrong.append(f"step {step}: {outcome}\nlost too early: {early}")
    assert not wrong, "\n\n".join(wrong)


def test_run_is_short_but_has_every_step():
    seen: dict[str, int] = {}

    def prepare(day: Day) -> None:
        before = day.platter.before

        def count(name, path):
            part = (*path.relative_to(day.data).parts, "")[0]
            seen[f"{name} {part}"] = seen.get(f"{name} {part}", 0) + 1
            before(name, path)

        day.platter.before = count

    simulate(SHORT, prepare=prepare)
    assert {
        *("open_end journal", "write journal", "sync journal", "delete journal"),
        *("create temp", "write temp", "sync temp", "replace temp", "delete temp"),
        *("make_folder lake", "replace lake", "sync_folder lake", "delete_folder temp"),
    } <= seen.keys()


def found_at(steps: range, how: str) -> list[int]:
    """Return after which deaths something was wrong, or lost that should be durable."""
    lives = [(step, *lived(step, how)) for step in steps]
    return [n for n, day, outcome in lives if outcome.verdict.wrong or too_early(day, outcome, how)]


def test_sync_that_is_forgotten_is_found(monkeypatch):
    assert found_at(range(80, 120, 20), "power_cut") == []
    monkeypatch.setattr(SimFile, "synced", lambda _: None)
    assert found_at(range(80, 120, 20), "power_cut") == [80, 100]


def test_line_that_the_journal_drops_is_found(monkeypatch):
    assert found_at(range(80, 120, 20), "kill") == []
    write = Journal._write

    def forgetful(journal, number, whole):
        write(journal, number, b"".join(whole.splitlines(keepends=True)[1:]))

    monkeypatch.setattr(Journal, "_write", forgetful)
    assert found_at(range(80, 120, 20), "kill") == [80, 100]
