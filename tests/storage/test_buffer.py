import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from argus.columns import Kind, chunk_schema, columns
from argus.events import EVENTS, GapReason, GapState, Instrument, Levels, Origin, Side
from argus.storage import buffer as buffering
from argus.storage.buffer import Buffer, WrongValue
from tests.storage.facts import delta, trade, trades

ENUMS = {"origin": Origin, "side": Side, "reason": GapReason, "state": GapState}
VALUES = {
    Kind.TIME: st.integers(0, 2**62),
    Kind.INTEGER: st.integers(-(2**62), 2**63 - 1),
    Kind.NUMBER: st.floats(allow_nan=False),
    Kind.FLAG: st.booleans(),
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    Kind.LEVELS: st.lists(
        st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), max_size=4
    ).map(Levels.of),
}  # fmt: skip


def value_of(column):
    values: st.SearchStrategy
    if column.kind is Kind.CATEGORY:
        values = st.sampled_from(list(ENUMS.get(column.name, ["LIMIT", "1m", "币安", ""])))
    else:
        values = VALUES[column.kind]
    return st.none() | values if column.nullable else values


def facts_of(event):
    return st.builds(event, *(value_of(column) for column in columns(event)))


def plain(value):
    """Return a value as Arrow gives it back."""
    if isinstance(value, Levels):
        return [{"price": price, "size": size} for price, size in value]
    return value


def read_back(table):
    rows = []
    for name in table.column_names:
        column = table[name]
        if str(column.type).startswith("timestamp"):
            column = column.cast("int64")
        rows.append(column.to_pylist())
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*rows, strict=True)]


@pytest.mark.parametrize("event", EVENTS.values())
@given(data=st.data())
def test_what_goes_in_comes_out_by_symbol_in_its_order(event, data):
    batch_of_symbol = st.tuples(
        st.sampled_from(["B", "A", "币"]), st.lists(facts_of(event), max_size=3)
    )
    batches = data.draw(st.lists(batch_of_symbol, max_size=5))
    buffer = Buffer(event)
    for symbol, batch in batches:
        buffer.append(symbol, batch)
    assert buffer.rows == sum(len(batch) for _, batch in batches)
    table = buffer.take().to_table()
    table.validate(full=True)
    assert table.schema.equals(chunk_schema(event))
    expected = [
        {"symbol": symbol, **{n: plain(v) for n, v in structs.asdict(fact).items()}}
        for symbol in sorted({s for s, _ in batches})
        for s, batch in batches
        for fact in batch
        if s == symbol
    ]
    assert read_back(table) == expected
    assert (buffer.rows, buffer.size_bytes) == (0, 0)


def test_memory_grows_by_segments_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(buffering, "SEGMENT_BYTES", 200)
    buffer = Buffer(EVENTS["trade"])
    for start in range(0, 100, 7):
        buffer.append("A", trades(range(start, start + 7)))
    sealed = buffer.take()
    assert len(sealed.segments) > 10
    assert sealed.to_table()["trade_id"].to_pylist() == list(range(105))
    books = Buffer(EVENTS["book_delta"])
    for number in range(20):
        books.append("BA"[number % 2], [delta(number, number)])
    found = books.take().to_table()
    assert found["last_update_id"].to_pylist() == [*range(1, 20, 2), *range(0, 20, 2)]
    assert [len(bids) for bids in found["bids"].to_pylist()] == found["last_update_id"].to_pylist()


def test_size_follows_what_is_held():
    buffer = Buffer(EVENTS["book_delta"])
    buffer.append("A", [delta(1, 1)])
    small = buffer.size_bytes
    buffer.append("A", [delta(2, 50)])
    assert buffer.size_bytes > small + 50 * 10


WRONG = [
    ("trade_id", "7"), ("trade_id", 2**63), ("trade_id", 1.5), ("trade_id", None),
    ("price", "1.0"), ("price", None), ("side", None), ("side", 3), ("trade_type", 4),
    ("ts_recv", None), ("ts_event", dt.date(2023, 1, 1)), ("trade_type", "\ud800"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_wrong_value_leaves_the_facts_before_it_and_nothing_of_its_own(name, wrong):
    buffer = Buffer(EVENTS["trade"])
    bad = structs.replace(trade(2), **{name: wrong})
    with pytest.raises(WrongValue, match="in event 2 of a batch of A") as caught:
        buffer.append("A", [*trades([0, 1]), bad, trade(3)])
    assert (caught.value.index, caught.value.event) == (2, bad)
    buffer.append("A", [trade(4)])
    table = buffer.take().to_table()
    table.validate(full=True)
    assert table["trade_id"].to_pylist() == [0, 1, 4]


@pytest.mark.parametrize("wrong", [None, 5, Levels(b""), [(1.0, 2.0)]])
def test_wrong_levels_leave_the_levels_of_the_others(wrong):
    buffer = Buffer(EVENTS["book_delta"])
    for name in ("bids", "asks"):
        with pytest.raises(WrongValue):
            buffer.append("A", [delta(1), structs.replace(delta(2), **{name: wrong}), delta(3)])
    buffer.append("A", [delta(4, 6)])
    table = buffer.take().to_table()
    table.validate(full=True)
    assert table["last_update_id"].to_pylist() == [1, 1, 4]
    assert [len(b) for b in table["bids"].to_pylist()] == [2, 2, 6]
    assert [len(a) for a in table["asks"].to_pylist()] == [1, 1, 3]


def test_fact_of_another_class_and_a_symbol_that_is_no_text_are_refused():
    buffer = Buffer(EVENTS["trade"])
    with pytest.raises(WrongValue):
        buffer.append("A", [delta(1)])
    with pytest.raises(WrongValue):
        buffer.append(7, [trade(1)])  # type: ignore[arg-type]
    assert buffer.rows == 0


def test_text_that_cannot_be_written_is_refused():
    buffer = Buffer(Instrument)
    whole = Instrument(
        *(None, 1, Origin.LIVE, "TRADING", "A", "B", None, None, None),
        contract_type=None,
        contract_size=None,
        margin_asset=None,
        ts_onboard=None,
        ts_delivery=None,
        raw="{}",
    )
    for raw in ("\ud800", None, b"{}"):
        with pytest.raises(WrongValue):
            buffer.append("A", [structs.replace(whole, raw=raw)])
    assert buffer.rows == 0


def test_number_that_is_none_stays_apart_from_null():
    buffer = Buffer(EVENTS["trade"])
    buffer.append("A", [trade(1, price=math.nan), trade(2, price=math.inf)])
    prices = buffer.take().to_table()["price"]
    assert prices.null_count == 0
    assert [math.isnan(p) for p in prices.to_pylist()] == [True, False]


def test_what_was_taken_does_not_change_any_more():
    buffer = Buffer(EVENTS["trade"])
    buffer.append("A", trades([1]))
    sealed = buffer.take()
    buffer.append("B", trades([2]))
    assert sealed.to_table()["trade_id"].to_pylist() == [1]
    assert buffer.take().to_table()["symbol"].to_pylist() == ["B"]
