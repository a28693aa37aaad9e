"""Shell. The trades of some paths in the order of their ids, merged or not, while others write.

What is read is what was recorded at the moment of asking, each trade once. Date files and row
groups without a wanted id are not read: a recent id costs two footers per symbol and the chunks
that are not merged yet, whatever the lake holds.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from argus.columns import lake_schema
from argus.errors import StorageError
from argus.events import EVENTS
from argus.lake.joined import Piece, batches, ids_of
from argus.lake.pieces import ChangedMeanwhile, Finding
from argus.lake.span import Span
from argus.storage.holding import held
from argus.storage.writer import GROUP_ROWS

ATTEMPTS_MAX = 5
"""How often it is looked for what was merged while it was looked for."""


def trades(
    data: Path,
    source: str,
    data_type: str,
    wanted: Mapping[str, Span],
    *,
    columns: Sequence[str] = (),
    rows_max: int = GROUP_ROWS,
    unread: list[Path] | None = None,
) -> Generator[tuple[str, pa.Table], None, None]:
    """Read the trades of some symbols of a source, one symbol after the other.

    Args:
        data: the data folder.
        source: the source.
        data_type: `trade` or `agg_trade`, or any other whose facts are in the order of an id.
        wanted: which trades of each symbol (as the venue writes it).
        columns: the columns wanted, besides the id and the times; all of the lake's by default.
        rows_max: the rows of a batch.
        unread: where files are named that cannot be read, and so were left out.

    Yields:
        A symbol, and some of its trades, in rising order of ids: a table with columns of
        `argus.columns.lake_schema`. Symbols come in any order; one without trades does not come.

    Raises:
        StorageError: the date files of a symbol were replaced again and again.
        OSError: the system failed.
    """
    key = EVENTS[data_type].order[0]
    full = lake_schema(EVENTS[data_type])
    names = {*columns, "ts_event", "ts_recv", key} if columns else set(full.names)
    schema = pa.schema([field for field in full if field.name in names])
    left = dict(wanted)
    for _ in range(ATTEMPTS_MAX):
        if not left:
            return
        with held(data, "trades") as holding, ExitStack() as stack:
            finding = Finding(holding, source, data_type, schema, stack)
            for symbol, pieces in _found(finding, left):
                try:
                    for table in batches(pieces, left[symbol], key=key, rows_max=rows_max):
                        left[symbol] = left[symbol].beyond(int(ids_of(key, table)[-1]))
                        yield symbol, table
                except ChangedMeanwhile:
                    continue
                del left[symbol]
            _tell(holding.unread, unread)
    if left:
        raise StorageError(
            f"found date files of {', '.join(sorted(left))} that changed during each of "
            f"{ATTEMPTS_MAX} attempts, expected them to rest while they are read, in {data}"
        )


def count(data: Path, source: str, data_type: str, wanted: Mapping[str, Span]) -> int:
    """Return about how many trades are wanted, by what the files say of themselves.

    At the ends of a span whole row groups and days are counted.
    """
    schema = lake_schema(EVENTS[data_type])
    with held(data, "trades") as holding, ExitStack() as stack:
        return Finding(holding, source, data_type, schema, stack).rows(wanted)


def _found(finding: Finding, wanted: Mapping[str, Span]) -> Iterator[tuple[str, list[Piece]]]:
    """Return the pieces of the symbols that were found at one moment."""
    try:
        told = finding.pieces(wanted)
    except FileNotFoundError:
        return  # Merged while it was read, where nothing can be linked.
    for symbol, pieces in told.found.items():
        if symbol not in told.changed:
            yield symbol, pieces


def _tell(found: list[Path], unread: list[Path] | None) -> None:
    if unread is not None:
        unread += [path for path in dict.fromkeys(found) if path not in unread]
