"""The section `[journal]`."""

import pytest

from argus.config.parse import parse
from argus.errors import ConfigError
from tests.config.known import KNOWN


def test_journal_is_synced_five_times_a_second_and_not_kept_by_default():
    journal = parse({}, known=KNOWN).journal
    assert (journal.write_ms, journal.fsync_ms, journal.keep_days) == (5, 200, 0)


@pytest.mark.parametrize(("key", "value"), [("write_ms", 0), ("fsync_ms", 1), ("keep_days", -1)])
def test_what_makes_no_sense_is_refused(key: str, value: float):
    with pytest.raises(ConfigError, match=key):
        parse({"journal": {key: value}}, known=KNOWN)
