"""Shell. The only place that writes, renames and deletes files.

A file becomes visible whole or not at all: it is written under another name on the same file
system, made durable, renamed into its place, and then the folder is made durable. The other name
lies in the generation's temporary folder and not beside its place in the lake: some readers (Polars
given a folder) refuse a folder that holds anything but Parquet files, hidden or not.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO, Protocol

WRITE_BUFFER_BYTES = 1 << 20
LINK_ATTEMPTS_MAX = 1000


class Disk(Protocol):
    """What the storage asks of a file system; a test may fail any step."""

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, where missing."""
        ...

    def create(self, folder: Path, name: str) -> tuple[Path, BinaryIO]:
        """Open a new hidden file in a folder, to be renamed to `name`; return it and its path."""
        ...

    def open_end(self, path: Path) -> BinaryIO:
        """Open a file to write behind its end, without a buffer; it is made where missing."""
        ...

    def sync(self, file: BinaryIO) -> None:
        """Make the content of an open file durable."""
        ...

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file, replacing what is there, as one step."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        ...

    def delete(self, path: Path) -> None:
        """Delete a file; one that is not there is deleted."""
        ...

    def delete_folder(self, folder: Path) -> None:
        """Delete a folder with everything in it."""
        ...

    def free_bytes(self, folder: Path) -> int:
        """Return the room that is left where a folder lies."""
        ...


class LocalDisk:
    """Files of this machine.

    Args:
        token: distinguishes the hidden names of this process from those of any other: the hash of
            its generation.
        is_durable: whether to wait for the device. Only tests that kill nothing switch it off.
    """

    def __init__(self, token: str, *, is_durable: bool = True) -> None:
        self._token = token
        self._number = count()
        self._is_durable = is_durable
        self._unsynced: set[Path] = set()

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, where missing."""
        if not folder.is_dir():
            missing = [folder, *(above for above in folder.parents if not above.is_dir())]
            self._unsynced.update(made.parent for made in missing)
            folder.mkdir(parents=True, exist_ok=True)
        # The name of each new folder has to survive a power cut as well: what failed is repeated.
        for above in [above for above in folder.parents if above in self._unsynced]:
            self.sync_folder(above)
            self._unsynced.discard(above)

    def create(self, folder: Path, name: str) -> tuple[Path, BinaryIO]:
        """Open a new hidden file in a folder, to be renamed to `name`; return it and its path."""
        path = folder / f".{name}.{self._token}-{next(self._number)}.tmp"
        return path, path.open("xb", buffering=WRITE_BUFFER_BYTES)

    def open_end(self, path: Path) -> BinaryIO:
        """Open a file to write behind its end, without a buffer; it is made where missing."""
        return path.open("ab", buffering=0)

    def sync(self, file: BinaryIO) -> None:
        """Make the content of an open file durable."""
        file.flush()
        if self._is_durable:
            os.fsync(file.fileno())

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file, replacing what is there, as one step."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        if not self._is_durable:
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def delete(self, path: Path) -> None:
        """Delete a file; one that is not there is deleted."""
        path.unlink(missing_ok=True)

    def delete_folder(self, folder: Path) -> None:
        """Delete a folder with everything in it."""
        shutil.rmtree(folder)

    def free_bytes(self, folder: Path) -> int:
        """Return the room that is left where a folder lies."""
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).free


@contextmanager
def writing(disk: Disk, target: Path, *, scratch: Path) -> Iterator[BinaryIO]:
    """Give a file to write; when the block ends well it stands durable under `target`.

    Args:
        disk: where to write.
        target: the file's name when it is whole; its folder is made where missing.
        scratch: the folder, on the same file system, that holds the file while it is written.

    Raises:
        OSError: a step failed; then `target` is what it was before, or already whole.
    """
    disk.make_folder(scratch)
    beside, file = disk.create(scratch, target.name)
    is_placed = False
    try:
        with file:
            yield file
            disk.sync(file)
        disk.make_folder(target.parent)
        disk.replace(beside, target)
        is_placed = True
        disk.sync_folder(target.parent)
    finally:
        if not is_placed:
            disk.delete(beside)


def link(source: Path, target: Path) -> None:
    """Give a file a second name, under which it outlives its replacement and deletion.

    Raises:
        FileNotFoundError: the file is gone.
        OSError: the file system has no links, or they may not be made here.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(LINK_ATTEMPTS_MAX):
        try:
            target.hardlink_to(source)
        except FileNotFoundError:
            # Linux says so as well when the file is replaced between finding and linking it.
            if not source.exists():
                raise
        else:
            return
    raise FileNotFoundError(source)


@contextmanager
def passing_folder(root: Path, name: str) -> Iterator[Path]:
    """Give a new hidden folder for the duration of the block.

    What a process that died left of such folders is removed on the way.
    """
    guard = root / f".{name}.lock"
    with locked(guard):
        for left in root.glob(f".{name}-*"):
            with locked(left / ".live", is_patient=False) as is_left:
                if is_left:
                    shutil.rmtree(left)
        folder = Path(mkdtemp(prefix=f".{name}-", dir=root))
        hold = ExitStack()
        hold.enter_context(locked(folder / ".live"))
    with hold:
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


@contextmanager
def locked(path: Path, *, is_patient: bool = True) -> Iterator[bool]:
    """Hold a lock that other processes respect, and that the death of its holder releases.

    Args:
        path: the file to lock; it is made and stays.
        is_patient: whether to wait for another holder to let go.

    Yields:
        Whether the lock is held; always true if patient.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if is_patient else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
