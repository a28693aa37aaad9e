"""Shell. What stands on the disk of a source's bars: those that were published, and the states.

The file of states is one for each source, `bars/<source>.states` in the data folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from argus.bars import Profile
from argus.bars.rows import ROW
from argus.daemon.bars.building import Saved
from argus.daemon.bars.states import pack, unpack
from argus.daemon.bars.told import by_profile, type_of_rows
from argus.daemon.site import Site
from argus.errors import ForeignFile, TornFile
from argus.storage.disk import writing
from argus.storage.generation import folder_of
from argus.storage.holding import held
from argus.storage.partition import DAY_NS, date_of
from argus.storage.reading import Selection, facts
from argus.telemetry import FileSetAside, Report

FOLDER = "bars"
MARGIN_NS = 3_600_000_000_000
"""Venue times are in the order of ids but for moments; it only decides which days are read."""


def published(
    data: Path, source: str, names: Sequence[str], wanted: Mapping[str, int]
) -> dict[str, dict[str, list[type_of_rows]]]:
    """Return the bars of some symbols that were published and recorded, superseded ones too.

    Args:
        data: the data folder.
        source: the source.
        names: the profiles that are wanted.
        wanted: symbol -> instant (UTC ns); bars of earlier days are left out.

    Raises:
        OSError: the system failed.
    """
    found: dict[str, dict[str, list[type_of_rows]]] = {}
    if not wanted:
        return found
    first = {symbol: _first_date(ts) for symbol, ts in wanted.items()}
    only = next(iter(wanted)) if len(wanted) == 1 else None
    selection = Selection(source=source, symbol=only, first=min(first.values()))
    columns = [*(ROW.names or ()), "profile"]
    with held(data, "bars") as holding:
        for partition, tables in facts(holding, "bar", selection, columns):
            symbol = partition.symbol
            if symbol not in first or partition.date < first[symbol]:
                continue
            of_symbol = found.setdefault(symbol, {})
            for table in tables:
                for name, rows in by_profile(table, names).items():
                    of_symbol.setdefault(name, []).append(rows)
    return found


def _first_date(ts: int) -> str:
    return date_of(max(0, ts - MARGIN_NS) // DAY_NS)


def file_of(data: Path, source: str) -> Path:
    """Return the file of a source's states."""
    return data / FOLDER / f"{source}.states"


def save(
    site: Site,
    source: str,
    data_type: str,
    profiles: Sequence[Profile],
    symbols: Mapping[str, Saved],
) -> int:
    """Write the states of a source durably, in one step; return the bytes written.

    Raises:
        OSError: they could not be written; what was there before is there still.
    """
    text = pack(data_type, profiles, symbols)
    scratch = folder_of(site.data, site.generation)
    with writing(site.disk, file_of(site.data, source), scratch=scratch) as file:
        file.write(text)
    return len(text)


def load(
    site: Site, source: str, data_type: str, profiles: Sequence[Profile], report: Report
) -> dict[str, Saved]:
    """Return the states of a source; none if there are none, or none that can be used.

    A file that cannot be read is set aside, beside its place, and told.

    Raises:
        OSError: the system failed.
    """
    path = file_of(site.data, source)
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        saved = unpack(found, data_type=data_type, profiles=profiles, where=str(path))
    except (TornFile, ForeignFile) as error:
        suffix = "torn" if isinstance(error, TornFile) else "foreign"
        aside = path.with_name(f"{path.name}.{site.generation}.{suffix}")
        site.disk.replace(path, aside)
        site.disk.sync_folder(aside.parent)
        report(FileSetAside(str(aside), str(error)))
        return {}
    return saved or {}
