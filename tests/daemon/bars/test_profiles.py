"""The profiles that a configuration names."""

import pytest

from argus.config.bars import BarsConfig, type_of_parameters
from argus.daemon.bars.profiles import profiles_of
from argus.errors import ConfigError


def test_defaults_and_own_profiles_come_in_the_order_of_their_names():
    own: dict[str, type_of_parameters] = {
        "mine": {"rule": "tick", "size": 100},
        "vpin": {"bucket_size": 50.0},
        "runs": {"rule": "tick_run", "mode": "afml", "sign": "exchange"},
        "5m": {"empty": True},
    }
    config = BarsConfig(profiles=("1m", "runs", "mine", "vpin"), own=own)
    found = profiles_of(config)
    assert [one.name for one in found] == ["1m", "runs", "mine", "vpin"]
    assert (found[2]["size"], found[3]["bucket_size"], found[3]["buckets"]) == (100, 50.0, 50)


@pytest.mark.parametrize(
    ("profiles", "own", "told"),
    [
        (("tib",), {"x": {"rule": "tick", "size": 5}}, "own profiles: x; at bars.profiles"),
        (("x",), {"x": {"rule": "tock"}}, "at bars.profile.x"),
        ((), {"1m": {"rule": "tick", "size": 5}}, "rule tick in profile 1m; expected rule time"),
        ((), {"1m": {"interval": "5m"}}, "and interval 1m, as the name says; at bars.profile.1m"),
        (("x",), {"x": {"rule": "tick", "size": -1}}, "at bars.profile.x"),
        (("x",), {"x": {"size": 5}}, "at bars.profile.x"),
        ((), {"x": {"rule": "tick", "mode": "other"}}, "at bars.profile.x"),
    ],
)
def test_what_cannot_be_built_is_refused(profiles, own, told):
    with pytest.raises(ConfigError) as refused:
        profiles_of(BarsConfig(profiles=profiles, own=own))
    assert told in str(refused.value)
