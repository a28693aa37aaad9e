"""What a running recorder answers over its control socket."""

import asyncio
from pathlib import Path

import pytest

from argus.control.client import ask
from argus.control.status import Status, from_json
from argus.errors import DaemonError
from tests.daemon.recorder import Recorder, recording, run, venue_options
from tests.waiting import until

NEVER = {"flush_every_s": 3600, "merge_age_s": 3600}
SYMBOLS = ("BTCUSDT", "ETHUSDT")


async def asked(recorder: Recorder, verb: str, **arguments: str) -> object:
    socket = recorder.data / "argus.sock"
    return await asyncio.to_thread(ask, socket, verb, arguments)


async def status(recorder: Recorder) -> Status:
    return from_json(await asked(recorder, "status"))


def merged(recorder: Recorder) -> set[tuple[str, str]]:
    """Data types and symbols that have a date file."""
    files = (recorder.data / "lake").glob("*/*/*/*/*/data.parquet")
    names = [[part.partition("=")[2] for part in file.parts[-6:-3]] for file in files]
    return {(data_type, symbol) for _, data_type, symbol in names}


def test_flush_does_what_is_selected_and_nothing_else(tmp_path: Path):
    async def main() -> None:
        async with recording(
            tmp_path,
            venue_options(symbols=SYMBOLS, rate=500),
            storage=NEVER,
            data_types=("trade", "bbo"),
        ) as recorder:
            await recorder.all_sewn()
            await until(lambda: recorder.facts > 100)
            await asked(recorder, "flush", data_type="trade", symbol="BTCUSDT")
            assert merged(recorder) == {("trade", "BTCUSDT")}
            await asked(recorder, "flush", source="binance_usdm")
            assert merged(recorder) == {("trade", "BTCUSDT")}
            await asked(recorder, "flush", data_type="bbo")
            assert merged(recorder) == {("trade", "BTCUSDT"), *(("bbo", s) for s in SYMBOLS)}
            with pytest.raises(DaemonError, match='"0000" is not a generation'):
                await asked(recorder, "flush", generation="0000")
            await asked(recorder, "flush", generation=recorder.service.generation)
            assert merged(recorder) == {(d, s) for d in ("trade", "bbo") for s in SYMBOLS}
        assert recorder.verdict().wrong == []

    run(main)


def test_status_counts_what_waits_in_memory_in_chunks_and_in_the_lake(tmp_path: Path):
    async def main() -> None:
        async with recording(
            tmp_path,
            venue_options(symbols=SYMBOLS, rate=500),
            storage=NEVER,
            data_types=("trade",),
        ) as recorder:
            await recorder.all_sewn()
            await until(lambda: recorder.facts > 100)
            found = await status(recorder)
            assert found.storage.pending_rows > 0
            assert (found.storage.chunks, found.storage.date_files) == (0, 0)
            sealed = await recorder.service.recording.flush()
            found = await status(recorder)
            assert found.storage.chunks == 1
            assert found.storage.chunk_rows == sum(chunk.rows for chunk in sealed)
            assert found.storage.chunk_bytes > 0
            assert found.storage.rows_written == found.storage.chunk_rows
            await asked(recorder, "flush")
            found = await status(recorder)
            assert (found.storage.chunks, found.storage.date_files) == (0, 2)
            assert found.sources[0].symbols == 2
            assert {c.state for c in found.sources[0].connections} == {"active", "standby"}
            assert set(found.loop_lag_ms_percentiles) == {"p50", "p90", "p99", "p99.9"}

    run(main)
