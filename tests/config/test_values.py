"""From a value in a file to a checked value."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.config.keys import Key, keys
from argus.config.schema import LogConfig, SourceConfig, StorageConfig
from argus.config.values import (
    Where,
    choice,
    known_keys,
    nearest,
    number,
    shown,
    table,
    text,
    texts,
    value,
)
from argus.errors import ConfigError

HERE = Where("argus.toml", ("storage", "key"))
DECLARED = {d.name: d for s in (StorageConfig, SourceConfig, LogConfig) for d in keys(s)}


def refusal(read, *arguments) -> str:
    with pytest.raises(ConfigError) as raised:
        read(*arguments)
    return str(raised.value)


def test_place_names_the_file_at_the_end():
    assert str(Where("argus.toml")) == "argus.toml"
    assert str(Where("argus.toml") / "log" / "level") == "log.level in argus.toml"


@pytest.mark.parametrize(
    ("found", "as_written"),
    [
        (True, "true"),
        ("a", '"a"'),
        (86400.0, "86400"),
        (0.5, "0.5"),
        ([1, "a"], '[1, "a"]'),
        ({}, "a table"),
        (3, "3"),
    ],
)
def test_value_is_shown_as_it_is_written(found: object, as_written: str):
    assert shown(found) == as_written


def test_nearest_word_ignores_case_and_says_nothing_when_nothing_is_near():
    assert nearest("INFO", ["debug", "info"]) == ' (did you mean "info"?)'
    assert nearest("xyz", ["debug", "info"]) == ""


@pytest.mark.parametrize("found", ["", "  ", 3, None])
def test_text_is_not_empty(found: object):
    assert refusal(text, found, HERE).endswith(
        " is not a text in quotes; at storage.key in argus.toml"
    )


def test_one_text_may_stand_for_a_list_of_one_where_that_is_said():
    assert texts("USDT", HERE, single=True) == ("USDT",)
    assert refusal(texts, "USDT", HERE).startswith('"USDT" is not a list of texts')


@pytest.mark.parametrize("found", [True, "1", None, math.nan, math.inf, 0.04, 3601, []])
def test_number_is_finite_and_within_its_limits(found: object):
    assert "is not a number from 0.05 to 3600; at" in refusal(
        number, found, DECLARED["flush_every_s"], HERE
    )


@given(st.floats(0.05, 3600) | st.integers(1, 3600))
def test_number_within_its_limits_is_kept(found: float):
    assert number(found, DECLARED["flush_every_s"], HERE) == found


def test_whole_number_may_be_written_with_a_point_but_stays_whole():
    kept = number(5.0, DECLARED["flush_rows_max"], HERE)
    assert (kept, type(kept)) == (5, int)
    assert "5.5 is not a whole number of at least 1" in refusal(
        number, 5.5, DECLARED["flush_rows_max"], HERE
    )


def test_choice_lists_what_is_allowed():
    assert choice("json", DECLARED["format"], HERE) == "json"
    assert "allowed: console, json" in refusal(choice, "xml", DECLARED["format"], HERE)
    assert "3 is not one of console, json" in refusal(choice, 3, DECLARED["format"], HERE)


def test_value_is_checked_by_its_kind():
    assert value(["1m"], DECLARED["kline_intervals"], HERE) == ("1m",)
    assert value("lake", DECLARED["data"], HERE) == "lake"
    assert value("error", DECLARED["level"], HERE) == "error"
    assert value(2, DECLARED["standby"], HERE) == 2


def test_table_is_a_table_and_its_keys_are_known():
    assert table({"a": 1}, HERE) == {"a": 1}
    assert refusal(table, 3, HERE) == "3 is not a table of keys; at storage.key in argus.toml"
    known_keys({"a": 1}, ["a", "b"], HERE)
    assert refusal(known_keys, {"c": 1}, ["a", "b"], HERE) == (
        '"c" is not a key; allowed: a, b; at storage.key in argus.toml'
    )
    assert "allowed: none" in refusal(known_keys, {"c": 1}, [], HERE)


@pytest.mark.parametrize("found", [[], "BTC", 3, None])
def test_list_of_texts_has_an_element(found: object):
    assert "is not a list of texts with at least one element" in refusal(texts, found, HERE)


def test_list_of_texts_repeats_nothing():
    assert texts(["a", "b"], HERE) == ("a", "b")
    assert refusal(texts, ["a", "b", "a"], HERE).startswith('"a" stands 2 times; once is enough')


def test_number_without_limits_says_so_in_few_words():
    free = replace(DECLARED["flush_every_s"], key=Key("any"))
    assert number(-5, free, HERE) == -5.0
    assert refusal(number, "x", free, HERE) == '"x" is not a number; at storage.key in argus.toml'


def test_kind_that_its_section_reads_is_not_read_here():
    with pytest.raises(AssertionError, match="symbols is read by its section"):
        value([], DECLARED["symbols"], HERE)
