"""Shell. Bars that were built into the lake: chunks of a generation of their own.

The chunks are accepted when all of them are there, so nobody sees half of a revision; then they
are merged. What is stored already is not written again. From the first bar on that is stored with
other values, a series is written with the next revision, so that what stood there counts no more.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from argus.columns import chunk_schema
from argus.daemon.bulk.comparing import Compared
from argus.daemon.bulk.draft import Draft
from argus.errors import StorageError
from argus.events import Bar
from argus.storage.chunk import Chunk
from argus.storage.disk import Disk
from argus.storage.flush import FlushHandler
from argus.storage.generation import accept, alive, folder_of, remove_if_finished
from argus.storage.merge import Merged
from argus.storage.partition import lake_times
from argus.storage.writer import writing_parquet
from argus.telemetry import Report

DATA_TYPE = "bar"

type_of_array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Writing:
    """What is written of a series: bars from a number on, with a revision."""

    sequence: int
    revision: int


def plan(
    found: Sequence[Compared], *, is_cold: bool, ts_until: int | None
) -> dict[tuple[str, str], Writing]:
    """Say what has to be written, by symbol and profile; what is stored as it was built is not.

    Args:
        found: what was built, beside what is stored.
        is_cold: whether the series begin elsewhere than with their first trade.
        ts_until: where building ended (UTC ns); None if it did with the last trade.

    Raises:
        StorageError: bars would be lost: a part of a series cannot replace all of it.
    """
    wanted = {}
    for one in found:
        if one.is_equal:
            continue
        at = one.differs_from
        if at is None:
            assert one.missing_from is not None
            wanted[one.symbol, one.profile] = Writing(one.missing_from, one.revision)
            continue
        is_cut = ts_until is not None and (one.ts_stored_last or 0) >= ts_until
        if is_cold or is_cut:
            raise StorageError(_refusal(one, at, is_cold=is_cold))
        wanted[one.symbol, one.profile] = Writing(at, one.revision + 1)
    return wanted


def _refusal(one: Compared, at: int, *, is_cold: bool) -> str:
    option = "--from" if is_cold else "--to"
    why = "begins elsewhere" if is_cold else "ends before them"
    return (
        f"found {one.stored:,} bars {one.profile} of {one.symbol} stored, which differ from bar "
        f"{at} on; what is built with {option} {why} and cannot replace them: leave {option} out, "
        "or write to a file with --out"
    )


def store(
    data: Path,
    source: str,
    draft: Draft,
    wanted: dict[tuple[str, str], Writing],
    *,
    generation: str,
    disk: Disk,
    report: Report,
    rows_max: int,
) -> tuple[int, Merged]:
    """Write bars of a draft into the lake; return how many, and what the merge did.

    Args:
        data: the data folder.
        source: the source.
        draft: what was built.
        wanted: what of it to write.
        generation: hash of this run; never used by another one before.
        disk: what writes.
        report: telemetry.
        rows_max: bars in a chunk.

    Raises:
        OSError: the disk refuses; then nothing was written.
    """
    if not wanted:
        return 0, Merged()
    folder = folder_of(data, generation)
    disk.make_folder(folder)
    with alive(data, generation):
        with ExitStack() as undo:
            undo.callback(disk.delete_folder, folder)
            rows = 0
            for sequence, table in enumerate(_chunks(draft, wanted, rows_max), 1):
                _write(data, source, table, sequence, generation=generation, disk=disk)
                rows += table.num_rows
            undo.pop_all()
        accept(data, generation, disk=disk)
        merged = FlushHandler(
            source, DATA_TYPE, data=data, generation=generation, disk=disk, report=report
        ).flush_all()
    remove_if_finished(data, generation, disk=disk)
    return rows, merged


def _chunks(
    draft: Draft, wanted: dict[tuple[str, str], Writing], rows_max: int
) -> Iterator[pa.Table]:
    """Return the bars to write, with their revisions, in tables for a chunk each."""
    held: list[pa.Table] = []
    for table in draft.tables(rows_max):
        part = _revised(table, wanted)
        held += [part] if part.num_rows else []
        if sum(map(len, held)) >= rows_max:
            yield _by_symbol(held)
            held = []
    if held:
        yield _by_symbol(held)


def _revised(table: pa.Table, wanted: dict[tuple[str, str], Writing]) -> pa.Table:
    """Return those of some bars that are to be written, with their revisions."""
    symbols, profiles = (_coded(table[name]) for name in ("symbol", "profile"))
    series = symbols[0] * len(profiles[1]) + profiles[0]
    # Nothing has such a number.
    begins = np.full(len(symbols[1]) * len(profiles[1]), np.iinfo(np.int64).max)
    revisions = np.zeros(len(begins), np.int64)
    for at, pair in enumerate((s, p) for s in symbols[1] for p in profiles[1]):
        if pair in wanted:
            begins[at], revisions[at] = wanted[pair].sequence, wanted[pair].revision
    sequences = np.asarray(table["sequence"].combine_chunks())
    place = table.schema.get_field_index("revision")
    field = table.schema.field("revision")
    revised = table.set_column(place, field, pa.array(revisions[series]))
    return revised.filter(pa.array(sequences >= begins[series]))


def _coded(column: pa.ChunkedArray) -> tuple[type_of_array, list[str]]:
    """Return texts as numbers, and what these stand for."""
    coded = column.combine_chunks()
    return np.asarray(coded.indices).astype(np.int64), coded.dictionary.to_pylist()


def _by_symbol(parts: list[pa.Table]) -> pa.Table:
    table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    names = pc.cast(table["symbol"], pa.string())
    ranks = np.asarray(pc.rank(names, tiebreaker="dense"))
    return table.take(pa.array(np.argsort(ranks, kind="stable")))


def _write(
    data: Path, source: str, table: pa.Table, sequence: int, *, generation: str, disk: Disk
) -> None:
    times = lake_times(table)
    chunk = Chunk(source, DATA_TYPE, generation, sequence, int(times.min()), int(times.max()))
    with writing_parquet(
        disk,
        data / chunk.path,
        scratch=folder_of(data, generation),
        event=Bar,
        schema=chunk_schema(Bar),
    ) as writer:
        writer.write(table)
        writer.finish(chunk.metadata())
