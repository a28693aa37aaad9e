import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from argus.events import Instrument, Trade
from argus.storage.joining import Joining, absent, empty, key_columns
from tests.storage.test_identity import table

numbers = st.lists(st.integers(0, 40), max_size=30)


def rows(ids, price):
    return table(Trade, [{"trade_id": i, "price": price} for i in ids])


def cut(ids, sizes):
    """Cut a sorted list into pieces of some sizes."""
    ids, pieces = list(ids), []
    for size in sizes:
        pieces.append(ids[:size])
        ids = ids[size:]
    return [p for p in [*pieces, ids] if p]


def values(tables):
    found = pa.concat_tables([*tables, rows([], 0.0)])
    return list(zip(found["trade_id"].to_pylist(), found["price"].to_pylist(), strict=True))


@given(st.sets(st.integers(0, 40)), st.lists(st.integers(1, 9)), numbers)
def test_joined_rows_are_the_union_in_order_and_the_files_rows_win(old, sizes, new):
    pieces = cut(sorted(old), sizes)
    joining = Joining(Trade, rows(new, 2.0))
    found = values(joining.tables(rows(piece, 1.0) for piece in pieces))
    assert found == [(i, 1.0 if i in old else 2.0) for i in sorted(old | set(new))]
    assert joining.repeats == len(new) - len(set(new) - old)


@given(st.sets(st.integers(0, 40)), st.lists(st.integers(1, 9)), numbers)
def test_spans_keep_row_groups_and_give_the_same(old, sizes, new):
    pieces = cut(sorted(old), sizes)
    joining = Joining(Trade, rows(new, 2.0))
    ranges = [(piece[0], piece[-1]) for piece in pieces]
    found, repeats = [], joining.repeats
    for span in joining.spans(ranges):
        tables = [rows(pieces[i], 1.0) for i in span.groups]
        if span.new is None:
            (index,) = span.groups
            first, last = ranges[index]
            assert not any(first <= i <= last for i in new)
            found += tables
        else:
            found += list(span.new.tables(tables))
            repeats += span.new.repeats
    assert values(found) == [(i, 1.0 if i in old else 2.0) for i in sorted(old | set(new))]
    assert repeats == len(new) - len(set(new) - old)


def test_everything_is_joined_where_ranges_are_not_known():
    joining = Joining(Trade, rows([3], 2.0))
    assert [(s.groups, s.new is joining) for s in joining.spans([(1, 2), None])] == [((0, 1), True)]


def test_data_types_that_cannot_be_streamed_are_joined_whole():
    def definitions(*times):
        return table(Instrument, [{"ts_event": e, "ts_recv": r} for e, r in times])

    joining = Joining(Instrument, definitions((5, 1), (2, 9)))
    assert [(s.groups, s.new is joining) for s in joining.spans([(1, 2)])] == [((0,), True)]
    (found,) = joining.tables([definitions((1, 1)), definitions((3, 3))])
    assert found["ts_recv"].cast("int64").to_pylist() == [1, 9, 3]
    assert joining.repeats == 1


@given(numbers, st.lists(numbers, max_size=3))
def test_absent_are_the_facts_that_are_nowhere_yet(new, existing):
    names = key_columns(Trade)
    found = absent(Trade, [rows(ids, 1.0).select(names) for ids in existing], rows(new, 2.0))
    there = {i for ids in existing for i in ids}
    assert found["trade_id"].to_pylist() == sorted(set(new) - there)


def test_empty_table_has_the_columns_of_the_lake():
    assert empty(Trade).num_rows == 0
    assert "trade_id" in empty(Trade).column_names
