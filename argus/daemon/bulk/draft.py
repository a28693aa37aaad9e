"""Shell. Bars that were built, in a passing file, until it is known what becomes of them."""

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from argus.columns import chunk_schema
from argus.events import Bar
from argus.storage.chunk import TEMP
from argus.storage.disk import passing_folder
from argus.storage.writer import GROUP_ROWS

NO_FOLDER = {errno.EROFS, errno.EPERM, errno.EACCES}

SCHEMA = chunk_schema(Bar)


class Draft:
    """A file of bars with their symbols, symbol after symbol.

    Args:
        path: where it lies.

    Attributes:
        bars: how many there are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bars = 0
        self._held: list[pa.Table] = []
        self._held_rows = 0
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="lz4")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, symbol: str, bars: pa.Table) -> None:
        """Add bars of a symbol, in their order."""
        if not bars.num_rows:
            return
        self._held.append(with_symbol(symbol, bars))
        self._held_rows += bars.num_rows
        self.bars += bars.num_rows
        if self._held_rows >= GROUP_ROWS:
            self._write()

    def _write(self) -> None:
        if self._held:
            self._writer.write_table(pa.concat_tables(self._held).unify_dictionaries())
        self._held, self._held_rows = [], 0

    def close(self) -> None:
        """Finish the file, so that it can be read; nothing is added to it any more."""
        if self._writer.is_open:
            self._write()
            self._writer.close()

    def tables(self, rows_max: int) -> Iterator[pa.Table]:
        """Finish the file, and read it in pieces."""
        self.close()
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(rows_max):
                yield pa.Table.from_batches([batch]).cast(SCHEMA)


def with_symbol(symbol: str, bars: pa.Table) -> pa.Table:
    """Return bars with a column that names their symbol, as a chunk has it."""
    names = pa.array([symbol], pa.string())
    codes = pa.repeat(pa.scalar(0, pa.int32()), bars.num_rows)
    symbols = pa.DictionaryArray.from_arrays(codes, names)
    columns = {name: bars[name] for name in bars.column_names} | {"symbol": symbols}
    return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


@contextmanager
def drafting(data: Path) -> Iterator[Draft]:
    """Give a draft for the duration of the block, beside the chunks if that is possible."""
    with ExitStack() as stack:
        folder = None
        if (data / TEMP).is_dir():
            try:
                folder = stack.enter_context(passing_folder(data / TEMP, "bars"))
            except OSError as error:
                if error.errno not in NO_FOLDER:
                    raise
        if folder is None:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="argus-")))
        yield stack.enter_context(Draft(folder / "bars.parquet"))
