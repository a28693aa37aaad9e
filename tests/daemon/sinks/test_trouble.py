"""Whatever a store does, recording goes on: no connection is lost, no fact is missing."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from argus.config.influx import InfluxConfig
from argus.control.status import SinkState
from argus.daemon.sinks import sinks
from argus.telemetry import ConnectionLost, FeederLeft
from tests.bars.sinks.influx_server import free_port
from tests.bars.sinks.test_influx import answering
from tests.daemon.recorder import recording, run, venue_options
from tests.waiting import until


@contextmanager
def silent() -> Iterator[str]:
    """Accepts, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def absent() -> Iterator[str]:
    yield f"http://127.0.0.1:{free_port()}"


@contextmanager
def cutting() -> Iterator[str]:
    """Accepts, and cuts at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        is_over = threading.Event()

        def cut() -> None:
            while not is_over.is_set():
                try:
                    server.accept()[0].close()
                except TimeoutError:
                    continue

        thread = threading.Thread(target=cut)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            is_over.set()
            thread.join()


def refusing():
    return answering(401)


def full():
    return answering(507)


@pytest.mark.parametrize("trouble", [silent, absent, cutting, refusing, full])
def test_no_trouble_of_a_store_closes_a_socket(
    tmp_path: Path, monkeypatch, trouble: Callable[[], AbstractContextManager[str]]
):
    """It answers never, is not there, cuts every connection, refuses, or fails; and at the stop."""
    monkeypatch.setattr(sinks, "STOP_S", 0.3)
    monkeypatch.setattr(sinks, "HANG_S", 0.3)

    async def main(url: str) -> None:
        sections = {"influx": InfluxConfig(url=url, timeout_s=120 if trouble is silent else 1)}
        options = venue_options(symbols=3, rate=500)
        storage = {"flush_every_s": 0.2, "merge_age_s": 0.4, "day_close_grace_s": 0.4}
        async with recording(tmp_path, options, storage=storage, sections=sections) as recorder:
            await until(lambda: recorder.facts > 1000, timeout_s=30)
            await until(lambda: recorder.service.merging.total.chunks_deleted > 3, timeout_s=30)
            (status,) = await asyncio.to_thread(recorder.service.sinks.status)
            assert status.chunks > 0
            assert status.state in {SinkState.OPENING, SinkState.AWAY, SinkState.REFUSING}
        assert recorder.notes.of(ConnectionLost) == []
        verdict = recorder.verdict()
        assert (verdict.wrong, verdict.lost) == ([], 0)
        assert bool(recorder.notes.of(FeederLeft)) == (trouble is silent)
        # All of it waits for whoever records next.
        kept = [path.name.split("~")[3] for path in (tmp_path / "spool/influx").glob("*.parquet")]
        assert {"trade", "bbo"} <= set(kept)

    with trouble() as url:
        run(lambda: main(url))
