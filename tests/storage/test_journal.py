"""A journal under a disk that does as it likes."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from argus.agora.path import Path as AgoraPath
from argus.daemon.recorded import lines
from argus.events import Gap, GapReason, GapState, Origin
from argus.storage.disk import LocalDisk
from argus.storage.journal import BATCHES_MAX, Journal, segment_path
from argus.storage.lines import lost
from argus.telemetry import JournalFailed, JournalResumed
from tests.storage.facts import Happenings

GAP = Gap(1, 2, Origin.LIVE, "trade", 1, 2, 5, 7, 3, GapReason.CUT, GapState.OPEN)


class FullFile:
    """A file that takes `room` bytes of each write, and none when there is no room."""

    def __init__(self, file: BinaryIO, disk: "FullDisk") -> None:
        self._file = file
        self._disk = disk

    def write(self, whole: memoryview) -> int:
        room = self._disk.room
        if room <= 0:
            raise OSError(errno.ENOSPC, "no space left")
        self._disk.room -= min(room, len(whole))
        return self._file.write(whole[:room])

    def truncate(self, size: int) -> int:
        return self._file.truncate(size)

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()


class FullDisk(LocalDisk):
    """A disk with so many bytes of room for journals."""

    def __init__(self, room: int = 10**9) -> None:
        super().__init__("run", is_durable=False)
        self.room = room
        self.synced: list[str] = []
        self.is_folder_stuck = False

    def sync_folder(self, folder: Path) -> None:
        if self.is_folder_stuck:
            raise OSError(errno.EIO, "input/output error")
        self.synced.append(folder.name)

    def open_end(self, path: Path) -> BinaryIO:
        return cast(BinaryIO, FullFile(super().open_end(path), self))


DESKS: list["Desk"] = []


@pytest.fixture(autouse=True)
def tidied() -> Iterator[None]:
    """Close the files of each journal at the end of its test."""
    yield
    for desk in DESKS:
        desk.disk.room = 10**9
        desk.journal.close()
        desk.journal.sync()
    DESKS.clear()


class Desk:
    """A journal with its disk, and what it told."""

    def __init__(self, tmp_path: Path, room: int = 10**9) -> None:
        DESKS.append(self)
        self.data = tmp_path
        self.disk = FullDisk(room)
        self.told = Happenings()
        self.away: list[str] = []
        self.journal = Journal(
            "venue",
            data=tmp_path,
            generation="run",
            disk=self.disk,
            spell=str.lower,
            put_away=self.put_away,
            report=self.told,
        )

    def put_away(self, segment: Path) -> None:
        self.away.append(segment.stem)
        segment.unlink(missing_ok=True)

    def accept(self, *numbers: int) -> None:
        for number in numbers:
            self.journal.append((number, b'{"n":%d}' % number))

    def write(self) -> None:
        self.journal.seal()
        self.journal.write()

    def read(self, number: int = 1) -> list[int]:
        path = segment_path(self.data, "run", "venue", number)
        torn: list[int] = []
        with path.open("rb") as file:
            found = [ts for ts, _ in lines(file, torn=lambda: torn.append(1), is_strict=True)]
        assert torn == []
        return found


def test_lines_stand_in_the_order_of_acceptance(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.accept(1, 2)
    desk.write()
    desk.accept(3)
    desk.journal.note(AgoraPath("venue", "gap", "BTC"), GAP)
    desk.write()
    assert desk.read() == [1, 2, 3, 2]
    assert b"btc@gap" in segment_path(tmp_path, "run", "venue", 1).read_bytes()


def test_gap_is_written_as_a_gap_whatever_path_it_is_a_gap_of(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.journal.note(AgoraPath("venue", "trade", "BTC"), GAP)
    desk.write()
    assert b"btc@gap" in segment_path(tmp_path, "run", "venue", 1).read_bytes()


def test_segment_goes_when_all_before_its_cut_is_durable_elsewhere(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.accept(1, 2)
    first = desk.journal.cut()
    desk.accept(3)
    desk.write()
    desk.journal.sync()
    assert (desk.read(1), desk.read(2)) == ([1, 2], [3])
    desk.journal.release(first)
    assert desk.away == ["00000001"]
    desk.accept(4)
    desk.write()
    assert desk.read(2) == [3, 4]
    desk.journal.close()


def test_segment_that_was_released_before_it_was_written_is_never_written(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.accept(1)
    desk.journal.release(desk.journal.cut())
    desk.accept(2)
    desk.write()
    assert [p.stem for p in sorted(tmp_path.rglob("*.log"))] == ["00000002"]
    assert desk.read(2) == [2]


@pytest.mark.parametrize("room", range(0, 40, 3))
def test_full_disk_tears_no_line_and_loses_none_that_comes_later(tmp_path: Path, room: int):
    desk = Desk(tmp_path, room)
    desk.accept(1, 2, 3)
    desk.write()
    desk.accept(4)
    desk.write()
    desk.disk.room = 10**6
    desk.accept(5)
    desk.write()
    desk.journal.sync()
    assert desk.read() == [1, 2, 3, 4, 5]
    kinds = [type(h) for h in desk.told]
    assert kinds == ([] if not kinds else [*kinds[:-1], JournalResumed])
    assert set(kinds[:-1]) <= {JournalFailed}
    assert kinds or room >= 36


def test_what_is_left_out_after_a_long_stall_is_told_in_its_place(tmp_path: Path):
    desk = Desk(tmp_path, 0)
    for number in range(BATCHES_MAX + 2):
        desk.accept(number)
        desk.journal.seal()
    desk.disk.room = 10**9
    desk.journal.write()
    desk.accept(10**6)
    desk.write()
    whole = segment_path(tmp_path, "run", "venue", 1).read_bytes().splitlines()
    assert len(whole) == BATCHES_MAX + 2
    assert whole[-2:] == [b"1000000 " + lost(2), b'1000000 {"n":1000000}']


def test_segment_that_is_kept_holds_what_was_not_written_yet(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.accept(1)
    desk.write()
    desk.accept(2)
    kept: list[list[int]] = []
    desk.journal._put_away = lambda segment: kept.append(desk.read(int(segment.stem)))
    desk.journal.release(desk.journal.cut(), is_kept=True)
    assert kept == [[1, 2]]


def test_segment_that_is_kept_stays_while_its_lines_cannot_be_written(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.accept(1)
    desk.write()
    desk.disk.room = 0
    desk.accept(2)
    first = desk.journal.cut()
    desk.accept(3)
    desk.journal.release(first, is_kept=True)
    assert desk.away == []
    desk.disk.room = 10**6
    assert desk.read(1) == [1]
    desk.journal.release(desk.journal.cut(), is_kept=True)
    assert desk.away == ["00000001", "00000002"]


def test_segment_takes_nothing_before_its_name_is_durable(tmp_path: Path):
    desk = Desk(tmp_path)
    segment_path(tmp_path, "run", "venue", 1).parent.mkdir(parents=True)
    desk.disk.is_folder_stuck = True
    desk.accept(1)
    desk.write()
    desk.write()
    assert [type(h) for h in desk.told] == [JournalFailed, JournalFailed]
    assert (desk.read(), desk.disk.synced) == ([], [])
    desk.disk.is_folder_stuck = False
    desk.write()
    assert (desk.read(), desk.disk.synced) == ([1], ["venue"])


def test_sync_that_fails_is_told_and_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    desk = Desk(tmp_path)
    synced: list[int] = []
    errors = [OSError(errno.EIO, "input/output error")]

    def sync(file: BinaryIO) -> None:
        if errors:
            raise errors.pop()
        synced.append(len(desk.read()))

    monkeypatch.setattr(desk.disk, "sync", sync)
    desk.accept(1, 2)
    desk.write()
    desk.journal.sync()
    assert [type(h) for h in desk.told] == [JournalFailed]
    desk.journal.sync()
    desk.journal.sync()
    assert synced == [2]
