"""Our journal is in the layout of hftbacktest's collector: its own converter reads it."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argus.config.journal import JournalConfig
from argus.daemon.recorded import open_recording
from argus.simulator.venue import Venue
from tests.daemon.checker import stored
from tests.daemon.killing import Daemon, written
from tests.daemon.recorder import recording, run, venue_options
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
SOURCE, SYMBOL = "binance_usdm", "BTCUSDT"
SYMBOLS = (SYMBOL, "ETHUSDT")
DATA_TYPES = ("trade", "bbo", "book_delta", "book_snapshot", "mark_price", "instrument")

RECIPE = """\
    grep '"stream":"btcusdt@' |
    sed 's/{"stream":"[^"]*@depthSnapshot","generated":true,"data":\\(.*\\)}$/\\1/' |
    grep -v '"generated":true' | gzip > btcusdt.gz
"""
"""One symbol a file, book snapshots bare, and nothing that the converter does not know."""

CONVERT = """
from hftbacktest.data.utils import binancefutures
binancefutures.convert("btcusdt.gz", "btcusdt.npz", buffer_size=1_000_000)
"""

LOCAL, BUY = 1 << 30, 1 << 29
DEPTH, TRADE, CLEAR, SNAPSHOT = 1, 2, 3, 4
"""https://hftbacktest.readthedocs.io/en/latest/data.html: what the bits of an event mean."""

type_of_event = tuple[int, bool, int, int, float, float]
"""Kind, whether it is the bid's or a buy, venue's time, ours, price, size."""


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter that has hftbacktest; its environment is made where it is missing."""
    found = subprocess.run(
        [str(ROOT / "tools/hftbacktest")], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip(f"hftbacktest cannot be installed: {found.stderr.strip()[-300:]}")
    return ROOT / ".venv-hftbacktest/bin/python"


def converted(python: Path, journal: bytes, folder: Path) -> list[type_of_event]:
    """Convert a journal as docs/durability.md says; return the events in our order."""
    subprocess.run(["sh", "-c", RECIPE], input=journal, cwd=folder, check=True)
    subprocess.run([str(python), "-c", CONVERT], cwd=folder, check=True, capture_output=True)
    with np.load(folder / "btcusdt.npz") as opened:
        events = opened["data"]
    events = events[events["ev"] & LOCAL != 0]
    return [
        (int(ev & 0xFF), bool(ev & BUY), int(exch), int(local), float(px), float(qty))
        for ev, exch, local, px, qty in zip(
            *(events[name] for name in ("ev", "exch_ts", "local_ts", "px", "qty")), strict=True
        )
    ]


def of_kind(events: list[type_of_event], kind: int) -> list[type_of_event]:
    return [event for event in events if event[0] == kind]


def rows(data: Path, data_type: str, *columns: str) -> list[tuple[Any, ...]]:
    return stored(data, SOURCE, data_type, SYMBOL, ("ts_event", "ts_recv", *columns))


def trades(data: Path) -> list[type_of_event]:
    """What the lake says; the converter leaves out what is no trade of the book."""
    found = rows(data, "trade", "price", "size", "side", "trade_type")
    return [(TRADE, s == "buy", e, r, px, qty) for e, r, px, qty, s, x in found if x == "MARKET"]


def levels(data: Path, data_type: str, kind: int) -> list[type_of_event]:
    return [
        (kind, is_bid, ts_event, ts_recv, price, size)
        for ts_event, ts_recv, bids, asks in rows(data, data_type, "bids", "asks")
        for is_bid, side in ((True, bids), (False, asks))
        for price, size in side
    ]


def whole(path: Path) -> bytes:
    with open_recording(path) as file:
        return file.read()


@pytest.mark.server
def test_raw_archive_is_read_by_the_converter_of_hftbacktest(tmp_path: Path, python: Path):
    data = tmp_path / "data"

    async def main() -> None:
        options = venue_options(SOURCE, symbols=SYMBOLS, rate=600)
        kept = {"journal": JournalConfig(keep_days=1)}
        async with recording(data, options, sections=kept, data_types=DATA_TYPES) as recorder:
            await recorder.all_sewn()
            await until(lambda: recorder.published("trade", SYMBOL) > 300, timeout_s=60)

    run(main)
    archive = sorted(data.glob(f"raw/source={SOURCE}/date=*/*.zst"), key=lambda path: path.name)
    events = converted(python, b"".join(map(whole, archive)), tmp_path)
    assert of_kind(events, TRADE) == trades(data)
    assert of_kind(events, DEPTH) == levels(data, "book_delta", DEPTH)
    assert of_kind(events, SNAPSHOT) == levels(data, "book_snapshot", SNAPSHOT)
    assert len(archive) > 1
    assert len(of_kind(events, TRADE)) > 100
    assert len(of_kind(events, SNAPSHOT)) > 100
    assert {event[0] for event in events} == {DEPTH, TRADE, CLEAR, SNAPSHOT}


@pytest.mark.server
def test_journal_of_a_killed_recorder_is_read_by_it_too(tmp_path: Path, python: Path):
    data, found = tmp_path / "data", list[type_of_event]()

    def convert() -> None:
        (segment,) = data.glob(f"journal/*/{SOURCE}/*.log")
        lines = segment.read_bytes()
        found.extend(converted(python, lines[: lines.rindex(b"\n") + 1], tmp_path))

    async def main() -> None:
        async with Venue(venue_options(SOURCE, symbols=SYMBOLS, rate=600)) as venue:
            config = written(
                tmp_path,
                venue,
                storage={"flush_every_s": 60.0, "merge_age_s": 60.0},
                data_types=list(DATA_TYPES),
            )
            daemon = Daemon(config, data)
            await daemon.start()
            await daemon.records(1500)
            await daemon.kill()
            await asyncio.to_thread(convert)
            await daemon.start()
            await daemon.records()
            assert await daemon.stop() == 0

    run(main)
    assert len(of_kind(found, TRADE)) > 50
    for kind, wanted in (
        (TRADE, trades(data)),
        (DEPTH, levels(data, "book_delta", DEPTH)),
        (SNAPSHOT, levels(data, "book_snapshot", SNAPSHOT)),
    ):
        events = of_kind(found, kind)
        assert events == wanted[: len(events)]
        assert events


def test_the_documents_say_how_it_is_converted():
    assert RECIPE in (ROOT / "docs/durability.md").read_text()
