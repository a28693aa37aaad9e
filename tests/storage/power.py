"""A disk that knows what would survive a power cut, and on which every step may be the last.

Durable is the content of a file when it was last synced, and the names in a folder when that was.
A process that is killed leaves everything it has done. A power cut leaves what is durable; what was
not made durable is gone or there, as the file system likes. Three extremes are tried: just what is
durable; the same, but what was deleted is gone; all names, but contents as they were synced.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import BinaryIO, cast

from argus.storage.disk import WRITE_BUFFER_BYTES, LocalDisk
from tests.storage.facts import Crash


class Death(StrEnum):
    """How a process ends."""

    KILL = "kill"
    POWER = "power"
    POWER_AND_DELETED = "power, deleted is gone"
    POWER_BUT_NAMES = "power, names survive"


class Platter:
    """The files below a folder, and what of them is durable; it outlives processes.

    Args:
        folder: what is in it now is durable.

    Attributes:
        steps: done so far.
        fails_at: number of the step at which the process dies; None if it does not.
        is_dead: whether it has.
    """

    def __init__(self, folder: Path, *, fails_at: int | None = None) -> None:
        self.folder = folder
        self.fails_at = fails_at
        self.steps = 0
        self.is_dead = False
        self._free = count()
        self._numbers: dict[int, int] = {}
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        folder.mkdir(exist_ok=True)
        self.made(folder)
        self._learn(folder)

    def step(self) -> None:
        """Begin a step; it is the last one if it has been chosen."""
        if self.steps == self.fails_at:
            self.is_dead = True
            raise Crash(f"at step {self.fails_at}")
        self.steps += 1

    def made(self, path: Path) -> None:
        """Note a new file or folder: the system uses its own numbers again, we do not."""
        number = self._numbers[path.stat().st_ino] = next(self._free)
        if path.is_dir():
            self._names[number] = {}

    def going(self, path: Path) -> None:
        """Note that a file or folder is about to be no more: the system will use its number."""
        if path.exists():
            self._numbers.pop(path.stat().st_ino, None)

    def _number(self, path: Path) -> int:
        """Return a number, a new one for what came without our knowing, as locks do."""
        if path.stat().st_ino not in self._numbers:
            self.made(path)
        return self._numbers[path.stat().st_ino]

    def synced(self, path: Path) -> None:
        self._contents[self._number(path)] = path.read_bytes()

    def folder_synced(self, folder: Path) -> None:
        found = {path.name: self._number(path) for path in folder.iterdir()}
        self._names[self._number(folder)] = found

    def end(self, death: Death) -> Platter:
        """Leave what a death leaves; return the platter that the next process finds."""
        if death in {Death.POWER, Death.POWER_AND_DELETED}:
            kept = self.folder.with_name(f"{self.folder.name}.kept")
            self._rebuild(
                self._numbers[self.folder.stat().st_ino],
                self.folder,
                kept,
                is_gone=lambda path: death is Death.POWER_AND_DELETED and not path.exists(),
            )
            shutil.rmtree(self.folder)
            kept.rename(self.folder)
        elif death is Death.POWER_BUT_NAMES:
            for path in [p for p in self.folder.rglob("*") if p.is_file()]:
                number = self._numbers.get(path.stat().st_ino)
                if number is not None:
                    path.write_bytes(self._contents.get(number, b""))
        return Platter(self.folder)

    def _rebuild(
        self, number: int, path: Path, kept: Path, *, is_gone: Callable[[Path], bool]
    ) -> None:
        """Write what is durable below `path`, but for names that are gone, below `kept`.

        A name that was replaced is not gone: it is the old file or the new one.
        """
        if number not in self._names:
            kept.write_bytes(self._contents.get(number, b""))
            return
        kept.mkdir()
        for name, inner in self._names[number].items():
            if not is_gone(path / name):
                self._rebuild(inner, path / name, kept / name, is_gone=is_gone)

    def _learn(self, folder: Path) -> None:
        for path in folder.iterdir():
            self.made(path)
            if path.is_dir():
                self._learn(path)
            else:
                self.synced(path)
        self.folder_synced(folder)


class PowerDisk(LocalDisk):
    """The hold that one process has of a platter."""

    def __init__(self, platter: Platter, token: str) -> None:
        super().__init__(token, is_durable=False)
        self.platter = platter

    def make_folder(self, folder: Path) -> None:
        missing = [f for f in (folder, *folder.parents) if not f.is_dir()]
        for made in reversed(missing):
            self.platter.step()
            made.mkdir()
            self.platter.made(made)
        for made in missing:
            self.sync_folder(made.parent)

    def create(self, folder: Path, name: str) -> tuple[Path, BinaryIO]:
        self.platter.step()
        path, file = super().create(folder, name)
        self.platter.made(path)
        return path, cast(BinaryIO, PowerFile(file, path, self.platter))

    def open_end(self, path: Path) -> BinaryIO:
        self.platter.step()
        is_new = not path.exists()
        file = super().open_end(path)
        if is_new:
            self.platter.made(path)
        return cast(BinaryIO, PowerFile(file, path, self.platter, is_buffered=False))

    def sync(self, file: BinaryIO) -> None:
        assert isinstance(file, PowerFile)
        file.flush()
        self.platter.step()
        self.platter.synced(file.at)

    def replace(self, source: Path, target: Path) -> None:
        self.platter.step()
        self.platter.going(target)
        super().replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        self.platter.step()
        self.platter.folder_synced(folder)

    def delete(self, path: Path) -> None:
        if path.exists():
            self.platter.step()
            self.platter.going(path)
            super().delete(path)

    def delete_folder(self, folder: Path) -> None:
        """Delete one name after the other: a death may come in between."""
        for path in sorted(folder.rglob("*"), reverse=True):
            self.platter.step()
            self.platter.going(path)
            path.rmdir() if path.is_dir() else path.unlink()
        self.platter.step()
        self.platter.going(folder)
        folder.rmdir()


class PowerFile(io.RawIOBase):
    """An open file; what is written to it waits in the process as long as it does in ours.

    A write that is the last step leaves a half.
    """

    def __init__(
        self, file: BinaryIO, path: Path, platter: Platter, *, is_buffered: bool = True
    ) -> None:
        self.at = path
        self._file = file
        self._platter = platter
        self._is_buffered = is_buffered
        self._waiting = bytearray()

    def write(self, data) -> int:
        self._waiting += data
        if not self._is_buffered or len(self._waiting) >= WRITE_BUFFER_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        whole, was_dead = bytes(self._waiting), self._platter.is_dead
        self._waiting.clear()
        if not whole:
            return
        try:
            self._platter.step()
        except Crash:
            if not was_dead:
                self._hand_over(whole[: len(whole) // 2])
            raise
        self._hand_over(whole)

    def _hand_over(self, whole: bytes) -> None:
        self._file.write(whole)
        self._file.flush()

    def tell(self) -> int:
        return self._file.tell() + len(self._waiting)

    def truncate(self, size: int | None = None) -> int:
        self._platter.step()
        return self._file.truncate(size)

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        if not self.closed:
            try:
                super().close()
            finally:
                self._file.close()
