"""Real traffic: imported, and replayed by a simulated venue over two connections; the same lake."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from argus.daemon.importer import Imported
from argus.daemon.replay import import_files
from argus.network.sources import SOURCES
from argus.simulator.faults import FaultKind
from argus.storage.audit import verify
from tests.daemon.checker import KINDS, stored
from tests.daemon.recorder import means, recording, run, venue_options
from tests.waiting import until

DATA_TYPES = ("trade", "bbo", "book_delta")
FACTS = {
    "binance_spot": {
        "trade": 9_757 + 10_147,
        "bbo": 28_040 + 45_134,
        "book_delta": 3_451 + 3_044,
        "book_snapshot": 1,
    },
    "binance_usdm": {"trade": 21_313, "bbo": 66_089, "book_delta": 6_551, "book_snapshot": 1},
}
DAY_NS = 86_400_000_000_000
EPOCH = date(1970, 1, 1).toordinal()
EVERY_SOURCE = pytest.mark.parametrize("source", list(FACTS))


def files_of(recordings: Path, source: str) -> tuple[Path, ...]:
    return tuple(sorted((recordings / source).glob("*.gz")))


def imported(recordings: Path, source: str, data: Path) -> Imported:
    return asyncio.run(
        import_files(
            files_of(recordings, source),
            SOURCES[source],
            means=means(data),
        )
    )


def lines(recordings: Path, source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The frames as they were received; a bare snapshot is one without a stream."""
    for file in files_of(recordings, source):
        with gzip.open(file) as opened:
            for line in opened:
                stamp, _, frame = line.partition(b" ")
                yield int(stamp), json.loads(frame)


def contents(data: Path) -> dict[str, pa.Table]:
    """Every file with its rows; its metadata also says which generations it has seen."""
    files = sorted((data / "lake").rglob("*.parquet"))
    return {str(f): pq.ParquetFile(f).read().replace_schema_metadata() for f in files}


@EVERY_SOURCE
def test_import_stores_every_recorded_fact_by_value_under_its_date(
    tmp_path: Path, recordings: Path, source: str
):
    done = imported(recordings, source, tmp_path)
    assert done.facts == FACTS[source]
    assert (done.gaps, done.undecodable, done.unknown, done.left) == (0, 0, 0, 0)
    for data_type in DATA_TYPES:
        kind = KINDS[data_type]
        want = [
            (stamp, *kind.mapping(frame["data"]))
            for stamp, frame in lines(recordings, source)
            if frame.get("stream", "").startswith(f"btcusdt@{kind.stream}")
        ]
        assert stored(tmp_path, source, data_type, "BTCUSDT", ("ts_recv", *kind.columns)) == want
        place = kind.columns.index("ts_event") + 1
        instants = [row[0] if row[place] is None else row[place] for row in want]
        assert dates(tmp_path, source, data_type) == {
            f"date={date.fromordinal(EPOCH + day)}": sum(i // DAY_NS == day for i in instants)
            for day in sorted({i // DAY_NS for i in instants})
        }


def dates(data: Path, source: str, data_type: str) -> dict[str, int]:
    folder = data / "lake" / f"source={source}" / f"data_type={data_type}" / "symbol=BTCUSDT"
    return {
        f.parent.name: pq.read_metadata(f).num_rows for f in sorted(folder.glob("*/*/data.parquet"))
    }


@EVERY_SOURCE
def test_importing_again_changes_nothing(tmp_path: Path, recordings: Path, source: str):
    imported(recordings, source, tmp_path)
    before = contents(tmp_path)
    again = imported(recordings, source, tmp_path)
    assert again.stored_before == sum(FACTS[source].values())
    assert contents(tmp_path) == before


@EVERY_SOURCE
def test_trades_are_consecutive_and_the_audit_finds_all_well(
    tmp_path: Path, recordings: Path, source: str
):
    imported(recordings, source, tmp_path)
    ids = [row[0] for row in stored(tmp_path, source, "trade", "BTCUSDT", ("trade_id",))]
    assert all(after == before + 1 for before, after in pairwise(ids))
    audit = verify(tmp_path)
    assert audit.is_well
    assert sum(day.rows for day in audit.days) == sum(FACTS[source].values())
    assert sum(book.compared for book in audit.books) == compared(tmp_path, source)
    assert sum(book.compared for book in audit.books) > 500


def compared(data: Path, source: str) -> int:
    """Rebuild the book once more, with a dict for each side; return how often it was the bbo.

    Comparable are moments at which a bbo has exactly the id that the book stands at.
    """
    tops = {
        row[0]: row[1:]
        for row in stored(
            data,
            source,
            "bbo",
            "BTCUSDT",
            ("update_id", "bid_price", "bid_size", "ask_price", "ask_size"),
        )
    }
    columns = ("last_update_id", "bids", "asks")
    ((snapshot_id, *sides),) = stored(data, source, "book_snapshot", "BTCUSDT", columns)
    bids, asks = (dict(side) for side in sides)
    names = ("first_update_id", "last_update_id", "bids", "asks")
    count = 0
    for _, last, *changed in stored(data, source, "book_delta", "BTCUSDT", names):
        if last <= snapshot_id:
            continue
        for book, changes in zip((bids, asks), changed, strict=True):
            book.update(changes)
            for price in [price for price, size in changes if not size]:
                book.pop(price, None)
        if last in tops:
            count += 1
            bid, ask = max(bids), min(asks)
            assert (bid, bids[bid], ask, asks[ask]) == tops[last]
    return count


@EVERY_SOURCE
def test_replay_over_two_connections_with_delays_and_cuts_is_the_same_lake(
    tmp_path: Path, recordings: Path, source: str
):
    imported(recordings, source, tmp_path / "imported")
    replayed, random = tmp_path / "replayed", Random(source)

    async def main() -> None:
        options = venue_options(
            source,
            replay=files_of(recordings, source),
            speed=60,
            wait_for_connections=2,
        )
        async with recording(
            replayed,
            options,
            symbols=("BTCUSDT",),
            data_types=DATA_TYPES,
            connection_lifetime_s=1,
        ) as recorder:
            await until(lambda: recorder.venue.truth.produced > 500, timeout_s=30)
            for number, delay_s in enumerate((0.03, 0.12), 1):
                recorder.inject(FaultKind.DELAY, target=number, value_s=delay_s, jitter_s=0.05)
            finished = recorder.venue.finished

            def has_rotated(before: int) -> bool:
                is_safe = recorder.rotations > before and recorder.safe_shards() != []
                return finished.is_set() or is_safe

            while not finished.is_set():
                await recorder.cut(random)
                recorder.inject(FaultKind.DELAY, target="newest", value_s=random.uniform(0, 0.15))
                await until(partial(has_rotated, recorder.rotations), timeout_s=30)
            assert recorder.reconnects > 0
            assert recorder.rotations > 0
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)
    for data_type in DATA_TYPES:
        columns = KINDS[data_type].columns
        want = stored(tmp_path / "imported", source, data_type, "BTCUSDT", columns)
        assert stored(replayed, source, data_type, "BTCUSDT", columns) == want
        assert len(want) == FACTS[source][data_type]
