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
    """A day whose symbols are not listed anew: their ids would begin anew, too."""
    drawn = options(seed)
    faults = {k: v for k, v in drawn.faults.items() if k not in {"listing", "delisting"}}
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
