"""Shell. What was built beside what is stored: which bars are there, equal, or different.

Two bars are equal if all their fields are, but for two: the revision, and when the last trade was
received, which depends on which copy of it was kept.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argus.columns import Kind, columns
from argus.events import Bar
from argus.lake.bars import counting
from argus.lake.query import query
from argus.lake.views import quoted

LEFT_OUT = frozenset({"profile", "sequence", "revision", "ts_recv", "origin"})


@dataclass(frozen=True, slots=True)
class Compared:
    """A series that was built, beside the bars of it that are stored and count.

    Attributes:
        symbol: the symbol.
        profile: the profile's name.
        built: how many bars were built.
        last: the number of the last one.
        stored: how many are stored.
        stored_last: the number of the last one; 0 if there is none.
        ts_stored_last: when its last trade was (UTC ns); None if there is none.
        revision: the highest revision that is stored.
        missing: how many of those built are not stored.
        missing_from: the number of the first of them.
        changed: how many are stored with other values.
        changed_from: the number of the first of them.
    """

    symbol: str
    profile: str
    built: int
    last: int
    stored: int
    stored_last: int
    ts_stored_last: int | None
    revision: int
    missing: int
    missing_from: int | None
    changed: int
    changed_from: int | None

    @property
    def is_equal(self) -> bool:
        """Return whether every bar that was built is stored as it is."""
        return not self.missing and not self.changed

    @property
    def differs_from(self) -> int | None:
        """Return the first number at which bars are stored that do not agree; None if all do.

        Bars behind the last one that is stored are only new.
        """
        hole = self.missing_from
        holes = [] if hole is None or hole > self.stored_last else [hole]
        changes = [] if self.changed_from is None else [self.changed_from]
        return min([*holes, *changes], default=None)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a bar that is stored with another value, or not at all.

    `field` is empty if the bar is not stored.
    """

    symbol: str
    profile: str
    sequence: int
    field: str
    stored: Any
    built: Any


def compared(data: Path, source: str, draft: Path) -> list[Compared]:
    """Return every series of a draft beside what is stored of it.

    Raises:
        StorageError: the lake is read-only and changed again and again.
    """
    sql = f"""
        WITH {_sides(source, draft)},
        told AS (
            SELECT symbol, profile, count(*) AS stored, max(sequence) AS stored_last,
                max(ts_last) AS ts_stored_last, max(revision) AS revision
            FROM stored GROUP BY ALL
        ),
        beside AS (
            SELECT b.symbol, b.profile, b.sequence, s.sequence IS NULL AS is_missing,
                s.sequence IS NOT NULL AND ({_differ()}) AS is_changed
            FROM built b LEFT JOIN stored s USING (symbol, profile, sequence)
        )
        SELECT symbol, profile, count(*) AS built, max(sequence) AS last,
            coalesce(any_value(stored), 0) AS stored,
            coalesce(any_value(stored_last), 0) AS stored_last,
            any_value(ts_stored_last) AS ts_stored_last,
            coalesce(any_value(revision), 0) AS revision,
            count(*) FILTER (WHERE is_missing) AS missing,
            min(sequence) FILTER (WHERE is_missing) AS missing_from,
            count(*) FILTER (WHERE is_changed) AS changed,
            min(sequence) FILTER (WHERE is_changed) AS changed_from
        FROM beside LEFT JOIN told USING (symbol, profile)
        GROUP BY symbol, profile ORDER BY ALL
    """  # noqa: S608 - literals are quoted
    return [Compared(**row) for row in query(data, sql).to_pylist()]


def differences(data: Path, source: str, draft: Path, *, count: int) -> list[Difference]:
    """Return the first fields that differ, of each series' first bars that do.

    Args:
        data: the data folder.
        source: the source.
        draft: the file of what was built.
        count: how many bars to look at.
    """
    names = [name for name in _fields() if name not in LEFT_OUT]
    pairs = ", ".join(f'b."{n}" AS "built_{n}", s."{n}" AS "stored_{n}"' for n in names)
    sql = f"""
        WITH {_sides(source, draft)}
        SELECT b.symbol, b.profile, b.sequence, s.sequence IS NULL AS is_missing, {pairs}
        FROM built b LEFT JOIN stored s USING (symbol, profile, sequence)
        WHERE s.sequence IS NULL OR {_differ()}
        ORDER BY row_number() OVER (PARTITION BY b.symbol, b.profile ORDER BY b.sequence), 1, 2
        LIMIT {count}
    """  # noqa: S608 - literals are quoted
    found = []
    for row in query(data, sql).to_pylist():
        at = row["symbol"], row["profile"], row["sequence"]
        if row["is_missing"]:
            found.append(Difference(*at, "", None, None))
            continue
        values = [(name, row[f"stored_{name}"], row[f"built_{name}"]) for name in names]
        found += [Difference(*at, name, s, b) for name, s, b in values if s != b]
    return found


def _fields() -> dict[str, bool]:
    """Return the fields of a bar, with whether they are instants."""
    return {column.name: column.kind is Kind.TIME for column in columns(Bar)}


def _sides(source: str, draft: Path) -> str:
    """Return both sides, with instants as numbers."""
    names = ", ".join(
        f'epoch_ns("{name}"::TIMESTAMP_NS) AS "{name}"' if is_time else f'"{name}"'
        for name, is_time in _fields().items()
    )
    where = f"WHERE source = {quoted(source)}"
    return (
        f"built AS (SELECT symbol, {names} FROM read_parquet({quoted(str(draft))})), "  # noqa: S608
        f"series AS (SELECT DISTINCT symbol, profile FROM built), "
        f"stored AS (SELECT symbol, {names} FROM ({counting(where)}) "
        f"SEMI JOIN series USING (symbol, profile))"
    )


def _differ() -> str:
    return " OR ".join(
        f'b."{name}" IS DISTINCT FROM s."{name}"' for name in _fields() if name not in LEFT_OUT
    )
