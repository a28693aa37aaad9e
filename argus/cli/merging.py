"""Shell. Merge, accept and delete generations of a data folder, whether or not a recorder runs.

What is accepted and what was merged lies on the disk, under locks, so two processes may do this at
the same time. Only what a running recorder still has in memory is out of reach here.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from argus.errors import StorageError
from argus.storage.chunk import Chunk
from argus.storage.disk import LocalDisk
from argus.storage.flush import FlushHandler
from argus.storage.generation import accept, chunks_of, folder_of, generations, with_journal
from argus.storage.merge import Merged
from argus.telemetry import Report


@dataclass(frozen=True, slots=True)
class Selection:
    """What a verb is narrowed down to; None stands for all."""

    source: str | None = None
    data_type: str | None = None
    symbol: str | None = None
    generation: str | None = None

    def has(self, chunk: Chunk) -> bool:
        """Return whether a chunk may hold something of what is selected."""
        wanted = (self.source, self.data_type, self.generation)
        found = (chunk.source, chunk.data_type, chunk.generation)
        return all(w in {None, f} for w, f in zip(wanted, found, strict=True))

    def arguments(self) -> dict[str, str]:
        """Return what is given, by name."""
        names = ("source", "data_type", "symbol", "generation")
        given = {name: getattr(self, name) for name in names}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Chunks of one source and data type that wait to be merged."""

    source: str
    data_type: str
    chunks: int
    size_bytes: int


def waiting(data: Path, selection: Selection) -> list[Waiting]:
    """Return the selected chunks by source and data type, accepted or not."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for generation in generations(data):
        for chunk, size in chunks_of(data, generation):
            if selection.has(chunk):
                key = (chunk.source, chunk.data_type)
                chunks, total = found.get(key, (0, 0))
                found[key] = (chunks + 1, total + size)
    return [Waiting(*key, *found[key]) for key in sorted(found)]


def merge_folder(
    data: Path,
    selection: Selection,
    *,
    report: Report,
    on_step: Callable[[str, int], None] = lambda _what, _of: None,
) -> Merged:
    """Merge the accepted chunks that are selected into the lake; return what was done.

    Args:
        data: the data folder.
        selection: what to merge.
        report: told what was merged, what failed and what was set aside.
        on_step: told before each data type its name, and the number of them all.

    Raises:
        StorageError: the generation that is asked for has no folder.
    """
    _check_generation(data, selection.generation)
    works = waiting(data, selection)
    merged = Merged()
    with _own_generation(data) as (own, disk):
        for work in works:
            on_step(f"{work.source} {work.data_type}", len(works))
            handler = FlushHandler(
                work.source, work.data_type, data=data, generation=own, disk=disk, report=report
            )
            merged += _merge(handler, data, selection)
    return merged


def _merge(handler: FlushHandler, data: Path, selection: Selection) -> Merged:
    if selection.symbol is None:
        return handler.flush_all(selection.generation)
    names = [selection.generation] if selection.generation else generations(data)
    merged = Merged()
    for name in names:
        merged += handler.flush(selection.symbol, name)
    return merged


@contextmanager
def _own_generation(data: Path) -> Iterator[tuple[str, LocalDisk]]:
    """Give a name for our hidden files; its folder is gone at the end."""
    own = secrets.token_hex(4)
    disk = LocalDisk(own)
    try:
        yield own, disk
    finally:
        if folder_of(data, own).is_dir():
            disk.delete_folder(folder_of(data, own))


def accept_selected(data: Path, selection: Selection) -> None:
    """Accept from now on the chunks of a generation: all of them, or those that are selected.

    Raises:
        StorageError: the generation has no folder.
    """
    assert selection.generation is not None
    _check_generation(data, selection.generation)
    accept(
        data,
        selection.generation,
        disk=LocalDisk(secrets.token_hex(4)),
        source=selection.source,
        data_type=selection.data_type,
        symbol=selection.symbol,
    )


def _check_generation(data: Path, generation: str | None) -> None:
    known = sorted({*generations(data), *with_journal(data)})
    if generation is not None and generation not in known:
        raise StorageError(
            f'"{generation}" is not a generation; found: {", ".join(known) or "none"}; in {data}'
        )
