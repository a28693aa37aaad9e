"""What became of what was wanted, in plain values."""

import numpy as np
import pytest

from argus.daemon.outcome import outcome
from argus.daemon.wanted import Range, Task, Wanted, entry_of
from argus.events import Gap, GapReason, GapState, Origin
from argus.network.history import IDS, Scale

NONE = (np.zeros(0, np.int64), np.zeros(0, np.int64))
AT = ("binance_spot", "trade", "BTCUSDT")


def task_of(*ranges: Range, is_gap: bool = False, **values) -> Task:
    row = Gap(5, 6, Origin.LIVE, "trade", 5, 9, 1, 9, 9, GapReason.CUT, GapState.OPEN)
    entry = entry_of(AT[0], AT[2], row) if is_gap else None
    wanted = Wanted(*AT, ranges, 5, 9, entry, **values)
    return Task.begun(wanted, {r.interval: NONE for r in ranges})


def test_outcome_has_the_keys_that_were_wanted_and_counts():
    task = task_of(Range("", IDS, 10, 19), is_gap=True)
    task.take(0, [(n, n) for n in range(10, 14)])
    found = outcome(task, pages=1, weight=25)
    assert (found.source, found.data_type, found.symbol) == AT
    assert (found.first, found.last, found.is_gap) == (10, 19, True)
    assert (found.wanted, found.missing, found.filled) == (10, 6, 4)
    assert (found.pages, found.weight, found.why) == (1, 25, "")


def test_outcome_of_candles_has_instants():
    found = outcome(
        task_of(Range("1m", Scale(60), 2, 3), Range("3m", Scale(180), 0, 1)), pages=0, weight=0
    )
    assert (found.first, found.last, found.wanted) == (0, 180, 4)


def test_outcome_of_what_has_no_numbers_has_the_times_that_were_wanted():
    found = outcome(task_of(why="no", is_gap=True), pages=0, weight=0)
    assert (found.first, found.last, found.is_unfillable, found.why) == (5, 9, True, "no")


@pytest.mark.parametrize(
    ("absent", "late", "why", "told", "is_well"),
    [
        (0, 0, "", "", False),
        (10, 0, "", "the venue does not have them", True),
        (4, 6, "", "the venue does not have them", False),
        (0, 10, "", "the venue does not have them yet", False),
        (0, 0, "no answer", "no answer", False),
    ],
)
def test_outcome_is_well_if_nothing_is_missing_that_could_be_had(absent, late, why, told, is_well):
    task = task_of(Range("", IDS, 10, 19))
    task.absent, task.late, task.why = absent, late, why
    found = outcome(task, pages=0, weight=0)
    assert (found.why, found.is_well) == (told, is_well)


def test_outcome_of_everything_is_well():
    task = task_of(Range("", IDS, 10, 11))
    task.take(0, [(10, 1), (11, 2)])
    assert outcome(task, pages=0, weight=0).is_well


@pytest.mark.parametrize(
    ("is_gap", "is_final", "is_well"),
    [(True, True, True), (False, True, False), (True, False, False)],
)
def test_gap_that_no_venue_fills_is_what_it_was(is_gap, is_final, is_well):
    task = task_of(is_gap=is_gap, why="no", is_final=is_final)
    assert outcome(task, pages=0, weight=0).is_well == is_well
