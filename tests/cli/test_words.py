"""Numbers as people read them."""

import pytest

from argus.cli.words import amount, instant, lasting, many, size, span


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (7, "7"), (7.25, "7.2"), (99.0, "99"), (123.4, "123"), (1_234_567, "1,234,567")],
)
def test_amount(number: float, text: str):
    assert amount(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 2**20, "5.0 MiB"), (2**40, "1.0 TiB")],
)
def test_size(number: int, text: str):
    assert size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.5, "9.5 s"),
        (42.0, "42 s"),
        (61.0, "1 min 1 s"),
        (3725.0, "1 h 2 min"),
        (90_000.0, "1 d 1 h"),
    ],
)
def test_span(seconds: float, text: str):
    assert span(seconds) == text


def test_instant_is_utc_or_a_dash():
    assert instant(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123Z"
    assert instant(None) == "-"


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0 ms"),
        (1_500_000, "1.5 ms"),
        (999_000_000, "999 ms"),
        (1_300_000_000, "1.3 s"),
        (3_725_000_000_000, "1 h 2 min"),
    ],
)
def test_lasting(duration_ns: int, text: str):
    assert lasting(duration_ns) == text


def test_many():
    assert [many(n, "gap") for n in (0, 1, 2000)] == ["0 gaps", "1 gap", "2,000 gaps"]
