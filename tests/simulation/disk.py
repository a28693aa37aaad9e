"""A disk that knows what would survive a power cut, and on which any step may be the last.

The files are real ones in a scratch directory, and the steps are those of the real `LocalDisk`. A
`Platter` outlives the processes that write to it; a `SimDisk` is the hold that one process has of
it. After each step that changes something the platter notes how to undo it until it is durable: the
content of a file until it is synced, a name until its folder is.

A kill keeps what was handed to the kernel, which writes it before the next process begins. A power
cut undoes what was not synced: of names the latest, back to any one of them (a file system keeps
the order of what it has not written yet), or all; of content everything behind any point after what
was synced.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import BinaryIO

from argus.storage.disk import LocalDisk
from tests.simulation.loop import Crash

DISK_BYTES = 1 << 40
BUFFER_BYTES = 1 << 20
SHORT_BYTES = 100
"""A full disk takes a half of what is larger, and nothing of what is not."""


@dataclass(slots=True)
class _Change:
    """A name that is not durable yet, and how it is taken back."""

    folder: Path
    undo: Callable[[], None]


@dataclass(slots=True)
class _Content:
    """How much of a file was handed to the kernel, and how much of that is durable."""

    written: int = 0
    synced: int = 0


@dataclass(slots=True)
class Platter:
    """What lies on the disk, and what of it would survive.

    Attributes:
        folder: where the files are; nothing else may be in it.
        before: called before each step with its name and path; it may raise.
        steps: how many steps there were.
        free: bytes that are left.
    """

    folder: Path
    before: Callable[[str, Path], None] = lambda _name, _path: None
    steps: int = 0
    free: int = DISK_BYTES
    _changes: list[_Change] = field(default_factory=list)
    _contents: dict[int, _Content] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    @property
    def attic(self) -> Path:
        """Return the folder in which replaced and deleted files wait until that is durable."""
        return self.folder.with_name(f"{self.folder.name}.attic")

    def step(self, name: str, path: Path) -> None:
        """Note that a step is about to be done."""
        self.steps += 1
        self.before(name, path)

    # --- content ---------------------------------------------------------------------------------

    def opened(self, path: Path) -> _Content:
        """Return what is known of a file's content; what was there before is durable."""
        inode = path.stat().st_ino
        size = path.stat().st_size
        return self._contents.setdefault(inode, _Content(size, size))

    def created(self, path: Path) -> _Content:
        """Note a new file."""
        self._contents[path.stat().st_ino] = content = _Content()
        self._changes.append(_Change(path.parent, lambda: path.unlink(missing_ok=True)))
        return content

    # --- names -----------------------------------------------------------------------------------

    def made(self, folder: Path) -> None:
        """Note that a folder is about to be made."""
        change = _Change(folder.parent, lambda: shutil.rmtree(folder, ignore_errors=True))
        self._changes.append(change)

    def keep(self, path: Path) -> Path | None:
        """Keep what is about to lose its name; None if there is nothing."""
        if not path.exists():
            return None
        kept = self.attic / str(next(self._numbers))
        kept.parent.mkdir(exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, kept, copy_function=os.link)
        else:
            kept.hardlink_to(path)
        return kept

    def replaced(self, source: Path, target: Path, kept: Path | None) -> None:
        """Note that a file was renamed; `kept` is what stood in its place."""

        def undo() -> None:
            if not target.parent.is_dir():
                return  # That the whole folder has gone is durable.
            if target.exists():
                target.rename(source)
            if kept is not None:
                kept.rename(target)

        self._changes.append(_Change(target.parent, undo))

    def deleted(self, path: Path, kept: Path | None) -> None:
        """Note that a file or folder was deleted."""

        def undo() -> None:
            if kept is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                kept.rename(path)

        self._changes.append(_Change(path.parent, undo))

    def folder_synced(self, folder: Path) -> None:
        """Note that the names in a folder are durable, and so are those that led to them."""
        self._changes = [c for c in self._changes if c.folder != folder]

    @property
    def is_clean(self) -> bool:
        """Return whether a power cut would change nothing."""
        return not self._changes and all(c.written == c.synced for c in self._contents.values())

    # --- the end ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Have the kernel write all that it was given, as it does some seconds after a kill."""
        self._changes.clear()
        self._contents.clear()
        shutil.rmtree(self.attic, ignore_errors=True)

    def cut_power(self, random: Random) -> None:
        """Lose what is not durable."""
        survived = random.choice((0, 0, random.randint(0, len(self._changes))))
        for change in reversed(self._changes[survived:]):
            change.undo()
        for path in self.folder.rglob("*"):
            content = self._contents.get(path.stat().st_ino)
            if content is not None and path.is_file() and content.written > content.synced:
                size = random.choice(
                    (content.synced, random.randint(content.synced, content.written))
                )
                os.truncate(path, size)
        self.settle()


