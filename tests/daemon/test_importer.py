"""Recorded frames that are not as they should be."""

import asyncio
import json
from pathlib import Path

import pytest

from argus.daemon.importer import Imported
from argus.daemon.replay import import_files
from argus.network.sources import SOURCES
from tests.daemon.checker import stored
from tests.daemon.recorder import means

TS = 1_700_000_000_000_000_000


def bbo(number: int) -> bytes:
    data = {"u": number, "s": "BTCUSDT", "b": "1.5", "B": "2", "a": "1.6", "A": "3"}
    frame = json.dumps({"stream": "btcusdt@bookTicker", "data": data}, separators=(",", ":"))
    return b"%d %b\n" % (TS + number, frame.encode())


def trade(number: int) -> bytes:
    data = {"e": "trade", "E": TS // 10**6, "s": "BTCUSDT", "t": number, "p": "1.5", "q": "2"}
    data |= {"T": TS // 10**6 + number, "m": True, "M": True}
    frame = json.dumps({"stream": "btcusdt@trade", "data": data}, separators=(",", ":"))
    return b"%d %b\n" % (TS + number, frame.encode())


def cut_short(line: bytes) -> bytes:
    return line[: len(line) * 2 // 3] + b"\n"


def imported(tmp_path: Path, lines: list[bytes]) -> Imported:
    file = tmp_path / "recording"
    file.write_bytes(b"".join(lines))
    return asyncio.run(
        import_files(
            [file],
            SOURCES["binance_spot"],
            means=means(tmp_path / "data"),
        )
    )


@pytest.mark.parametrize(("data_type", "line"), [("bbo", bbo), ("trade", trade)])
def test_frame_that_cannot_be_decoded_is_a_gap_between_its_neighbours(
    tmp_path: Path, data_type: str, line
):
    broken = cut_short(line(3))
    done = imported(tmp_path, [line(1), line(2), broken, line(4), line(5)])
    assert (done.facts[data_type], done.undecodable, done.gaps) == (4, 1, 1)
    columns = ("of_data_type", "ts_from", "ts_until", "reason")
    ts = {"bbo": (TS + 2, TS + 4), "trade": (TS + 2 * 10**6, TS + 4 * 10**6)}[data_type]
    gaps = stored(tmp_path / "data", "binance_spot", "gap", "BTCUSDT", columns)
    assert gaps == [(data_type, *ts, "dead_letter")]
    (letters,) = (tmp_path / "data/dead_letters/binance_spot").iterdir()
    assert letters.read_bytes() == broken


def test_frames_of_other_streams_are_counted_and_left_out(tmp_path: Path):
    other = b'%d {"stream":"btcusdt@avgPrice","data":{}}\n' % TS
    acknowledgement = b'%d {"result":null,"id":1}\n' % TS
    done = imported(tmp_path, [acknowledgement, trade(1), other, trade(2)])
    assert (done.facts, done.unknown, done.undecodable) == ({"trade": 2}, 1, 0)


def test_overlapping_recordings_fill_each_others_holes(tmp_path: Path):
    early, late = tmp_path / "early", tmp_path / "late"
    early.write_bytes(b"".join(bbo(n) + trade(n) for n in [1, 2, 3, 7, 8]))
    late.write_bytes(b"".join(bbo(n) + trade(n) for n in [2, 3, 4, 5, 6, 7, 8, 9]))
    asyncio.run(
        import_files(
            [early, late],
            SOURCES["binance_spot"],
            means=means(tmp_path / "data"),
        )
    )
    whole = [(n,) for n in range(1, 10)]
    data = tmp_path / "data"
    assert stored(data, "binance_spot", "bbo", "BTCUSDT", ("update_id",)) == whole
    assert stored(data, "binance_spot", "trade", "BTCUSDT", ("trade_id",)) == whole
