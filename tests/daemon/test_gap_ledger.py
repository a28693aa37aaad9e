"""The ledger of a recorder that was cut names exactly what the truth of the venue says is lost."""

from pathlib import Path
from random import Random

import pytest

from argus.simulator.faults import FaultKind
from argus.storage.findings import Verdict
from argus.storage.gaps import read_ledger
from argus.storage.ledger import GapSelection, Ledger
from argus.storage.proving import prove
from argus.storage.totals import by_path, total
from argus.telemetry import FrameUndecodable
from tests.daemon.checker import expected, stored
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.waiting import until

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
BUSY = ("trade", "agg_trade", "bbo", "book_delta")
IDS = {"trade": "trade_id", "agg_trade": "agg_trade_id"}


def lost(recorder: Recorder, data_type: str, symbol: str) -> list[int]:
    """The ids that the venue sent since the first one recorded, and that are not in the lake."""
    ids = (IDS[data_type],)
    found = [i for (i,) in stored(recorder.data, recorder.source, data_type, symbol, ids)]
    truth = [row[0] for row in expected(recorder.venue.truth, data_type, symbol)]
    recorded = set(found)
    return [i for i in truth if i >= found[0] and i not in recorded]


def admitted(ledger: Ledger, data_type: str, symbol: str) -> list[int]:
    """The ids that the open gaps of a path name, in their order."""
    gaps = ledger.having(GapSelection(data_type=data_type, symbol=symbol)).open_entries
    ids: list[int] = []
    for gap in gaps:
        assert gap.first_missing_id is not None
        assert gap.last_missing_id is not None
        ids += range(gap.first_missing_id, gap.last_missing_id + 1)
    return ids


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_ledger_names_exactly_what_is_lost(tmp_path: Path, source: str):
    random = Random(source)

    async def main() -> None:
        options = venue_options(source, symbols=SYMBOLS, rate=900)
        async with recording(tmp_path, options, data_types=BUSY, standby=0) as recorder:
            await recorder.all_sewn()
            for _ in range(3):
                await recorder.cut(random)
                await recorder.all_sewn()
            recorder.inject(FaultKind.CORRUPT, target="all", stream="btcusdt@trade", count=1)
            await until(lambda: recorder.notes.of(FrameUndecodable), timeout_s=30)
            # What is flushed can be read while the recorder goes on.
            await until(lambda: read_ledger(tmp_path).open_entries, timeout_s=30)
            await recorder.goes_on()
        ledger = read_ledger(tmp_path)
        paths = [(data_type, symbol) for data_type in IDS for symbol in SYMBOLS]
        truth = {path: lost(recorder, *path) for path in paths}
        assert {path: admitted(ledger, *path) for path in paths} == truth
        assert sum(map(len, truth.values())) > 100
        chains = [entry for entry in ledger.entries if entry.data_type in IDS]
        assert total(chains).missing == sum(map(len, truth.values()))
        assert {t.of: t.missing for t in by_path(chains)} == {
            f"{source}/{data_type}/{symbol}": len(ids)
            for (data_type, symbol), ids in truth.items()
            if ids
        }
        assert len(ledger.entries) == recorder.verdict().gaps
        assert_proofs_agree(tmp_path, source, truth)

    run(main)


def assert_proofs_agree(data: Path, source: str, truth: dict[tuple[str, str], list[int]]) -> None:
    for (data_type, symbol), ids in truth.items():
        proof = prove(data, f"{source}/{data_type}/{symbol}")
        assert [i for h in proof.holes for i in range(h.first_id or 0, (h.last_id or 0) + 1)] == ids
        assert proof.expected == proof.seen.tally.rows + len(ids)
        assert proof.verdict == (Verdict.BUT_FOR_GAPS if ids else Verdict.COMPLETE)


def test_path_that_lost_nothing_is_proven_and_has_no_gap(tmp_path: Path):
    async def main() -> None:
        options = venue_options("binance_spot", symbols=SYMBOLS, rate=900)
        async with recording(tmp_path, options, data_types=BUSY) as recorder:
            await recorder.all_sewn()
            await recorder.cut(Random(1))
            await recorder.goes_on()
        assert read_ledger(tmp_path).entries == ()
        for data_type in ("trade", "agg_trade", "book_delta"):
            proof = prove(tmp_path, f"binance_spot/{data_type}/BTCUSDT")
            assert (proof.verdict, proof.seen.tally.rows > 0) == (Verdict.COMPLETE, True)

    run(main)
