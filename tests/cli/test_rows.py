"""The answer of a query in its three forms."""

from decimal import Decimal

import pyarrow as pa

from argus.cli.rows import numbers, plain, texts, to_csv

ANSWER = pa.table(
    {
        "ts": pa.array([1_700_000_000_123_456_789, None], pa.timestamp("ns", tz="UTC")),
        "side": pa.array(["buy", "sell"]).dictionary_encode(),
        "price": [1.5, None],
        "bids": [[{"price": 1.0, "size": 2.0}], []],
    }
)


def test_instants_keep_their_nanoseconds_in_json():
    assert plain(ANSWER) == [
        {
            "ts": "2023-11-14T22:13:20.123456789Z",
            "side": "buy",
            "price": 1.5,
            "bids": [{"price": 1.0, "size": 2.0}],
        },
        {"ts": None, "side": "sell", "price": None, "bids": []},
    ]


def test_texts_are_the_first_rows_and_null_is_empty():
    assert list(texts(ANSWER.select(["ts", "price"]), rows_max=1)) == [
        ["2023-11-14T22:13:20.123456789Z", "1.5"]
    ]
    assert list(texts(ANSWER.select(["price"]), rows_max=9)) == [["1.5"], [""]]


def test_csv_has_a_header_and_flat_cells():
    assert to_csv(ANSWER).splitlines() == [
        '"ts","side","price","bids"',
        '"2023-11-14T22:13:20.123456789Z","buy",1.5,"[{\'price\': 1.0, \'size\': 2.0}]"',
        ',"sell",,"[]"',
    ]


def test_columns_of_numbers_are_named():
    assert numbers(ANSWER) == ["price"]


def test_answer_without_rows_keeps_its_columns():
    empty = ANSWER.slice(0, 0)
    assert plain(empty) == []
    assert to_csv(empty) == '"ts","side","price","bids"\n'


def test_decimals_become_numbers_where_they_fit():
    """DuckDB answers a sum of integers with a decimal of 38 digits."""
    whole = pa.array([Decimal(3)], pa.decimal128(38, 0))
    parted = pa.array([Decimal("0.5")], pa.decimal128(18, 1))
    large = pa.array([Decimal(10**30)], pa.decimal128(38, 0))
    assert plain(pa.table({"a": whole, "b": parted, "c": large})) == [
        {"a": 3, "b": 0.5, "c": "1000000000000000000000000000000"}
    ]
