import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.columns import lake_schema
from argus.errors import StorageError
from argus.events import AggTrade, Origin, Side, Trade
from argus.lake import pieces
from argus.lake.joined import ids_of
from argus.lake.span import ALL, Span
from argus.lake.trades import trades
from argus.storage import holding as holdings
from argus.storage import parquet
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig, files, partition, trade
from tests.storage.facts import trades as facts

DAY = 86_400


def ids(data, span=ALL, symbols=("A",), **kwargs):
    found: dict[str, list[int]] = {}
    for symbol, table in trades(data, SOURCE, "trade", dict.fromkeys(symbols, span), **kwargs):
        found.setdefault(symbol, []).extend(ids_of("trade_id", table).tolist())
    return found


def rig(data, generation="g1"):
    made = Rig(data, generation)
    made.flusher.bump_all(generation)
    return made


def test_nothing_recorded_is_nothing(tmp_path):
    assert ids(tmp_path) == {}


def test_merged_and_unmerged_are_one_row_over_midnight(tmp_path):
    live = rig(tmp_path)
    live.chunk({"A": facts(range(-5, 3)), "B": facts([1])})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    live.chunk({"A": facts(range(3, 6)), "B": facts([2])})
    live.chunk({"A": facts(range(6, 9))})
    assert ids(tmp_path, symbols=["A", "B", "C"]) == {"A": list(range(-5, 9)), "B": [1, 2]}
    assert ids(tmp_path, Span(after=1)) == {"A": list(range(2, 9))}
    assert ids(tmp_path, Span(after=-3, until=4), rows_max=2) == {"A": list(range(-2, 5))}
    assert ids(tmp_path, Span(after=8)) == {}
    assert [name for name in files(tmp_path) if "trades" in name] == []


def test_columns_are_those_of_the_lake_or_those_asked_for(tmp_path):
    live = rig(tmp_path)
    live.chunk({"A": facts(range(3))})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    live.chunk({"A": facts(range(2, 5))})
    ((_, table),) = trades(tmp_path, SOURCE, "trade", {"A": ALL})
    assert table.schema.equals(lake_schema(Trade))
    assert table.num_rows == 5
    ((_, few),) = trades(tmp_path, SOURCE, "trade", {"A": ALL}, columns=["price"])
    assert few.column_names == ["ts_event", "ts_recv", "trade_id", "price"]


def test_aggregates_are_read_by_their_own_ids(tmp_path):
    live = Rig(tmp_path, "g1", data_type="agg_trade")
    live.flusher.bump_all("g1")
    live.chunk(
        {
            "A": [
                AggTrade(MIDNIGHT, 1, Origin.LIVE, n, 1.0, 2.0, Side.BUY, n, n, None)
                for n in (1, 2)
            ]
        }
    )
    ((_, table),) = trades(tmp_path, SOURCE, "agg_trade", {"A": Span(after=1)})
    assert table["agg_trade_id"].to_pylist() == [2]


def test_ids_that_cross_midnight_backwards_come_in_their_order(tmp_path):
    live = rig(tmp_path)
    late, early = MIDNIGHT + SECOND, MIDNIGHT - SECOND
    live.chunk(
        {"A": [trade(1, ts=early), trade(2, ts=late), trade(3, ts=early), trade(4, ts=late)]}
    )
    for _ in range(2):
        assert ids(tmp_path) == {"A": [1, 2, 3, 4]}
        assert ids(tmp_path, Span(after=2)) == {"A": [3, 4]}
        assert ids(tmp_path, Span(ts_from=MIDNIGHT)) == {"A": [2, 3, 4]}
        assert ids(tmp_path, Span(ts_until=MIDNIGHT)) == {"A": [1]}
        live.flusher.flush_all()


def test_recent_id_reads_neither_old_dates_nor_old_row_groups(tmp_path, monkeypatch):
    live = rig(tmp_path)
    for day in range(6):
        live.chunk(
            {
                "A": [
                    trade(n, ts=MIDNIGHT + (day * DAY + n) * SECOND)
                    for n in range(day * 9, day * 9 + 9)
                ]
            }
        )
        live.flusher.flush_all()
        live.flusher.bump_all("g1")
    opened, groups = [], []

    def told(path):
        opened.append(path)
        return parquet.opened(path)

    def counted(file, path, schema, wanted):
        groups.append(path)
        return parquet.row_groups(file, path, schema, wanted)

    monkeypatch.setattr(pieces, "opened", told)
    monkeypatch.setattr(pieces, "row_groups", counted)
    assert ids(tmp_path, Span(after=50)) == {"A": [51, 52, 53]}
    dates = {path.parent.name for path in opened}
    assert dates == {"date=2023-11-20", "date=2023-11-19", "date=2023-11-18"}
    assert [path.parent.name for path in groups] == ["date=2023-11-20"]


def test_chunks_that_are_not_accepted_do_not_count(tmp_path):
    Rig(tmp_path, "g1").chunk({"A": facts([1])})
    assert ids(tmp_path) == {}


def test_overlapping_generations_count_once(tmp_path):
    old, new = rig(tmp_path, "g1"), rig(tmp_path, "g2")
    old.chunk({"A": facts(range(6))})
    old.flusher.flush_all()
    old.flusher.bump_all("g1")
    old.chunk({"A": facts(range(6, 9))})
    new.chunk({"A": facts(range(3, 12))})
    assert ids(tmp_path) == {"A": list(range(12))}


