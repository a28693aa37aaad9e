from pathlib import PurePosixPath

import duckdb
import pyarrow.parquet as pq
import pytest

from argus.columns import columns
from argus.events import EVENTS
from argus.lake.views import (
    column_names,
    derived_view,
    duckdb_views,
    gaps_view,
    glob_of,
    levels_view,
    quoted,
    select_pending,
)
from tests.storage.facts import MIDNIGHT, SECOND, Rig, delta, trades
from tests.storage.gap_rows import filled, gap


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "it's [here]"
    rig = Rig(folder, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"1000": trades([-1, 0]), "币安/X": trades([1])})
    rig.flusher.flush_all()
    books = Rig(folder, "g2", data_type="book_delta")
    books.flusher.bump_all("g2")
    books.chunk({"1000": [delta(5), delta(6, levels=0)]})
    books.flusher.flush_all()
    return folder


def test_script_makes_views_that_stand_on_their_own(data):
    with duckdb.connect() as session:
        session.execute(duckdb_views(data, ["trade", "book_delta"]))
        found = session.sql(
            "SELECT symbol, date::VARCHAR, year, trade_id, epoch_ns(ts_event), typeof(date) "
            "FROM trade ORDER BY symbol, trade_id"
        ).fetchall()
        assert found == [
            ("1000", "2023-11-14", 2023, -1, MIDNIGHT - SECOND, "DATE"),
            ("1000", "2023-11-15", 2023, 0, MIDNIGHT, "DATE"),
            ("币安/X", "2023-11-15", 2023, 1, MIDNIGHT + SECOND, "DATE"),
        ]
        assert [c for c, *_ in session.execute("DESCRIBE trade").fetchall()] == [
            *(c.name for c in columns(EVENTS["trade"])),
            "source", "data_type", "symbol", "year", "date",
        ]  # fmt: skip
        assert session.sql(
            "SELECT last_update_id, book_side, level, price, size FROM book_delta_levels "
            "ORDER BY last_update_id, book_side DESC, level"
        ).fetchall() == [
            (5, "bid", 1, 100.0, 0.0),
            (5, "bid", 2, 101.0, 0.5),
            (5, "ask", 1, 100.0, 0.0),
        ]


def test_script_names_every_data_type():
    script = duckdb_views(PurePosixPath("data"))
    assert [name for name in EVENTS if f"CREATE OR REPLACE VIEW {name} AS" not in script] == []
    assert "CREATE OR REPLACE VIEW book_snapshot_levels AS" in script


def test_only_books_have_levels():
    assert [name for name in EVENTS if levels_view(name)] == ["book_delta", "book_snapshot"]


def test_folder_stands_for_itself_in_the_pattern():
    assert glob_of(PurePosixPath("a[b]*"), "bbo").startswith(
        "a[[]b][*]/lake/source=*/data_type=bbo/"
    )


def test_quotes_are_doubled():
    assert quoted("it's") == "'it''s'"


def test_pending_file_brings_its_own_hive_keys(data, tmp_path):
    names = column_names(EVENTS["trade"])
    table = pq.read_table(next(data.glob("lake/**/symbol=1000/**/*.parquet")))
    for name in names[len(table.column_names) :]:
        table = table.append_column(name, [["x"] * table.num_rows])
    path = tmp_path / "source=other"
    pq.write_table(table, path)
    with duckdb.connect() as session:
        rows = session.sql(f"SELECT source FROM ({select_pending(EVENTS['trade'], str(path))})")
        assert rows.fetchall() == [("x",)]


def test_script_has_one_row_per_gap(tmp_path):
    rig = Rig(tmp_path, "g1", data_type="gap")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": [gap(3, 5), gap(9, 9), filled(gap(3, 5))]})
    rig.flusher.flush_all()
    with duckdb.connect() as session:
        session.execute(duckdb_views(tmp_path, ["gap"]))
        found = session.sql(
            "SELECT symbol, of_data_type, first_missing_id, missing, reason, state, duration_ns, "
            "epoch_ns(ts_filled) FROM gaps ORDER BY first_missing_id"
        ).fetchall()
    assert found == [
        ("A", "trade", 3, 3, "cut", "filled", 4 * SECOND, filled(gap(3, 5)).ts_recv),
        ("A", "trade", 9, 1, "cut", "open", 2 * SECOND, None),
    ]


def test_gaps_derive_from_the_columns_that_tell_gaps_apart():
    assert [n for n in EVENTS["gap"].identity if f'"{n}"' not in gaps_view()] == []
    assert [derived_view(name) is None for name in ("trade", "book_delta", "gap")] == [
        True, False, False,
    ]  # fmt: skip