class SimFile(io.RawIOBase):
    """An open file. With a buffer, what was written waits in the process until it is flushed."""

    def __init__(
        self, disk: SimDisk, path: Path, content: _Content, *, is_buffered: bool = True
    ) -> None:
        super().__init__()
        self.name = str(path)
        self._disk = disk
        self._path = path
        self._content = content
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._is_buffered = is_buffered
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def tell(self) -> int:
        return self._content.written + len(self._waiting)

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write, or keep until it is worth it; without a buffer a full disk takes a part only."""
        if not self._is_buffered:
            return self._hand_over(data)
        self._waiting += data
        if len(self._waiting) >= BUFFER_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._disk.is_dead:  # what the process had not handed over goes with it
            self._waiting.clear()
        while self._waiting:
            del self._waiting[: self._hand_over(self._waiting)]

    def _hand_over(self, data: bytes | bytearray) -> int:
        """Give the kernel as much as it takes; raise if it takes nothing."""
        try:
            self._disk.step("write", self._path)
        except OSError as error:
            if error.errno != errno.ENOSPC or len(data) < SHORT_BYTES:
                raise
            data = data[: len(data) // 2]
        size = os.write(self._descriptor, data)
        self._content.written += size
        return size

    def truncate(self, size: int | None = None) -> int:
        """Cut the file off."""
        assert size is not None
        self._disk.step("truncate", self._path)
        os.ftruncate(self._descriptor, size)
        self._content.written = size
        self._content.synced = min(size, self._content.synced)
        return size

    def synced(self) -> None:
        """Note that everything handed over is durable."""
        self._content.synced = self._content.written

    def close(self) -> None:
        if self._descriptor < 0:
            return
        try:
            self.flush()
        finally:
            os.close(self._descriptor)
            self._descriptor = -1
            super().close()


class SimDisk(LocalDisk):
    """One process's hold of a platter.

    Args:
        platter: what it writes to.
        token: distinguishes the hidden names of this process.

    Attributes:
        is_dead: whether the process has died: no step is done any more, each is a crash again.
        is_buried: whether what is left of the process is being tidied away: each step fails.
    """

    def __init__(self, platter: Platter, token: str) -> None:
        super().__init__(token, is_durable=False)
        self._platter = platter
        self.is_dead = False
        self.is_buried = False

    def step(self, name: str, path: Path) -> None:
        """Begin a step, unless the process is dead."""
        if self.is_buried:
            raise OSError(errno.EIO, "the process is dead", str(path))
        if not self.is_dead:
            try:
                self._platter.step(name, path)
            except Crash:
                self.is_dead = True
        if self.is_dead:
            raise Crash(f"at {name} {path}")

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, where missing."""
        missing = [f for f in (folder, *folder.parents) if not f.exists()]
        if missing:
            self.step("make_folder", folder)
            for made in reversed(missing):
                self._platter.made(made)
        super().make_folder(folder)

    def create(self, folder: Path, name: str) -> tuple[Path, BinaryIO]:
        """Open a new hidden file in a folder."""
        self.step("create", folder / name)
        path, file = super().create(folder, name)
        file.close()
        return path, _as_binary(SimFile(self, path, self._platter.created(path)))

    def open_end(self, path: Path) -> BinaryIO:
        """Open a file to write behind its end, without a buffer; it is made where missing."""
        self.step("open_end", path)
        is_new = not path.exists()
        path.open("ab").close()
        content = self._platter.created(path) if is_new else self._platter.opened(path)
        return _as_binary(SimFile(self, path, content, is_buffered=False))

    def sync(self, file: BinaryIO) -> None:
        """Make the content of an open file durable."""
        file.flush()
        self.step("sync", Path(str(file.name)))
        assert isinstance(file, SimFile)
        file.synced()

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file, replacing what is there, as one step."""
        self.step("replace", target)
        kept = self._platter.keep(target)
        super().replace(source, target)
        self._platter.replaced(source, target, kept)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        self.step("sync_folder", folder)
        self._platter.folder_synced(folder)

    def delete(self, path: Path) -> None:
        """Delete a file; one that is not there is deleted."""
        if path.exists():
            self.step("delete", path)
            kept = self._platter.keep(path)
            super().delete(path)
            self._platter.deleted(path, kept)

    def delete_folder(self, folder: Path) -> None:
        """Delete a folder with everything in it."""
        self.step("delete_folder", folder)
        kept = self._platter.keep(folder)
        super().delete_folder(folder)
        self._platter.deleted(folder, kept)

    def free_bytes(self, folder: Path) -> int:
        """Return the room that is left."""
        return self._platter.free


def _as_binary(file: SimFile) -> BinaryIO:
    """Return a file as what `open` is declared to return."""
    return file  # type: ignore[return-value]
