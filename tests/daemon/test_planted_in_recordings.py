"""Real traffic with planted damage, imported: the ledger names what was planted, nothing else."""

import asyncio
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from argus.daemon.importer import Imported
from argus.daemon.replay import import_files
from argus.network.sources import SOURCES
from tests.daemon.checker import KINDS, stored
from tests.daemon.recorder import means

SYMBOL = "BTCUSDT"
DATA_TYPES = ("trade", "bbo", "book_delta")
EVERY_SOURCE = pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
GAP = (
    *("of_data_type", "ts_from", "ts_until", "first_missing_id", "last_missing_id", "missing"),
    *("reason", "state"),
)
CUT_S = 30
FEW_LINES = 20_000

type_of_gap = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a recording, and what it says; `data_type` is empty for a bare answer."""

    ts_recv: int
    raw: bytes
    data_type: str = ""
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def instant(self) -> int:
        """When it is placed by the lake: venue time, else receive time."""
        kind = KINDS[self.data_type]
        ts_event = kind.mapping(self.said)[kind.columns.index("ts_event")]
        return self.ts_recv if ts_event is None else int(ts_event)

    @property
    def last_id(self) -> int:
        return int(self.said["t" if self.data_type == "trade" else "u"])


@cache
def recorded(folder: Path, source: str) -> list[list[Line]]:
    """The lines of each file of a source."""
    files = []
    for file in sorted((folder / source).glob("*.gz")):
        with gzip.open(file) as opened:
            files.append([_line(raw) for raw in opened])
    return files


def _line(raw: bytes) -> Line:
    stamp, _, frame = raw.partition(b" ")
    said = json.loads(frame)
    for data_type in DATA_TYPES:
        if f"@{KINDS[data_type].stream}" in said.get("stream", ""):
            return Line(int(stamp), raw, data_type, said["data"])
    return Line(int(stamp), raw)


class Damaged:
    """A recording into which damage is planted, and what the ledger has to say of it.

    Each plant is a function of its own below; it changes `files`, and tells what is lost by it.

    Args:
        folder: of all recordings.
        source: whose are damaged.
        lines: take so many of the first file only.
    """

    def __init__(self, folder: Path, source: str, *, lines: int | None = None) -> None:
        self.source = source
        whole = recorded(folder, source)
        self.whole = whole if lines is None else [whole[0][:lines]]
        self.files = [list(file) for file in self.whole]
        self.streams = {
            d: [line for file in self.whole for line in file if line.data_type == d]
            for d in DATA_TYPES
        }
        self.lost: dict[str, set[int]] = {d: set() for d in DATA_TYPES}
        self.gaps: list[type_of_gap] = []

    def pick(self, data_type: str, begin: int, count: int = 1) -> list[Line]:
        """Facts of a stream that follow each other, by their number over all files."""
        return self.streams[data_type][begin : begin + count]

    def lose(self, lines: Sequence[Line], reason: str) -> None:
        """Expect facts of one stream, which follow each other, to be missing, and be told."""
        data_type, stream = lines[0].data_type, self.streams[lines[0].data_type]
        begin = stream.index(lines[0])
        before, after = stream[begin - 1], stream[begin + len(lines)]
        assert stream[begin + len(lines) - 1] is lines[-1]
        self.lost[data_type] |= {line.last_id for line in lines}
        if data_type == "bbo" and reason != "dead_letter":
            return  # Its ids have holes anyhow: nothing shows that some are missing.
        ids: tuple[int | None, ...] = (None, None, None)
        if data_type == "trade":
            ids = (lines[0].last_id, lines[-1].last_id, len(lines))
        elif data_type == "book_delta":
            # What the next diff follows on: said by futures, for spot the id before its first.
            until = after.said.get("pu", after.said["U"] - 1)
            ids = (before.last_id + 1, until, None)
        self.gaps.append((data_type, before.instant, after.instant, *ids, reason, "open"))

    def remove(self, lines: Sequence[Line]) -> None:
        gone = {id(line) for line in lines}
        self.files = [[line for line in file if id(line) not in gone] for file in self.files]

    def replace(self, line: Line, raw: bytes) -> None:
        for file in self.files:
            for i, known in enumerate(file):
                if known is line:
                    file[i] = Line(line.ts_recv, raw)

    def insert_after(self, line: Line, raws: Iterable[bytes]) -> None:
        for file in self.files:
            for i, known in enumerate(file):
                if known is line:
                    file[i + 1 : i + 1] = [Line(line.ts_recv, raw) for raw in raws]
                    return

    def imported(self, folder: Path) -> tuple[Path, Imported]:
        paths = []
        for number, file in enumerate(self.files):
            path = folder / f"{number}.txt"
            path.write_bytes(b"".join(line.raw for line in file))
            paths.append(path)
        source = SOURCES[self.source]
        done = asyncio.run(import_files(paths, source, means=means(folder / "data")))
        return folder / "data", done

    def rows(self, data_type: str) -> list[tuple[Any, ...]]:
        """What has to be in the lake: everything that was recorded but what is lost."""
        kind = KINDS[data_type]
        return [
            (line.ts_recv, *kind.mapping(line.said))
            for line in self.streams[data_type]
            if line.last_id not in self.lost[data_type]
        ]


def assert_told(damaged: Damaged, data: Path) -> None:
    """The ledger names exactly what was planted, and the rest is as it was recorded."""
    gaps = stored(data, damaged.source, "gap", SYMBOL, GAP)
    assert sorted(gaps) == sorted(damaged.gaps)
    for data_type in DATA_TYPES:
        columns = ("ts_recv", *KINDS[data_type].columns)
        found = stored(data, damaged.source, data_type, SYMBOL, columns)
        assert found == damaged.rows(data_type), data_type
    snapshots = stored(data, damaged.source, "book_snapshot", SYMBOL, ("last_update_id",))
    assert len(snapshots) == 1


def delete(at: Damaged, data_type: str, begin: int, count: int = 1) -> None:
    """Leave out facts of one stream."""
    lines = at.pick(data_type, begin, count)
    at.lose(lines, "venue_skipped")
    at.remove(lines)


def repeat(at: Damaged, data_type: str, begin: int, count: int, *, later_ns: int = 0) -> None:
    """Let frames come again, byte for byte, or as received at another time."""
    lines = at.pick(data_type, begin, count)
    raws = [b"%d %b" % (x.ts_recv + later_ns, x.raw.partition(b" ")[2]) for x in lines]
    at.insert_after(lines[-1], raws)


def corrupt(at: Damaged, data_type: str, number: int) -> None:
    """Break a frame's JSON in its middle."""
    (line,) = at.pick(data_type, number)
    half = len(line.raw) * 2 // 3
    at.lose([line], "dead_letter")
    at.replace(line, line.raw[:half] + b"~" + line.raw[half + 1 :])


