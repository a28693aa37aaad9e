"""Shell. Recordings as files of lines, `<ts_recv ns> <payload>`, plain or gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from argus.errors import StorageError

LINE_BYTES_MAX = 16 * 2**20


def open_recording(path: Path) -> BinaryIO:
    """Open a recording, gzipped or plain.

    Raises:
        StorageError: it is absent or cannot be read.
    """
    try:
        with path.open("rb") as file:
            is_zipped = file.read(2) == b"\x1f\x8b"
        return gzip.open(path, "rb") if is_zipped else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise StorageError(f"recording {path} cannot be read: {error.strerror}") from error


def lines(
    file: BinaryIO, *, torn: Callable[[], None], size_bytes: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Return the frames of a recording with their `ts_recv`; `torn` is called for each torn line.

    With `size_bytes` no line is read that begins behind it: a file of dead letters may be growing
    by the very lines that are read from it.
    """
    read = 0
    try:
        while (size_bytes is None or read < size_bytes) and (line := file.readline(LINE_BYTES_MAX)):
            read += len(line)
            stamp, _, frame = line.partition(b" ")
            if stamp.isdigit() and frame.endswith(b"\n"):
                yield int(stamp), frame[:-1]
            elif stamp.isdigit() and frame.endswith(b"}"):
                yield int(stamp), frame
            elif line.strip():
                torn()
    except (EOFError, gzip.BadGzipFile):
        torn()


def size_of(path: Path) -> int:
    """Return a file's size as it is now."""
    return path.stat().st_size


def first_stamp(path: Path) -> int:
    """Return the `ts_recv` of a recording's first whole line, 0 if it has none."""
    with open_recording(path) as file:
        return next((ts for ts, _ in lines(file, torn=lambda: None)), 0)
