"""Shell. Recordings as files of lines, `<ts_recv ns> <payload>`: plain, gzip or zstd."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from argus.errors import StorageError

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
LINE_BYTES_MAX = 16 * 2**20
BATCH_BYTES = 2**20


def open_recording(path: Path) -> BinaryIO:
    """Open a recording, packed or plain.

    Raises:
        StorageError: it is absent or cannot be read.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic.startswith(GZIP):
            return gzip.open(path, "rb")  # type: ignore[return-value]
        if magic == ZSTD:
            return _Zstd(path)
        return path.open("rb")
    except OSError as error:
        raise StorageError(f"recording {path} cannot be read: {error.strerror}") from error


class _Zstd(io.BufferedReader):
    """A packed file. `fileobj` is the file as it lies, as with `gzip`."""

    def __init__(self, path: Path) -> None:
        self.fileobj = path.open("rb")
        super().__init__(pa.CompressedInputStream(pa.PythonFile(self.fileobj, "r"), "zstd"))


def lines(
    file: BinaryIO,
    *,
    torn: Callable[[], None],
    size_bytes: int | None = None,
    is_strict: bool = False,
) -> Iterator[tuple[int, bytes]]:
    """Return the frames of a recording with their `ts_recv`; `torn` is called for each torn line.

    The last line may lack its end if it ends as JSON does, unless `is_strict`: a plain file of
    ours that is not written any more.
    With `size_bytes` no line is read that begins behind it: a file of dead letters may be growing
    by the very lines that are read from it.
    """
    try:
        for line in _in_bulk(file) if is_strict else _one_by_one(file, size_bytes):
            stamp, _, frame = line.partition(b" ")
            if stamp.isdigit() and frame.endswith(b"\n"):
                yield int(stamp), frame[:-1]
            elif stamp.isdigit() and frame.endswith(b"}") and not is_strict:
                yield int(stamp), frame
            elif line.strip():
                torn()
    except (EOFError, gzip.BadGzipFile, pa.ArrowException):
        torn()


def _one_by_one(file: BinaryIO, size_bytes: int | None) -> Iterator[bytes]:
    read = 0
    while (size_bytes is None or read < size_bytes) and (line := file.readline(LINE_BYTES_MAX)):
        read += len(line)
        yield line


def _in_bulk(file: BinaryIO) -> Iterator[bytes]:
    """Return lines at half the price; only of files that we wrote, whose lines do end."""
    while batch := file.readlines(BATCH_BYTES):
        yield from batch


def size_of(path: Path) -> int:
    """Return a file's size as it is now."""
    return path.stat().st_size


def first_stamp(path: Path) -> int:
    """Return the `ts_recv` of a recording's first whole line, 0 if it has none."""
    with open_recording(path) as file:
        return next((ts for ts, _ in lines(file, torn=lambda: None)), 0)
