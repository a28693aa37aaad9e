"""The record of a builder: one number after the other, as its profile says."""

from typing import Any

import numpy as np

from argus.bars.profiles import NAMES, Profile, profile
from argus.bars.rules import PARAMETERS
from argus.bars.state import NEVER, NONE, STATE, begin, memory_size


def test_record_has_no_padding():
    assert STATE.itemsize == 8 * len(STATE.names or ())


def test_every_rule_and_mode_begins():
    required: dict[str, Any] = {"interval": "1m", "size": 5}
    for rule, mode in PARAMETERS:
        given = {p.name: required[p.name] for p in PARAMETERS[rule, mode] if p.is_required}
        state = begin(Profile.of("x", rule, mode, **given))
        assert state.dtype == STATE
        assert state["last_id"][0] == NONE


def test_ravens_clamp_follows_the_begin():
    state = begin(profile("tib_small"))[0]
    assert state["ticks_min"] == 100.0 * (1 - 0.1)
    assert state["ticks_max"] == 100.0 * (1 + 0.1)


def test_options_that_are_off_limit_nothing():
    state = begin(Profile.of("x", "volume_run"))[0]
    assert state["length_max"] == NEVER
    assert state["threshold_max"] == np.inf
    assert state["threshold_min"] == 0.0
    assert np.isnan(state["size_initial"])


def test_only_vpin_has_a_memory():
    assert [memory_size(profile(name)) for name in (*NAMES, "1m")] == [0] * 6 + [120, 0]
