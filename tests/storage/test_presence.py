"""What of a path is there: merged or not, of the symbols, intervals and keys that are wanted."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest

from argus.errors import TornFile
from argus.events import Kline, Origin
from argus.storage.chunk import TEMP
from argus.storage.disk import LocalDisk
from argus.storage.flush import FlushHandler
from argus.storage.generation import accept
from argus.storage.holding import held
from argus.storage.presence import Place, look, symbols_of
from argus.storage.recorder import StorageHandler
from tests.storage.facts import MIDNIGHT, SECOND, SOURCE, trades

DAY = 86_400


def write(data: Path, generation: str, data_type: str, facts: dict, *, merged: bool) -> None:
    """Write facts by symbol into a chunk of an accepted generation, and merge it or not."""
    disk = LocalDisk(generation, is_durable=False)
    accept(data, generation, disk=disk)
    handler = StorageHandler(
        SOURCE, data_type, data=data, generation=generation, disk=disk, report=lambda _: None
    )
    for symbol, batch in facts.items():
        handler.take(symbol, batch)
    assert asyncio.run(handler.flush()) is not None
    if merged:
        merge(data, generation, data_type)


def merge(data: Path, generation: str, data_type: str) -> None:
    disk = LocalDisk(generation, is_durable=False)
    merger = FlushHandler(
        SOURCE, data_type, data=data, generation=generation, disk=disk, report=lambda _: None
    )
    merger.flush_all()


def candle(number: int, interval: str, *, closed: bool = True) -> Kline:
    begin = MIDNIGHT + number * 60 * SECOND
    return Kline(
        ts_event=begin + 60 * SECOND,
        ts_recv=begin + 60 * SECOND + 1,
        origin=Origin.LIVE,
        interval=interval,
        ts_open=begin,
        ts_close=begin + 60 * SECOND - 1,
        open=1.0,
        high=1.0,
        low=1.0,
        close=1.0,
        volume=1.0,
        quote_volume=1.0,
        trades=number,
        taker_buy_volume=1.0,
        taker_buy_quote_volume=1.0,
        closed=closed,
    )


def numbers(data: Path, spans, symbol: str = "AUSDT", **times: int) -> list[int]:
    place = Place(SOURCE, "trade", "trade_id", **times)
    keys, at = look(data, place, {symbol: {"": spans}})[symbol][""]
    assert at.tolist() == [MIDNIGHT + n * SECOND for n in keys.tolist()]
    return keys.tolist()


def test_what_is_merged_and_what_waits_is_there_once(tmp_path: Path):
    write(tmp_path, "aa", "trade", {"AUSDT": trades(range(10)), "BUSDT": trades([3])}, merged=True)
    write(tmp_path, "bb", "trade", {"AUSDT": trades(range(8, 20))}, merged=False)
    assert numbers(tmp_path, [(0, 100)]) == list(range(20))
    assert numbers(tmp_path, [(5, 6), (6, 7), (15, 16), (300, 400)]) == [5, 6, 7, 15, 16]
    assert numbers(tmp_path, [(0, 100)], "BUSDT") == [3]
    assert numbers(tmp_path, [(0, 100)], "CUSDT") == []
    assert not list((tmp_path / TEMP).glob(".backfill-*"))


def test_what_nobody_accepted_is_not_there(tmp_path: Path):
    write(tmp_path, "aa", "trade", {"AUSDT": trades(range(3))}, merged=False)
    (tmp_path / TEMP / "aa" / "accepted").unlink()
    assert numbers(tmp_path, [(0, 100)]) == []


def test_only_the_days_around_the_times_are_read(tmp_path: Path):
    days = {"AUSDT": trades(n * DAY for n in range(10))}
    write(tmp_path, "aa", "trade", days, merged=True)
    span = [(0, 100 * DAY)]
    assert numbers(tmp_path, span) == [n * DAY for n in range(10)]
    ts = MIDNIGHT + 5 * DAY * SECOND
    assert numbers(tmp_path, span, ts_from=ts, ts_until=ts) == [4 * DAY, 5 * DAY, 6 * DAY]
    assert numbers(tmp_path, span, ts_from=ts) == [n * DAY for n in range(4, 10)]


def test_many_symbols_are_looked_at_at_once(tmp_path: Path):
    facts = {f"{letter}USDT": trades([n, n + 1]) for n, letter in enumerate("ABC")}
    write(tmp_path, "aa", "trade", facts, merged=False)
    place = Place(SOURCE, "trade", "trade_id")
    found = look(tmp_path, place, {"AUSDT": {"": [(0, 0)]}, "CUSDT": {"": [(0, 9)]}})
    assert {symbol: seen[""][0].tolist() for symbol, seen in found.items()} == {
        "AUSDT": [0],
        "CUSDT": [2, 3],
    }


def test_candles_are_there_by_interval_once_they_are_closed(tmp_path: Path):
    open_one = candle(3, "1m", closed=False)
    facts = [*(candle(n, "1m") for n in range(3)), open_one, candle(1, "5m")]
    write(tmp_path, "aa", "kline", {"AUSDT": facts}, merged=True)
    again = msgspec.structs.replace(candle(2, "1m"), trades=7)
    write(tmp_path, "bb", "kline", {"AUSDT": [again]}, merged=False)
    span = [(MIDNIGHT, MIDNIGHT + 10 * 60 * SECOND)]
    place = Place(SOURCE, "kline", "ts_open")
    found = look(tmp_path, place, {"AUSDT": {"1m": span, "5m": span, "1h": span}})["AUSDT"]
    begins = {interval: keys.tolist() for interval, (keys, _) in found.items()}
    minute = 60 * SECOND
    assert begins == {
        "1m": [MIDNIGHT + n * minute for n in range(3)],
        "5m": [MIDNIGHT + minute],
        "1h": [],
    }


def test_torn_file_is_no_answer(tmp_path: Path):
    write(tmp_path, "aa", "trade", {"AUSDT": trades(range(10))}, merged=True)
    (file,) = (tmp_path / "lake").rglob("data.parquet")
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(TornFile):
        numbers(tmp_path, [(0, 100)])


def test_symbols_are_those_that_have_facts_merged_or_not(tmp_path: Path):
    assert symbols_of(tmp_path, SOURCE, "trade") == []
    write(tmp_path, "aa", "trade", {"BUSDT": trades([1]), "币安USDT": trades([1])}, merged=True)
    write(tmp_path, "bb", "trade", {"AUSDT": trades([1])}, merged=False)
    assert symbols_of(tmp_path, SOURCE, "trade") == ["AUSDT", "BUSDT", "币安USDT"]
    assert symbols_of(tmp_path, SOURCE, "kline") == []
    shutil.rmtree(tmp_path / TEMP)
    assert symbols_of(tmp_path, SOURCE, "trade") == ["BUSDT", "币安USDT"]


def test_symbols_are_found_while_their_facts_are_merged(tmp_path: Path, monkeypatch):
    write(tmp_path, "aa", "trade", {"AUSDT": trades([1])}, merged=False)

    def held_late(data: Path, name: str):
        merge(data, "aa", "trade")
        return held(data, name)

    monkeypatch.setattr("argus.storage.presence.held", held_late)
    assert symbols_of(tmp_path, SOURCE, "trade") == ["AUSDT"]
