"""Bars as events and as a table say the same."""

import pytest

from argus.bars import Profile, Series, Trades, profile
from argus.columns import lake_schema
from argus.events import Bar
from tests.bars.tape import tape

TAPE = Trades.of(tape(0.55, 3000))
CHOSEN = [
    profile("1s", empty=True),
    profile("tib_small"),
    profile("vpin", bucket_size=1000, buckets=2, sigma_window=2),
    Profile.of("books", "volume_imbalance", warm_up=True),
]


def test_events_and_table_say_the_same():
    built = Series(CHOSEN).feed(TAPE)
    table = built.table()
    assert table.schema == lake_schema(Bar)
    times = [name for name in table.column_names if name.startswith("ts_")]
    for bar, row in zip(built, table.to_pylist(), strict=True):
        for name in times:
            row[name] = row[name].value
        assert row == {name: getattr(bar, name) for name in table.column_names}


def test_bars_are_a_sequence():
    built = Series(CHOSEN).feed(TAPE)
    listed = list(built)
    assert [built[at] for at in range(len(built))] == listed
    assert built[-1] == listed[-1]
    assert list(built[3:7]) == listed[3:7]
    assert list(reversed(built)) == listed[::-1]
    for beyond in (len(built), -len(built) - 1):
        with pytest.raises(IndexError):
            built[beyond]
    assert {bar.profile for bar in listed} == {one.name for one in CHOSEN}


def test_no_bars_are_an_empty_table():
    assert Series(CHOSEN).feed(TAPE[:0]).table().num_rows == 0
