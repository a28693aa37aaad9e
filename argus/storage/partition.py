"""Pure. Partitions of the lake: one source, data type, symbol and UTC date each, one file each.

The symbol is written as the venue writes it, but for characters that mean something in a path, a
hive key or a glob; those are percent-encoded. DuckDB, Polars, pyarrow and Spark decode `%XX` in
the values of hive keys, so each of them shows the venue's spelling. Letters outside ASCII
stand as they are: every reader takes them, and a person can read the path.
"""

from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.errors import ForeignFile

LAKE = "lake"
"""The folder of all date files, below the data folder."""

FILE = "data.parquet"

PARTS = 7
"""Parts of a date file's path below the data folder."""

DAY_NS = 86_400 * 1_000_000_000

type_of_array = np.ndarray[Any, np.dtype[Any]]

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One date file: a symbol's facts of one data type on one UTC date (`YYYY-MM-DD`)."""

    source: str
    data_type: str
    symbol: str
    date: str

    @property
    def path(self) -> PurePosixPath:
        """Return the date file's path below the data folder."""
        return PurePosixPath(
            LAKE,
            f"source={escaped(self.source)}",
            f"data_type={escaped(self.data_type)}",
            f"symbol={escaped(self.symbol)}",
            f"year={self.date[:4]}",
            f"date={self.date}",
            FILE,
        )


def escaped(value: str) -> str:
    """Return a value as it stands in the name of a hive folder."""
    assert value, "a hive value is not empty"
    if value == _HIVE_NULL:
        return value.replace("_", "%5F")
    return "".join(c if c in _PLAIN or _is_letter(c) else _percent(c) for c in value)


def _is_letter(character: str) -> bool:
    return not character.isascii() and character.isalnum()


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def partition_at(path: PurePath) -> Partition:
    """Return the partition that a path names; only its last seven parts are looked at.

    Raises:
        ForeignFile: it is not the path of a date file.
    """
    parts = path.parts[-PARTS:]
    keys = ("source", "data_type", "symbol", "year", "date")
    if len(parts) == PARTS and parts[0] == LAKE and parts[-1] == FILE:
        found = [part.partition("=") for part in parts[1:-1]]
        if tuple(key for key, _, _ in found) == keys:
            source, data_type, symbol, year, date = (unquote(value) for _, _, value in found)
            if is_date(date) and year == date[:4]:
                return Partition(source, data_type, symbol, date)
    shape = "/".join([LAKE, *(f"{key}=…" for key in keys), FILE])
    raise ForeignFile(f"found {path}, expected {shape}")


def is_date(text: str) -> bool:
    """Say whether a text is a date as a partition writes it."""
    try:
        return date_of(day_of(text)) == text
    except ValueError:
        return False


def day_of(date: str) -> int:
    """Return a date's number of days since 1970."""
    return int(np.datetime64(date, "D").astype(np.int64))


def date_of(day: int) -> str:
    """Return the date that is a number of days after 1970."""
    return str(np.datetime64(day, "D"))


def ts_end_of(date: str) -> int:
    """Return the first instant after a date."""
    return (day_of(date) + 1) * DAY_NS


def lake_times(table: pa.Table) -> type_of_array:
    """Return the instant each row is filed under: `ts_event`, or `ts_recv` where that is null."""
    times = pc.coalesce(table["ts_event"], table["ts_recv"])
    return np.asarray(times.cast(pa.int64()).combine_chunks())


def days(table: pa.Table) -> type_of_array:
    """Return the day, since 1970, of each row."""
    return np.floor_divide(lake_times(table), DAY_NS)
