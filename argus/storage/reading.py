"""Shell. Reading the facts of one data type, path by path and day by day, merged or not.

Memory holds one row group and one round of what is not merged yet, whatever is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from argus.columns import lake_schema
from argus.errors import ForeignFile
from argus.events import EVENTS
from argus.storage.holding import Holding
from argus.storage.joining import Joining, key_columns
from argus.storage.parquet import opened, row_groups
from argus.storage.partition import LAKE, Partition, escaped, partition_at
from argus.storage.plan import rounds

ROWS_MAX = 1_000_000
"""Rows of chunks held in memory at once."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which paths and days; None stands for all, dates are inclusive."""

    source: str | None = None
    symbol: str | None = None
    first: str | None = None
    last: str | None = None

    def has(self, partition: Partition) -> bool:
        """Say whether a partition is selected."""
        return (
            self.source in {None, partition.source}
            and self.symbol in {None, partition.symbol}
            and (self.first or "") <= partition.date <= (self.last or "9999-12-31")
        )


type_of_facts = tuple[Partition, Iterator[pa.Table]]


def facts(
    holding: Holding, data_type: str, selection: Selection, names: Sequence[str] = ()
) -> Iterator[type_of_facts]:
    """Return every selected partition of a data type, in order, with its rows.

    The rows of one are read before the next is asked for; reading may raise TornFile or
    ForeignFile. What is not merged yet is joined in as a merge would.

    Args:
        holding: what keeps files from changing.
        data_type: the data type.
        selection: which paths and days.
        names: columns wanted besides those that order facts and tell them apart.
    """
    event = EVENTS[data_type]
    full = lake_schema(event)
    wanted = set(names) | set(key_columns(event))
    schema = pa.schema([field for field in full if field.name in wanted])
    waits = [w for w in holding.waiting(data_type, selection.source) if selection.has(w.partition)]
    pending = (
        pair for together in rounds(waits, rows_max=ROWS_MAX) for pair in holding.rows(together)
    )
    ahead = next(pending, None)
    for partition in sorted(
        {w.partition for w in waits} | set(_stored(holding, data_type, selection))
    ):
        rows = []
        while ahead is not None and ahead[0].partition <= partition:
            if ahead[0].partition == partition:
                rows.append(ahead[1].select(schema.names))
            ahead = next(pending, None)
        yield partition, _tables(holding, partition, schema, rows)


def partitions(holding: Holding, data_type: str, selection: Selection) -> list[Partition]:
    """Return every selected partition of a data type, in order, without reading its rows."""
    waits = holding.waiting(data_type, selection.source)
    found = {w.partition for w in waits if selection.has(w.partition)}
    return sorted(found | set(_stored(holding, data_type, selection)))


def _stored(holding: Holding, data_type: str, selection: Selection) -> Iterator[Partition]:
    source, symbol = (escaped(v) if v else "*" for v in (selection.source, selection.symbol))
    pattern = (
        f"{LAKE}/source={source}/data_type={data_type}/symbol={symbol}/year=*/date=*/*.parquet"
    )
    for path in holding.data.glob(pattern):
        try:
            partition = partition_at(path)
        except ForeignFile:
            holding.unread.append(path)
            continue
        if selection.has(partition):
            yield partition


def _tables(
    holding: Holding, partition: Partition, schema: pa.Schema, new: list[pa.Table]
) -> Iterator[pa.Table]:
    path = holding.root / partition.path
    if not path.exists():
        path = holding.data / partition.path
    joining = Joining(EVENTS[partition.data_type], pa.concat_tables(new)) if new else None
    if not path.exists():
        yield from joining.tables([]) if joining else []
        return
    with opened(path) as file:
        groups = row_groups(file, Path(path), schema)
        yield from joining.tables(groups) if joining else groups
