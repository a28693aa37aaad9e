"""What is listed is recorded, what is delisted is closed and merged, what is wrong is said."""

import json
from pathlib import Path

import pytest

from argus.agora.path import Path as AgoraPath
from argus.config.schema import SymbolRule
from argus.simulator.faults import Fault, FaultKind
from argus.simulator.venue import Venue
from argus.telemetry import RequestFailed, SymbolUnknown, UniverseChanged
from tests.daemon.checker import KINDS, expected, stored
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.waiting import until

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "DOTUSDT")
CHAINS = ("trade", "agg_trade", "book_delta")
SOURCES = pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])


def numbers(recorder: Recorder) -> list[tuple[str, list[int]]]:
    """The connections of every shard."""
    return [
        (shard.name, [c.connection for c in shard.connections()])
        for shard in recorder.dispatcher.shards()
    ]


def acknowledged(recorder: Recorder, data_type: str, symbol: str) -> int:
    """When the first acknowledgement of a subscription came in, in ns."""
    feeds = recorder.router(data_type, symbol).splice.feeds
    return min(f.ts_acknowledged for f in feeds if f.ts_acknowledged is not None)


def first_rows(recorder: Recorder, data_type: str, symbol: str) -> list[tuple[object, ...]]:
    columns = KINDS[data_type].columns
    return stored(recorder.data, recorder.source, data_type, symbol, columns)[:1]


@SOURCES
def test_listed_symbol_is_recorded_from_its_subscription_on(tmp_path: Path, source: str):
    async def main() -> None:
        options = venue_options(source, symbols=SYMBOLS, rate=600)
        async with recording(
            tmp_path, options, universe_every_s=1, streams_per_connection=20
        ) as recorder:
            await recorder.all_sewn()
            before = numbers(recorder)
            recorder.inject(FaultKind.LIST, symbol="NEWUSDT")
            await until(lambda: "NEWUSDT" in recorder.dispatcher.symbols, timeout_s=30)
            await recorder.all_sewn()
            asked = {d: acknowledged(recorder, d, "NEWUSDT") for d in CHAINS}
            await until(lambda: recorder.published("trade", "NEWUSDT") > 50, timeout_s=30)
            assert len(before) > 1
            after = dict(numbers(recorder))
            assert all(after[name] == connections for name, connections in before)
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
        for data_type in CHAINS:
            want = expected(recorder.venue.truth, data_type, "NEWUSDT")
            (row,) = first_rows(recorder, data_type, "NEWUSDT")
            ts_event = KINDS[data_type].columns.index("ts_event")
            # Nothing that happened after the acknowledgement came in is missing. (The venue and the
            # recorder read the same clock here; the venue tells milliseconds.)
            missing = [f for f in want[: want.index(row)] if f[ts_event] > asked[data_type]]
            assert missing == []
        changes = recorder.notes.of(UniverseChanged)
        assert [(c.added, c.removed) for c in changes] == [(6, 0), (1, 0)]

    run(main)


@SOURCES
def test_delisted_symbol_is_closed_and_merged_while_the_others_go_on(tmp_path: Path, source: str):
    async def main() -> None:
        options = venue_options(source, symbols=SYMBOLS, rate=600)
        async with recording(
            tmp_path,
            options,
            universe_every_s=1,
            streams_per_connection=20,
            storage={"flush_every_s": 3600, "merge_age_s": 3600},
        ) as recorder:
            await recorder.all_sewn()
            before = numbers(recorder)
            recorder.inject(FaultKind.DELIST, symbol="ETHUSDT")
            agora = recorder.service.agora
            lake = tmp_path / "lake" / f"source={source}"

            def is_closed() -> bool:
                return not [p for p in agora.paths() if "ETHUSDT" in p.symbol and p.connection]

            def merged(symbol: str) -> int:
                return len(list(lake.glob(f"data_type=trade/symbol={symbol}/*/*/data.parquet")))

            await until(lambda: merged("ETHUSDT"), timeout_s=30)
            assert merged("BTCUSDT") == 0
            assert is_closed()
            for data_type in ("trade", "agg_trade", "bbo", "book_delta", "kline"):
                assert AgoraPath(source, data_type, "ETHUSDT") not in agora.paths()
            rows = stored(tmp_path, source, "trade", "ETHUSDT", KINDS["trade"].columns)
            assert rows[-1] == expected(recorder.venue.truth, "trade", "ETHUSDT")[-1]
            facts = recorder.published("trade", "BTCUSDT")
            await until(lambda: recorder.published("trade", "BTCUSDT") > facts + 20, timeout_s=30)
            assert dict(numbers(recorder)) == dict(before)
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)
        statuses = stored(tmp_path, source, "instrument", "ETHUSDT", ("status",))
        assert statuses[-1] == ("DELISTED",)

    run(main)


