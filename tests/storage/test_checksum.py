import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.columns import Kind, columns, lake_schema
from argus.errors import TornFile
from argus.events import EVENTS, Instrument
from argus.storage.checksum import RowsChecksum
from tests.storage.test_identity import table

OTHER = {
    Kind.TIME: 8,
    Kind.INTEGER: 8,
    Kind.NUMBER: 8.5,
    Kind.FLAG: True,
    Kind.CATEGORY: "other",
    Kind.TEXT: "other",
    Kind.LEVELS: [{"price": 1.0, "size": 2.0}],
}
VALUES = {
    Kind.TIME: 0,
    Kind.INTEGER: 0,
    Kind.NUMBER: 0.0,
    Kind.FLAG: False,
    Kind.CATEGORY: "",
    Kind.TEXT: "",
    Kind.LEVELS: [{"price": 1.0, "size": 2.5}],
}


def checksum(event, *tables):
    found = RowsChecksum(event)
    for rows in tables:
        found.follow(rows)
    return found.hexdigest()


def row(event, **changes):
    return {c.name: VALUES[c.kind] for c in columns(event)} | changes


@pytest.mark.parametrize("event", EVENTS.values())
def test_every_value_counts_and_a_null_is_not_a_zero(event):
    before, after = row(event), row(event)
    sums = [checksum(event, table(event, [before, after]))]
    for column in columns(event):
        changed = {column.name: OTHER[column.kind]}
        sums.append(checksum(event, table(event, [before | changed, after])))
        sums.append(checksum(event, table(event, [before, after | changed])))
        if column.nullable:
            sums.append(checksum(event, table(event, [before | {column.name: None}, after])))
    sums.append(checksum(event, table(event, [before])))
    assert len(set(sums)) == len(sums)


@pytest.mark.parametrize("event", EVENTS.values())
@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_it_does_not_matter_in_which_pieces_rows_come(event, numbers, at, begin):
    rows = [row(event, **{c.name: OTHER[c.kind] for c in columns(event)[:n]}) for n in numbers]
    whole = table(event, rows)
    assert checksum(event, whole) == checksum(event, whole.slice(0, at), whole.slice(at))
    padded = pa.concat_tables([table(event, [row(event)] * begin), whole])
    assert checksum(event, whole) == checksum(event, padded.slice(begin))


def test_dictionaries_do_not_count():
    texts = ["b", "a", None, "b"]
    dictionaries = [
        pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 1], pa.int32()), ["a", "b"]),
        pa.DictionaryArray.from_arrays(pa.array([0, 2, None, 0], pa.int32()), ["b", "c", "a"]),
    ]
    rows = table(Instrument, [row(Instrument, contract_type=text) for text in texts])
    at = rows.schema.get_field_index("contract_type")
    sums = {
        checksum(Instrument, rows.set_column(at, rows.schema.field(at), [codes]))
        for codes in dictionaries
    }
    assert sums == {checksum(Instrument, rows)}


@pytest.mark.parametrize("code", [3, -1])
def test_value_that_no_dictionary_has_is_torn(code):
    """Arrow hands over what it read of a damaged file unless it is asked to look."""
    rows = table(Instrument, [row(Instrument)])
    broken = pa.DictionaryArray.from_arrays(pa.array([code], pa.int32()), ["a"], safe=False)
    at = rows.schema.get_field_index("status")
    with pytest.raises(TornFile, match=f"found the code {code}, expected one of 1 values"):
        checksum(Instrument, rows.set_column(at, rows.schema.field(at), [broken]))


def test_order_counts():
    event = EVENTS["trade"]
    one, other = row(event, trade_id=1), row(event, trade_id=2)
    sums = {checksum(event, table(event, rows)) for rows in ([one, other], [other, one])}
    assert len(sums) == 2


def test_levels_count_where_they_are():
    event = EVENTS["book_delta"]
    level = {"price": 1.0, "size": 2.0}
    sums = {
        checksum(event, table(event, [row(event, bids=first), row(event, bids=second)]))
        for first, second in [([level], []), ([], [level])]
    }
    assert len(sums) == 2


def test_checksum_of_no_rows_is_that_of_an_empty_table():
    for event in EVENTS.values():
        assert checksum(event) == checksum(event, lake_schema(event).empty_table())
