"""Shell. Rows that a store will never take, set aside for a person to look at."""

from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from argus.errors import RowsRefused
from argus.storage.disk import Disk, writing

REFUSED = "refused"
NO_ROOM = "-"


def set_rows_aside(
    folder: Path, data_type: str, error: RowsRefused, *, disk: Disk, most: int
) -> str:
    """Write refused rows to a Parquet file and return its name.

    The same rows always have the same name, so a chunk that is written again leaves no second file.

    Args:
        folder: the spool's folder.
        data_type: what the rows are.
        error: the rows, and why they were refused.
        disk: what writes.
        most: bytes that may lie there; beyond it nothing is written and `-` returned. The rows are
            in the lake all the same.

    Raises:
        OSError: the disk refuses.
    """
    place = folder / REFUSED
    sink = pa.BufferOutputStream()
    metadata = {b"argus.why": error.why[:1000].encode()}
    pq.write_table(error.rows.replace_schema_metadata(metadata), sink, compression="zstd")
    content = sink.getvalue()
    name = f"{data_type}-{blake2b(content, digest_size=8).hexdigest()}.parquet"
    held = sum(path.stat().st_size for path in place.glob("*.parquet"))
    if held + content.size > most and not (place / name).exists():
        return NO_ROOM
    with writing(disk, place / name, scratch=folder) as file:
        file.write(content)
    return str(place / name)