def tear(at: Damaged, data_type: str, number: int) -> None:
    """End a line in its middle."""
    (line,) = at.pick(data_type, number)
    at.lose([line], "dead_letter")
    at.replace(line, line.raw[: len(line.raw) * 2 // 3] + b"\n")


def cut(at: Damaged, ts_from: int, ts_until: int) -> None:
    """Leave out everything that was received in a stretch of time."""
    for data_type, stream in at.streams.items():
        lines = [line for line in stream if ts_from <= line.ts_recv < ts_until]
        assert len(lines) > 100, data_type
        at.lose(lines, "venue_skipped")
        at.remove(lines)


@EVERY_SOURCE
def test_whatever_is_planted_together_is_told_apart(tmp_path: Path, recordings: Path, source: str):
    at = Damaged(recordings, source)
    delete(at, "trade", 100)
    delete(at, "trade", 200, 25)
    delete(at, "trade", 227)
    delete(at, "book_delta", 300)
    delete(at, "book_delta", 400, 7)
    delete(at, "bbo", 500, 3)
    corrupt(at, "trade", 2000)
    corrupt(at, "book_delta", 900)
    corrupt(at, "bbo", 9000)
    tear(at, "trade", 2500)
    tear(at, "book_delta", 1000)
    tear(at, "bbo", 10_000)
    for data_type in DATA_TYPES:
        repeat(at, data_type, 1500, 1)
        repeat(at, data_type, 1600, 20)
        repeat(at, data_type, 1700, 5, later_ns=1_000_000)
    middle = at.whole[0][len(at.whole[0]) // 2].ts_recv
    cut(at, middle, middle + CUT_S * 1_000_000_000)
    data, done = at.imported(tmp_path)
    assert_told(at, data)
    assert (done.repeats, done.undecodable, done.torn) == (3 * 26, 6, 0)
    # Deleted, torn and broken; of the cut two chains tell, for bbo there is nothing to tell by.
    assert len(at.gaps) == 5 + 6 + 2


def test_end_of_a_file_is_told_by_the_next_one(tmp_path: Path, recordings: Path):
    """Over midnight, and over two files."""
    at = Damaged(recordings, "binance_spot")
    last = sum(line.data_type == "trade" for line in at.whole[0])
    delete(at, "trade", last - 7, 7)
    data, _ = at.imported(tmp_path)
    assert_told(at, data)
    assert [gap[5] for gap in at.gaps] == [7]


@EVERY_SOURCE
def test_what_is_missing_at_the_very_end_cannot_be_told(
    tmp_path: Path, recordings: Path, source: str
):
    """Nothing comes after it: neither ids nor times show that there was more."""
    at = Damaged(recordings, source, lines=FEW_LINES)
    lines = at.pick("trade", len(at.streams["trade"]) - 7, 7)
    at.remove(lines)
    at.lost["trade"] = {line.last_id for line in lines}
    data, done = at.imported(tmp_path)
    assert_told(at, data)
    assert done.gaps == 0


@EVERY_SOURCE
def test_torn_last_line_is_counted_and_is_no_gap(tmp_path: Path, recordings: Path, source: str):
    """What a dying recorder had not finished to write; nothing comes after it either."""
    at = Damaged(recordings, source, lines=FEW_LINES)
    line = at.files[-1][-1]
    at.files[-1][-1] = Line(line.ts_recv, line.raw[: len(line.raw) // 2])
    at.lost[line.data_type] = {line.last_id}
    data, done = at.imported(tmp_path)
    assert_told(at, data)
    assert (done.torn, done.undecodable, done.gaps) == (1, 0, 0)


def test_broken_chain_of_futures_is_told_though_no_diff_is_missing(
    tmp_path: Path, recordings: Path
):
    """`pu` says that there was another diff before this one; all the ids rise as they did."""
    at = Damaged(recordings, "binance_usdm", lines=FEW_LINES)
    before, line = at.pick("book_delta", 400, 2)
    pu = line.said["pu"]
    raw = line.raw.replace(b'"pu":%d' % pu, b'"pu":%d' % (pu + 5))
    at.replace(line, raw)
    at.streams["book_delta"][401] = _line(raw)
    ids = (pu + 1, pu + 5, None)
    at.gaps.append(("book_delta", before.instant, line.instant, *ids, "venue_skipped", "open"))
    data, _ = at.imported(tmp_path)
    assert_told(at, data)
