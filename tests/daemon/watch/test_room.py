"""The room on the disk as writers see it: told once, asked by the merge."""

import asyncio
import errno
from pathlib import Path

from argus.daemon.watch.budget import LOW_BYTES, DiskState
from argus.daemon.watch.machine import LocalMachine
from argus.daemon.watch.room import RoomWatch
from argus.storage.disk import LocalDisk
from argus.telemetry import DiskFreed, DiskFull, DiskLow, FlushFailed, MergePostponed
from tests.storage.facts import FailingDisk, Happenings, Rig, lake, trades

FULL = OSError(errno.ENOSPC, "No space left on device")


class Sized(LocalDisk):
    """A disk of which a test says how much is free."""

    def __init__(self) -> None:
        super().__init__("g1", is_durable=False)
        self.free = 10_000_000
        self.error: OSError | None = None

    def free_bytes(self, folder: Path) -> int:
        if self.error is not None:
            raise self.error
        return self.free


def watched(data: Path, low_bytes: int | None = 1_000_000):
    disk, told = Sized(), Happenings()
    machine = LocalMachine()
    room = RoomWatch(data, disk, machine=machine, low_bytes=low_bytes, report=told)
    return room, disk, told


def test_each_change_is_told_once(tmp_path: Path):
    room, disk, told = watched(tmp_path)
    for free in (10_000_000, 999_999, 900_000, 1_000_000, 2_000_000, 3_000_000):
        disk.free = free
        room.look()
    assert told == [DiskLow(999_999, 1_000_000), DiskFreed(2_000_000, "ok")]


def test_refused_writes_are_told_once_until_all_writers_have_written_again(tmp_path: Path):
    room, disk, told = watched(tmp_path)
    disk.free = 100
    room.note("a", FULL)
    room.look()
    room.note("b", OSError(errno.EDQUOT, "Disk quota exceeded"))
    room.look()
    room.note("a", None)
    assert room.look().state is DiskState.FULL
    room.note("b", None)
    disk.free = 9_000_000
    assert room.look().state is DiskState.OK
    assert told == [
        DiskFull(100, "a", "[Errno 28] No space left on device"),
        DiskFreed(9_000_000, "ok"),
    ]


def test_write_that_fails_for_another_reason_is_no_full_disk(tmp_path: Path):
    room, _, told = watched(tmp_path)
    room.note("a", OSError(errno.EROFS, "Read-only file system"))
    assert room.look().state is DiskState.OK
    assert told == []


def test_disk_that_cannot_be_asked_is_none_to_merge_on(tmp_path: Path):
    room, disk, told = watched(tmp_path)
    disk.error = OSError(errno.ESTALE, "Stale file handle")
    assert not room.may_merge(0)
    disk.error = None
    assert room.may_merge(0)
    assert told == [DiskLow(0, 1_000_000), DiskFreed(10_000_000, "ok")]


def test_without_a_limit_of_its_own_the_disk_gives_one(tmp_path: Path):
    room, _, _ = watched(tmp_path / "not" / "yet", low_bytes=None)
    assert 0 < room.budget.low_bytes <= LOW_BYTES


def test_merge_waits_while_the_disk_is_low_and_goes_on_with_nothing_lost(tmp_path: Path):
    room, disk, told = watched(tmp_path)
    rig = Rig(tmp_path, "g1", disk=disk, room=room)
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3)), "B": trades(range(2))})
    disk.free = 500_000
    assert rig.flusher.flush_all().postponed == 2
    rig.chunk({"A": trades(range(3, 5))})  # recording goes on
    assert lake(tmp_path) == {}
    (need,) = [h.need_bytes for h in rig.happenings if isinstance(h, MergePostponed)]
    assert need > 0
    disk.free = 5_000_000
    assert rig.flusher.flush_all().postponed == 0
    assert list(lake(tmp_path).values()) == [[0, 1, 2, 3, 4], [0, 1]]
    assert [type(h) for h in told] == [DiskLow, DiskFreed]


def test_date_file_that_is_too_large_for_a_copy_waits_and_the_others_do_not(tmp_path: Path):
    room, disk, _ = watched(tmp_path)
    rig = Rig(tmp_path, "g1", disk=disk, room=room)
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(20_000)), "B": trades(range(2))})
    rig.flusher.flush("A", "g1")
    (large,) = tmp_path.glob("lake/*/*/symbol=A/*/*/data.parquet")
    rig.chunk({"A": trades(range(20_000, 20_010)), "B": trades(range(2, 4))})
    disk.free = 1_000_000 + large.stat().st_size
    merged = rig.flusher.flush_all()
    assert (merged.postponed, merged.rows) == (1, 4)
    assert sum(isinstance(h, MergePostponed) for h in rig.happenings) == 1
    disk.free += 100_000
    assert rig.flusher.flush_all().postponed == 0


def test_postponed_merge_is_told_once_unless_it_was_asked_for(tmp_path: Path):
    room, disk, _ = watched(tmp_path)
    rig = Rig(tmp_path, "g1", disk=disk, room=room)
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3))})
    disk.free = 0
    far = 10**19

    def told() -> int:
        return sum(isinstance(h, MergePostponed) for h in rig.happenings)

    rig.flusher.merge(0)  # when it was first seen
    assert [rig.flusher.merge(far).postponed for _ in range(3)] == [1, 1, 1]
    assert told() == 1
    rig.flusher.flush_all()
    assert told() == 2


def test_flush_tells_how_it_ended(tmp_path: Path):
    room, _, told = watched(tmp_path)
    disk = FailingDisk("g1", fails_at=0, error=errno.ENOSPC)
    rig = Rig(tmp_path, "g1", disk=disk, room=room)
    rig.storage.take("A", trades([0]))
    assert asyncio.run(rig.storage.flush()) is None
    assert room.look().state is DiskState.FULL
    disk.fails_at = None
    assert asyncio.run(rig.storage.flush()) is not None
    assert room.look().state is DiskState.OK
    assert [type(h) for h in rig.happenings][:1] == [FlushFailed]
    assert [type(h) for h in told] == [DiskFull, DiskFreed]
