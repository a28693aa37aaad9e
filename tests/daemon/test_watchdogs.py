"""What nobody would notice is noticed: each watchdog of the network, against the simulator."""

from pathlib import Path
from typing import Any

import pytest

from argus.network.venue_time import Cure
from argus.simulator.faults import Fault, FaultKind
from argus.simulator.venue import Venue
from argus.telemetry import ConnectionLost, StreamSilent, VenueTimeFrozen
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.waiting import until

BUSY = ("trade", "agg_trade", "bbo", "book_delta")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
BUSY_STREAMS = pytest.mark.parametrize("name", ["trade", "bookTicker", "depth@100ms"])


def options(**values: Any):
    return venue_options(**{"symbols": SYMBOLS, "rate": 600, **values})


async def replaced(recorder: Recorder, stream: str) -> StreamSilent:
    """Wait until a silent stream is told and its connection is gone; return what was told."""

    def found() -> list[StreamSilent]:
        return [told for told in recorder.notes.of(StreamSilent) if told.stream == stream]

    (told, *_) = await until(found, timeout_s=60)
    await until(lambda: told.connection not in [w.number for w in recorder.workers()], timeout_s=30)
    return told


@BUSY_STREAMS
def test_stream_that_stalls_on_one_of_two_connections_is_found_by_the_lead_of_the_other(
    tmp_path: Path, name: str
):
    stream = f"btcusdt@{name}"

    async def main() -> None:
        async with recording(tmp_path, options(), data_types=BUSY) as recorder:
            await recorder.all_sewn()
            (first, _) = recorder.carriers(stream)
            recorder.inject(FaultKind.SILENT, target=first, stream=stream)
            told = await replaced(recorder, stream)
            assert "facts behind another connection" in told.why
            await recorder.goes_on()
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)


@BUSY_STREAMS
def test_acknowledged_stream_without_a_first_frame_is_found_by_its_deadline(
    tmp_path: Path, name: str
):
    stream = f"btcusdt@{name}"

    def silence(venue: Venue) -> None:
        venue.inject(Fault(kind=FaultKind.SILENT, target="next", stream=stream))

    async def main() -> None:
        async with recording(
            tmp_path, options(), data_types=BUSY, standby=0, first_frame_s=2, before=silence
        ) as recorder:
            told = await replaced(recorder, stream)
            assert told.why.startswith("no first frame for 2.")
            await recorder.all_sewn()
            data_type = {"trade": "trade", "bookTicker": "bbo"}.get(name, "book_delta")
            await until(lambda: recorder.published(data_type, "BTCUSDT") > 10)

    run(main)


@BUSY_STREAMS
def test_stream_that_stalls_on_the_only_connection_is_found_by_its_limit_of_silence(
    tmp_path: Path, name: str
):
    stream = f"btcusdt@{name}"

    async def main() -> None:
        async with recording(
            tmp_path, options(), data_types=BUSY, standby=0, silence_s=2
        ) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.SILENT, target="all", stream=stream)
            told = await replaced(recorder, stream)
            assert told.why.startswith("no frame for 2.")
            await recorder.goes_on()
        verdict = recorder.verdict()
        assert verdict.lost > 0
        assert (verdict.wrong, verdict.gaps) == ([], 1)  # all that is lost lies in it

    run(main)


async def thawed(recorder: Recorder, symbol: str = "BTCUSDT") -> VenueTimeFrozen:
    """Wait until a standstill is told, its connection is gone and time goes on; return it."""
    (told, *_) = await until(lambda: recorder.notes.of(VenueTimeFrozen), timeout_s=60)
    assert told.cure is Cure.REPLACED
    assert told.frozen_s >= 3
    gone = told.connection
    await until(lambda: gone not in [w.number for w in recorder.workers()], timeout_s=30)
    before = recorder.router("trade", symbol).splice.before
    assert before is not None

    def goes_on() -> bool:
        now = recorder.router("trade", symbol).splice.before
        return now is not None and (now.ts_event or 0) > (before.ts_event or 0)

    await until(goes_on, timeout_s=30)
    await until(lambda: recorder.status().sources[0].frozen_s == 0)
    return told


@pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
def test_time_that_stands_still_on_one_of_two_connections_has_it_replaced(
    tmp_path: Path, source: str
):
    async def main() -> None:
        async with recording(
            tmp_path, options(source=source), data_types=("trade", "book_delta"), frozen_s=3
        ) as recorder:
            await recorder.all_sewn()
            (elder, younger) = recorder.carriers("btcusdt@trade")
            recorder.inject(FaultKind.CUT, target=younger)  # the elder is on duty from now on
            await until(lambda: recorder.notes.of(ConnectionLost))
            await recorder.all_sewn()
            await until(lambda: any(w.is_resting for w in recorder.workers()), timeout_s=30)
            (on_duty,) = [w.number for w in recorder.workers() if not w.is_resting]
            recorder.inject(FaultKind.FROZEN, target=elder)
            assert (await thawed(recorder)).connection == on_duty
            await recorder.goes_on()
        assert recorder.dispatcher.gaps == 0
        assert len(recorder.notes.of(VenueTimeFrozen)) == 1

    run(main)


def test_time_that_stands_still_everywhere_is_told_and_replaces_nothing(tmp_path: Path):
    async def main() -> None:
        async with recording(tmp_path, options(), data_types=BUSY, frozen_s=3) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.FROZEN, target="all")
            (told,) = await until(lambda: recorder.notes.of(VenueTimeFrozen), timeout_s=60)
            assert told.cure is Cure.NONE
            assert recorder.status().sources[0].frozen_s >= 3
            await recorder.goes_on()
        assert recorder.rotations == 0

    run(main)


def test_time_that_stands_still_on_one_shard_is_seen_by_the_others(tmp_path: Path):
    async def main() -> None:
        async with recording(
            tmp_path,
            options(),
            data_types=("trade", "book_delta"),
            standby=0,
            streams_per_connection=3,
            frozen_s=3,
        ) as recorder:
            await recorder.all_sewn()
            (number,) = recorder.carriers("btcusdt@trade")
            recorder.inject(FaultKind.FROZEN, target=number)
            (frozen,) = [
                s.name for s in recorder.dispatcher.shards() if "btcusdt@trade" in s.streams
            ]
            assert (await thawed(recorder)).shard == frozen
        assert {told.shard for told in recorder.notes.of(VenueTimeFrozen)} == {frozen}
        assert recorder.dispatcher.gaps == 0

    run(main)


def test_connection_that_says_the_same_for_ever_is_found_by_the_lead_of_the_other(tmp_path: Path):
    stream = "btcusdt@trade"

    async def main() -> None:
        async with recording(tmp_path, options(), data_types=BUSY) as recorder:
            await recorder.all_sewn()
            first = recorder.carriers(stream)[0]
            recorder.inject(FaultKind.STALE, target=first, stream=stream)
            await replaced(recorder, stream)
            await recorder.goes_on()
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 0)

    run(main)


def test_only_connection_that_says_the_same_for_ever_is_replaced_and_the_loss_is_a_gap(
    tmp_path: Path,
):
    async def main() -> None:
        async with recording(
            tmp_path, options(), data_types=("trade",), standby=0, frozen_s=3
        ) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.STALE, target="all")
            await thawed(recorder)
            await until(lambda: recorder.dispatcher.gaps >= len(SYMBOLS), timeout_s=30)
            await recorder.goes_on()
        verdict = recorder.verdict()
        assert verdict.lost > 0
        assert (verdict.wrong, verdict.gaps) == ([], len(SYMBOLS))

    run(main)
