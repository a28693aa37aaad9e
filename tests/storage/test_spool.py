"""The spool of a store, and what fills it: nothing is lost, whoever merges or dies."""

import errno
import json
import os
from pathlib import Path

import pytest

from argus.errors import TornFile
from argus.storage import spool as module
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept
from argus.storage.intake import Intake
from argus.storage.notes import ALL
from argus.storage.spool import Spool, Wanted
from argus.storage.spooled import Note
from argus.telemetry import FileSetAside, SpoolShortened
from tests.storage.facts import (
    MIDNIGHT,
    SECOND,
    SOURCE,
    Happenings,
    Rig,
    delta,
    lake,
    trade,
    trades,
)

PLENTY = 10**9


class Filled:
    """A spool of a data folder, with what fills it."""

    def __init__(self, data: Path, *, size_bytes_max: int = PLENTY, store: str = "db") -> None:
        self.data = data
        self.told = Happenings()
        self.spool = Spool(
            data,
            store,
            disk=LocalDisk("spool", is_durable=False),
            report=self.told,
            wanted=Wanted(("trade",), size_bytes_max),
        )
        self.intake = Intake(data, [self.spool])

    def fed(self) -> list[list[int]]:
        """Take everything out, oldest first; return the ids of each chunk."""
        found = []
        while (spooled := self.spool.oldest()) is not None:
            tables = list(self.spool.read(spooled))
            found.append([number for table in tables for number in table["trade_id"].to_pylist()])
            self.spool.remove(spooled)
        return found

    def noted(self) -> list[tuple[str, str, list[str]]]:
        notes = self.spool._notes
        return [(n.date, n.data_type, sorted(notes.turns(n))) for n in notes.waiting()]


def rig(data: Path, generation: str = "one", *, data_type: str = "trade") -> Rig:
    made = Rig(data, generation, data_type=data_type)
    accept(data, generation, disk=made.disk)
    return made


def seal(rig: Rig, numbers, symbol: str = "BTCUSDT") -> None:
    rig.chunk({symbol: trades(numbers)})


def test_chunks_of_an_accepted_generation_are_kept_in_their_order_once(tmp_path):
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    seal(recorder, [1, 2])
    assert filled.intake.look() == 1
    seal(recorder, [3])
    assert (filled.intake.look(), filled.intake.look()) == (1, 0)
    assert filled.fed() == [[1, 2], [3]]
    assert (filled.intake.look(), filled.fed()) == (0, [])


def test_chunks_of_a_generation_on_trial_are_kept_once_it_is_accepted(tmp_path):
    recorder, filled = Rig(tmp_path, "trial"), Filled(tmp_path)
    seal(recorder, [1])
    assert (filled.intake.look(), filled.fed()) == (0, [])
    accept(tmp_path, "trial", disk=recorder.disk)
    filled.intake.look()
    assert filled.fed() == [[1]]


def test_symbol_that_alone_is_accepted_is_read_from_the_lake(tmp_path):
    recorder, filled = Rig(tmp_path, "part"), Filled(tmp_path)
    recorder.chunk({"BTCUSDT": trades([1]), "ETHUSDT": trades([2])})
    accept(tmp_path, "part", disk=recorder.disk, symbol="ETHUSDT")
    filled.intake.look()
    assert filled.fed() == []
    assert filled.noted() == [("2023-11-15", "trade", ["ETHUSDT"])]
    accept(tmp_path, "part", disk=recorder.disk)
    filled.intake.look()
    assert filled.fed() == [[1, 2]]


def test_data_type_that_the_store_does_not_want_is_left(tmp_path):
    recorder, filled = rig(tmp_path, data_type="book_delta"), Filled(tmp_path)
    recorder.chunk({"BTCUSDT": [delta(1)]})
    assert filled.intake.look() == 0


def test_chunk_is_kept_before_a_merge_deletes_it(tmp_path):
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    recorder.flusher._before_delete = filled.intake.before_delete
    seal(recorder, [1, 2])
    recorder.flusher.flush_all()
    assert lake(tmp_path) == {("BTCUSDT", "2023-11-15"): [1, 2]}
    assert filled.fed() == [[1, 2]]


def test_chunk_that_was_kept_and_fed_is_not_kept_again_by_the_merge(tmp_path):
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    recorder.flusher._before_delete = filled.intake.before_delete
    seal(recorder, [1])
    filled.intake.look()
    assert filled.fed() == [[1]]
    recorder.flusher.flush_all()
    assert filled.fed() == []


def test_merge_of_a_process_that_knows_no_store_keeps_for_every_spool(tmp_path):
    filled, other = Filled(tmp_path), Filled(tmp_path, store="other")
    recorder = rig(tmp_path)
    seal(recorder, [1])
    recorder.flusher.flush_all()
    for each in (filled, other):
        each.spool.look()
        assert each.fed() == [[1]]


def test_chunk_stays_while_the_spool_cannot_be_written(tmp_path):
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    is_full = True

    def before_delete(chunk):
        if is_full:
            raise OSError(errno.ENOSPC, "no room")
        filled.intake.before_delete(chunk)

    recorder.flusher._before_delete = before_delete
    seal(recorder, [1])
    assert recorder.flusher.flush_all().chunks_deleted == 0
    is_full = False
    assert recorder.flusher.flush_all().chunks_deleted == 1
    assert filled.fed() == [[1]]


