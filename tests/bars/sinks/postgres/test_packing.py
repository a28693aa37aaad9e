"""A batch becomes rows of fixed width, as PostgreSQL's binary COPY has them."""

import struct

import numpy as np
import pytest

from argus.bars.sinks.postgres.packing import (
    HEADER,
    TRAILER,
    coded,
    microseconds,
    packed,
    staged_columns,
    unstorable,
)
from argus.bars.sinks.postgres.tables import BAR, FACTS, KLINE
from tests.bars.sinks.postgres.rows import TS, bar, kline, table

IDS = {n: np.array([7]) for n in ("coin_id", "quote_id", "exchange_id", "interval_id")}


def fields(fact, rows) -> dict[str, bytes]:
    texts = {f.name: coded(rows.column(f.name)) for f in fact.fields if f.kind == "text"}
    data = packed(fact, rows, ids=IDS, targets=np.array([2]), texts=texts)
    assert data.startswith(HEADER)
    assert data.endswith(TRAILER)
    at, found = len(HEADER) + 2, {}
    (count,) = struct.unpack_from(">h", data, len(HEADER))
    columns = staged_columns(fact)
    assert count == len(columns)
    for name, _ in columns:
        (length,) = struct.unpack_from(">i", data, at)
        found[name] = data[at + 4 : at + 4 + length]
        at += 4 + length
    assert at == len(data) - len(TRAILER)
    return found


def test_row_is_as_postgresql_reads_it():
    found = fields(BAR, table([bar(3, revision=2, ts_open=TS + 1999)]))
    assert struct.unpack(">q", found["time"]) == ((TS // 1000 + 1) - 946_684_800_000_000,)
    assert found["target"] == b"\0\2"
    assert found["coin_id"] == b"\0\0\0\7"
    assert struct.unpack(">d", found["close"]) == (102.0,)
    assert struct.unpack(">q", found["sequence"]) == (3,)
    assert struct.unpack(">q", found["ts_open"]) == (TS + 1999,)
    assert found["clamped"] == b"\1"
    assert found["rule"] == b"\0\1"


def test_null_is_told_by_a_bit():
    some = struct.unpack(">q", fields(BAR, table([bar(1, vpin=0.5)]))["nulls"])[0]
    assert some == 0
    nulls = fields(BAR, table([bar(1, theta=None, first_trade_id=None)]))
    assert struct.unpack(">q", nulls["nulls"])[0].bit_count() == 3  # and vpin
    assert struct.unpack(">q", fields(KLINE, table([kline(1)]))["nulls"]) == (0,)


def test_time_is_cut_off_below_a_microsecond_also_before_1970():
    assert list(microseconds(np.array([-1, 0, 999, 1000])) + 946_684_800_000_000) == [-1, 0, 0, 1]


def test_words_are_numbers_of_those_that_occur():
    rows = table([bar(1, profile="b"), bar(2, profile="a"), bar(3, profile="b")])
    found = coded(rows.column("profile").slice(1))
    assert [found.words[code] for code in found.codes] == ["a", "b"]
    assert len(found.words) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_number_that_has_to_be_one_is_finite(value):
    rows = table([bar(1), bar(2, volume=value), bar(3, theta=value)])
    assert unstorable(BAR, rows) == [
        None,
        f"volume is {value}, expected a finite number",
        None,
    ]


def test_every_kind_of_rows_can_be_staged():
    assert [len(staged_columns(fact)) for fact in FACTS.values()] == [
        len(fact.fields) + 2 for fact in FACTS.values()
    ]
