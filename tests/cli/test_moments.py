import click
import pytest

from argus.cli.moments import Moment

DAY_NS = 86_400 * 10**9
TS = 20_000 * DAY_NS
"""2024-10-04."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-10-04", TS),
        ("2024-10-04T01", TS + 3600 * 10**9),
        ("2024-10-04T00:01", TS + 60 * 10**9),
        ("2024-10-04T00:00:02", TS + 2 * 10**9),
        ("2024-10-04T00:00:02Z", TS + 2 * 10**9),
        ("2024-10-04T00:00:00.000000005", TS + 5),
        ("2024-10-04T00:00:00.5Z", TS + 500_000_000),
    ],
)
def test_date_or_instant_is_nanoseconds(text: str, expected: int):
    assert Moment().convert(text, None, None) == expected


def test_date_as_an_end_stands_for_the_whole_day():
    assert Moment(is_end=True).convert("2024-10-04", None, None) == TS + DAY_NS
    assert Moment(is_end=True).convert("2024-10-04T00:00", None, None) == TS


@pytest.mark.parametrize(
    "text",
    [
        *("", "today", "2024-13-01", "2024-02-30", "9999-01-01"),
        *("2024-10-04T25:00", "2024-10-04T00:00+02:00"),
    ],
)
def test_anything_else_is_refused_with_an_example(text: str):
    with pytest.raises(click.BadParameter, match="is not a UTC date or instant like 2026-11-20T14"):
        Moment().convert(text, None, None)
