"""Rows of gaps, what the ledger makes of them, and folders that hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from msgspec import structs

from argus.columns import lake_schema
from argus.events import Event, Gap, GapReason, GapState, Origin
from argus.storage.ledger import GapEntry, fold
from argus.storage.partition import Partition
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, Rig


def gap(first: int | None = 3, last: int | None = 5, **values: Any) -> Gap:
    """A gap of trades, a second for each id; recorded with the fact after it."""
    ts_from = MIDNIGHT + ((first or 0) - 1) * SECOND
    ts_until = MIDNIGHT + ((last or 0) + 1) * SECOND
    plain: dict[str, Any] = {
        "ts_event": ts_from,
        "ts_recv": ts_until + 7,
        "origin": Origin.LIVE,
        "of_data_type": "trade",
        "ts_from": ts_from,
        "ts_until": ts_until,
        "first_missing_id": first,
        "last_missing_id": last,
        "missing": None if first is None or last is None else last - first + 1,
        "reason": GapReason.CUT,
        "state": GapState.OPEN,
    }
    return Gap(**{**plain, **values})


def filled(row: Gap, after_s: int = 60) -> Gap:
    return structs.replace(
        row, state=GapState.FILLED, ts_recv=row.ts_recv + after_s * SECOND, origin=Origin.BACKFILL
    )


def entry(row: Gap, symbol: str = "A", **values: Any) -> GapEntry:
    """What the ledger says of one row alone."""
    found = GapEntry(
        SOURCE, row.of_data_type, symbol, row.ts_from, row.ts_until, row.first_missing_id,
        row.last_missing_id, row.missing, row.reason, GapState.OPEN, row.ts_recv, None,
        row.ts_event,
    )  # fmt: skip
    return replace(found, **values)


def at(symbol: str = "A", date: str = "2023-11-15", source: str = SOURCE) -> Partition:
    return Partition(source, "gap", symbol, date)


def table(*rows: Gap) -> pa.Table:
    return pa.Table.from_pylist([structs.asdict(row) for row in rows], schema=lake_schema(Gap))


def folded(*rows: Gap) -> tuple[GapEntry, ...]:
    return fold((at(), table(row)) for row in rows)


def record(
    data: Path, facts: Mapping[str, Mapping[str, Sequence[Event]]], *, merged: bool = True
) -> None:
    """Record facts, data type -> symbol -> events, each data type by a generation of its own."""
    for data_type, by_symbol in facts.items():
        number = len(list(data.glob("temp/g*"))) + len(list(data.glob("lake/**/*.parquet")))
        rig = Rig(data, f"g{data_type}{number}", data_type=data_type)
        rig.flusher.bump_all(rig.generation)
        rig.chunk(by_symbol)
        if merged:
            rig.flusher.flush_all()
