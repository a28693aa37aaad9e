"""Rules, modes and parameters are checked where they are given."""

import numpy as np
import pytest

from argus.bars.rules import PARAMETERS, Mode, Parameter, Rule, checked, rule_of
from argus.errors import ProfileError


def test_every_parameter_has_a_default_that_it_allows():
    for parameters in PARAMETERS.values():
        for one in parameters:
            assert one.is_required or one.check(one.default) == one.default


def test_raven_has_no_volume_runs_and_says_what_it_has():
    with pytest.raises(ProfileError, match="rule volume_run in mode raven here; mode raven has"):
        rule_of("volume_run", "raven", where="here")
    with pytest.raises(ProfileError, match=r"tick_imbalance, .*, tick_run$"):
        rule_of("dollar_run", "raven", where="here")


@pytest.mark.parametrize(("rule", "mode"), [("renko", "afml"), ("time", "book")])
def test_unknown_word_is_told_with_the_known_ones(rule, mode):
    with pytest.raises(ProfileError, match=r"the (rules|modes) are "):
        rule_of(rule, mode, where="here")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"interval": 5}, "interval = 5 here; expected a text"),
        ({}, "no interval here; expected a text"),
        ({"interval": "1m", "empty": 1}, "empty = 1 here; expected true or false"),
        ({"interval": "1m", "full": True}, "parameter full here; time in mode afml has interval"),
    ],
)
def test_wrong_parameter_is_told(given, told):
    with pytest.raises(ProfileError, match=told):
        checked(Rule.TIME, Mode.AFML, given, where="here")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("bucket_size", 0, "a number above 0"),
        ("bucket_size", float("nan"), "a number above 0"),
        ("bucket_size", True, "a number above 0"),
        ("bucket_size", 1e300, "a number above 0"),
        ("buckets", 1.5, "a whole number of at least 1 and at most 100000"),
        ("unit", "coins", "quote or base"),
    ],
)
def test_number_out_of_its_limits_is_told(name, value, told):
    with pytest.raises(ProfileError, match=f"{name} = .* here; expected {told}"):
        checked(Rule.VPIN, Mode.RAVEN, {name: value}, where="here")


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_numbers_of_numpy_are_numbers(kind):
    given = {"bucket_size": kind(500), "buckets": np.int32(7)}
    found = checked(Rule.VPIN, Mode.RAVEN, given, where="here")
    assert (found["bucket_size"], found["buckets"]) == (500.0, 7)
    assert (type(found["bucket_size"]), type(found["buckets"])) == (float, int)


def test_whole_numbers_are_numbers():
    assert checked(Rule.DOLLAR, Mode.AFML, {"size": 5}, where="here") == {"size": 5.0}


def test_option_may_be_none():
    one = Parameter("cap", float, "cap", low=0.0, is_optional=True)
    assert one.check(None) is None
    assert one.allowed == "a number of at least 0, or none"
