"""The section `[bars]`."""

import pytest

from argus.config import BarsConfig, parse
from argus.config.bars import data_type_of
from argus.errors import ConfigError
from tests.config.known import KNOWN


def test_no_bars_are_built_unless_profiles_are_named():
    assert parse({}, known=KNOWN).bars == BarsConfig()
    assert not BarsConfig().is_on
    assert parse({"bars": {"profiles": ["1m"]}}, known=KNOWN).bars.is_on


def test_own_profiles_keep_their_parameters_as_they_stand():
    mine = {"rule": "tick", "size": 1000, "floor": 0.5, "empty": False}
    found = parse({"bars": {"profiles": ["mine"], "profile": {"mine": mine}}}, known=KNOWN).bars
    assert found.own == {"mine": mine}


def test_bars_are_built_of_trades_where_these_are_recorded():
    both = ("bbo", "agg_trade", "trade")
    assert data_type_of(BarsConfig(), "binance_spot", both) == "trade"
    assert data_type_of(BarsConfig(), "binance_usdm", ("agg_trade", "bbo")) == "agg_trade"
    assert data_type_of(BarsConfig(), "binance_usdm", ("bbo",)) == ""
    chosen = parse({"bars": {"of": {"binance_spot": "agg_trade"}}}, known=KNOWN).bars
    assert data_type_of(chosen, "binance_spot", both) == "agg_trade"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"profiles": "1m"}, '"1m" is not a list of texts'),
        ({"profile": {"x": 5}}, "5 is not a table of keys; at bars.profile.x in argus.toml"),
        ({"profile": {"x": {"size": [1]}}}, "is not a text, a number, true or false"),
        ({"of": {"binance_spt": "trade"}}, 'did you mean "binance_spot"'),
        ({"of": {"binance_usdm": "agg_trade"}}, "allowed: trade; at bars.of.binance_usdm"),
        ({"of": {"binance_spot": "bbo"}}, "allowed: trade, agg_trade"),
        ({"of": {"binance_spot": 5}}, "5 is not a text in quotes"),
        ({"grace_s": -1}, "-1 is not a number from 0 to 3600"),
        ({"profils": ["1m"]}, 'did you mean "profiles"'),
    ],
)
def test_what_is_not_allowed_is_refused(section, told):
    with pytest.raises(ConfigError) as refused:
        parse({"bars": section}, known=KNOWN)
    assert told in str(refused.value)
