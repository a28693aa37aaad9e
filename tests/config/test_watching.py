"""What is watched of the machine is configured by two sections, each with good defaults."""

import pytest

from argus.config import parse
from argus.config.watching import ClockConfig, LimitsConfig
from argus.errors import ConfigError
from tests.config.known import KNOWN


def test_sections_are_read_into_their_values():
    config = parse(
        {"clock": {"step_ms": 50, "offset_every_s": 60}, "limits": {"memory_bytes_max": 2**30}},
        known=KNOWN,
    )
    assert config.clock == ClockConfig(step_ms=50.0, offset_every_s=60.0)
    assert config.limits == LimitsConfig(memory_bytes_max=2**30)


def test_nothing_written_takes_the_limit_of_the_control_group_and_steps_above_drift():
    config = parse({}, known=KNOWN)
    assert config.limits.memory_bytes_max == 0
    assert config.clock.step_ms == 100  # two hundred times what a slewed clock drifts in a second


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("clock", "step_ms", 1), ("clock", "offset_every_s", 0), ("limits", "memory_bytes_max", -1)],
)
def test_value_out_of_its_range_is_refused(section, key, value):
    with pytest.raises(ConfigError, match=f"at {section}.{key}"):
        parse({section: {key: value}}, known=KNOWN)
