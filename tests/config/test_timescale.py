"""The section `[timescale]`, whose address may hold no password."""

import pytest

from argus.config import parse
from argus.config.load import load
from argus.config.timescale import TimescaleConfig
from argus.errors import ConfigError
from tests.config.known import KNOWN

URL = "postgresql://argus@localhost:5432/market"


def test_nothing_is_written_anywhere_unless_it_is_said_where():
    config = parse({}, known=KNOWN).timescale
    assert config == TimescaleConfig()
    assert not config.is_wanted
    found = parse({"timescale": {"url": URL, "profiles": ["1m"]}}, known=KNOWN).timescale
    assert (found.url, found.is_wanted, found.profiles) == (URL, True, ("1m",))
    assert (found.schema, found.data_types) == ("mart", ("bar", "kline"))


def test_address_of_the_environment_wins_and_is_never_printed(tmp_path):
    file = tmp_path / "argus.toml"
    file.write_text(f'[timescale]\nurl = "{URL}"\n')
    secret = "postgresql://argus:hush@db/market"
    config = load(file, known=KNOWN, environ={"ARGUS_TIMESCALE_URL": secret})
    assert config.timescale.url == secret
    assert "hush" not in repr(config)
    assert load(file, known=KNOWN, environ={}).timescale.url == URL


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://argus:hush@localhost/market",
        "postgresql://argus@localhost/market?password=hush",
    ],
)
def test_password_in_the_file_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigError, match="PGPASSWORD") as refused:
        parse({"timescale": {"url": url}}, known=KNOWN)
    assert "hush" not in str(refused.value)
    assert "timescale.url in argus.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"url": "localhost:5432"}, "begins with postgresql://"),
        ({"url": "mysql://localhost/x"}, "begins with postgresql://"),
        ({"url": "postgresql://localhost:99999/x"}, "begins with postgresql://"),
        ({"schema": "m" * 64}, "at most 63 bytes"),
        ({"data_types": ["trade"]}, '"trade" is not a data type of this store'),
        ({"retention_days": 0}, "at timescale.retention_days"),
        ({"passwd": "x"}, '"passwd" is not a key'),
    ],
)
def test_what_is_not_allowed_is_refused(section, told):
    with pytest.raises(ConfigError) as refused:
        parse({"timescale": section}, known=KNOWN)
    assert told in str(refused.value)
