"""Real traffic with planted damage: the audit names what was planted, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from argus.storage.audit import verify
from argus.storage.certifying import certify
from argus.storage.change import Change
from argus.storage.checking import check
from argus.storage.findings import Book, PathDay, Verdict
from tests.daemon.test_recordings import FACTS, imported

SOURCE = "binance_spot"
BEFORE, AFTER = "2024-08-08", "2024-08-09"

type_of_key = tuple[str, str]
"""A data type and a date."""


@pytest.fixture
def data(tmp_path: Path, recordings: Path) -> Path:
    """Recorded traffic of two days, imported and certified."""
    imported(recordings, SOURCE, tmp_path)
    certify(tmp_path, verify(tmp_path).days, argus="1.0", now_ns=0)
    return tmp_path


def found(data: Path) -> dict[type_of_key, PathDay]:
    days = verify(data).days
    return {(day.partition.data_type, day.partition.date): day for day in days}


def changed(data: Path) -> dict[type_of_key, Change]:
    return {
        (c.partition.data_type, c.partition.date): c.change
        for c in check(data)
        if c.change is not Change.SAME
    }


def plant(day: PathDay, data: Path, damage: Callable[[pa.Table], pa.Table]) -> None:
    """Write a date file anew, damaged; its metadata is all that makes it ours."""
    path = data / day.partition.path
    pq.write_table(damage(pq.ParquetFile(path).read()), path)


def without(begin: int, end: int) -> Callable[[pa.Table], pa.Table]:
    return lambda table: pa.concat_tables([table.slice(0, begin), table.slice(end)])


def unwell(days: dict[type_of_key, PathDay]) -> dict[type_of_key, Verdict]:
    return {key: day.verdict for key, day in days.items() if day.verdict is Verdict.INCOMPLETE}


def test_what_was_recorded_is_proven_as_far_as_each_data_type_allows(data: Path):
    days = found(data)
    assert {key: (day.grade.value, day.verdict.value) for key, day in days.items()} == {
        ("trade", BEFORE): ("A", "complete"),
        ("trade", AFTER): ("A", "complete"),
        ("bbo", BEFORE): ("D", "unproven"),
        ("bbo", AFTER): ("D", "unproven"),
        ("book_delta", BEFORE): ("B", "complete"),
        ("book_delta", AFTER): ("B", "complete"),
        ("book_snapshot", BEFORE): ("D", "unproven"),
    }
    trades = [days["trade", date] for date in (BEFORE, AFTER)]
    assert [day.rows for day in trades] == [day.expected for day in trades]
    assert sum(day.rows for day in trades) == FACTS[SOURCE]["trade"]
    assert trades[1].previous_id == trades[0].last_id
    assert changed(data) == {}


def test_deleted_ids_are_named(data: Path):
    day = found(data)["trade", AFTER]
    plant(day, data, without(0, 2))
    plant(found(data)["trade", AFTER], data, without(998, 1003))
    now = found(data)
    first = day.first_id or 0
    holes = [(hole.first_id, hole.last_id) for hole in now["trade", AFTER].holes]
    assert holes == [(first, first + 1), (first + 1000, first + 1004)]
    assert now["trade", AFTER].expected == day.expected
    assert unwell(now) == {("trade", AFTER): Verdict.INCOMPLETE}
    assert changed(data) == {("trade", AFTER): Change.ALTERED}


def test_repeated_and_swapped_rows_are_counted(data: Path):
    trades, tops = found(data)["trade", BEFORE], found(data)["bbo", BEFORE]
    plant(trades, data, lambda t: pa.concat_tables([t.slice(0, 50), t.slice(47)]))
    order = [0, 2, 1, *range(3, tops.rows)]
    plant(tops, data, lambda t: t.take(order))
    now = found(data)
    assert {key: (day.repeats, day.disorder) for key, day in now.items() if not day.is_well} == {
        ("trade", BEFORE): (3, 1),
        ("bbo", BEFORE): (0, 1),
    }
    assert {key: day.missing for key, day in now.items() if day.missing} == {}
    assert set(changed(data)) == {("trade", BEFORE), ("bbo", BEFORE)}


def test_broken_depth_chain_is_found_where_it_breaks(data: Path):
    day = found(data)["book_delta", AFTER]
    cut = pq.ParquetFile(data / day.partition.path).read().slice(1500, 1)
    plant(day, data, without(1500, 1501))
    now = found(data)
    ids = [cut[name][0].as_py() for name in ("first_update_id", "last_update_id")]
    assert [[h.first_id, h.last_id] for h in now["book_delta", AFTER].holes] == [ids]
    assert unwell(now) == {("book_delta", AFTER): Verdict.INCOMPLETE}


def test_wrong_best_bid_is_found_wherever_a_book_shows_it(data: Path):
    """Every bid is a cent too low, and so every moment that can be compared differs."""
    days = found(data)
    compared = [day.book.compared for key, day in days.items() if key[0] == "bbo" and day.book]
    assert min(compared) > 100

    def damage(table: pa.Table) -> pa.Table:
        at = table.schema.get_field_index("bid_price")
        return table.set_column(at, table.schema.field(at), pc.subtract(table["bid_price"], 0.01))

    for date in (BEFORE, AFTER):
        plant(days["bbo", date], data, damage)
    now = found(data)
    books = [day.book for key, day in now.items() if key[0] == "bbo"]
    assert books == [Book(count, count) for count in compared]
    assert set(unwell(now)) == {(t, d) for t in ("bbo", "book_delta") for d in (BEFORE, AFTER)}
    assert changed(data) == {("bbo", BEFORE): Change.ALTERED, ("bbo", AFTER): Change.ALTERED}
