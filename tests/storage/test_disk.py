"""The disk: what it promises holds while others write, and after a step has failed."""

import errno
import threading
from pathlib import Path

import pytest

from argus.storage.disk import LocalDisk, link


def test_link_to_a_file_that_is_replaced_all_the_time_is_made(tmp_path):
    source, folder = tmp_path / "a", tmp_path / "links"
    source.write_text("0")
    stop = threading.Event()

    def replace() -> None:
        while not stop.is_set():
            beside = tmp_path / "b"
            beside.write_text("1")
            beside.replace(source)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        for number in range(3000):
            link(source, folder / str(number))
    finally:
        stop.set()
        writer.join()
    assert len(list(folder.iterdir())) == 3000


class FailingOnce(LocalDisk):
    """A disk on which the first sync of a folder fails."""

    def __init__(self) -> None:
        super().__init__("0001")
        self.synced: list[Path] = []
        self.failures = 1

    def sync_folder(self, folder: Path) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EIO, "the device does not answer")
        self.synced.append(folder)
        super().sync_folder(folder)


def test_name_of_a_new_folder_that_could_not_be_made_durable_is_so_at_the_next_attempt(tmp_path):
    disk, folder = FailingOnce(), tmp_path / "a/b"
    with pytest.raises(OSError, match="does not answer"):
        disk.make_folder(folder)
    disk.make_folder(folder)
    assert sorted(disk.synced) == [tmp_path, tmp_path / "a"]
    disk.make_folder(folder)
    assert len(disk.synced) == 2
