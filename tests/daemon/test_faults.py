"""What goes wrong on one connection of two costs nothing; what the venue leaves out is said."""

import json
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from argus.simulator.faults import Fault, FaultKind
from argus.simulator.truth import Truth
from argus.simulator.venue import Venue
from argus.telemetry import (
    ConnectionLost,
    DialRefused,
    FrameUndecodable,
    ShutdownAnnounced,
    StreamSilent,
)
from tests.daemon.checker import KINDS, stored
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.waiting import until

SOURCES = pytest.mark.parametrize("source", ["binance_spot", "binance_usdm"])
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
BUSY = ("trade", "agg_trade", "bbo", "book_delta")
"""Streams that are sewn as soon as they are subscribed; quiet ones take seconds."""


def options(source: str = "binance_spot", **values: object):
    return venue_options(source, **{"symbols": SYMBOLS, "rate": 600, **values})


def assert_nothing_lost(recorder: Recorder, gaps: int = 0) -> None:
    verdict = recorder.verdict()
    assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, gaps)
    assert verdict.facts > 100


@SOURCES
def test_half_open_connection_is_noticed_and_replaced(tmp_path: Path, source: str):
    async def main() -> None:
        async with recording(tmp_path, options(source), data_types=BUSY) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.HALF_OPEN, target="oldest")
            await until(lambda: recorder.notes.of(StreamSilent), timeout_s=30)
            await until(lambda: recorder.rotations, timeout_s=30)
            await recorder.goes_on()
        assert_nothing_lost(recorder)

    run(main)


@SOURCES
def test_delayed_connection_delivers_nothing_twice_or_out_of_order(tmp_path: Path, source: str):
    async def main() -> None:
        async with recording(
            tmp_path, options(source), data_types=BUSY, connection_lifetime_s=4
        ) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.DELAY, target="oldest", value_s=0.4, jitter_s=0.1)
            recorder.inject(FaultKind.DELAY, target="next", value_s=0.2, jitter_s=0.1)
            await until(lambda: recorder.rotations >= 3, timeout_s=60)
            await recorder.goes_on()
        assert_nothing_lost(recorder)

    run(main)


@SOURCES
def test_frames_that_come_twice_or_on_one_connection_only_are_stored_once(
    tmp_path: Path, source: str
):
    async def main() -> None:
        async with recording(tmp_path, options(source), data_types=BUSY) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.DUPLICATE, target="all", count=200)
            # A best bid and offer that one connection leaves out cannot be told from none.
            for stream in ("*@trade", "*@aggTrade", "*@depth*"):
                for number in recorder.carriers(stream)[:1]:
                    recorder.inject(FaultKind.DROP, target=number, stream=stream, count=50)
            facts = recorder.facts
            await until(lambda: recorder.facts > facts + 1000, timeout_s=30)
            await recorder.goes_on()
            assert recorder.status().sources[0].repeats > 500
        assert_nothing_lost(recorder)

    run(main)


def halves(truth: Truth) -> set[bytes]:
    """The first halves of all frames that the venue had to send."""
    frames = [
        b'{"stream":"%b","data":%b}' % (fact[0].name.encode(), fact[3])
        for kind, symbol, _ in truth.streams()
        for fact in truth.latest(kind, symbol)
    ]
    return {frame[: len(frame) // 2] for frame in frames}


@SOURCES
@pytest.mark.parametrize("kind", [FaultKind.CORRUPT, FaultKind.MALFORMED])
def test_broken_frame_is_kept_and_the_other_connection_covers_it(
    tmp_path: Path, source: str, kind: FaultKind
):
    async def main() -> None:
        async with recording(tmp_path, options(source), data_types=BUSY) as recorder:
            await recorder.all_sewn()
            for stream in ("trade", "aggTrade", "bookTicker", "depth*"):
                one, other = recorder.carriers(f"btcusdt@{stream}")
                recorder.inject(kind, target=one, stream=f"btcusdt@{stream}", count=1)
                recorder.inject(kind, target=other, stream=f"ethusdt@{stream}", count=2)
            await until(lambda: len(recorder.notes.of(FrameUndecodable)) >= 12, timeout_s=30)
            await recorder.goes_on()
        (file,) = (tmp_path / "dead_letters" / source).iterdir()
        lines = [line.partition(b" ") for line in file.read_bytes().splitlines()]
        assert len(lines) == len(recorder.notes.of(FrameUndecodable))
        assert all(stamp.isdigit() for stamp, _, _ in lines)
        assert {frame for _, _, frame in lines} <= halves(recorder.venue.truth)
        assert_nothing_lost(recorder)

    run(main)


@pytest.mark.parametrize("name", ["trade", "aggTrade", "bookTicker", "depth*"])
def test_frame_that_no_connection_delivers_whole_is_a_gap(tmp_path: Path, name: str):
    async def main() -> None:
        async with recording(tmp_path, options(), data_types=BUSY, standby=0) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.CORRUPT, target="all", stream=f"btcusdt@{name}", count=1)
            await until(lambda: recorder.notes.of(FrameUndecodable), timeout_s=30)
            await recorder.goes_on()
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 1, 1)
        reasons = stored(tmp_path, "binance_spot", "gap", "BTCUSDT", ("reason",))
        assert reasons == [("dead_letter",)]

    run(main)


