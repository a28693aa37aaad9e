"""Tables of facts with the columns of the lake."""

import pyarrow as pa
from msgspec import structs

from argus.columns import Kind, columns, lake_schema
from argus.events import Event, Trade
from tests.storage.facts import trade


def table_of(event: type[Event], facts) -> pa.Table:
    """Facts as a table."""
    rows = [structs.asdict(fact) for fact in facts]
    arrays = []
    for column, field in zip(columns(event), lake_schema(event), strict=True):
        values = [row[column.name] for row in rows]
        if column.kind is Kind.CATEGORY:
            words = pa.array([None if v is None else str(v) for v in values], pa.string())
            arrays.append(words.dictionary_encode().cast(field.type))
        else:
            arrays.append(pa.array(values, field.type))
    return pa.Table.from_arrays(arrays, schema=lake_schema(event))


def table_of_trades(numbers, *, price: float = 100.25, times=None) -> pa.Table:
    """Trades of some numbers, a second apart, or at the times given."""
    stamps = times or [None] * len(numbers)
    facts = [trade(n, ts=ts, price=price) for n, ts in zip(numbers, stamps, strict=True)]
    return table_of(Trade, facts)
