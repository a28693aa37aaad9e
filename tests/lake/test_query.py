import os
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from argus.columns import columns
from argus.errors import StorageError
from argus.events import EVENTS, Bbo, Gap, GapReason, GapState, Origin
from argus.lake import query as asking
from argus.lake import snapshot as taking
from argus.lake.query import UNREAD, query
from argus.storage.gaps import read_ledger
from argus.storage.tiers import Tiers
from tests.storage.facts import MIDNIGHT, SECOND, Rig, delta, files, trade, trades
from tests.storage.gap_rows import filled, gap

IDS = "SELECT symbol, list(trade_id ORDER BY trade_id) AS ids FROM trade GROUP BY ALL ORDER BY ALL"


def ids(data):
    return {row["symbol"]: row["ids"] for row in query(data, IDS).to_pylist()}


@pytest.mark.parametrize("data_type", EVENTS)
def test_empty_lake_has_every_view_with_its_columns(tmp_path, data_type):
    answer = query(tmp_path, f"SELECT * FROM {data_type}")
    assert answer.num_rows == 0
    assert answer.column_names == [
        *(c.name for c in columns(EVENTS[data_type])),
        "source", "data_type", "symbol", "year", "date",
    ]  # fmt: skip
    assert answer.schema.field("ts_recv").type == pa.timestamp("ns", tz="UTC")
    assert files(tmp_path) == []


def test_chunks_count_before_and_after_they_are_merged(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(-3, 3)), "B": trades([5])})
    whole = {"A": [-3, -2, -1, 0, 1, 2], "B": [5]}
    assert ids(tmp_path) == whole
    rig.flusher.flush("A", "g1")
    assert ids(tmp_path) == whole
    rig.chunk({"A": trades([3])})
    whole["A"].append(3)
    assert ids(tmp_path) == whole
    rig.flusher.flush_all()
    assert ids(tmp_path) == whole
    assert [f for f in files(tmp_path) if "query" in f] == []


def test_chunks_that_are_not_accepted_do_not_count(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.chunk({"A": trades([1]), "B": trades([1])})
    assert ids(tmp_path) == {}
    rig.flusher.bump("B", "g1")
    assert ids(tmp_path) == {"B": [1]}


def test_overlapping_generations_count_once_before_they_are_merged(tmp_path):
    old, new = Rig(tmp_path, "g1"), Rig(tmp_path, "g2")
    old.flusher.bump_all("g1")
    old.chunk({"A": trades(range(6))})
    old.flusher.flush_all()
    old.flusher.bump_all("g1")
    old.chunk({"A": trades(range(6, 9))})
    new.flusher.bump_all("g2")
    new.chunk({"A": trades(range(3, 12))})
    assert ids(tmp_path) == {"A": list(range(12))}


def test_values_are_the_same_before_and_after_the_merge(tmp_path):
    rig = Rig(tmp_path, "g1", data_type="book_delta")
    rig.flusher.bump_all("g1")
    rig.chunk({"币安/X": [delta(1), delta(2, 6)]})
    sql = "SELECT * FROM book_delta ORDER BY last_update_id"
    before = query(tmp_path, sql)
    rig.flusher.flush_all()
    assert query(tmp_path, sql).to_pylist() == before.to_pylist()
    assert query(tmp_path, sql).schema == before.schema
    assert before["bids"].to_pylist()[0] == [
        {"price": 100.0, "size": 0.0}, {"price": 101.0, "size": 0.5},
    ]  # fmt: skip


def test_asof_join_ends_and_keeps_nanoseconds(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": [trade(n, ts=MIDNIGHT + n * SECOND + 1) for n in range(50)]})
    rig.flusher.flush_all()
    quotes = Rig(tmp_path, "g2", data_type="bbo")
    quotes.flusher.bump_all("g2")
    times = [MIDNIGHT + n * SECOND for n in range(50)]
    quotes.chunk(
        {"A": [Bbo(ts, ts, Origin.LIVE, n, 1.0, 1.0, 2.0, 1.0) for n, ts in enumerate(times)]}
    )
    quotes.flusher.flush_all()
    answer = query(
        tmp_path,
        "SELECT trade_id, update_id, epoch_ns(trade.ts_event) - epoch_ns(bbo.ts_event) AS ns "
        "FROM trade ASOF JOIN bbo USING (symbol, ts_event) ORDER BY 1",
    )
    assert answer.to_pylist() == [{"trade_id": n, "update_id": n, "ns": 1} for n in range(50)]


def test_gaps_without_a_venue_time_are_found(tmp_path):
    rig = Rig(tmp_path, "g1", data_type="gap")
    rig.flusher.bump_all("g1")
    gap = Gap(
        None, MIDNIGHT, Origin.LIVE, "trade", 1, 2, None, None, None, GapReason.CUT, GapState.OPEN
    )
    rig.chunk({"A": [gap, gap]})
    sql = "SELECT date::VARCHAR, reason, state FROM gap"
    for _ in range(2):
        assert query(tmp_path, sql).to_pylist() == [
            {"CAST(date AS VARCHAR)": "2023-11-15", "reason": "cut", "state": "open"}
        ]
        rig.flusher.flush_all()


def test_torn_chunk_is_left_out_and_named(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([1])})
    torn = tmp_path / rig.chunk({"A": trades([2])}).chunk.path
    torn.write_bytes(torn.read_bytes()[:-9])
    answer = query(tmp_path, IDS)
    assert answer.to_pylist() == [{"symbol": "A", "ids": [1]}]
    assert answer.schema.metadata[UNREAD].decode() == str(torn)


def test_wrong_sql_is_told(tmp_path):
    with pytest.raises(duckdb.Error, match="tradde"):
        query(tmp_path, "SELECT * FROM tradde")


def no_links(*_):
    raise OSError(30, "Read-only file system")


def test_lake_without_links_is_read_as_it_lies(tmp_path, monkeypatch):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3))})
    rig.flusher.flush_all()
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(2, 5))})
    monkeypatch.setattr(asking, "passing_folder", no_links)
    assert ids(tmp_path) == {"A": [0, 1, 2, 3, 4]}


