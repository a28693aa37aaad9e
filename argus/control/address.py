"""Shell. Where the control socket is: its address, whatever the length of its path, and its lock.

A socket's address holds 107 bytes, and a data folder may lie deeper than that. Such a socket is
reached through a descriptor of its folder.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argus.errors import DaemonError, DataFolderInUse

# sun_path of unix(7) holds 108 bytes, the last of them zero; a few are left for a suffix.
ADDRESS_BYTES_MAX = 100


@contextmanager
def address(path: Path) -> Iterator[str]:
    """Give an address that leads to the socket file and is short enough to be one.

    Raises:
        DaemonError: the path is too long, and this system has no way around it.
        OSError: the folder cannot be opened.
    """
    if len(os.fsencode(path)) <= ADDRESS_BYTES_MAX:
        yield str(path)
        return
    if not Path("/proc/self/fd").is_dir():
        raise DaemonError(
            f"{path} is too long for a socket; at most {ADDRESS_BYTES_MAX} bytes; at control.socket"
        )
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock beside a socket; the kernel frees it when this process dies, however it dies.

    Raises:
        DataFolderInUse: a living process holds it.
    """
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.read(descriptor, 20).decode("ascii", "replace").strip() or "?"
            raise DataFolderInUse(
                f"process {pid} already records here; one recorder per data folder; at {path}"
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


@contextmanager
def heir_of(path: Path) -> Iterator[None]:
    """Say, while the block runs, that this process is going to listen on a socket.

    Raises:
        DataFolderInUse: another living process is about to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(_heir_lock(path), fcntl.LOCK_EX | fcntl.LOCK_NB) as is_ours:
        if not is_ours:
            raise DataFolderInUse(f"another process is taking over already; at {path}")
        yield


def wait_for_heir(path: Path) -> bool:
    """Wait until the process listens that is going to, if there is one; say if there may be."""
    lock = _heir_lock(path)
    if not lock.exists():
        return False
    with _locked(lock, fcntl.LOCK_SH):
        return True


def _heir_lock(path: Path) -> Path:
    return path.with_name(f".{path.name}.heir")


@contextmanager
def _locked(lock: Path, kind: int) -> Iterator[bool]:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
