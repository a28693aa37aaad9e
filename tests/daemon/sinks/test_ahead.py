"""What goes ahead of its chunk is what comes out the same in any run."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from argus.daemon.sinks.ahead import Ahead
from tests.bars.sinks import rows
from tests.bars.sinks.rows import SOURCE


def table(*bars: tuple[int, int], gap: bool = False, symbol: str = "BTCUSDT") -> pa.Table:
    """Bars by sequence and revision."""
    made = (replace(rows.bar(s, r), gap=gap) for s, r in bars)
    return rows.table(*made, symbol=symbol)


def went(ahead: Ahead, bars: pa.Table) -> list[int]:
    return ahead.may_go(SOURCE, bars)["sequence"].to_pylist()


def test_bars_of_the_first_revision_go_at_once():
    assert went(Ahead(), table((1, 0), (2, 0))) == [1, 2]


def test_bars_of_a_new_revision_wait_for_a_chunk_of_it():
    ahead = Ahead()
    assert went(ahead, table((3, 0), (3, 1), (4, 1))) == [3]
    ahead.learn(SOURCE, table((1, 0), (9, 0)))
    assert went(ahead, table((5, 1))) == []
    ahead.learn(SOURCE, table((3, 1)))
    assert went(ahead, table((6, 1), (7, 2))) == [6]


def test_bars_from_a_gap_on_wait_until_a_chunk_has_its_bar():
    ahead = Ahead()
    assert went(ahead, table((4, 0))) == [4]
    assert went(ahead, table((5, 0), gap=True)) == []
    assert went(ahead, table((6, 0))) == []
    ahead.learn(SOURCE, table((3, 0), (4, 0)))
    assert went(ahead, table((7, 0))) == []
    ahead.learn(SOURCE, table((5, 0)))
    assert went(ahead, table((8, 0))) == [8]
    assert went(ahead, table((5, 0), gap=True)) == [5]  # It is on the disk.


def test_other_series_do_not_wait():
    ahead = Ahead()
    assert went(ahead, table((5, 0), gap=True)) == []
    assert went(ahead, table((5, 0), symbol="ETHUSDT")) == [5]
    ahead.learn(SOURCE, table((5, 3), symbol="ETHUSDT"))
    assert went(ahead, table((6, 0))) == []


def test_chunk_may_have_bars_of_many_series_in_any_order():
    ahead = Ahead()
    parts = [table((9, 0), (2, 1)), table((4, 2), (8, 0), symbol="ETHUSDT")]
    schemas = {part.schema.field("symbol").type for part in parts}
    assert len(schemas) == 1
    ahead.learn(SOURCE, pa.concat_tables(parts).unify_dictionaries())
    assert went(ahead, table((10, 1), (11, 2))) == [10]
    assert went(ahead, table((10, 2), (11, 3), symbol="ETHUSDT")) == [10]


def test_no_bars_teach_nothing():
    ahead = Ahead()
    ahead.learn(SOURCE, table((1, 0)).slice(0, 0))
    assert went(ahead, table((1, 0)).slice(0, 0)) == []


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9), st.integers(0, 3)), max_size=30))
def test_nothing_goes_ahead_of_a_revision_that_is_on_the_disk(steps):
    ahead, highest = Ahead(), 0
    for is_chunk, sequence, revision in steps:
        if is_chunk:
            ahead.learn(SOURCE, table((sequence, revision)))
            highest = max(highest, revision)
        else:
            assert bool(went(ahead, table((sequence, revision)))) == (revision <= highest)


@pytest.mark.parametrize("revision", [0, 1])
def test_gap_of_a_bar_that_waits_holds_up_what_follows(revision):
    ahead = Ahead()
    assert went(ahead, table((5, revision), gap=True)) == []
    ahead.learn(SOURCE, table((5, revision)))
    assert went(ahead, table((6, revision))) == [6]