def test_lake_without_links_that_changes_is_read_again(tmp_path, monkeypatch):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3))})
    monkeypatch.setattr(asking, "passing_folder", no_links)
    take, changes = taking.snapshot, [lambda: rig.chunk({"A": trades([3])}), rig.flusher.flush_all]

    def changing(*args, **kwargs):
        found = take(*args, **kwargs)
        if changes:
            changes.pop(0)()
        return found

    monkeypatch.setattr(asking, "snapshot", changing)
    assert ids(tmp_path) == {"A": [0, 1, 2, 3]}
    changes += [lambda: rig.chunk({"A": trades([4])})] * 100
    with pytest.raises(StorageError, match="changed during each of 5 attempts"):
        ids(tmp_path)


def test_merge_between_holding_the_chunks_and_asking_changes_nothing(tmp_path, monkeypatch):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3)), "B": trades([0])})
    rig.flusher.flush("A", "g1")
    rig.chunk({"A": trades(range(3, 6)), "C": trades([0])})
    take = taking.snapshot

    def merging(*args, **kwargs):
        found = take(*args, **kwargs)
        rig.flusher.flush_all()
        return found

    monkeypatch.setattr(asking, "snapshot", merging)
    assert ids(tmp_path) == {"A": [0, 1, 2, 3, 4, 5], "B": [0], "C": [0]}


def test_what_a_killed_query_left_is_removed(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([1])})
    left = tmp_path / "temp/.query-left/lake"
    left.mkdir(parents=True)
    os.link(next(tmp_path.glob("temp/g1/*/*/*.parquet")), left / "x.parquet")
    assert ids(tmp_path) == {"A": [1]}
    assert not left.exists()


numbers = st.lists(st.integers(-20, 20), min_size=1, max_size=6)
steps = st.tuples(
    st.sampled_from(["g1", "g2"]),
    st.dictionaries(st.sampled_from("AB"), numbers, min_size=1),
    st.sampled_from(["", "A", "B", "all"]),
)


