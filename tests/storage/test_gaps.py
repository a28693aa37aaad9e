"""The ledger of a data folder: through the storage's own handlers, merged or not."""

import errno
from pathlib import Path

import pytest

from argus.events import GapState
from argus.storage import holding
from argus.storage.gaps import read_ledger
from argus.storage.ledger import fold
from tests.storage.facts import SOURCE, Rig, partition
from tests.storage.gap_rows import at, entry, filled, gap, table

BEFORE, AFTER = "2023-11-14", "2023-11-15"


def record(data: Path, generation: str, *, merged: bool = True, accepted: bool = True, **gaps):
    """Record gaps by symbol, in one generation."""
    rig = Rig(data, generation, data_type="gap")
    if accepted:
        rig.flusher.bump_all(generation)
    rig.chunk(gaps)
    if merged:
        rig.flusher.flush_all()


@pytest.fixture(params=[True, False], ids=["merged", "waiting"])
def merged(request) -> bool:
    return request.param


def test_folder_without_gaps_has_an_empty_ledger(tmp_path):
    ledger = read_ledger(tmp_path)
    assert (ledger.entries, ledger.unread) == ((), ())
    (tmp_path / "temp").mkdir()
    assert read_ledger(tmp_path).entries == ()


def test_open_and_filled_gaps_of_several_symbols(tmp_path, merged):
    record(tmp_path, "g1", merged=merged, A=[gap(3, 5), gap(8, 8)], B=[gap(3, 5)])
    record(tmp_path, "g2", merged=merged, A=[filled(gap(3, 5))])
    closed = filled(gap(3, 5))
    assert read_ledger(tmp_path).entries == (
        entry(gap(3, 5), state=GapState.FILLED, ts_filled=closed.ts_recv),
        entry(gap(8, 8)),
        entry(gap(3, 5), "B"),
    )


def test_merging_changes_nothing(tmp_path):
    record(tmp_path, "g1", A=[gap(3, 5), gap(8, 8)])
    rig = Rig(tmp_path, "g2", data_type="gap")
    rig.flusher.bump_all("g2")
    rig.chunk({"A": [filled(gap(8, 8)), gap(11, 12)]})
    before = read_ledger(tmp_path)
    assert [(e.first_missing_id, e.is_open) for e in before.entries] == [
        (3, True),
        (8, False),
        (11, True),
    ]
    rig.flusher.flush_all()
    assert read_ledger(tmp_path) == before


def test_fill_in_the_lake_closes_a_gap_whose_row_still_waits(tmp_path):
    record(tmp_path, "g1", A=[filled(gap())])
    record(tmp_path, "g2", merged=False, A=[gap()])
    (found,) = read_ledger(tmp_path).entries
    assert (found.state, found.ts_recorded) == (GapState.FILLED, gap().ts_recv)


def test_two_writers_that_recorded_the_same_gap_make_one(tmp_path, merged):
    """Each recorder received the fact after the gap at an instant of its own."""
    other = gap(ts_recv=gap().ts_recv - 3)
    record(tmp_path, "g1", merged=merged, A=[gap()])
    record(tmp_path, "g2", merged=merged, A=[other])
    (found,) = read_ledger(tmp_path).entries
    assert found.key == entry(gap()).key
    assert found.is_open


def test_gap_over_midnight_is_filed_once_and_closed_from_the_other_day(tmp_path, merged):
    night = gap(-5, 5)
    closed = filled(gap(-5, 5, ts_event=night.ts_until))
    record(tmp_path, "g1", merged=merged, A=[night])
    assert read_ledger(tmp_path).entries == (entry(night),)
    record(tmp_path, "g2", merged=merged, A=[closed])
    expected = entry(night, state=GapState.FILLED, ts_filled=closed.ts_recv)
    assert read_ledger(tmp_path).entries == (expected,)
    dates = {path.parent.name for path in tmp_path.glob("lake/**/*.parquet")}
    assert dates == ({f"date={BEFORE}", f"date={AFTER}"} if merged else set())


def test_source_and_symbol_narrow_it_down(tmp_path, merged):
    record(tmp_path, "g1", merged=merged, A=[gap()], B=[gap()])
    assert [e.symbol for e in read_ledger(tmp_path, symbol="B").entries] == ["B"]
    assert [e.symbol for e in read_ledger(tmp_path, source=SOURCE).entries] == ["A", "B"]
    assert read_ledger(tmp_path, source="other").entries == ()


def test_what_is_not_accepted_is_not_in_it(tmp_path):
    record(tmp_path, "g1", merged=False, accepted=False, A=[gap()])
    assert read_ledger(tmp_path).entries == ()


def test_torn_date_file_is_named_and_the_rest_is_read(tmp_path):
    record(tmp_path, "g1", A=[gap()], B=[gap()])
    path = tmp_path / partition("A", AFTER, "gap").path
    path.write_bytes(path.read_bytes()[:-5])
    ledger = read_ledger(tmp_path)
    assert ([e.symbol for e in ledger.entries], ledger.unread) == (["B"], (path,))
    assert read_ledger(tmp_path, symbol="B").unread == ()


def test_torn_chunk_is_named_and_the_rest_is_read(tmp_path):
    record(tmp_path, "g1", merged=False, A=[gap(1, 2)])
    record(tmp_path, "g2", merged=False, A=[gap(5, 6)])
    (path,) = tmp_path.glob("temp/g1/**/*.parquet")
    path.write_bytes(path.read_bytes()[:-5])
    ledger = read_ledger(tmp_path)
    assert [e.first_missing_id for e in ledger.entries] == [5]
    assert ledger.unread == (path,)


def test_files_that_were_set_aside_are_named(tmp_path):
    record(tmp_path, "g1", merged=False, A=[gap(1, 2)])
    (chunk,) = tmp_path.glob("temp/g1/**/*.parquet")
    chunk = chunk.rename(f"{chunk}.torn")
    folder = tmp_path / "torn" / "/".join(partition("A", AFTER, "gap").path.parts[1:-1])
    folder.mkdir(parents=True)
    (folder / "data.parquet.torn").touch()
    assert read_ledger(tmp_path).unread == (chunk, folder / "data.parquet.torn")
    assert read_ledger(tmp_path, symbol="B").unread == (chunk,)
    assert read_ledger(tmp_path, source="other").unread == ()


def test_folder_without_links_is_read_as_it_lies(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "read-only file system")

    record(tmp_path, "g1", A=[gap()])
    record(tmp_path, "g2", merged=False, A=[filled(gap())])
    monkeypatch.setattr(holding, "passing_folder", refuse)
    assert [e.is_open for e in read_ledger(tmp_path).entries] == [False]


def test_other_errors_of_the_folder_are_not_hidden(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EIO, "input/output error")

    record(tmp_path, "g1", merged=False, A=[gap()])
    monkeypatch.setattr(holding, "passing_folder", refuse)
    with pytest.raises(OSError, match="input/output error"):
        read_ledger(tmp_path)


def test_it_leaves_nothing_behind(tmp_path):
    record(tmp_path, "g1", merged=False, A=[gap()])
    assert read_ledger(tmp_path).entries == fold([(at(), table(gap()))])
    assert [path for path in (tmp_path / "temp").glob(".gaps-*") if path.is_dir()] == []
