"""Shell. The statements of one batch, in their order, within the transaction of whoever calls."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from argus.bars.sinks.postgres import batch, statements
from argus.bars.sinks.postgres.connecting import type_of_connection
from argus.bars.sinks.postgres.dimensions import Known, numbers, pairs_of, revive
from argus.bars.sinks.postgres.layout import Layout, make_partitions, month_of
from argus.bars.sinks.postgres.packing import Coded, coded, packed, type_of_values
from argus.bars.sinks.postgres.schema import lock
from argus.bars.sinks.postgres.tables import BAR, BAR_TABLES, Fact


def write_rows(
    connection: type_of_connection,
    schema: str,
    fact: Fact,
    rows: pa.Table,
    *,
    exchange: str,
    facts: Callable[[str], tuple[str, str] | None],
    known: Known,
    layouts: Mapping[str, Layout],
) -> None:
    """Merge rows of one source into their tables.

    Args:
        connection: in a transaction.
        schema: the schema of the tables.
        fact: the kind of rows.
        rows: rows with a chunk's columns.
        exchange: what the tables call their source.
        facts: base and quote asset of a symbol, if they are known.
        known: numbers of names; it is added to, and to be thrown away if this fails.
        layouts: how each table is cut by time.

    Raises:
        psycopg.Error: the database refuses; the transaction is to be undone.
        StoreRefused: a symbol has no coin and quote of its own.
    """
    lock(connection, schema)
    ids = _ids(connection, fact, rows, exchange, facts, known)
    places, tables = batch.targets(fact.data_type, rows)
    used = [(n, tables[n]) for n in map(int, np.unique(places))]
    _make_room(connection, schema, rows, places, dict(used), layouts)
    texts = {f.name: coded(rows.column(f.name)) for f in fact.fields if f.kind == "text"}
    with connection.cursor() as cursor, cursor.copy(statements.copy_stage(fact)) as copy:
        copy.write(packed(fact, rows, ids=ids, targets=places, texts=texts))
    new = _revisions(connection, fact)
    for number, table in used:
        lists = {name: list(column.words) for name, column in texts.items()}
        connection.execute(statements.upsert(fact, table), {"target": number, **lists})
    for revision in new:
        # A profile may have had another rule once, so that its bars are elsewhere.
        for table in BAR_TABLES:
            connection.execute(statements.delete_superseded(table), revision)


def _revisions(connection: type_of_connection, fact: Fact) -> list[tuple[object, ...]]:
    if fact is not BAR:
        return []
    new = connection.execute(statements.tell_revisions(fact)).fetchall()
    connection.execute(statements.drop_superseded(fact))
    return new


def _ids(
    connection: type_of_connection,
    fact: Fact,
    rows: pa.Table,
    exchange: str,
    facts: Callable[[str], tuple[str, str] | None],
    known: Known,
) -> dict[str, type_of_values]:
    """Return the numbers of the series of each row; names that are new get one."""
    venue = numbers(connection, known, "dim__exchange", [exchange])[exchange]
    symbols = coded(rows.column("symbol"))
    lengths = coded(batch.intervals(fact.data_type, rows))
    pairs = pairs_of(connection, known, venue, symbols.words, facts)
    of_text = numbers(connection, known, "dim__interval", lengths.words)
    coins = [pairs[venue, symbol][0] for symbol in symbols.words]
    quotes = [pairs[venue, symbol][1] for symbol in symbols.words]
    intervals = [of_text[word] for word in lengths.words]
    for table, used in (
        ("dim__exchange", [venue]),
        ("dim__coin", coins),
        ("dim__quote", quotes),
        ("dim__interval", intervals),
    ):
        revive(connection, table, used)
    return {
        "coin_id": _per_row(coins, symbols),
        "quote_id": _per_row(quotes, symbols),
        "exchange_id": np.full(rows.num_rows, venue),
        "interval_id": _per_row(intervals, lengths),
    }


def _per_row(values: list[int], column: Coded) -> type_of_values:
    return np.array(values, np.int64)[column.codes]


def _make_room(
    connection: type_of_connection,
    schema: str,
    rows: pa.Table,
    places: type_of_values,
    tables: Mapping[int, str],
    layouts: Mapping[str, Layout],
) -> None:
    opened = rows.column("ts_open").cast(pa.int64()).to_numpy()
    for number, table in tables.items():
        if layouts[table] is Layout.PARTITIONED:
            days = np.unique(opened[places == number] // 86_400_000_000_000)
            months = {month_of(int(day) * 86_400_000_000_000) for day in days}
            make_partitions(connection, schema, table, months)
