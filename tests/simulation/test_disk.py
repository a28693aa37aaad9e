"""What survives a power cut: what was synced, and nothing else has to."""

import errno
from itertools import groupby
from pathlib import Path
from random import Random

import pytest

from argus.storage.disk import writing
from tests.simulation.disk import Platter, SimDisk
from tests.simulation.loop import Crash


class Never(Random):
    """Draws the least that may survive."""

    def choice(self, given):
        return given[0]


@pytest.fixture
def platter(tmp_path: Path) -> Platter:
    folder = tmp_path / "data"
    folder.mkdir()
    return Platter(folder)


@pytest.fixture
def disk(platter: Platter) -> SimDisk:
    return SimDisk(platter, "0001")


def put(disk: SimDisk, path: Path, content: bytes) -> None:
    with writing(disk, path, scratch=path.parent) as file:
        file.write(content)


def test_file_that_was_written_properly_survives(disk, platter):
    file = platter.folder / "a/b/file"
    put(disk, file, b"first")
    put(disk, file, b"second")
    platter.cut_power(Never())
    assert file.read_bytes() == b"second"


def test_content_that_was_not_synced_is_lost(disk, platter):
    with disk.open_end(platter.folder / "log") as file:
        disk.sync_folder(platter.folder)
        file.write(b"kept")
        disk.sync(file)
        file.write(b"lost")
        file.flush()
    assert (platter.folder / "log").read_bytes() == b"keptlost"
    platter.cut_power(Never())
    assert (platter.folder / "log").read_bytes() == b"kept"


def test_any_part_of_what_was_not_synced_may_survive(disk, platter):
    sizes = set()
    path = platter.folder / "log"
    for seed in range(60):
        with disk.open_end(path) as file:
            disk.sync_folder(platter.folder)
            file.write(b"12345678")
        platter.cut_power(Random(seed))
        sizes.add(path.stat().st_size)
        path.unlink()
    assert sizes == set(range(9))


@pytest.mark.parametrize("is_synced", [False, True])
def test_replacement_is_undone_unless_its_folder_was_synced(disk, platter, is_synced):
    target, other = platter.folder / "target", platter.folder / "other"
    put(disk, target, b"old")
    put(disk, other, b"new")
    disk.replace(other, target)
    if is_synced:
        disk.sync_folder(platter.folder)
    platter.cut_power(Never())
    found = {p.name: p.read_bytes() for p in platter.folder.iterdir()}
    assert found == ({"target": b"new"} if is_synced else {"target": b"old", "other": b"new"})


@pytest.mark.parametrize("is_synced", [False, True])
def test_deletion_is_undone_unless_its_folder_was_synced(disk, platter, is_synced):
    folder = platter.folder / "folder"
    put(disk, folder / "a", b"a")
    put(disk, platter.folder / "b", b"b")
    disk.delete(platter.folder / "b")
    disk.delete_folder(folder)
    if is_synced:
        disk.sync_folder(platter.folder)
    platter.cut_power(Never())
    names = [p.relative_to(platter.folder).as_posix() for p in sorted(platter.folder.rglob("*"))]
    assert names == ([] if is_synced else ["b", "folder", "folder/a"])


def test_new_file_whose_folder_was_not_synced_is_lost_with_its_content(disk, platter):
    with disk.open_end(platter.folder / "log") as file:
        file.write(b"content")
        disk.sync(file)
    platter.cut_power(Never())
    assert list(platter.folder.iterdir()) == []


def test_kill_keeps_what_was_handed_over_and_loses_what_was_not(disk, platter):
    path, file = disk.create(platter.folder, "file")
    file.write(b"handed over")
    file.flush()
    file.write(b"still waiting")
    disk.is_dead = disk.is_buried = True
    file.close()
    assert path.read_bytes() == b"handed over"


def test_full_disk_takes_a_part_of_what_is_written_without_a_buffer(disk, platter):
    file = disk.open_end(platter.folder / "log")

    def refuse(name: str, _path: Path) -> None:
        if name == "write":
            raise OSError(errno.ENOSPC, "full")

    platter.before = refuse
    assert file.write(bytes(1000)) == 500
    with pytest.raises(OSError, match="full"):
        file.write(b"few")
    file.close()
    assert (platter.folder / "log").read_bytes() == bytes(500)


def test_every_step_can_be_the_last_and_nothing_follows_it(tmp_path):
    outcomes: list[bytes] = []
    for last in range(1, 30):
        folder = tmp_path / str(last)
        folder.mkdir()
        platter = Platter(folder)

        def die(_name: str, _path: Path, platter: Platter = platter, last: int = last) -> None:
            if platter.steps == last:
                raise Crash

        platter.before = die
        target = folder / "lake/file"
        disk = SimDisk(platter, "0001")
        try:
            put(disk, target, b"old")
            put(disk, target, b"new")
        except Crash:
            outcomes.append(target.read_bytes() if target.exists() else b"")
        else:
            break
    # Nothing, then the old content, then the new: never a part, and no way back.
    assert [content for content, _ in groupby(outcomes)] == [b"", b"old", b"new"]
    assert len(outcomes) == last - 1
