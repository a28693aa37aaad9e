"""The latest definition of each symbol, as the lake has it."""

import asyncio
from pathlib import Path

from argus.events import Instrument, Origin
from argus.lake.instruments import AGAIN_NS, Definition, Pairs, definitions
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept
from argus.storage.recorder import StorageHandler
from tests.network.doubles import TestClock


def instrument(ts: int, base: str, quote: str, status: str = "TRADING") -> Instrument:
    return Instrument(
        ts_event=None,
        ts_recv=ts,
        origin=Origin.SNAPSHOT,
        status=status,
        base=base,
        quote=quote,
        tick_size=0.01,
        lot_size=0.001,
        min_notional=None,
        contract_type=None,
        contract_size=None,
        margin_asset=None,
        ts_onboard=None,
        ts_delivery=None,
        raw="{}",
    )


def record(data: Path, source: str, facts: dict[str, list[Instrument]], generation: str) -> None:
    handler = StorageHandler(
        source,
        "instrument",
        data=data,
        generation=generation,
        disk=LocalDisk(generation, is_durable=False),
        report=lambda _: None,
    )
    for symbol, found in facts.items():
        handler.take(symbol, found)
    assert asyncio.run(handler.flush()) is not None
    accept(data, generation, disk=LocalDisk(generation, is_durable=False))


def test_latest_definition_counts(tmp_path):
    facts = {
        "BTCUSDT": [instrument(2, "BTC", "USDT", "BREAK"), instrument(1, "XBT", "USDT")],
        "ETHTRY": [instrument(1, "ETH", "TRY")],
    }
    record(tmp_path, "binance_spot", facts, "aa")
    assert list(definitions(tmp_path)) == [
        Definition("binance_spot", "BTCUSDT", "BTC", "USDT", "BREAK", None),
        Definition("binance_spot", "ETHTRY", "ETH", "TRY", "TRADING", None),
    ]


def test_without_a_lake_nothing_is_known(tmp_path):
    assert list(definitions(tmp_path / "none")) == []
    assert Pairs(tmp_path / "none", TestClock())("binance_spot", "BTCUSDT") is None


def test_what_is_unknown_is_looked_for_again_after_a_while(tmp_path):
    clock = TestClock()
    pairs = Pairs(tmp_path, clock)
    assert pairs("binance_spot", "ETHTRY") is None
    record(tmp_path, "binance_spot", {"ETHTRY": [instrument(1, "ETH", "TRY")]}, "aa")
    assert pairs("binance_spot", "ETHTRY") is None
    clock.set(AGAIN_NS / 10**9 + 1)
    assert pairs("binance_spot", "ETHTRY") == ("ETH", "TRY")
    assert pairs("binance_usdm", "ETHTRY") is None
