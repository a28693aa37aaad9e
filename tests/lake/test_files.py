import polars as pl

from argus.columns import columns
from argus.events import EVENTS
from argus.lake.files import HIVE_SCHEMA, KINDS, date_file, date_files, scan
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig, trades


def recorded(data):
    rig = Rig(data, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([-1, 0]), "1000": trades([0]), "币/=%": trades([3])})
    rig.flusher.flush_all()


def test_path_is_built_not_searched(tmp_path):
    recorded(tmp_path)
    at = {"source": SOURCE, "data_type": "trade", "date": "2023-11-15"}
    assert date_file(tmp_path, symbol="币/=%", **at).is_file()
    assert not date_file(tmp_path, symbol="B", **at).exists()


def test_files_are_found_by_symbol_and_date(tmp_path):
    recorded(tmp_path)
    found = date_files(tmp_path, "trade", symbol="A")
    assert [path.parent.name for path in found] == ["date=2023-11-14", "date=2023-11-15"]
    assert date_files(tmp_path, "trade", symbol="A", first="2023-11-15") == found[1:]
    assert date_files(tmp_path, "trade", symbol="A", last="2023-11-14") == found[:1]
    assert len(date_files(tmp_path, "trade", source=SOURCE)) == 4
    assert date_files(tmp_path, "bbo") == []


def test_scan_shows_values_and_hive_keys_in_full_precision(tmp_path):
    recorded(tmp_path)
    found = scan(tmp_path, "trade").sort("symbol", "trade_id").collect()
    assert found.select("symbol", "trade_id", pl.col("ts_recv").cast(pl.Int64)).rows() == [
        ("1000", 0, MIDNIGHT + 7),
        ("A", -1, MIDNIGHT - SECOND + 7),
        ("A", 0, MIDNIGHT + 7),
        ("币/=%", 3, MIDNIGHT + 3 * SECOND + 7),
    ]
    assert found.schema["date"] == pl.Date
    assert found.schema["symbol"] == pl.String


def test_scan_of_nothing_has_the_same_schema(tmp_path):
    recorded(tmp_path)
    some, none = scan(tmp_path, "trade"), scan(tmp_path, "trade", symbol="B")
    assert none.collect().rows() == []
    assert none.collect_schema() == some.collect_schema()


def test_every_kind_of_column_has_a_type_in_polars():
    names = {c.name for event in EVENTS.values() for c in columns(event) if c.kind in KINDS}
    assert names == {c.name for event in EVENTS.values() for c in columns(event)}
    assert list(HIVE_SCHEMA) == ["source", "data_type", "symbol", "year", "date"]
