"""Shell. The raw archive: journal segments that are kept, compressed, below `raw/`.

`raw/source=<source>/date=<UTC date of the first line>/<ts_recv of it>_<generation>_<number>.zst`;
`argus import` reads them as they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from argus.storage.disk import Disk, writing
from argus.storage.partition import DAY_NS, date_of, day_of, escaped, is_date

RAW = "raw"
"""The folder of the archive, below the data folder."""

STAMP_DIGITS = 19
"""Of nanoseconds since 1970, from 2001 to 2286."""

PART_BYTES = 4 << 20
CODEC = pa.Codec("zstd")
SCRATCH = ".scratch"


def archive(disk: Disk, data: Path, segment: Path) -> Path | None:
    """Compress a journal segment into the archive; return where to, None if it holds nothing.

    The segment itself stays.

    Raises:
        OSError: it cannot be read, or the archive cannot be written.
    """
    source, generation = segment.parent.name, segment.parent.parent.name
    with segment.open("rb") as lines:
        stamp = _first_stamp(lines)
        if stamp is None:
            return None
        lines.seek(0)
        folder = data / RAW / f"source={escaped(source)}" / f"date={date_of(stamp // DAY_NS)}"
        target = folder / f"{stamp}_{generation}_{segment.stem}.zst"
        with writing(disk, target, scratch=data / RAW / SCRATCH) as file:
            # Each part is a frame of its own: one after the other they are one zstd file.
            while part := lines.read(PART_BYTES):
                file.write(CODEC.compress(part, asbytes=True))
    return target


def _first_stamp(lines: BinaryIO) -> int | None:
    """Return the `ts_recv` of the first line that has one; a damaged line may come first."""
    for line in lines:
        stamp = line.partition(b" ")[0]
        if len(stamp) == STAMP_DIGITS and stamp.isdigit():
            return int(stamp)
    return None


def forget(disk: Disk, data: Path, keep_days: float, now_ns: int) -> int:
    """Delete what was archived longer ago than `keep_days`, by whole dates; return how many files.

    Raises:
        OSError: a file could not be deleted.
    """
    first = (now_ns - int(keep_days * DAY_NS)) // DAY_NS
    deleted = 0
    for folder in sorted((data / RAW).glob("source=*/date=*")):
        date = folder.name.partition("=")[2]
        if is_date(date) and day_of(date) < first:
            deleted += sum(1 for _ in folder.glob("*.zst"))
            disk.delete_folder(folder)
    return deleted
