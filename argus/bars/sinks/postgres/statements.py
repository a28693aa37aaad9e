"""Pure. The statements that write a batch, as texts for a search path that has the tables.

Staged rows that a later revision replaces are dropped, the others inserted or put in the place of
what they are newer than; then bars go that the batch replaces. The result depends on the rows that
were ever written, not on their order.

Names come from `tables.py` alone, values are arguments: nothing here is pasted from outside.
"""

from argus.bars.sinks.postgres.packing import null_bits, staged_columns
from argus.bars.sinks.postgres.tables import SERIES, Fact

REVISIONS = "bar__revision"


def stage_name(fact: Fact) -> str:
    """Return the name of the temporary table of a kind of rows."""
    return f"argus_stage__{fact.data_type}"


def create_stage(fact: Fact) -> str:
    """Return the statement that makes the temporary table, empty after each transaction."""
    columns = ", ".join(f"{name} {kind} NOT NULL" for name, kind in staged_columns(fact))
    return f"CREATE TEMP TABLE {stage_name(fact)} ({columns}) ON COMMIT DELETE ROWS"


def copy_stage(fact: Fact) -> str:
    """Return the statement that fills the temporary table."""
    names = ", ".join(name for name, _ in staged_columns(fact))
    return f"COPY {stage_name(fact)} ({names}) FROM STDIN (FORMAT binary)"


def _same_series(one: str, other: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in SERIES)


def tell_revisions(fact: Fact) -> str:
    """Return the statement that keeps where each revision begins; it answers what is new."""
    series = ", ".join(SERIES)
    return (
        f"INSERT INTO {REVISIONS} AS old ({series}, revision, first_sequence) "  # noqa: S608
        f"SELECT {series}, revision, min(sequence) FROM {stage_name(fact)} WHERE revision > 0 "
        f"GROUP BY {series}, revision ON CONFLICT ({series}, revision) DO UPDATE "
        "SET first_sequence = excluded.first_sequence "
        "WHERE excluded.first_sequence < old.first_sequence "
        f"RETURNING {series}, revision, first_sequence"
    )


def drop_superseded(fact: Fact) -> str:
    """Return the statement that takes rows out of the staging that do not count any more."""
    return (
        f"DELETE FROM {stage_name(fact)} s USING {REVISIONS} r WHERE {_same_series('s', 'r')} "  # noqa: S608
        "AND r.revision > s.revision AND r.first_sequence <= s.sequence"
    )


def delete_superseded(table: str) -> str:
    """Return the statement that removes bars below a revision; its arguments are those it is told.

    The arguments are the columns that `tell_revisions` answers, in their order.
    """
    same = " AND ".join(f"{name} = %s" for name in SERIES)
    return f"DELETE FROM {table} WHERE {same} AND revision < %s AND sequence >= %s"  # noqa: S608


def _value(fact: Fact, name: str, kind: str) -> str:
    found = f"s.{name}"
    if kind == "text":
        found = f"(%({name})s::text[])[s.{name}]"
    bit = null_bits(fact).get(name)
    return found if bit is None else f"CASE WHEN s.nulls & {bit} = 0 THEN {found} END"


def upsert(fact: Fact, table: str) -> str:
    """Return the statement that moves staged rows of a target into their table.

    Arguments by name: `target`, and for each column of texts the list of its words.
    """
    names = [field.name for field in fact.fields]
    values = ", ".join(_value(fact, field.name, field.kind) for field in fact.fields)
    key = ", ".join(fact.key)
    newest = ", ".join(f"s.{name} DESC" for name in fact.newest)
    other = [name for name in names if name not in fact.key]
    given = ", ".join(f"excluded.{name}" for name in fact.newest)
    # A row of another writer may lack what we compare by: ours is the newer one.
    there = ", ".join(f"coalesce(old.{name}, -1)" for name in fact.newest)
    return (
        f"INSERT INTO {table} AS old ({', '.join(names)}) "  # noqa: S608
        f"SELECT DISTINCT ON ({', '.join(f's.{n}' for n in fact.key)}) {values} "
        f"FROM {stage_name(fact)} s WHERE s.target = %(target)s "
        f"ORDER BY {', '.join(f's.{n}' for n in fact.key)}, {newest} "
        f"ON CONFLICT ({key}) DO UPDATE SET "
        f"{', '.join(f'{name} = excluded.{name}' for name in other)} "
        f"WHERE ({given}) > ({there})"
    )


def series_by_steps(table: str) -> str:
    """Return the statement that answers every series of a table, by a look into its index each."""
    names = ", ".join(SERIES)
    order = f"ORDER BY {names} LIMIT 1"
    there = ", ".join(f"f.{name}" for name in SERIES)
    last = ", ".join(f"s.{name}" for name in SERIES)
    return (
        f"WITH RECURSIVE s AS ((SELECT {names} FROM {table} {order}) UNION ALL "  # noqa: S608
        f"SELECT n.* FROM s, LATERAL (SELECT {there} FROM {table} f "
        f"WHERE ({there}) > ({last}) {order}) n) SELECT {names} FROM s"
    )


def series_by_scan(table: str) -> str:
    """Return the statement that answers every series of a table, by one pass over its rows.

    For hypertables: of what is compressed, a step would read all.
    """
    return f"SELECT DISTINCT {', '.join(SERIES)} FROM {table}"  # noqa: S608
