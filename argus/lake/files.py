"""Shell. Date files by their paths, and Polars over them.

A path that is built is two to three times quicker than a pattern that is searched (measured), and
a symbol and day is one file.
"""

from pathlib import Path

import polars as pl

from argus.columns import Kind, columns
from argus.events import EVENTS
from argus.storage.partition import LAKE, Partition, escaped

KINDS: dict[Kind, pl.DataType | type[pl.DataType]] = {
    Kind.TIME: pl.Datetime("ns", "UTC"),
    Kind.INTEGER: pl.Int64,
    Kind.NUMBER: pl.Float64,
    Kind.FLAG: pl.Boolean,
    Kind.CATEGORY: pl.Categorical(),
    Kind.TEXT: pl.String,
    Kind.LEVELS: pl.List(pl.Struct({"price": pl.Float64, "size": pl.Float64})),
}

HIVE_SCHEMA = pl.Schema(
    {
        "source": pl.String,
        "data_type": pl.String,
        "symbol": pl.String,
        "year": pl.Int32,
        "date": pl.Date,
    }
)


def date_file(data: Path, *, source: str, data_type: str, symbol: str, date: str) -> Path:
    """Return where the facts of one symbol and UTC date (`YYYY-MM-DD`) lie, there or not."""
    return data / Partition(source, data_type, symbol, date).path


def date_files(
    data: Path,
    data_type: str,
    *,
    source: str | None = None,
    symbol: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> list[Path]:
    """Return the date files of a data type, of all or one source and symbol, between two dates.

    Args:
        data: the data folder.
        data_type: the data type.
        source: one source, or all.
        symbol: one symbol as the venue writes it, or all.
        first: the first date wanted.
        last: the last date wanted.
    """
    found: list[Path] = []
    for s in _folders(data / LAKE, "source", source):
        for y in _folders(s / f"data_type={data_type}", "symbol", symbol):
            found += y.glob("year=*/date=*/data.parquet")
    dates = {path: path.parent.name.removeprefix("date=") for path in found}
    return sorted(
        path for path, date in dates.items() if (first or "") <= date <= (last or "9999-12-31")
    )


def _folders(above: Path, key: str, value: str | None) -> list[Path]:
    if value is not None:
        return [above / f"{key}={escaped(value)}"]
    return sorted(above.glob(f"{key}=*"))


def scan(
    data: Path,
    data_type: str,
    *,
    source: str | None = None,
    symbol: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> pl.LazyFrame:
    """Return date files as a lazy Polars frame with the hive keys as columns; see `date_files`.

    What is not merged yet is not in them; `argus.lake.query` shows that, too.
    """
    paths = date_files(data, data_type, source=source, symbol=symbol, first=first, last=last)
    if not paths:
        fields = {c.name: KINDS[c.kind] for c in columns(EVENTS[data_type])}
        return pl.LazyFrame(schema={**fields, **HIVE_SCHEMA})
    return pl.scan_parquet(paths, glob=False, hive_partitioning=True, hive_schema=HIVE_SCHEMA)
