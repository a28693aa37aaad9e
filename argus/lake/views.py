"""Pure. The views of the lake as DuckDB's SQL: one per data type, and some made of these.

`book_delta_levels` and `book_snapshot_levels` have one row per price level, `gaps` one per gap,
`bars` the bars that count.

Columns are named one by one, in the order of their declaration, with the hive keys last: what a
reader sees does not depend on what else a path happens to contain.
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from argus.columns import Kind, columns
from argus.events import EVENTS, Event, GapState

HIVE_TYPES = {
    "source": "VARCHAR",
    "data_type": "VARCHAR",
    "symbol": "VARCHAR",
    "year": "INTEGER",
    "date": "DATE",
}
"""Hive keys with their types: else a symbol of digits would be read as a number."""

SIDES = {"bids": "bid", "asks": "ask"}


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def glob_of(data: PurePath, data_type: str) -> str:
    """Return the pattern of all date files of a data type; the folder's name stands for itself."""
    folder = "".join(f"[{c}]" if c in "*?[" else c for c in str(data))
    return f"{folder}/lake/source=*/data_type={data_type}/symbol=*/year=*/date=*/data.parquet"


def column_names(event: type[Event]) -> list[str]:
    """Return the columns of a view."""
    return [*(column.name for column in columns(event)), *HIVE_TYPES]


def _columns(event: type[Event]) -> str:
    """Return the columns of a SELECT. Times are told to be UTC and lose their zone.

    DuckDB 2.0 has no arithmetic for nanoseconds with a zone: no difference, `date_trunc` or
    `time_bucket`.
    """
    times = {column.name for column in columns(event) if column.kind is Kind.TIME}
    return ", ".join(
        f'"{name}"::TIMESTAMP_NS AS "{name}"' if name in times else f'"{name}"'
        for name in column_names(event)
    )


def select_files(event: type[Event], files: str | Sequence[str]) -> str:
    """Return the SELECT of date files, named by a pattern or one by one."""
    names = _columns(event)
    types = ", ".join(f"{key}: {kind}" for key, kind in HIVE_TYPES.items())
    listed = quoted(files) if isinstance(files, str) else f"[{', '.join(map(quoted, files))}]"
    return (
        f"SELECT {names}\nFROM read_parquet({listed}, hive_partitioning = true, "
        f"hive_types = {{{types}}}, filename = true, union_by_name = false)"
    )


def select_pending(event: type[Event], file: str) -> str:
    """Return the SELECT of a file that holds the hive keys as columns of its own."""
    names = _columns(event)
    return f"SELECT {names}\nFROM read_parquet({quoted(file)}, hive_partitioning = false)"


def levels_view(data_type: str) -> str | None:
    """Return the view of a data type with one row per price level; None if it has no levels.

    `level` counts from 1 in the venue's order, `book_side` is `bid` or `ask`.
    """
    event = EVENTS[data_type]
    sides = [c.name for c in columns(event) if c.kind is Kind.LEVELS]
    if not sides:
        return None
    others = ", ".join(f'"{n}"' for n in column_names(event) if n not in sides)
    parts = [
        f"SELECT {others}, {quoted(SIDES[side])} AS book_side, place AS level, "  # noqa: S608
        f'"{side}"[place].price AS price, "{side}"[place].size AS size\n'
        f'FROM (SELECT *, unnest(range(1, len("{side}") + 1)) AS place FROM {data_type})'
        for side in sides
    ]
    body = "\nUNION ALL\n".join(parts)
    return f"CREATE OR REPLACE VIEW {data_type}_levels AS\n{body};"


def gaps_view() -> str:
    """Return the view `gaps`: one row for each gap with its present state.

    `gap` has a row when a gap was noticed and one more when it was filled. `missing` is what any
    of them says; `date` is the day on which the gap begins.
    """
    path = [name for name in HIVE_TYPES if name not in {"data_type", "year", "date"}]
    same = [n for n in EVENTS["gap"].identity if n != "state"]
    names = ", ".join(f'"{name}"' for name in [*path, *same])
    filled = f"state = {quoted(GapState.FILLED)}"
    states = ", ".join(map(quoted, (GapState.FILLED, GapState.OPEN)))
    return (
        f'CREATE OR REPLACE VIEW gaps AS\nSELECT {names}, max("missing") AS "missing", '
        f'if(bool_or({filled}), {states}) AS "state", '
        'greatest(0, epoch_ns("ts_until") - epoch_ns("ts_from")) AS duration_ns, '
        f'min("ts_recv") AS ts_recorded, min("ts_recv") FILTER (WHERE {filled}) AS ts_filled, '
        f'"ts_from"::DATE AS "date"\nFROM gap\nGROUP BY {names};'
    )


def bars_view() -> str:
    """Return the view `bars`: of `bar`, the rows that count.

    A bar that was built anew has a higher revision, and so have all bars of its profile after it.
    """
    names = ", ".join(f'"{name}"' for name in column_names(EVENTS["bar"]))
    series = 'PARTITION BY "source", "symbol", "profile" ORDER BY "sequence"'
    return (
        f"CREATE OR REPLACE VIEW bars AS\nSELECT {names}\nFROM bar\n"
        f'QUALIFY "revision" = max("revision") OVER ({series});'
    )


def derived_view(data_type: str) -> str | None:
    """Return the view that is made of a data type's own; None if there is none."""
    if data_type == "gap":
        return gaps_view()
    return bars_view() if data_type == "bar" else levels_view(data_type)


def duckdb_views(data: PurePath, data_types: Iterable[str] = tuple(EVENTS)) -> str:
    """Return a script of views over the date files alone, for DuckDB without Argus.

    DuckDB refuses a view that has no file yet, so a script for a young lake names the data types
    that were recorded.
    """
    parts = [
        "-- Views over the date files of an Argus lake, for DuckDB 1.2 or newer. Generated, do not",
        "-- edit. Facts not merged yet are not in these files: `argus query` shows them, too. The",
        "-- view of a data type without any file is refused, the others work.",
        "SET TimeZone = 'UTC';",
    ]
    for data_type in data_types:
        body = select_files(EVENTS[data_type], glob_of(data, data_type))
        parts.append(f"CREATE OR REPLACE VIEW {data_type} AS\n{body};")
        derived = derived_view(data_type)
        if derived is not None:
            parts.append(derived)
    return "\n\n".join(parts) + "\n"
