"""Columns derived from events: schemas, encodings, SQL, and the page about them."""

from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from argus.columns import (
    Column,
    Kind,
    chunk_schema,
    columns,
    encodings,
    lake_schema,
    reference,
    sql_columns,
)
from argus.events import EVENTS, BookDelta, Event, Gap, Kline, Trade

TIME = pa.timestamp("ns", tz="UTC")
CATEGORY = pa.dictionary(pa.int32(), pa.string())
LEVELS = pa.list_(pa.struct([("price", pa.float64()), ("size", pa.float64())]))
each_event = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)


def shown(schema: pa.Schema) -> list[tuple[str, pa.DataType, bool]]:
    return [(field.name, field.type, field.nullable) for field in schema]


def test_schema_of_trades_is_as_the_design_has_it():
    assert shown(lake_schema(Trade)) == [
        ("ts_event", TIME, True),
        ("ts_recv", TIME, False),
        ("origin", CATEGORY, False),
        ("trade_id", pa.int64(), False),
        ("price", pa.float64(), False),
        ("size", pa.float64(), False),
        ("side", CATEGORY, False),
        ("trade_type", CATEGORY, True),
    ]


def test_schema_of_diffs_has_lists_of_levels():
    assert shown(lake_schema(BookDelta))[3:] == [
        ("first_update_id", pa.int64(), False),
        ("last_update_id", pa.int64(), False),
        ("previous_update_id", pa.int64(), True),
        ("bids", LEVELS, False),
        ("asks", LEVELS, False),
    ]


@each_event
def test_chunk_is_the_lake_with_the_symbol_before_it(event):
    assert shown(chunk_schema(event)) == [("symbol", CATEGORY, False), *shown(lake_schema(event))]


@each_event
def test_schema_names_its_version(event):
    for schema in (lake_schema(event), chunk_schema(event)):
        assert schema.metadata == {b"argus.schema_version": b"1"}


@each_event
def test_fields_that_begin_with_ts_and_no_others_are_times(event):
    names = [c.name for c in columns(event) if c.kind is Kind.TIME]
    assert names == [c.name for c in columns(event) if c.name.startswith("ts_")]


@each_event
def test_every_column_is_written_with_an_encoding_that_suits_it(event, tmp_path):
    schema = chunk_schema(event)
    how = encodings(event)
    file = tmp_path / "empty.parquet"
    pq.write_table(schema.empty_table(), file, **how)
    assert pq.read_schema(file).remove_metadata() == schema.remove_metadata()
    assert "symbol" in how["use_dictionary"]
    assert [c for c in how["use_dictionary"] if c in how["column_encoding"]] == []


def test_times_and_ids_are_packed_as_differences():
    assert list(encodings(Kline)["column_encoding"]) == [
        *("ts_event", "ts_recv", "ts_open", "ts_close", "trades"),
    ]


def test_sql_says_what_may_be_null():
    assert sql_columns(Trade).splitlines()[:4] == [
        "    ts_event TIMESTAMP WITH TIME ZONE,",
        "    ts_recv TIMESTAMP WITH TIME ZONE NOT NULL,",
        "    origin VARCHAR NOT NULL,",
        "    trade_id BIGINT NOT NULL,",
    ]
    assert "    bids STRUCT(price DOUBLE, size DOUBLE)[] NOT NULL," in sql_columns(BookDelta)


def test_text_is_stored_as_it_is():
    raw = columns(EVENTS["instrument"])[-1]
    assert (raw.name, raw.kind, raw.nullable) == ("raw", Kind.TEXT, False)


def test_column_knows_its_documentation():
    assert columns(Gap)[3] == Column(
        "of_data_type", Kind.CATEGORY, nullable=False, doc="data type of the path that has the gap"
    )


def test_page_has_every_data_type_with_every_column():
    page = reference().splitlines()
    assert [line[3:] for line in page if line.startswith("## ")] == list(EVENTS)
    rows = [line.split(" | ")[0][2:] for line in page if line.startswith("| ")]
    assert [row for row in rows if row != "column"] == [
        c.name for event in EVENTS.values() for c in columns(event)
    ]


def test_field_without_documentation_is_refused():
    class Bare(Event, frozen=True):
        number: int

    with pytest.raises(AssertionError, match="number has no documentation"):
        columns(Bare)


def test_time_that_is_no_integer_is_refused():
    class Late(Event, frozen=True):
        ts_late: Annotated[float, "an instant"]

    with pytest.raises(AssertionError, match="ts_late"):
        columns(Late)
