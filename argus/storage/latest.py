"""Shell. The last fact of each path that a data folder holds, in date files and chunks.

Of each path the newest date file is read, its last row group only, and every chunk that waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from argus.agora.path import Path as AgoraPath
from argus.columns import ARROW, Kind, columns
from argus.errors import ForeignFile, TornFile
from argus.events import EVENTS, Event, Levels
from argus.storage.chunk import TEMP, chunk_at
from argus.storage.generation import ANY, Acceptance, acceptance, generations
from argus.storage.parquet import judged, opened
from argus.storage.partition import FILE, LAKE, lake_times, partition_at
from argus.storage.survey import chunk_paths, pieces_of

DATES_READ = 2
NO_LEVELS = Levels(b"[]")


def last_facts(data: Path, *, sources: set[str], but: Collection[str]) -> dict[AgoraPath, Event]:
    """Return the last fact of each path, by its order, else by time; levels are left out.

    Files that cannot be read are passed over: the audit tells of them.

    Args:
        data: the data folder.
        sources: whose paths.
        but: generations whose chunks do not count.
    """
    wanted = [name for name in generations(data) if name not in but]
    return latest([*_in_lake(data, sources), *_in_chunks(data, sources, wanted)])


def last_facts_of(data: Path, *, sources: set[str], generation: str) -> dict[AgoraPath, Event]:
    """Return the last fact of each path in the chunks of one generation, accepted or not."""
    everything = Acceptance(frozenset({(ANY, ANY, ANY)}))
    return latest(_in_generation(data, sources, generation, everything))


def latest(facts: Iterable[tuple[AgoraPath, Event]]) -> dict[AgoraPath, Event]:
    """Return the last fact of each path."""
    found: dict[AgoraPath, Event] = {}
    for path, fact in facts:
        known = found.get(path)
        if known is None or rank(fact) > rank(known):
            found[path] = fact
    return found


def rank(fact: Event) -> tuple[int, ...]:
    """Return what the last fact of a path is greatest in: its id, else its time."""
    name = fact.order[0]
    if name.endswith("_id"):
        return (getattr(fact, name),)
    return (fact.ts_recv if fact.ts_event is None else fact.ts_event,)


def _in_lake(data: Path, sources: set[str]) -> Iterator[tuple[AgoraPath, Event]]:
    for folder in (data / LAKE).glob("source=*/data_type=*/symbol=*"):
        # Hive folders sort as their values do. The newest date is not always that of the last fact:
        # where the venue gives no time it is our clock's, which may have been set.
        dates = sorted(folder.glob("year=*/date=*"), reverse=True)
        read = 0
        for path in (date / FILE for date in dates):
            if read == DATES_READ:
                break
            try:
                at = partition_at(path)
                if at.source not in sources or at.data_type == "gap":
                    break
                with opened(path) as file, judged(path):
                    table = _slim(file, at.data_type, file.num_row_groups - 1)
            except (TornFile, ForeignFile, FileNotFoundError):
                continue
            fact = _last_of(table, EVENTS[at.data_type])
            if fact is not None:
                yield AgoraPath(at.source, at.data_type, at.symbol), fact
                read += 1


def _in_chunks(
    data: Path, sources: set[str], wanted: Iterable[str]
) -> Iterator[tuple[AgoraPath, Event]]:
    for generation in wanted:
        try:
            accepted = acceptance(data, generation)
        except ForeignFile:
            continue
        yield from _in_generation(data, sources, generation, accepted)


def _in_generation(
    data: Path, sources: set[str], generation: str, accepted: Acceptance
) -> Iterator[tuple[AgoraPath, Event]]:
    for folder in sorted((data / TEMP / generation).glob("[!.]*/*/")):
        if folder.parent.name in sources and folder.name != "gap":
            yield from _newest(data, generation, folder, accepted)


def _newest(
    data: Path, generation: str, folder: Path, accepted: Acceptance
) -> Iterator[tuple[AgoraPath, Event]]:
    """Return the last fact of each symbol in the chunks of one data type, the newest chunk first.

    Rows are read only of chunks that are the newest of some symbol.
    """
    source, data_type = folder.parent.name, folder.name
    seen: set[str] = set()
    for path in reversed(chunk_paths(data, generation, source, data_type)):
        try:
            pieces = {p.partition.symbol: p for p in pieces_of(path, chunk_at(path))}
            wanted = {s for s in pieces.keys() - seen if accepted.covers(source, data_type, s)}
            if not wanted:
                continue
            with opened(path) as file, judged(path):
                table = _slim(file, data_type, None)
        except (TornFile, ForeignFile, FileNotFoundError):
            continue
        seen |= wanted
        for symbol in sorted(wanted):
            piece = pieces[symbol]
            rows = table.slice(piece.start, piece.stop - piece.start)
            fact = _last_of(rows, EVENTS[data_type])
            if fact is not None:
                yield AgoraPath(source, data_type, symbol), fact


def _slim(file: pq.ParquetFile, data_type: str, group: int | None) -> pa.Table:
    """Read what is not a list of levels, of one row group or of all."""
    names = [c.name for c in columns(EVENTS[data_type]) if c.kind is not Kind.LEVELS]
    if file.num_row_groups == 0:
        return file.schema_arrow.empty_table().select(names)
    if group is None:
        return file.read(columns=names, use_threads=False)
    return file.read_row_group(group, columns=names, use_threads=False)


def _last_of(table: pa.Table, event: type[Event]) -> Event | None:
    if not table.num_rows:
        return None
    name = event.order[0]
    has_id = name.endswith("_id")
    keys = np.asarray(table[name].combine_chunks()) if has_id else lake_times(table)
    row = table.slice(int(len(keys) - 1 - np.argmax(keys[::-1])), 1)
    values: dict[str, object] = {}
    for column in columns(event):
        if column.kind is Kind.LEVELS:
            values[column.name] = NO_LEVELS
            continue
        array = row[column.name]
        is_time = pa.types.is_timestamp(ARROW[column.kind])
        values[column.name] = (array.cast(pa.int64()) if is_time else array)[0].as_py()
    return msgspec.convert(values, event)