def test_next_run_keeps_again_what_lies_there_unmerged(tmp_path):
    """It is not known what the store was given; to give it again changes nothing."""
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    seal(recorder, [1])
    filled.intake.look()
    filled.fed()
    after = Filled(tmp_path)
    after.intake.look()
    assert after.fed() == [[1]]


def test_next_run_finds_what_waits(tmp_path):
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    seal(recorder, [1])
    filled.intake.look()
    recorder.flusher.flush_all()
    assert Filled(tmp_path).fed() == [[1]]


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM])
def test_chunk_is_copied_where_nothing_can_be_linked(tmp_path, monkeypatch, code):
    def refuse(source, target):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(module, "link", refuse)
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    seal(recorder, [1])
    filled.intake.look()
    filled.intake.look()
    assert filled.fed() == [[1]]


def test_oldest_chunks_give_way_to_notes_beyond_the_limit(tmp_path):
    recorder = rig(tmp_path)
    seal(recorder, [1])
    size = sum(path.stat().st_size for path in tmp_path.glob("temp/one/*/*/*.parquet"))
    filled = Filled(tmp_path, size_bytes_max=2 * size + size // 2)
    for number in (2, 3, 4):
        seal(recorder, [number], "ETHUSDT" if number == 2 else "BTCUSDT")
    filled.intake.look()
    assert filled.spool.state().size_bytes <= 2.5 * size
    assert filled.noted() == [("2023-11-15", "trade", ["BTCUSDT", "ETHUSDT"])]
    assert sum(h.chunks for h in filled.told if isinstance(h, SpoolShortened)) == 2
    assert filled.fed() == [[3], [4]]


def test_chunk_over_midnight_is_noted_with_both_dates(tmp_path):
    recorder, filled = rig(tmp_path), Filled(tmp_path, size_bytes_max=0)
    recorder.chunk({"BTCUSDT": [trade(1, ts=MIDNIGHT - SECOND), trade(2)]})
    filled.intake.look()
    assert filled.fed() == []
    assert [note[0] for note in filled.noted()] == ["2023-11-14", "2023-11-15"]


@pytest.mark.parametrize("is_by_another", [False, True])
def test_note_that_is_made_again_while_it_is_read_stays(tmp_path, is_by_another):
    filled, note = Filled(tmp_path), Note("2023-11-15", SOURCE, "trade")
    other = Filled(tmp_path) if is_by_another else filled
    filled.spool.note(note, ["BTCUSDT", "ETHUSDT"])
    found = filled.spool.noted()
    assert found is not None
    assert (found[0], list(found[1])) == (note, ["BTCUSDT", "ETHUSDT"])
    other.spool.note(note, ["BTCUSDT", "XRPUSDT"])
    for symbol, turn in found[1].items():
        filled.spool.read_again(note, symbol, turn)
    left = filled.spool.noted()
    assert left is not None
    assert (left[0], list(left[1])) == (note, ["BTCUSDT", "XRPUSDT"])
    for symbol, turn in left[1].items():
        filled.spool.read_again(note, symbol, turn)
    assert filled.spool.noted() is None
    assert filled.spool.state().notes == 0


def test_symbol_that_is_noted_while_all_are_read_has_them_read_again(tmp_path):
    filled, note = Filled(tmp_path), Note("2023-11-15", SOURCE, "trade")
    filled.spool.note(note, [ALL])
    found = filled.spool.noted()
    assert found is not None
    filled.spool.note(note, ["BTCUSDT"])
    filled.spool.read_again(note, ALL, found[1][ALL])
    left = filled.spool.noted()
    assert left is not None
    assert list(left[1]) == [ALL]


def test_note_that_cannot_be_read_stands_for_all_symbols(tmp_path):
    filled, note = Filled(tmp_path), Note("2023-11-15", SOURCE, "trade")
    filled.spool.note(note, ["BTCUSDT"])
    (filled.spool.folder / note.name).write_text("{torn")
    found = filled.spool.noted()
    assert found is not None
    assert list(found[1]) == [ALL]
    assert list(json.loads((filled.spool.folder / note.name).read_text())) == [ALL]


def test_torn_chunk_is_set_aside_and_its_days_are_read_again(tmp_path):
    recorder, filled = rig(tmp_path), Filled(tmp_path)
    seal(recorder, [1])
    filled.intake.look()
    recorder.flusher.flush_all()
    (path,) = filled.spool.folder.glob("*.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    spooled = filled.spool.oldest()
    assert spooled is not None
    with pytest.raises(TornFile) as raised:
        list(filled.spool.read(spooled))
    filled.spool.set_aside(spooled, raised.value)
    assert filled.noted() == [("2023-11-15", "trade", [ALL])]
    assert [type(h) for h in filled.told] == [FileSetAside]
    assert filled.fed() == []


def test_foreign_file_is_set_aside(tmp_path):
    filled = Filled(tmp_path)
    (filled.spool.folder / "notes.parquet").write_text("mine")
    after = Filled(tmp_path)
    assert [type(h) for h in after.told] == [FileSetAside]
    assert (after.spool.folder / "aside" / "notes.parquet").read_text() == "mine"


def test_only_one_process_empties_a_spool(tmp_path):
    one, other = Filled(tmp_path), Filled(tmp_path)
    with one.spool.feeding() as is_ours, other.spool.feeding() as is_theirs:
        assert (is_ours, is_theirs) == (True, False)
