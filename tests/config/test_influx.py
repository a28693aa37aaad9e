"""The section `[influx]`."""

import pytest

from argus.config.parse import parse
from argus.errors import ConfigError
from tests.config.known import KNOWN


def test_nothing_is_written_to_influx_by_default():
    influx = parse({}, known=KNOWN).influx
    assert (influx.url, influx.org, influx.bucket) == ("", "argus", "argus")


def test_data_type_that_influx_has_no_measurement_for_is_refused():
    with pytest.raises(ConfigError, match=r"book_delta.*influx\.data_types"):
        parse({"influx": {"data_types": ["trade", "book_delta"]}}, known=KNOWN)


def test_token_may_not_stand_in_the_file():
    with pytest.raises(ConfigError, match='"token" is not a key'):
        parse({"influx": {"token": "secret"}}, known=KNOWN)


@pytest.mark.parametrize(("key", "value"), [("batch_rows", 0), ("timeout_s", 0)])
def test_what_makes_no_sense_is_refused(key: str, value: float):
    with pytest.raises(ConfigError, match=key):
        parse({"influx": {key: value}}, known=KNOWN)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8086",
        "ftp://localhost:8086",
        "http://",
        "http://localhost:99999",
        "http://argus:hush@localhost:8086",
        "http://localhost:8086?token=hush",
        "http://localhost:hush",
    ],
)
def test_address_that_is_none_or_holds_a_secret_is_refused_without_repeating_it(url: str):
    with pytest.raises(ConfigError, match=r"ARGUS_INFLUX_TOKEN.*influx\.url") as refused:
        parse({"influx": {"url": url}}, known=KNOWN)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8086", "https://db.example/influx/", "http://[::1]:1"]
)
def test_address_with_a_path_is_one(url: str):
    assert parse({"influx": {"url": url}}, known=KNOWN).influx.url == url
