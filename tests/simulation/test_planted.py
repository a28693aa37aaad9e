"""The simulation can fail: faults that are planted into venue, recorder or lake are found."""

from dataclasses import replace

import msgspec
import pytest

from argus.events import Bbo, Gap, Trade
from argus.storage.buffer import Buffer
from tests.simulation.day import Day, simulate
from tests.simulation.options import Options, options

HOUR_NS = 3600 * 10**9
CALM = replace(
    options(1),
    source="binance_spot",
    symbols=("BTCUSDT", "ETHUSDT"),
    standby=1,
    burst_s=120.0,
    burst_facts=8,
    drift=0.0,
    flush_h=1.0,
    backfills=False,
    faults={},
    hours=3.0,
)
ROUGH = replace(CALM, faults={"outage": 3}, standby=0)


def wrong(given: Options, prepare=lambda _day: None) -> str:
    return "\n".join(simulate(given, prepare=prepare).verdict.wrong)


@pytest.mark.parametrize("given", [CALM, ROUGH])
def test_nothing_is_wrong_where_nothing_is_planted(given):
    assert wrong(given) == ""


def test_fact_that_the_venue_withholds_is_missed():
    def prepare(day: Day) -> None:
        day.venue.lose = lambda data_type, symbol, number: data_type == "bbo" and number == 20

    assert "bbo/ETHUSDT: 20 of 20-20" in wrong(CALM, prepare)


def test_chain_tells_itself_that_the_venue_withholds_a_fact():
    def prepare(day: Day) -> None:
        day.venue.lose = lambda data_type, symbol, number: data_type == "trade" and number == 20

    outcome = simulate(CALM, prepare=prepare)
    assert (outcome.verdict.wrong, outcome.verdict.lost) == ([], len(CALM.symbols))
    assert outcome.verdict.reasons == {"venue_skipped": len(CALM.symbols)}


def test_fact_that_the_storage_drops_is_missed(monkeypatch):
    append = Buffer.append

    def forgetful(buffer, symbol, batch):
        append(buffer, symbol, [f for f in batch if not isinstance(f, Trade) or f.trade_id != 1020])

    monkeypatch.setattr(Buffer, "append", forgetful)
    assert "is missing and no gap says so" in wrong(CALM)


def test_value_that_is_changed_on_its_way_is_found(monkeypatch):
    append = Buffer.append

    def dyslexic(buffer, symbol, batch):
        changed = [
            msgspec.structs.replace(f, bid_size=f.bid_size + 1) if isinstance(f, Bbo) else f
            for f in batch
        ]
        append(buffer, symbol, changed)

    monkeypatch.setattr(Buffer, "append", dyslexic)
    assert "was never said" in wrong(CALM)


def test_gap_that_is_not_told_is_missed(monkeypatch):
    append = Buffer.append

    def silent(buffer, symbol, batch):
        append(buffer, symbol, [fact for fact in batch if not isinstance(fact, Gap)])

    monkeypatch.setattr(Buffer, "append", silent)
    assert "is missing and no gap says so" in wrong(ROUGH)


def test_gap_that_is_too_wide_is_found(monkeypatch):
    append = Buffer.append

    def generous(buffer, symbol, batch):
        wider = [
            msgspec.structs.replace(f, ts_until=f.ts_until + HOUR_NS) if isinstance(f, Gap) else f
            for f in batch
        ]
        append(buffer, symbol, wider)

    monkeypatch.setattr(Buffer, "append", generous)
    assert "a gap admits what was recorded" in wrong(ROUGH)


def test_gap_where_nothing_is_missing_is_found(monkeypatch):
    """Each gap of trades is told a second time: of the stretch from where the one before ended."""
    append = Buffer.append
    ends: dict[str, int] = {}

    def anxious(buffer, symbol, batch):
        more = list(batch)
        for fact in batch:
            if isinstance(fact, Gap) and fact.of_data_type == "trade":
                if symbol in ends:
                    since = msgspec.structs.replace(fact, ts_from=ends[symbol], reason="unsewn")
                    more.append(msgspec.structs.replace(since, ts_until=fact.ts_from))
                ends[symbol] = fact.ts_until
        append(buffer, symbol, more)

    monkeypatch.setattr(Buffer, "append", anxious)
    assert "a gap admits" in wrong(replace(ROUGH, faults={"outage": 4}, hours=8.0))
