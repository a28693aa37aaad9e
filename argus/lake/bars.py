"""Shell. The bars that are stored: of one series, and what there is of each.

A series is the bars of one source, symbol and profile. What counts is what the view `bars` shows:
of bars that were built anew the highest revision.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from argus.columns import lake_schema
from argus.events import Bar
from argus.lake.query import UNREAD, query
from argus.lake.views import quoted


@dataclass(frozen=True, slots=True)
class SeriesStored:
    """What is stored of one series.

    Attributes:
        source: the source.
        symbol: the symbol.
        profile: the profile's name.
        rule: its rule.
        bars: how many bars count.
        rows: how many are stored, superseded ones included.
        sequence: the last bar's number.
        revision: the highest revision.
        ts_first: when the first trade of the first bar was (UTC ns).
        ts_last: when the last trade of the last bar was.
        gaps: bars with trades missing inside or just before.
        clamped: bars on which a floor, a cap or a limit acted.
        last_trade_id: id of the last trade in any bar; None if there was none.
    """

    source: str
    symbol: str
    profile: str
    rule: str
    bars: int
    rows: int
    sequence: int
    revision: int
    ts_first: int
    ts_last: int
    gaps: int
    clamped: int
    last_trade_id: int | None


def stored_series(
    data: Path, *, source: str | None = None, symbol: str | None = None, profile: str | None = None
) -> list[SeriesStored]:
    """Return what is stored of all series, or of those of one source, symbol or profile, in order.

    One call looks at everything once: do not call it symbol by symbol.

    Raises:
        StorageError: the lake is read-only and changed again and again.
    """
    where = _where(source=source, symbol=symbol, profile=profile)
    sql = f"""
        WITH rows AS (
            SELECT source, symbol, profile, count(*) AS rows FROM bar {where} GROUP BY ALL
        )
        SELECT source, symbol, profile, any_value(rule) AS rule, count(*) AS bars,
            any_value(rows.rows) AS rows, max(sequence) AS sequence, max(revision) AS revision,
            epoch_ns(min(ts_first)) AS ts_first, epoch_ns(max(ts_last)) AS ts_last,
            count(*) FILTER (WHERE gap) AS gaps, count(*) FILTER (WHERE clamped) AS clamped,
            max(last_trade_id) AS last_trade_id
        FROM ({counting(where)}) JOIN rows USING (source, symbol, profile)
        GROUP BY source, symbol, profile ORDER BY ALL
    """  # noqa: S608 - literals are quoted
    return [SeriesStored(**row) for row in query(data, sql).to_pylist()]


def sources_of_bars(data: Path, symbol: str, profile: str) -> list[str]:
    """Return the sources of which bars of a symbol and profile are stored, in order."""
    where = _where(symbol=symbol, profile=profile)
    sql = f"SELECT DISTINCT source FROM bar {where} ORDER BY source"  # noqa: S608
    return [str(name) for name in query(data, sql)["source"].to_pylist()]


def stored_bars(
    data: Path,
    source: str,
    symbol: str,
    profile: str,
    *,
    sequence_from: int = 1,
    ts_from: int | None = None,
    ts_until: int | None = None,
    last: int | None = None,
) -> pa.Table:
    """Return the bars of one series that count, in their order.

    Args:
        data: the data folder.
        source: the source.
        symbol: the symbol, as the venue writes it.
        profile: the profile's name.
        sequence_from: the number of the first bar wanted.
        ts_from: only bars whose last trade is no older (UTC ns).
        ts_until: only bars that begin before it.
        last: only so many, the last ones.

    Returns:
        A table with the columns of `argus.columns.lake_schema(Bar)`; its metadata names files that
        could not be read, as an answer of `argus.lake.query` does.
    """
    where = _where(source=source, symbol=symbol, profile=profile)
    wanted = f"sequence >= {sequence_from}"
    if ts_from is not None:
        wanted += f" AND epoch_ns(ts_last) >= {ts_from}"
    if ts_until is not None:
        wanted += f" AND epoch_ns(ts_open) < {ts_until}"
    if last is not None:
        # First the numbers alone: reading all columns of a long series takes several times longer.
        numbers = f"SELECT sequence FROM ({counting(where)}) WHERE {wanted}"  # noqa: S608
        numbers += f" ORDER BY sequence DESC LIMIT {last}"
        wanted += f" AND sequence >= (SELECT min(sequence) FROM ({numbers}))"  # noqa: S608
    schema = lake_schema(Bar)
    names = ", ".join(f'"{name}"' for name in schema.names)
    sql = f"SELECT {names} FROM ({counting(where)}) WHERE {wanted} ORDER BY sequence"  # noqa: S608
    found = query(data, sql)
    unread = {k: v for k, v in (found.schema.metadata or {}).items() if k == UNREAD}
    arrays = [found[field.name].cast(field.type).combine_chunks() for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema).replace_schema_metadata(unread or None)


def counting(where: str) -> str:
    """Return a SELECT of the bars that count, of those series that meet a condition.

    It says what the view `bars` says without putting a whole series in order, which of millions of
    bars takes several times longer.

    Args:
        where: a condition on source, symbol and profile alone.
    """
    same = " AND ".join(f"f.{name} = b.{name}" for name in ("source", "symbol", "profile"))
    first = (
        f"SELECT source, symbol, profile, revision, min(sequence) AS sequence FROM bar {where} "  # noqa: S608
        "GROUP BY ALL"
    )
    higher = f"{same} AND f.revision > b.revision AND f.sequence <= b.sequence"
    return (
        f"SELECT b.* FROM (SELECT * FROM bar {where}) b "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT 1 FROM ({first}) f WHERE {higher})"
    )


def _where(**wanted: str | None) -> str:
    found = [f"{name} = {quoted(value)}" for name, value in wanted.items() if value is not None]
    return f"WHERE {' AND '.join(found)}" if found else "WHERE true"
