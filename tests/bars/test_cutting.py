"""Every rule and mode closes bars, and each bar says its profile and its rule."""

from typing import Any

import pytest

from argus.bars import Profile, bars
from argus.bars.rules import PARAMETERS
from tests.bars.tape import tape

TAPE = tape(0.55, 5000)
GIVEN: dict[str, Any] = {
    "interval": "1s",
    "size": 100,
    "expected_ticks_initial": 10,
    "bucket_size": 300,
}


@pytest.mark.parametrize(("rule", "mode"), PARAMETERS, ids=str)
def test_every_rule_closes_bars(rule, mode):
    names = [parameter.name for parameter in PARAMETERS[rule, mode]]
    given = {name: value for name, value in GIVEN.items() if name in names}
    built = list(bars(TAPE, Profile.of("mine", rule, mode, **given)))
    assert built
    assert {(bar.profile, bar.rule) for bar in built} == {("mine", rule)}
    assert [bar.sequence for bar in built] == list(range(1, len(built) + 1))
    has_theta = rule != "time" and not (rule == "vpin" and mode == "afml")
    assert {bar.theta is not None for bar in built} >= {has_theta}
