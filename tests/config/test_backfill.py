"""The section `[backfill]`."""

import pytest

from argus.config import BackfillConfig, parse
from argus.errors import ConfigError
from tests.config.known import KNOWN


def test_gaps_are_filled_unless_it_is_said_otherwise():
    assert parse({}, known=KNOWN).backfill == BackfillConfig()
    assert BackfillConfig().auto
    found = parse({"backfill": {"auto": False, "weight_share": 1}}, known=KNOWN).backfill
    assert (found.auto, found.weight_share) == (False, 1.0)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"auto": "yes"}, '"yes" is not true or false; at backfill.auto in argus.toml'),
        ({"auto": 1}, "1 is not true or false"),
        ({"weight_share": 1.5}, "1.5 is not a number from 0.01 to 1"),
        ({"weight_share": 0}, "0 is not a number from 0.01 to 1"),
        ({"weigth_share": 0.5}, 'did you mean "weight_share"'),
    ],
)
def test_what_is_not_allowed_is_refused(section, told):
    with pytest.raises(ConfigError) as refused:
        parse({"backfill": section}, known=KNOWN)
    assert told in str(refused.value)
