"""Shell. Reading from the lake again what a note in a spool asks for."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from argus.columns import chunk_schema, lake_schema
from argus.events import EVENTS
from argus.storage.holding import held
from argus.storage.notes import ALL
from argus.storage.reading import Selection, facts
from argus.storage.spooled import Note


def rows_again(data: Path, note: Note, symbols: frozenset[str]) -> Iterator[tuple[str, pa.Table]]:
    """Return the rows of a data type, source and date, with the columns of a chunk.

    What is not merged yet is among them, each fact once. Memory holds one row group.

    Args:
        data: the data folder.
        note: which data type, source and date.
        symbols: which symbols; `ALL` for all.

    Yields:
        Each symbol with some of its rows; then the symbol with a table of no rows, once it is done.

    Raises:
        TornFile: a date file cannot be read.
        ForeignFile: it can, and is not ours.
    """
    event = EVENTS[note.data_type]
    names = lake_schema(event).names
    with held(data, f"spool-{note.source}-{note.data_type}") as holding:
        selection = Selection(note.source, None, note.date, note.date)
        for partition, tables in facts(holding, note.data_type, selection, names):
            if ALL in symbols or partition.symbol in symbols:
                for table in tables:
                    yield partition.symbol, with_symbol(table, partition.symbol, note.data_type)
                yield partition.symbol, chunk_schema(event).empty_table()


def with_symbol(table: pa.Table, symbol: str, data_type: str) -> pa.Table:
    """Return rows of the lake with the columns of a chunk."""
    schema = chunk_schema(EVENTS[data_type])
    codes = pa.repeat(pa.scalar(0, pa.int32()), table.num_rows)
    symbols = pa.DictionaryArray.from_arrays(codes, pa.array([symbol]))
    columns = {"symbol": symbols} | {name: table[name] for name in table.column_names}
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)
