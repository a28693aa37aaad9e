import shutil

from hypothesis import given, settings
from hypothesis import strategies as st

from argus.columns import lake_schema
from argus.events import Bar
from argus.lake.bars import SeriesStored, counting, sources_of_bars, stored_bars, stored_series
from argus.lake.query import UNREAD, query
from tests.lake.bar_facts import bar
from tests.lake.tables import table_of
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig

MINUTE = 60 * SECOND


def rig(data):
    made = Rig(data, "g1", data_type="bar")
    made.flusher.bump_all("g1")
    return made


def numbers(table):
    pairs = zip(table["sequence"].to_pylist(), table["revision"].to_pylist(), strict=True)
    return [n + r / 10 for n, r in pairs]


def test_no_bars_are_no_series_and_an_empty_table(tmp_path):
    assert stored_series(tmp_path) == []
    found = stored_bars(tmp_path, SOURCE, "A", "1m")
    assert found.schema.equals(lake_schema(Bar))
    assert found.num_rows == 0


def test_bars_come_back_as_they_were_told_merged_or_not(tmp_path):
    live = rig(tmp_path)
    bars = [bar(n, vpin=0.1 * n, gap=n == 2) for n in range(1, 5)]
    live.chunk({"A": bars[:2], "B": [bar(1)]})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    live.chunk({"A": [*bars[2:], bar(1, profile="tib_small")]})
    found = stored_bars(tmp_path, SOURCE, "A", "1m")
    assert found.to_pylist() == table_of(Bar, bars).to_pylist()
    assert found.schema.equals(lake_schema(Bar))


def test_only_the_bars_that_count_are_given(tmp_path):
    live = rig(tmp_path)
    live.chunk({"A": [bar(n) for n in range(1, 7)] + [bar(n, 1) for n in range(3, 5)]})
    # 5 and 6 are superseded by 3, though nothing has their number yet.
    assert numbers(stored_bars(tmp_path, SOURCE, "A", "1m")) == [1, 2, 3.1, 4.1]


def test_part_of_a_series_by_number_by_time_and_from_its_end(tmp_path):
    live = rig(tmp_path)
    live.chunk({"A": [bar(n) for n in range(1, 10)]})

    def part(**wanted):
        return numbers(stored_bars(tmp_path, SOURCE, "A", "1m", **wanted))

    assert part(sequence_from=8) == [8, 9]
    assert part(last=2) == [8, 9]
    assert part(ts_from=MIDNIGHT + 7 * MINUTE) == [8, 9]
    # A bar counts for the time between its begin and its last trade.
    assert part(ts_from=MIDNIGHT + 30 * SECOND, ts_until=MIDNIGHT + MINUTE) == [1]


def test_series_say_how_many_bars_revisions_and_gaps_there_are(tmp_path):
    live = rig(tmp_path)
    old = [bar(n) for n in range(1, 7)]
    new = [bar(n, 1, gap=n == 3, clamped=True) for n in range(3, 5)]
    live.chunk({"A": old + new, "B": [bar(1, profile="it's")]})
    first = SeriesStored(
        source=SOURCE, symbol="A", profile="1m", rule="time", bars=4, rows=8, sequence=4,
        revision=1, ts_first=old[0].ts_first, ts_last=new[-1].ts_last, gaps=1, clamped=2,
        last_trade_id=24,
    )  # fmt: skip
    assert stored_series(tmp_path, source=SOURCE)[0] == first
    assert [s.symbol for s in stored_series(tmp_path)] == ["A", "B"]
    assert [s.symbol for s in stored_series(tmp_path, profile="it's")] == ["B"]
    assert sources_of_bars(tmp_path, "A", "1m") == [SOURCE]
    assert sources_of_bars(tmp_path, "B", "1m") == []


def test_torn_file_is_named(tmp_path):
    live = rig(tmp_path)
    torn = tmp_path / live.chunk({"A": [bar(1)]}).chunk.path
    torn.write_bytes(torn.read_bytes()[:-9])
    found = stored_bars(tmp_path, SOURCE, "A", "1m")
    assert found.num_rows == 0
    assert found.schema.metadata[UNREAD].decode() == str(torn)


REVISIONS = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 3)), max_size=14)


@settings(max_examples=30, deadline=None)
@given(REVISIONS, REVISIONS)
def test_counting_bars_are_those_of_the_view(tmp_path_factory, a, b):
    data = tmp_path_factory.mktemp("lake")
    live = rig(data)
    live.chunk({s: [bar(*one) for one in rows] for s, rows in {"A": a, "B": b}.items() if rows})
    names = "symbol, sequence, revision"
    view = query(data, f"SELECT {names} FROM bars ORDER BY ALL").to_pylist()
    sql = f"SELECT {names} FROM ({counting('WHERE true')}) ORDER BY ALL"
    assert query(data, sql).to_pylist() == view
    shutil.rmtree(data)
