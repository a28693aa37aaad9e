"""What a file may say, and what is said back where it may not."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.config import Config, SourceConfig, parse
from argus.errors import ConfigError
from tests.config.known import KNOWN


def read(text: str) -> Config:
    return parse(tomllib.loads(text), known=KNOWN)


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read(text)
    return str(raised.value)


def test_nothing_written_records_two_symbols_of_every_source_in_full():
    config = read("")
    assert [(s.name, s.symbols, s.data_types) for s in config.sources.values()] == [
        (name, ("BTCUSDT", "ETHUSDT"), source.data_types) for name, source in KNOWN.items()
    ]
    assert config.storage.flush_every_s == 60


def test_a_file_without_sources_records_every_source():
    assert read("[storage]\ndata = 'elsewhere'").sources == read("").sources


def test_a_named_source_is_the_only_one():
    assert list(read("[sources.binance_usdm]").sources) == ["binance_usdm"]


def test_sections_are_read_into_their_values():
    config = read(
        """
        [storage]
        data = "lake"
        flush_every_s = 5
        [log]
        level = "debug"
        format = "json"
        [control]
        socket = "/run/argus.sock"
        """
    )
    assert (config.data.as_posix(), config.storage.flush_every_s) == ("lake", 5.0)
    assert (config.log.level, config.log.format) == ("debug", "json")
    assert config.socket.as_posix() == "/run/argus.sock"


def test_control_socket_stands_in_the_data_folder():
    assert read("").socket.as_posix() == "data/argus.sock"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "[storag]",
            (
                '"storag" is not a key (did you mean "storage"?); '
                "allowed: storage, journal, sources, backfill, log, control, clock, limits, bars, "
                "timescale, influx; "
                "at argus.toml"
            ),
        ),
        ("storage = 3", "3 is not a table of keys; at storage in argus.toml"),
        ("sources = [1]", "[1] is not a table of keys; at sources in argus.toml"),
        (
            "[control]\nport = 1",
            '"port" is not a key; allowed: socket; at control in argus.toml',
        ),
        (
            "[sources.binance_sopt]",
            (
                '"binance_sopt" is not a source (did you mean "binance_spot"?); '
                "allowed: binance_spot, binance_usdm; at sources in argus.toml"
            ),
        ),
        (
            "[storage]\nflush_bytes_max = 2048\nbuffer_bytes_max = 1024",
            (
                "flush_bytes_max is 2048 and buffer_bytes_max is 1024; a buffer has to be sealed "
                "before all buffers are full: flush_bytes_max may be at most buffer_bytes_max; "
                "at storage in argus.toml"
            ),
        ),
        (
            "[storage]\nmerge_age_s = 30",
            (
                "merge_age_s is 30 and flush_every_s is 60; a chunk cannot be merged before it is "
                "sealed: merge_age_s has to be at least flush_every_s; at storage in argus.toml"
            ),
        ),
        (
            "[storage]\nmerge_age_s = 70",
            (
                "day_close_grace_s is 600 and merge_age_s is 70; a day is closed before its "
                "chunks are too old: day_close_grace_s may be at most merge_age_s; "
                "at storage in argus.toml"
            ),
        ),
    ],
)
def test_refusal_says_what_was_found_what_is_allowed_and_where(text: str, error: str):
    assert refusal(text) == error


def test_refusal_names_the_file():
    with pytest.raises(ConfigError, match=r"at storage in /etc/argus\.toml$"):
        parse({"storage": {"dat": 1}}, known=KNOWN, file="/etc/argus.toml")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "storage",
        "sources",
        "log",
        "control",
        "data",
        "symbols",
        "quote",
        "binance_spot",
        "level",
        "binance_usdm",
        "websocket_urls",
        "public",
        "standby",
        "data_types",
        "max_symbols",
    ]
)


@given(st.recursive(ANYTHING, lambda inner: st.dictionaries(NAMES, inner), max_leaves=8))
def test_any_tables_are_read_or_refused_with_a_place(mapping: object):
    """Whatever stands in a file, the outcome is a configuration or a ConfigError."""
    tables = mapping if isinstance(mapping, dict) else {"sources": mapping}
    try:
        config = parse(tables, known=KNOWN)
    except ConfigError as error:
        assert str(error).endswith("argus.toml")  # noqa: PT017 - the text is what is tested
    else:
        assert all(isinstance(s, SourceConfig) for s in config.sources.values())