@pytest.mark.parametrize("data_type", ["trade", "bbo"])
def test_acknowledged_but_silent_stream_is_told_and_its_connection_replaced(
    tmp_path: Path, data_type: str
):
    name = f"btcusdt@{KINDS[data_type].stream}"

    async def main() -> None:
        async with recording(
            tmp_path, options(), data_types=BUSY, connection_lifetime_s=4
        ) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.SILENT, target="next", stream=f"{name}*")
            await until(lambda: recorder.notes.of(StreamSilent), timeout_s=60)
            (silent, *_) = recorder.notes.of(StreamSilent)
            assert silent.stream.startswith(name)
            await until(
                lambda: silent.connection not in [w.number for w in recorder.workers()],
                timeout_s=30,
            )
            await recorder.goes_on()
        assert_nothing_lost(recorder)

    run(main)


@pytest.mark.parametrize("kind", [FaultKind.REFUSE_DIAL, FaultKind.CLOSE_PORT])
def test_venue_that_refuses_dials_is_dialled_until_it_answers(tmp_path: Path, kind: FaultKind):
    def refuse(venue: Venue) -> None:
        venue.inject(Fault(kind=kind, for_s=1.0))

    async def main() -> None:
        async with recording(tmp_path, options(), data_types=BUSY, before=refuse) as recorder:
            await recorder.all_sewn()
            assert recorder.notes.of(DialRefused)
            refused = len(recorder.notes.of(DialRefused))
            recorder.inject(kind, for_s=3.0)
            await recorder.cut(Random(1))
            await until(lambda: len(recorder.notes.of(DialRefused)) > refused, timeout_s=30)
            await recorder.all_sewn()
        assert_nothing_lost(recorder)

    run(main)


def test_announced_shutdown_is_a_rotation_and_loses_nothing_without_standby(tmp_path: Path):
    async def main() -> None:
        async with recording(tmp_path, options(), data_types=BUSY, standby=0) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.SERVER_SHUTDOWN, target="oldest", value_s=15)
            await until(lambda: recorder.rotations, timeout_s=30)
            assert recorder.notes.of(ShutdownAnnounced)
            assert recorder.notes.of(ConnectionLost) == []
            await recorder.goes_on()
        assert_nothing_lost(recorder)

    run(main)


@SOURCES
def test_slow_acknowledgements_delay_a_rotation_and_lose_nothing(tmp_path: Path, source: str):
    async def main() -> None:
        async with recording(
            tmp_path, options(source), data_types=BUSY, standby=0, connection_lifetime_s=3
        ) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.SLOW_ACK, target="next", value_s=1.5)
            await until(lambda: recorder.rotations >= 2, timeout_s=30)
        assert_nothing_lost(recorder)

    run(main)


@pytest.mark.parametrize(
    ("data_type", "id_field"), [("trade", "t"), ("agg_trade", "a"), ("book_delta", "u")]
)
def test_ids_that_the_venue_skips_are_a_gap_with_exactly_these_ids(
    tmp_path: Path, data_type: str, id_field: str
):
    kind = KINDS[data_type].stream

    async def main() -> None:
        async with recording(tmp_path, options(), data_types=BUSY) as recorder:
            await recorder.all_sewn()
            recorder.inject(FaultKind.SKIP_IDS, symbol="BTCUSDT", stream=f"btcusdt@{kind}", count=7)
            await until(lambda: recorder.dispatcher.gaps, timeout_s=30)
            await recorder.goes_on()
        facts = [json.loads(p) for p in recorder.venue.truth.payloads(kind, "BTCUSDT")]
        ends = [(fact.get("U", fact.get(id_field)), fact[id_field]) for fact in facts]
        holes = [
            (before[1] + 1, after[0] - 1)
            for before, after in pairwise(ends)
            if after[0] != before[1] + 1
        ]
        columns = ("of_data_type", "first_missing_id", "last_missing_id", "reason", "missing")
        missing = None if data_type == "book_delta" else 7
        assert [last - first + 1 for first, last in holes] == [7]
        assert stored(tmp_path, "binance_spot", "gap", "BTCUSDT", columns) == [
            (data_type, first, last, "venue_skipped", missing) for first, last in holes
        ]
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost, verdict.gaps) == ([], 0, 1)

    run(main)


@SOURCES
def test_no_connection_lives_until_the_venue_would_cut_it(tmp_path: Path, source: str):
    async def main() -> None:
        venue = options(source, lifetime_s=8)
        async with recording(
            tmp_path, venue, data_types=BUSY, standby=0, connection_lifetime_s=3
        ) as recorder:
            await recorder.all_sewn()
            await until(lambda: recorder.rotations >= 3, timeout_s=60)
        assert recorder.venue.counts["lifetimes_ended"] == 0
        assert_nothing_lost(recorder)

    run(main)
