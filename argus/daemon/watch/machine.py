"""Shell. What a process learns of its machine: descriptors, memory, the size of a disk.

Linux tells it in `/proc` and `/sys/fs/cgroup`; where these are missing, None says so.
"""

import os
import resource
import shutil
from pathlib import Path
from typing import Protocol

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
CGROUP_FILES = ("memory.max", "memory.limit_in_bytes")
PAGE_BYTES = resource.getpagesize()


class Machine(Protocol):
    """The machine as a recorder sees it; a simulation has its own."""

    def raise_descriptors(self) -> int | None:
        """Allow as many open descriptors as may be had; return how many, None for no limit."""
        ...

    def descriptors(self) -> int | None:
        """Return how many descriptors are open."""
        ...

    def memory_bytes(self) -> int | None:
        """Return the memory that the process takes now."""
        ...

    def memory_bytes_max(self) -> int | None:
        """Return the memory beyond which the system would end the process."""
        ...

    def disk_bytes(self, folder: Path) -> int:
        """Return the size of the file system where a folder lies or will lie."""
        ...


class LocalMachine:
    """This machine.

    Args:
        proc: where the kernel tells of processes.
        cgroup: where it tells of control groups, of both versions.
    """

    def __init__(self, proc: Path = PROC, cgroup: Path = CGROUP) -> None:
        self._proc = proc
        self._cgroup = cgroup

    def raise_descriptors(self) -> int | None:
        """Raise the soft limit to the hard one; return it, None for no limit."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            except (ValueError, OSError):  # macOS allows less than it calls its hard limit
                hard = soft
        return None if hard == resource.RLIM_INFINITY else hard

    def descriptors(self) -> int | None:
        """Return how many descriptors are open."""
        try:
            found = sum(1 for _ in (self._proc / "self/fd").iterdir())
        except OSError:
            return None
        return found - 1  # but the one that lists them

    def memory_bytes(self) -> int | None:
        """Return the memory that is resident."""
        try:
            return int((self._proc / "self/statm").read_text().split()[1]) * PAGE_BYTES
        except OSError:
            return None

    def memory_bytes_max(self) -> int | None:
        """Return the lowest limit of the control groups that the process is in."""
        found = [limit for folder in self._groups() for limit in _limits(folder)]
        lowest = min(found, default=None)
        # Version 1 writes "no limit" as a number far above any memory.
        return lowest if lowest is not None and lowest < self._installed_bytes() else None

    def _installed_bytes(self) -> int:
        return os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES

    def _groups(self) -> list[Path]:
        """Return the folders of the process's groups, with those above each."""
        try:
            lines = (self._proc / "self/cgroup").read_text().splitlines()
        except OSError:
            return []
        folders: list[Path] = []
        for line in lines:
            _, controllers, path = line.split(":", 2)
            if controllers in {"", "memory"}:
                root = self._cgroup / controllers
                inner = root / path.strip("/")
                folders += [root, inner, *(f for f in inner.parents if root in f.parents)]
        return folders

    def disk_bytes(self, folder: Path) -> int:
        """Return the size of the file system where a folder lies or will lie."""
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).total


def _limits(folder: Path) -> list[int]:
    found = []
    for name in CGROUP_FILES:
        try:
            text = (folder / name).read_text().strip()
        except OSError:
            continue
        if text.isdigit():  # or "max"
            found.append(int(text))
    return found
