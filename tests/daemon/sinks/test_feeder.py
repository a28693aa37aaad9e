"""The feeder: oldest first, each row at least once, whatever the store does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from argus.clock import SystemClock
from argus.control.status import SinkState
from argus.daemon.sinks import feeder as module
from argus.daemon.sinks.feeder import Feeder
from argus.daemon.supervisor import run_again
from argus.errors import StoreUnreachable
from argus.network.backoff import Backoff
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept
from argus.storage.intake import Intake
from argus.storage.spool import Spool, Wanted
from argus.storage.spooled import Note
from argus.telemetry import (
    FileSetAside,
    RowsSetAside,
    SpoolFailed,
    StoreLost,
    StoreOpened,
    StoreRefusing,
)
from tests.bars.sinks import rows
from tests.daemon.sinks.stores import Away, Hanging, Refusing, Shelf
from tests.storage.facts import SOURCE, Happenings, Rig, trades
from tests.waiting import until_blocking


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch):
    quick = Backoff(first_ns=1_000_000, longest_ns=10_000_000)
    monkeypatch.setattr(module, "AWAY", quick)
    monkeypatch.setattr(module, "REFUSING", quick)


class Fed:
    """A store with its spool and feeder on a data folder, and a recorder that seals chunks."""

    def __init__(self, data: Path, store: Shelf, *, size_bytes_max: int = 10**9) -> None:
        self.data, self.store, self.told = data, store, Happenings()
        disk = LocalDisk("feeder", is_durable=False)
        wanted = Wanted(tuple(sorted(store.data_types)), size_bytes_max)
        self.spool = Spool(data, store.name, disk=disk, report=self.told, wanted=wanted)
        self.intake = Intake(data, [self.spool])
        self.feeder = Feeder(
            store, self.spool, data=data, disk=disk, clock=SystemClock(),
            random=lambda: 0.5, report=self.told,
        )  # fmt: skip
        self.rig = Rig(data, "one")
        accept(data, "one", disk=self.rig.disk)

    def seal(self, numbers, symbol: str = "BTCUSDT") -> None:
        self.rig.chunk({symbol: trades(numbers)})
        self.intake.look()
        self.feeder.wake()

    def of(self, kind):
        return [happening for happening in self.told if isinstance(happening, kind)]

    @contextmanager
    def feeding(self) -> Iterator[None]:
        """Feed while the block runs, then until nothing waits."""
        thread = threading.Thread(target=self.feeder.run, daemon=True)
        thread.start()
        try:
            yield
            self.feeder.finish()
            thread.join(20)
            assert not thread.is_alive()
        finally:
            self.feeder.end()


def test_chunks_are_written_in_their_order_and_leave_the_spool(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.seal([1, 2])
    with fed.feeding():
        fed.seal([3])
    assert fed.store.written == [1, 2, 3]
    assert fed.spool.state().chunks == 0
    assert fed.feeder.status().rows_written == 3


def test_store_that_is_away_gets_everything_once_it_is_back(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.store.trouble = away = Away()
    with fed.feeding():
        fed.seal([1])
        until_blocking(lambda: away.times > 2)
        fed.seal([2])
        status = fed.feeder.status()
        assert (status.state, status.chunks, status.error) == (
            SinkState.AWAY, 2, "no answer from there",
        )  # fmt: skip
        away.is_back.set()
        until_blocking(lambda: fed.store.written)
    assert fed.store.written == [1, 2]
    assert len(fed.of(StoreLost)) == away.times
    assert len(fed.of(StoreOpened)) == 1


def test_store_is_left_alone_for_as_long_as_it_asks(tmp_path):
    fed, times = Fed(tmp_path, Shelf()), iter(range(100))

    def trouble(verb: str) -> None:
        if next(times) == 0:
            raise StoreUnreachable("status 429", retry_after_s=0.25)

    fed.store.trouble = trouble
    fed.seal([1])
    with fed.feeding():
        until_blocking(lambda: fed.store.written)
    assert [told.wait_s for told in fed.of(StoreLost)] == [0.2]


def test_connection_lost_in_a_chunk_writes_it_again(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SLICE_ROWS", 2)
    fed, writes = Fed(tmp_path, Shelf()), iter(range(100))
    away = Away(at="write")
    fed.store.trouble = lambda verb: away(verb) if verb == "write" and next(writes) == 1 else None
    fed.seal([1, 2, 3])
    with fed.feeding():
        until_blocking(lambda: 3 in fed.store.written)
    assert fed.store.written == [1, 2, 1, 2, 3]
    assert fed.store.openings == 2


def test_refusal_is_told_once_and_tried_again(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.store.trouble = refusing = Refusing()
    fed.seal([1])
    with fed.feeding():
        until_blocking(lambda: refusing.times > 3)
        assert fed.feeder.status().state is SinkState.REFUSING
        refusing.is_back.set()
        until_blocking(lambda: fed.store.written)
    assert fed.store.written == [1]
    assert [told.error for told in fed.of(StoreRefusing)] == ["status 401: wrong token"]


def test_rows_that_are_never_taken_are_set_aside_and_the_others_go_on(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.store.refuses = {2}
    fed.seal([1, 2, 3])
    fed.seal([4])
    with fed.feeding():
        pass
    assert fed.store.written == [1, 3, 4]
    (told,) = fed.of(RowsSetAside)
    assert (told.rows, told.why) == (1, "it does not like them")
    assert pq.read_table(told.file)["trade_id"].to_pylist() == [2]
    status = fed.feeder.status()
    assert (status.rows_written, status.rows_refused, status.chunks) == (3, 1, 0)


def test_same_refused_rows_lie_there_once(tmp_path):
    for _ in range(2):
        fed = Fed(tmp_path, Shelf())
        fed.store.refuses = {1}
        if not list(tmp_path.glob("temp/one/*/*/*.parquet")):
            fed.seal([1])
        fed.intake.look()
        with fed.feeding():
            pass
    assert len(list(tmp_path.glob("spool/shelf/refused/*"))) == 1


def test_what_gave_way_to_notes_is_read_from_the_lake(tmp_path):
    fed = Fed(tmp_path, Shelf(), size_bytes_max=0)
    fed.rig.flusher._before_delete = fed.intake.before_delete
    fed.seal([1, 2])
    fed.rig.flusher.flush("BTCUSDT", "one")
    accept(tmp_path, "one", disk=fed.rig.disk)  # Its folder went with its last chunk.
    fed.seal([3], "ETHUSDT")
    assert fed.spool.state().chunks == 0
    with fed.feeding():
        pass
    assert fed.store.written == [1, 2, 3]
    assert fed.spool.state().notes == 0


def test_note_of_some_symbols_is_read_for_them_alone(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.rig.flusher._before_delete = lambda _: None
    fed.rig.chunk({"BTCUSDT": trades([1]), "ETHUSDT": trades([2])})
    fed.rig.flusher.flush_all()
    fed.spool.note(Note("2023-11-15", SOURCE, "trade"), ["ETHUSDT", "GONEUSDT"])
    with fed.feeding():
        pass
    assert fed.store.written == [2]
    assert fed.store.rows["trade", "ETHUSDT", 2]["symbol"] == "ETHUSDT"
    assert fed.spool.state().notes == 0


def test_date_file_that_cannot_be_read_is_told_and_does_not_hold_up_others(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.rig.flusher._before_delete = lambda _: None
    fed.rig.chunk({"BTCUSDT": trades([-1, 1])})
    fed.rig.flusher.flush_all()
    (torn,) = tmp_path.glob("lake/**/date=2023-11-14/data.parquet")
    torn.write_bytes(b"torn")
    fed.spool.note(Note("2023-11-14", SOURCE, "trade"))
    fed.spool.note(Note("2023-11-15", SOURCE, "trade"))
    with fed.feeding():
        pass
    assert fed.store.written == [1]
    assert "date=2023-11-14" in fed.of(SpoolFailed)[0].error
    assert fed.spool.state().notes == 1


def test_torn_chunk_is_set_aside_and_told(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.seal([1])
    fed.seal([2])
    first = min(fed.spool.folder.glob("*.parquet"))
    whole = first.read_bytes()
    first.unlink()  # The lake's own chunk is another name of it.
    first.write_bytes(whole[: len(whole) // 2])
    with fed.feeding():
        pass
    assert sorted(set(fed.store.written)) == [1, 2]  # What is torn here is whole in the lake.
    assert len(fed.of(FileSetAside)) == 1


def test_store_that_hangs_holds_up_no_end(tmp_path):
    fed = Fed(tmp_path, Shelf())
    fed.store.trouble = hanging = Hanging(at="write")
    fed.seal([1])
    thread = threading.Thread(target=fed.feeder.run, daemon=True)
    thread.start()
    until_blocking(lambda: hanging.times)
    fed.feeder.finish()
    fed.feeder.end()
    assert fed.spool.state().chunks == 1
    hanging.is_back.set()
    thread.join(10)
    assert not thread.is_alive()
    # What it was writing is written again by the next one, as it should be.
    after = Fed(tmp_path, Shelf())
    after.intake.look()
    with after.feeding():
        pass
    assert after.store.written == [1]


def test_error_that_nobody_has_thought_of_is_shown_until_it_is_over(tmp_path):
    fed, is_over = Fed(tmp_path, Shelf()), threading.Event()

    def trouble(_: str) -> None:
        if not is_over.is_set():
            raise TypeError

    fed.seal([1])
    fed.store.trouble = trouble
    feeder = fed.feeder
    work = partial(run_again, "x", feeder.run, report=feeder.failed, pause=lambda _: None)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    until_blocking(lambda: feeder.status().error == "its feeder failed, and the log says how")
    assert feeder.status().state is SinkState.AWAY
    is_over.set()
    until_blocking(lambda: fed.store.written)
    until_blocking(lambda: feeder.status().state is SinkState.FEEDING)
    feeder.end()
    thread.join(10)
    assert (fed.store.written, feeder.status().error) == ([1], "")


def test_second_feeder_waits_for_the_first_to_leave(tmp_path):
    first, second = Fed(tmp_path, Shelf()), Fed(tmp_path, Shelf())
    with first.spool.feeding():
        thread = threading.Thread(target=second.feeder.run, daemon=True)
        thread.start()
        first.seal([1])
        assert second.store.openings == 0
    until_blocking(lambda: second.store.written == [1])
    second.feeder.end()
    thread.join(10)
    assert not thread.is_alive()


def test_bars_go_ahead_of_everything_while_the_store_is_there(tmp_path):
    fed = Fed(tmp_path, Shelf(data_types=("trade", "bar")))
    assert not fed.feeder.lane.offer(SOURCE, rows.table(rows.bar(1)))
    with fed.feeding():
        until_blocking(lambda: fed.feeder.lane.is_open)
        assert fed.feeder.lane.offer(SOURCE, rows.table(rows.bar(2)))
        fed.feeder.wake()
        until_blocking(lambda: fed.store.written == [2])
    assert fed.feeder.status().bars_left == 1


def test_lane_holds_no_more_than_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("argus.daemon.sinks.lane.BARS_MAX", 1)
    lane = Fed(tmp_path, Shelf(data_types=("bar",))).feeder.lane
    lane.is_open = True
    table = rows.table(rows.bar(1))
    assert [lane.offer(SOURCE, table), lane.offer(SOURCE, table)] == [True, False]
    assert (len(list(lane.take())), lane.left) == (1, 1)
    assert lane.offer(SOURCE, table)


def test_bars_of_a_new_revision_do_not_go_ahead_of_their_chunk(tmp_path):
    """A recorder that is killed builds them anew, with a lower one that no store would take."""
    fed = Fed(tmp_path, Shelf(data_types=("trade", "bar")))
    with fed.feeding():
        until_blocking(lambda: fed.feeder.lane.is_open)
        assert fed.feeder.lane.offer(SOURCE, rows.table(rows.bar(2), rows.bar(3, 1)))
        fed.feeder.wake()
        until_blocking(lambda: fed.store.written == [2])
        assert fed.feeder.status().bars_left == 1
        Rig(fed.data, "one", data_type="bar").chunk({"BTCUSDT": [rows.bar(3, 1)]})
        fed.intake.look()
        until_blocking(lambda: fed.store.written == [2, 3])
        assert fed.feeder.lane.offer(SOURCE, rows.table(rows.bar(4, 1)))
        fed.feeder.wake()
        until_blocking(lambda: fed.store.written == [2, 3, 4])
