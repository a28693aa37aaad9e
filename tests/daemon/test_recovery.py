"""Journals as a dead run may have left them: what is recovered, and which gaps are told."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from argus.daemon.merging import Merging
from argus.daemon.recovery import Recovery
from argus.daemon.site import Site
from argus.network.sources import SOURCES
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept, begin_run
from argus.storage.journal import segment_path
from argus.storage.lines import begin, lost
from tests.daemon.checker import stored
from tests.daemon.recorder import Notes, means

SOURCE = SOURCES["binance_spot"]
TS = 1_763_600_000_000_000_000
SECOND = 1_000_000_000


def line(ts: int, frame: bytes) -> bytes:
    return b"%d %b\n" % (ts, frame)


def trade(number: int, symbol: str = "BTCUSDT", second: int | None = None) -> bytes:
    ts = TS + (number if second is None else second) * SECOND
    data: dict[str, Any] = {"e": "trade", "E": ts // 1000, "s": symbol, "t": number, "p": "1.5"}
    data |= {"q": "2", "T": ts // 1000, "m": True, "M": True}
    return line(ts, _frame(f"{symbol.lower()}@trade", data))


def bbo(number: int, symbol: str = "BTCUSDT") -> bytes:
    data = {"u": number, "s": symbol, "b": "1.5", "B": "2", "a": "1.6", "A": "3"}
    return line(TS + number * SECOND, _frame(f"{symbol.lower()}@bookTicker", data))


def _frame(stream: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"stream": stream, "data": data}, separators=(",", ":")).encode()


def begins(data_type: str, symbol: str = "BTCUSDT") -> bytes:
    return line(TS, begin(symbol.lower(), data_type))


class Folder:
    """A data folder, the journals in it and the lake that comes of them."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, name: str, *segments: list[bytes], is_known: bool = True) -> None:
        """Leave the journal of a run that died; it knew what was missed before it, or not yet."""
        disk = LocalDisk(name, is_durable=False)
        begin_run(self.data, name, disk=disk)
        if is_known:
            accept(self.data, name, disk=disk)
        for number, lines in enumerate(segments, 1):
            path = segment_path(self.data, name, SOURCE.name, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(lines))

    def recover(self) -> None:
        """Look back as the next run does, and merge."""
        asyncio.run(self._recover())

    async def _recover(self) -> None:
        given = means(self.data, Notes())
        begin_run(self.data, "next", disk=LocalDisk("next", is_durable=False))
        await Recovery({SOURCE.name: SOURCE}, means=given, own="next", is_kept=False).run()
        site = Site(self.data, "next", LocalDisk("next", is_durable=False))
        thread = given.threads("merge")
        merging = Merging(given.storage, site=site, thread=thread, report=Notes())
        await merging.merge_all()
        thread.shutdown()

    def ids(self, data_type: str, symbol: str = "BTCUSDT") -> list[int]:
        name = {"trade": "trade_id", "bbo": "update_id"}[data_type]
        return [row[0] for row in stored(self.data, SOURCE.name, data_type, symbol, (name,))]

    def gaps(self, symbol: str = "BTCUSDT") -> list[tuple[Any, ...]]:
        columns = ("of_data_type", "first_missing_id", "last_missing_id", "reason")
        return sorted(stored(self.data, SOURCE.name, "gap", symbol, columns), key=str)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data")


def test_what_was_missed_between_two_runs_that_died_is_told(folder: Folder):
    folder.run("a", [begins("trade"), trade(1), trade(2)])
    folder.run("b", [begins("trade"), trade(5), trade(6)], is_known=False)
    folder.recover()
    assert folder.ids("trade") == [1, 2, 5, 6]
    assert folder.gaps() == [("trade", 3, 4, "process_down")]


def test_runs_are_taken_in_their_order_and_not_in_that_of_their_clocks(folder: Folder):
    folder.run("a", [begins("trade"), trade(1, second=500), trade(2, second=501)])
    folder.run("b", [line(TS, begin("btcusdt", "trade")), trade(5), trade(6)])
    folder.recover()
    assert folder.ids("trade") == [1, 2, 5, 6]
    # The venue's time went back, so the ids tell: that is enough.
    assert folder.gaps() == [("trade", 3, 4, "process_down")]


@pytest.mark.parametrize("tear", [b'17636000000000000 {"stream":"btc', b"\0" * 4096 + b"\n"])
def test_torn_end_of_a_segment_makes_every_stream_doubtful(folder: Folder, tear: bytes):
    folder.run("a", [bbo(1), trade(1), bbo(2), tear], [bbo(5), trade(2)])
    folder.recover()
    assert (folder.ids("bbo"), folder.ids("trade")) == ([1, 2, 5], [1, 2])
    assert folder.gaps() == [("bbo", None, None, "disk")]


@pytest.mark.parametrize("damage", [b"@", b"/", b" ", b"\xff", b"{"])
def test_damaged_line_is_kept_and_stops_nothing(folder: Folder, damage: bytes):
    damaged = line(TS, b'{"stream":"btcu' + damage + b'sdt@trade","data":{}}')
    folder.run("a", [trade(1), bbo(1), damaged, trade(2), bbo(3)])
    folder.recover()
    assert (folder.ids("trade"), folder.ids("bbo")) == ([1, 2], [1, 3])
    assert folder.gaps() == [("bbo", None, None, "disk")]


def test_lines_that_could_not_be_written_are_a_gap_of_streams_last_seen_in_a_chunk_too(
    folder: Folder,
):
    folder.run("a", [begins("trade"), trade(1), bbo(1)])
    folder.recover()
    folder.run("b", [line(TS, lost(9)), trade(5), bbo(5)])
    folder.recover()
    assert folder.gaps() == [("bbo", None, None, "disk"), ("trade", 2, 4, "disk")]


def test_ids_that_began_anew_are_recovered_as_they_were_recorded(folder: Folder):
    anew = [trade(n, second=100 + n) for n in (1, 2, 3)]
    folder.run("a", [begins("trade"), trade(50), trade(51), begins("trade"), *anew])
    folder.recover()
    assert folder.ids("trade") == [1, 2, 3, 50, 51]
    assert folder.gaps() == [("trade", None, None, "process_down")]


def test_nothing_counts_of_a_generation_that_began_no_run(folder: Folder):
    folder.run("a", [trade(1)])
    path = segment_path(folder.data, "trial", SOURCE.name, 1)
    path.parent.mkdir(parents=True)
    path.write_bytes(trade(2))
    folder.recover()
    assert folder.ids("trade") == [1]
    assert path.exists()
