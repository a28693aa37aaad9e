"""Shell. From what a person or the ledger asks for to what is wanted of each path."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from argus.daemon.access import Access
from argus.daemon.backfill import Backfill
from argus.daemon.wanted import NO_IDS, Range, Wanted, too_old, unfillable, unnumbered, wanted_by
from argus.errors import VenueError
from argus.events import GapState
from argus.network.history import IDS, History
from argus.storage.gaps import read_ledger
from argus.storage.ledger import GapEntry, GapSelection
from argus.storage.presence import symbols_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; None stands for all.

    Without a range the open gaps that are selected, with one everything in it that is missing.

    Attributes:
        source: one source.
        data_type: one data type.
        symbol: one symbol.
        ts_from: facts from this instant on (UTC ns).
        ts_until: and before this one.
        first_id: facts from this id on.
        last_id: up to and with this one.
    """

    source: str | None = None
    data_type: str | None = None
    symbol: str | None = None
    ts_from: int | None = None
    ts_until: int | None = None
    first_id: int | None = None
    last_id: int | None = None

    @property
    def is_range(self) -> bool:
        """Say whether a range is asked for."""
        return self.ts_from is not None or self.first_id is not None


async def open_gaps(asked: Asked, backfill: Backfill, *, now_ns: int) -> list[Wanted]:
    """Return what the open gaps of a ledger miss; of a range, those that lie within.

    Raises:
        StorageError: the ledger cannot be read.
    """
    read = partial(read_ledger, backfill.data, source=asked.source, symbol=asked.symbol)
    ledger = await backfill.in_thread(read)
    selection = GapSelection(data_type=asked.data_type, state=GapState.OPEN)
    return [
        await of_gap(entry, access, now_ns=now_ns)
        for entry in ledger.having(selection).entries
        if (access := backfill.accesses.get(entry.source)) is not None and _is_within(asked, entry)
    ]


async def of_gap(entry: GapEntry, access: Access, *, now_ns: int) -> Wanted:
    """Return what a gap misses; the venue is asked which ids those are, if the gap does not say."""
    wanted = wanted_by(entry, access.source, access.intervals, now_ns=now_ns)
    history = access.source.rest.history(entry.data_type)
    if wanted.why != NO_IDS or history is None:
        return wanted
    return await _found(wanted, access, history, entry.ts_from, entry.ts_until)


async def _found(
    wanted: Wanted, access: Access, history: History, begin: int, end: int | None
) -> Wanted:
    """Return what is wanted with the ids that a stretch of time has."""
    try:
        span = await access.past.span(history, wanted.symbol, begin, end)
    except VenueError as error:
        return replace(wanted, why=str(error), is_final=error.is_final)
    return replace(wanted, ranges=(Range("", IDS, *span),) if span else (), why="")


def _is_within(asked: Asked, gap: GapEntry) -> bool:
    if asked.first_id is not None and asked.last_id is not None:
        first, last = gap.first_missing_id, gap.last_missing_id
        return (
            first is not None
            and last is not None
            and asked.first_id <= first
            and last <= asked.last_id
        )
    return (asked.ts_from is None or asked.ts_from <= gap.ts_from) and (
        asked.ts_until is None or gap.ts_until <= asked.ts_until
    )


async def ranges(asked: Asked, backfill: Backfill, *, now_ns: int) -> list[Wanted]:
    """Return what is wanted of each path for a range; venues are asked which ids an instant had."""
    assert asked.is_range
    found = []
    for access in backfill.accesses.values():
        async for data_type, symbol in _paths(asked, backfill, access):
            found.append(await _range(asked, access, data_type, symbol, now_ns))
    return found


async def _paths(
    asked: Asked, backfill: Backfill, access: Access
) -> AsyncIterator[tuple[str, str]]:
    """Return the paths of one source that are asked for.

    Symbols that nobody named are those of the configuration, or else those that were recorded.
    """
    name, rest = access.source.name, access.source.rest
    if asked.source not in {None, name}:
        return
    recorded = access.data_types or access.source.data_types
    fillable = [data_type for data_type in recorded if rest.history(data_type) is not None]
    for data_type in fillable if asked.data_type is None else [asked.data_type]:
        symbols: Sequence[str] = [asked.symbol] if asked.symbol else access.symbols
        if not symbols:
            find = partial(symbols_of, backfill.data, name, data_type)
            symbols = await backfill.in_thread(find)
        for symbol in symbols:
            yield data_type, symbol


async def _range(asked: Asked, access: Access, data_type: str, symbol: str, now_ns: int) -> Wanted:
    at = (access.source.name, data_type, symbol)
    times = (asked.ts_from, asked.ts_until)
    history = access.source.rest.history(data_type)
    if history is None:
        return Wanted(*at, (), *times, why=unfillable(access.source, data_type))
    if asked.first_id is not None and asked.last_id is not None:
        return Wanted(*at, (Range("", IDS, asked.first_id, asked.last_id),), *times)
    reached = history.ts_reached(now_ns)
    begin, end = max(asked.ts_from or 0, reached), min(asked.ts_until or now_ns, now_ns)
    if end <= reached:
        return Wanted(*at, (), *times, why=too_old(history))
    if history.is_timed:
        return _candles(history, at, access.intervals, begin, end)
    return await _found(Wanted(*at, (), begin, end), access, history, begin, asked.ts_until and end)


def _candles(
    history: History, at: tuple[str, str, str], intervals: tuple[str, ...], begin: int, end: int
) -> Wanted:
    """Return the candles that begin in a stretch of time and have closed in it."""
    found = []
    for interval in intervals:
        scale = history.scale(interval)
        if scale is None:
            return Wanted(*at, (), begin, end, why=unnumbered(interval))
        first, last = scale.number(begin - 1) + 1, scale.number(end) - 1
        if first <= last:
            found.append(Range(interval, scale, first, last))
    return Wanted(*at, tuple(found), begin, end)