@settings(max_examples=25)
@given(script=st.lists(steps, max_size=7), rows_max=st.integers(1, 20))
def test_query_sees_each_recorded_fact_once_whatever_is_merged(tmp_path_factory, script, rows_max):
    data = tmp_path_factory.mktemp("data")
    rigs = {g: Rig(data, g, tiers=Tiers(rows_max=rows_max)) for g in ("g1", "g2")}
    wanted: dict[str, set[int]] = {}
    for generation, facts, merge in script:
        rig = rigs[generation]
        rig.flusher.bump_all(generation)
        rig.chunk({symbol: trades(found) for symbol, found in facts.items()})
        for symbol, found in facts.items():
            wanted.setdefault(symbol, set()).update(found)
        if merge == "all":
            rig.flusher.flush_all()
        elif merge:
            rig.flusher.flush(merge, generation)
        assert ids(data) == {symbol: sorted(found) for symbol, found in wanted.items()}


def test_torn_date_file_is_named_and_everything_else_is_answered(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3)), "B": trades([5])})
    rig.flusher.flush_all()
    torn = next((tmp_path / "lake").glob("**/symbol=A/**/data.parquet"))
    torn.write_bytes(torn.read_bytes()[:-50])
    answer = query(tmp_path, "SELECT symbol, trade_id FROM trade")
    assert answer.to_pylist() == [{"symbol": "B", "trade_id": 5}]
    assert answer.schema.metadata[UNREAD].decode() == str(torn)


def test_times_can_be_reckoned_with(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3))})
    answer = query(
        tmp_path,
        "SELECT date_trunc('minute', ts_event) AS minute, max(ts_recv) - min(ts_recv) AS span, "
        "time_bucket(INTERVAL '1 minute', ts_recv) AS bucket FROM trade GROUP BY ALL",
    )
    assert answer.num_rows > 0


@pytest.mark.parametrize("is_merged", [True, False])
def test_each_gap_is_one_row_with_its_present_state(tmp_path, is_merged):
    night, blind = gap(-5, 5), gap(None, None, ts_from=MIDNIGHT, ts_until=MIDNIGHT + SECOND)
    rows = {
        "A": [gap(3, 9), gap(6, 7), filled(gap(3, 9), 60), filled(gap(3, 9), 50), blind],
        "B": [night, gap(3, 9), filled(structs.replace(night, ts_event=night.ts_until))],
    }
    for n, symbol in enumerate(rows):
        rig = Rig(tmp_path, f"g{n}", data_type="gap")
        rig.flusher.bump_all(f"g{n}")
        rig.chunk({symbol: rows[symbol]})
        if is_merged:
            rig.flusher.flush_all()
    found = query(tmp_path, "SELECT * FROM gaps ORDER BY symbol, ts_from, ts_until").to_pylist()
    zones = [row.pop("ts_recorded") for row in found]
    assert [zone.value for zone in zones] == [e.ts_recorded for e in by_time(tmp_path)]
    times = ("ts_from", "ts_until", "ts_filled")
    plain = [{**row, **{t: row[t] and row[t].value for t in times}} for row in found]
    assert plain == [
        {
            "source": entry.source, "symbol": entry.symbol, "of_data_type": entry.data_type,
            "ts_from": entry.ts_from, "ts_until": entry.ts_until,
            "first_missing_id": entry.first_missing_id, "last_missing_id": entry.last_missing_id,
            "reason": entry.reason, "missing": entry.missing, "state": entry.state,
            "duration_ns": entry.duration_ns, "ts_filled": entry.ts_filled,
            "date": datetime.fromtimestamp(entry.ts_from // SECOND, UTC).date(),
        }
        for entry in by_time(tmp_path)
    ]  # fmt: skip
    assert [(row["symbol"], row["state"]) for row in plain] == [
        ("A", "open"), ("A", "filled"), ("A", "open"), ("B", "filled"), ("B", "open"),
    ]  # fmt: skip


def by_time(data):
    entries = read_ledger(data).entries
    return sorted(entries, key=lambda e: (e.symbol, e.ts_from, e.ts_until))


def test_gap_and_gaps_can_be_asked_together(tmp_path):
    rig = Rig(tmp_path, "g1", data_type="gap")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": [gap(3, 5), filled(gap(3, 5))]})
    sql = "SELECT (SELECT count(*) FROM gap) AS rows, (SELECT count(*) FROM GAPS) AS gaps"
    assert query(tmp_path, sql).to_pylist() == [{"rows": 2, "gaps": 1}]


def test_empty_lake_has_no_gaps(tmp_path):
    assert query(tmp_path, "SELECT * FROM gaps").num_rows == 0
