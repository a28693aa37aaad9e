"""What the schema generates is true."""

import tomllib

import pytest

from argus.config import parse
from argus.config.keys import keys
from argus.config.page import example, reference, toml
from argus.config.schema import LogLevel, SourceConfig, StorageConfig
from tests.config.known import KNOWN


def test_written_example_means_the_defaults():
    assert parse(tomllib.loads(example(KNOWN)), known=KNOWN) == parse({}, known=KNOWN)


def test_example_with_every_comment_taken_away_means_the_defaults_too():
    """What is shown as a default is the default, and every key shown is a key."""
    keyed = [line.removeprefix("#") for line in example(KNOWN).splitlines() if line[:2] != "# "]
    without = (
        *("streams_per_connection", "first_frame_s", "silence_s", "socket", "disk_low", "url"),
        *("compress_after_days", "retention_days"),
    )
    of_bars = ("profiles", "symbols", "of ")  # The symbols of a source are the defaults.
    lines = [line for line in keyed if not line.startswith((*without, *of_bars))]
    assert parse(tomllib.loads("\n".join(lines)), known=KNOWN) == parse({}, known=KNOWN)


def test_page_documents_every_key():
    page = reference(KNOWN)
    wanted = [d.name for s in (StorageConfig, SourceConfig) for d in keys(s)]
    assert [name for name in wanted if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", '"a"'),
        (LogLevel.INFO, '"info"'),
        (("a", "b"), '["a", "b"]'),
        (60.0, "60"),
        (0.5, "0.5"),
        (3, "3"),
        (True, "true"),
    ],
)
def test_default_is_written_in_toml(value: object, written: str):
    assert toml(value) == written