def test_more_than_fits_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "ROWS_MAX", 5)
    live = rig(tmp_path)
    for start in range(0, 40, 4):
        live.chunk({"A": facts(range(start, start + 4)), "B": facts([start])})
    found = dict(trades(tmp_path, SOURCE, "trade", {"A": Span(after=3), "B": ALL}))
    assert found["A"]["trade_id"].to_pylist() == list(range(4, 40))
    assert found["A"]["trade_type"].to_pylist() == [None, "MARKET"] * 18
    assert found["B"].schema.equals(lake_schema(Trade))


def test_torn_files_are_left_out_and_named(tmp_path):
    live = rig(tmp_path)
    live.chunk({"A": facts(range(-3, 3))})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    chunk = tmp_path / live.chunk({"A": facts([3])}).chunk.path
    live.chunk({"A": facts([4])})
    date = tmp_path / partition("A", "2023-11-14").path
    for path in (chunk, date):
        path.write_bytes(path.read_bytes()[:-9])
    unread: list[Path] = []
    assert ids(tmp_path, unread=unread) == {"A": [0, 1, 2, 4]}
    assert sorted(unread) == sorted([chunk, date])


def test_damaged_page_is_left_out_and_named(tmp_path):
    live = rig(tmp_path)
    live.chunk({"A": facts(range(-3, 3))})
    live.flusher.flush_all()
    date = tmp_path / partition("A", "2023-11-14").path
    content = bytearray(date.read_bytes())
    content[60:90] = bytes(30)
    date.write_bytes(content)
    unread: list[Path] = []
    assert ids(tmp_path, unread=unread) == {"A": [0, 1, 2]}
    assert unread == [date]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=10), st.integers(-1, 60))
def test_any_order_of_chunks_and_merges_gives_every_trade_once(tmp_path_factory, steps, after):
    data = tmp_path_factory.mktemp("lake")
    rigs, told = [rig(data, f"g{n}") for n in range(2)], set()
    for kind, start in steps:
        numbers = range(start * 8 - 20, start * 8 - 10)
        if kind < 2:
            rigs[kind].flusher.bump_all(f"g{kind}")
            rigs[kind].chunk({"A": facts(numbers)})
            told |= set(numbers)
        else:
            rigs[kind - 2].flusher.flush_all()
        wanted = sorted(n for n in told if n > after)
        assert ids(data, Span(after=after), rows_max=3).get("A", []) == wanted
    shutil.rmtree(data)


def merging(live, monkeypatch, *, after_dates):
    """Record over midnight and merge it all, once, in the middle of the search."""
    steps = iter([lambda: (live.chunk({"A": facts(range(-2, 3))}), live.flusher.flush_all())])
    real = pieces.Finding._dates

    def dates(self, symbol, span):
        found = real(self, symbol, span) if after_dates else None
        next(steps, lambda: None)()
        return found if after_dates else real(self, symbol, span)

    monkeypatch.setattr(pieces.Finding, "_dates", dates)


@pytest.mark.parametrize("after_dates", [True, False])
def test_merge_during_the_search_leaves_no_hole(tmp_path, monkeypatch, after_dates):
    live = rig(tmp_path)
    live.chunk({"A": facts(range(-9, -2))})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    merging(live, monkeypatch, after_dates=after_dates)
    assert ids(tmp_path) == {"A": list(range(-9, 3))}


def test_merge_during_reading_changes_nothing(tmp_path):
    live = rig(tmp_path)
    live.chunk({"A": facts(range(-9, 0)), "B": facts([1])})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    live.chunk({"A": facts(range(6)), "B": facts([2])})
    found = trades(tmp_path, SOURCE, "trade", {"A": ALL, "B": ALL}, rows_max=2)
    read = [next(found)]
    live.chunk({"A": facts(range(6, 9))})
    live.flusher.flush_all()
    read += found
    numbers = {s: [n for t, b in read if t == s for n in b["trade_id"].to_pylist()] for s in "AB"}
    assert numbers == {"A": list(range(-9, 6)), "B": [1, 2]}


def no_links(*_):
    raise OSError(30, "Read-only file system")


def test_without_links_a_merge_during_reading_is_met(tmp_path, monkeypatch):
    monkeypatch.setattr(holdings, "passing_folder", no_links)
    live = rig(tmp_path)
    live.chunk({"A": facts(range(-9, 0))})
    live.flusher.flush_all()
    live.flusher.bump_all("g1")
    live.chunk({"A": facts(range(6))})
    found = trades(tmp_path, SOURCE, "trade", {"A": ALL}, rows_max=2)
    read = [next(found)]
    live.chunk({"A": facts(range(6, 9))})
    live.flusher.flush_all()
    read += found
    numbers = [n for _, b in read for n in b["trade_id"].to_pylist()]
    assert numbers in (list(range(-9, 6)), list(range(-9, 9)))


def test_what_changes_again_and_again_is_told(tmp_path, monkeypatch):
    live = rig(tmp_path)
    live.chunk({"A": facts(range(3)), "B": facts([1])})
    live.flusher.flush_all()
    real = pieces.Finding._is_same
    monkeypatch.setattr(
        pieces.Finding, "_is_same", lambda self, file: file[0].symbol != "A" and real(self, file)
    )
    with pytest.raises(StorageError, match="date files of A that changed during each of 5"):
        ids(tmp_path, symbols=["A", "B"])
    assert ids(tmp_path, symbols=["B"]) == {"B": [1]}
