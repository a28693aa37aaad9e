"""Faults are values; their schedule is a function of the seed."""

import pytest

from argus.simulator.draws import Draws
from argus.simulator.faults import SECOND_NS, Fault, FaultKind, Schedule

CUT = FaultKind.CUT


def occurrences(faults: tuple[Fault, ...], seed: int = 1) -> list[tuple[int, FaultKind]]:
    schedule = Schedule(faults, Draws(seed), start_ns=0)
    return [(n, fault.kind) for n in range(40) for fault in schedule.due(n * SECOND_NS // 10)]


def test_a_fault_comes_at_its_time_and_a_series_again():
    once = Fault(kind=FaultKind.HALF_OPEN, at_s=1.5)
    series = Fault(kind=CUT, at_s=1.0, every_s=1.0)
    assert occurrences((once, series)) == [
        (10, CUT),
        (15, FaultKind.HALF_OPEN),
        (20, CUT),
        (30, CUT),
    ]


def test_chance_depends_on_the_seed_only():
    series = Fault(kind=CUT, every_s=0.5, spread_s=0.5)
    assert occurrences((series,), 1) == occurrences((series,), 1)
    assert occurrences((series,), 1) != occurrences((series,), 2)


def test_a_fault_lasts_as_long_as_it_says():
    assert Fault(kind=CUT).end_ns(5) is None
    assert Fault(kind=CUT, for_s=2.0).end_ns(5) == 2 * SECOND_NS + 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"at_s": -1.0},
        {"every_s": 0.0},
        {"for_s": 0.0},
        {"target": "someone"},
        {"kind": FaultKind.LIST},
    ],
)
def test_what_can_never_be_is_refused(wrong):
    with pytest.raises(AssertionError):
        Fault(**({"kind": CUT} | wrong))
