"""Profiles: the named defaults, own ones, and what is refused."""

from typing import Any

import pytest

from argus.bars.profiles import NAMES, Profile, interval_ns, profile
from argus.bars.rules import Mode, Rule
from argus.errors import ProfileError


def test_defaults_are_ravens():
    initial = {name: profile(name)["expected_ticks_initial"] for name in NAMES if name != "vpin"}
    assert initial == {
        "tib_small": 100.0, "tib_large": 500.0, "trb_small": 100.0, "trb_large": 500.0,
        "vib_small": 100.0, "vib_large": 250.0,
    }  # fmt: skip
    assert {profile(name).mode for name in NAMES} == {Mode.RAVEN}
    assert dict(profile("tib_small").parameters) == {
        "expected_ticks_initial": 100.0, "p_buy0": 0.7, "alpha_size": 0.7, "alpha_imbl": 0.72,
        "size_min_pct": 0.1, "size_max_pct": 0.1,
    }  # fmt: skip


def test_vpin_is_labelled_as_raven_does():
    assert profile("vpin").label == "vpin_V10000_n50_sw20"
    assert profile("tib_small").label == "tib_small"


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("90s", 90), ("5m", 300), ("4h", 14_400), ("1d", 86_400)]
)
def test_interval_is_read(text, seconds):
    assert interval_ns(text) == seconds * 10**9
    assert profile(text).rule is Rule.TIME


@pytest.mark.parametrize("text", ["0s", "m", "1w", "1M", "-5m", "1.5h", "1 m", "100000d", ""])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(ProfileError, match="expected a number from 1 to 99999 and s, m, h or d"):
        interval_ns(text)
    with pytest.raises(ProfileError, match=r"the defaults are tib_small, .* and intervals such as"):
        profile(text)


def test_fingerprint_tells_parameters_apart():
    same = {profile("tib_small").fingerprint, profile("tib_small", p_buy0=0.7).fingerprint}
    assert len(same) == 1
    assert profile("tib_small", p_buy0=0.6).fingerprint not in same
    other = Profile.of("x", "tick_imbalance", "afml")
    assert other.fingerprint not in same


def test_name_is_checked():
    with pytest.raises(ProfileError, match="profile 'a/b'; a name is up to 64 letters"):
        Profile.of("a/b", "tick", size=5)


@pytest.mark.parametrize("pair", [("threshold_min", "threshold_max"), ("ticks_min", "ticks_max")])
def test_floor_above_cap_is_refused(pair):
    low, high = pair
    limits: dict[str, Any] = {low: 9, high: 5}
    with pytest.raises(ProfileError, match=f"{low} = 9 in profile x; expected at most {high} = 5"):
        Profile.of("x", "tick_run", **limits)


def test_unknown_parameter_is_no_key():
    with pytest.raises(KeyError):
        profile("1m")["size"]
