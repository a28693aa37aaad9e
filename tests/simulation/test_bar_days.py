"""Days of a recorder that builds bars: what counts is what a fresh build of the lake gives."""

import gc
from dataclasses import replace

import pytest

from argus.bars.kernel import kernel
from tests.simulation.day import simulate
from tests.simulation.options import Options, options

SEEDS = 60
BLOCK = 5


def with_bars(seed: int) -> Options:
    """A day with bars.

    Symbols are not listed anew: their ids would begin anew, too. A disk that fails while a gap is
    being filled leaves the gap open in the ledger though its trades come into the lake later: bars
    go by the ledger, so that is left out where gaps are filled.
    """
    drawn = options(seed)
    without = {"listing", "delisting"}
    without |= {"disk_full", "disk_error"} if drawn.backfills else set()
    faults = {name: often for name, often in drawn.faults.items() if name not in without}
    return replace(drawn, bars=True, faults=faults)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_bars_that_count_are_those_of_a_fresh_build(first):
    kernel()  # In a simulation there is no other process to compile it.
    outcomes = [simulate(with_bars(seed)) for seed in range(first, first + BLOCK)]
    wrong = [str(outcome) for outcome in outcomes if outcome.verdict.wrong]
    gc.unfreeze()
    gc.collect()
    assert not wrong, "\n\n".join(wrong)


def test_days_with_bars_are_not_idle():
    kernel()
    outcomes = [simulate(with_bars(seed)) for seed in (13, 14)]
    lines = [line for outcome in outcomes for line in outcome.happenings]
    gc.unfreeze()
    assert [str(outcome) for outcome in outcomes if outcome.verdict.wrong] == []
    for what in ("BarsBegun", "BarsBuilt", "BarsRewound", "BarsRevised"):
        assert any(what in line for line in lines), what
