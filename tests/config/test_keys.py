"""What a declaration says about its keys."""

from argus.config.keys import Kind, keys
from argus.config.schema import LogConfig, SourceConfig, StorageConfig, SymbolRule

SECTIONS = (StorageConfig, SourceConfig, SymbolRule, LogConfig)


def test_kind_follows_the_declared_type():
    kinds = {d.name: d.kind for d in keys(SourceConfig)}
    assert kinds["symbols"] is Kind.SYMBOLS
    assert kinds["data_types"] is Kind.TEXTS
    assert kinds["standby"] is Kind.WHOLE
    assert kinds["silence_s"] is Kind.NUMBER
    assert kinds["client"] is Kind.CHOICE
    assert kinds["rest_url"] is Kind.TEXT
    assert kinds["websocket_urls"] is Kind.TABLE


def test_name_of_a_source_is_no_key():
    assert "name" not in [d.name for d in keys(SourceConfig)]


def test_choices_are_those_of_the_set():
    levels = {d.name: d.choices for d in keys(LogConfig)}
    assert levels["level"] == ("debug", "info", "warning", "error")


def test_every_key_is_documented_without_a_full_stop():
    assert [
        d.name
        for section in SECTIONS
        for d in keys(section)
        if not d.key.doc or d.key.doc.endswith(".")
    ] == []


def test_every_default_is_within_its_limits():
    outside = []
    for d in (d for s in SECTIONS for d in keys(s)):
        if isinstance(d.default, int | float):
            low, high = d.key.minimum, d.key.maximum
            if d.default < (low or 0) or (high is not None and d.default > high):
                outside.append(d.name)
    assert outside == []