def test_symbol_that_comes_back_is_recorded_on(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS[:2], rate=300)
        async with recording(tmp_path, options, universe_every_s=1) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.DELIST, symbol="ETHUSDT")
            await until(lambda: "ETHUSDT" not in recorder.dispatcher.symbols, timeout_s=30)
            recorder.inject(FaultKind.LIST, symbol="ETHUSDT")
            await until(lambda: "ETHUSDT" in recorder.dispatcher.symbols, timeout_s=30)
            await recorder.all_sewn()
            await until(lambda: recorder.published("trade", "ETHUSDT") > 20, timeout_s=30)
        rows = stored(tmp_path, "binance_spot", "trade", "ETHUSDT", KINDS["trade"].columns)
        want = expected(recorder.venue.truth, "trade", "ETHUSDT")
        assert rows[-1] == want[-1]
        places = [want.index(row) for row in rows]
        assert places == sorted(set(places))

    run(main)


def test_wrong_symbol_is_named_with_alike_ones_and_the_rest_is_recorded(tmp_path: Path):
    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=300)
        async with recording(
            tmp_path, options, symbols=("BTCUSDT", "ETHUSD", "nonsense")
        ) as recorder:
            await recorder.all_sewn()
            await until(lambda: recorder.published("trade", "BTCUSDT") > 20, timeout_s=30)
            unknown = recorder.notes.of(SymbolUnknown)
            assert unknown[0].symbol == "ETHUSD"
            assert unknown[0].alike.startswith("ETHUSDT")
            assert (unknown[1].symbol, unknown[1].alike) == ("nonsense", "none")
            assert len(unknown) == 2
            assert recorder.dispatcher.symbols == ("BTCUSDT",)
        symbols = {f.name for f in (tmp_path / "lake").glob("*/data_type=trade/*")}
        assert symbols == {"symbol=BTCUSDT"}

    run(main)


def test_list_of_symbols_is_recorded_while_the_venue_does_not_answer(tmp_path: Path):
    def refuse(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.REFUSE_REST, for_s=4))

    async def main() -> None:
        options = venue_options(symbols=SYMBOLS, rate=300)
        async with recording(
            tmp_path, options, before=refuse, symbols=("BTCUSDT", "ETHUSDT")
        ) as recorder:
            await until(lambda: recorder.dispatcher.symbols, timeout_s=30)
            await until(lambda: recorder.published("trade", "BTCUSDT") > 20, timeout_s=30)
            assert recorder.notes.of(RequestFailed)
            # When it answers, what it defines is recorded as well.
            path = AgoraPath("binance_spot", "instrument", "BTCUSDT")
            await until(lambda: path in recorder.service.agora.paths(), timeout_s=30)
        (raw,) = stored(tmp_path, "binance_spot", "instrument", "BTCUSDT", ("raw",))
        assert json.loads(raw[0])["symbol"] == "BTCUSDT"

    run(main)


def test_rule_waits_for_the_venue_and_then_records_what_agrees(tmp_path: Path):
    def refuse(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.REFUSE_REST, for_s=1))

    async def main() -> None:
        options = venue_options(symbols=("BTCUSDT", "ETHBTC"), rate=300)
        async with recording(
            tmp_path, options, before=refuse, symbols=SymbolRule(quote=("BTC",))
        ) as recorder:
            await until(lambda: recorder.dispatcher.symbols, timeout_s=30)
            assert recorder.dispatcher.symbols == ("ETHBTC",)
            await recorder.all_sewn()

    run(main)
