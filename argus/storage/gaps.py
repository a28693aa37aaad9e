"""Shell. Reading the gap ledger of a data folder: the lake and the chunks that wait.

It needs no running recorder and disturbs none. What a recorder still has in memory is not in it.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from argus.errors import ForeignFile, StorageError, TornFile
from argus.storage.chunk import TEMP
from argus.storage.holding import Holding, held
from argus.storage.ledger import COLUMNS, Ledger, fold
from argus.storage.partition import Partition, escaped
from argus.storage.reading import Selection, facts

ATTEMPTS_MAX = 5
"""How often the ledger of a lake without links is read because something was merged meanwhile."""


def read_ledger(data: Path, *, source: str | None = None, symbol: str | None = None) -> Ledger:
    """Return every gap that was recorded, each once, with its present state.

    All days are read: a gap may be filed under another day than what closes it.

    Args:
        data: the data folder.
        source: one source, or all.
        symbol: one symbol, or all.

    Raises:
        StorageError: nothing can be linked here, and gaps were merged during each attempt.
    """
    selection = Selection(source=source, symbol=symbol)
    for _ in range(ATTEMPTS_MAX):
        try:
            return _read(data, selection)
        except FileNotFoundError:
            continue  # Merged while it was read, where nothing can be linked.
    raise StorageError(
        f"found gaps that were merged during each of {ATTEMPTS_MAX} attempts, expected a lake that "
        f"can be linked to or rests while it is read, in {data}"
    )


def _read(data: Path, selection: Selection) -> Ledger:
    with held(data, "gaps") as holding:
        entries = fold(_tables(holding, selection))
        unread = {*holding.unread, *_set_aside(data, selection)}
    return Ledger(entries, tuple(sorted(unread)))


def _tables(holding: Holding, selection: Selection) -> Iterator[tuple[Partition, pa.Table]]:
    for partition, tables in facts(holding, "gap", selection, COLUMNS):
        try:
            yield from ((partition, table) for table in tables)
        except (TornFile, ForeignFile):
            holding.unread.append(holding.data / partition.path)


def _set_aside(data: Path, selection: Selection) -> Iterator[Path]:
    """Return torn files of gaps that were set aside, from chunks and from the lake."""
    source, symbol = (escaped(v) if v else "*" for v in (selection.source, selection.symbol))
    yield from data.glob(f"{TEMP}/*/{source}/gap/*.torn")
    yield from data.glob(f"torn/source={source}/data_type=gap/symbol={symbol}/**/*.torn")
