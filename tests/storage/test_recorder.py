import asyncio
import errno
import os
import subprocess
from concurrent.futures import Executor, Future

import pyarrow.parquet as pq
import pytest
from msgspec import structs

from argus.storage.buffer import WrongValue
from argus.storage.chunk import chunk_at
from argus.storage.disk import LocalDisk
from argus.storage.recorder import LOOK_EVERY_ROWS, Limits
from argus.telemetry import ChunkFlushed, FlushFailed
from tests.storage.facts import MIDNIGHT, SECOND, FailingDisk, Rig, files, trade, trades


def chunks(data):
    """Read the trade ids of every chunk, in the order of their names."""
    paths = sorted(data.glob("temp/*/*/*/*.parquet"))
    return [pq.ParquetFile(path).read()["trade_id"].to_pylist() for path in paths]


def flush(rig):
    return asyncio.run(rig.storage.flush())


def test_flush_makes_one_chunk_of_all_symbols(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.storage.take("B", trades([3, 1]))
    rig.storage.take("A", trades([2]))
    flushed = flush(rig)
    path = tmp_path / flushed.chunk.path
    assert chunk_at(path) == flushed.chunk
    assert (flushed.chunk.sequence, flushed.rows, flushed.size_bytes) == (1, 3, path.stat().st_size)
    assert flushed.chunk.ts_first == MIDNIGHT + SECOND
    assert flushed.chunk.ts_last == MIDNIGHT + 3 * SECOND
    with pq.ParquetFile(path) as file:
        table, metadata = file.read(), file.metadata.metadata
    assert table["symbol"].to_pylist() == ["A", "B", "B"]
    assert table["trade_id"].to_pylist() == [2, 3, 1]
    assert {k: v for k, v in metadata.items() if k.startswith(b"argus.")} == {
        b"argus.generation": b"g1",
        b"argus.sequence": b"1",
        b"argus.source": b"venue_spot",
        b"argus.data_type": b"trade",
        b"argus.schema_version": b"1",
    }
    assert rig.happenings == [ChunkFlushed("venue_spot", "trade", 3, flushed.size_bytes)]
    assert files(tmp_path) == [str(flushed.chunk.path)]


def test_nothing_makes_no_chunk(tmp_path):
    rig = Rig(tmp_path, "g1")
    assert flush(rig) is None
    assert asyncio.run(rig.storage.stop()) == 0
    assert (files(tmp_path), rig.happenings) == ([], [])


def test_flush_is_due_when_much_has_gathered(tmp_path):
    rig = Rig(tmp_path, "g1", limits=Limits(rows_max=10))
    rig.storage.take("A", trades(range(9)))
    assert not rig.storage.is_due
    rig.storage.take("A", trades(range(9, 20)))
    rig.storage.take("A", trades(range(20, 30)))
    assert rig.storage.is_due
    flush(rig)
    assert not rig.storage.is_due


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS])
def test_flush_that_fails_keeps_its_rows_and_order(tmp_path, error):
    disk = FailingDisk("g1", fails_at=0, error=error)
    rig = Rig(tmp_path, "g1", disk=disk)
    rig.storage.take("A", trades([0, 1]))
    assert flush(rig) is None
    rig.storage.take("A", trades([2]))
    assert flush(rig) is None
    assert (rig.storage.rows, files(tmp_path)) == (3, [])
    failed = FlushFailed("venue_spot", "trade", 2, f"[Errno {error}] {errno.errorcode[error]}")
    assert rig.happenings == [failed, failed]
    disk.fails_at = None
    assert asyncio.run(rig.storage.stop()) == 0
    assert chunks(tmp_path) == [[0, 1], [2]]


def test_flush_fails_at_any_step_without_loss(tmp_path):
    whole = FailingDisk("g1")
    Rig(tmp_path / "whole", "g1", disk=whole).chunk({"A": trades(range(5))})
    for step in range(whole.steps):
        data = tmp_path / str(step)
        disk = FailingDisk("g1", fails_at=step, error=errno.EIO, is_lasting=False)
        rig = Rig(data, "g1", disk=disk)
        assert rig.chunk({"A": trades(range(5))}) is None
        rig.chunk({"A": trades([5])})
        flush(rig)
        assert chunks(data) == [[0, 1, 2, 3, 4], [5]], step
        assert [name for name in files(data) if name.endswith(".tmp")] == []


def test_stop_tells_what_could_not_be_written(tmp_path):
    rig = Rig(tmp_path, "g1", disk=FailingDisk("g1", fails_at=0, error=errno.ENOSPC))
    rig.storage.take("A", trades([0, 1]))
    assert asyncio.run(rig.storage.stop()) == 2


def test_facts_are_refused_and_counted_when_memory_is_full(tmp_path):
    disk = FailingDisk("g1", fails_at=0, error=errno.ENOSPC)
    limits = Limits(rows_max=10, size_bytes_max=500, buffer_bytes_max=1000)
    rig = Rig(tmp_path, "g1", disk=disk, limits=limits)
    refused = 0
    for number in range(100):
        refused += rig.storage.take("A", [trade(number)])
        if number % 10 == 9:
            flush(rig)
    kept = 100 - refused
    assert 0 < kept < 100
    assert (rig.storage.refused, rig.storage.rows) == (refused, kept)
    assert rig.storage.size_bytes < 2000
    disk.fails_at = None
    assert asyncio.run(rig.storage.stop()) == 0
    assert [i for ids in chunks(tmp_path) for i in ids] == list(range(kept))
    assert rig.storage.take("A", [trade(100)]) == 0


def test_limits_are_looked_at_once_per_many_facts(tmp_path):
    rig = Rig(tmp_path, "g1", limits=Limits(size_bytes_max=1, buffer_bytes_max=1))
    refused = [rig.storage.take("A", [trade(n)]) for n in range(LOOK_EVERY_ROWS + 1)]
    assert refused == [0] * (LOOK_EVERY_ROWS - 1) + [1, 1]


def test_wrong_value_costs_one_fact_only(tmp_path):
    rig = Rig(tmp_path, "g1")
    bad = [structs.replace(trade(n), price="x") for n in (1, 3)]
    with pytest.raises(WrongValue) as caught:
        rig.storage.take("A", [trade(0), bad[0], trade(2), bad[1], trade(4)])
    assert caught.value.event == bad[0]
    flush(rig)
    assert chunks(tmp_path) == [[0, 2, 4]]


class HeldExecutor(Executor):
    """Run nothing until asked to."""

    def __init__(self):
        self.waiting = []

    def submit(self, call, /, *args, **kwargs):
        future: Future = Future()
        self.waiting.append((future, call, args))
        return future

    def run(self):
        for future, call, args in self.waiting:
            future.set_result(call(*args))
        self.waiting.clear()


def test_recording_goes_on_while_a_chunk_is_written(tmp_path):
    rig, executor = Rig(tmp_path, "g1"), HeldExecutor()
    rig.storage._executor = executor

    async def story():
        rig.storage.take("A", trades([0]))
        writing = asyncio.ensure_future(rig.storage.flush())
        await asyncio.sleep(0)
        rig.storage.take("A", trades([1]))
        second = asyncio.ensure_future(rig.storage.flush())
        await asyncio.sleep(0)
        assert (rig.storage.rows, len(executor.waiting)) == (2, 1)
        executor.run()
        first = await writing
        await asyncio.sleep(0)
        executor.run()
        assert [(f.rows, f.chunk.sequence) for f in (first, await second) if f] == [(1, 1), (1, 2)]

    asyncio.run(story())
    assert chunks(tmp_path) == [[0], [1]]


def test_cancelled_flush_is_repeated_under_the_same_name(tmp_path):
    rig, executor = Rig(tmp_path, "g1"), HeldExecutor()

    async def story():
        rig.storage._executor = executor
        rig.storage.take("A", trades([0, 1]))
        writing = asyncio.ensure_future(rig.storage.flush())
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        rig.storage._executor = None
        await rig.storage.flush()

    asyncio.run(story())
    assert chunks(tmp_path) == [[0, 1]]
    assert rig.storage.rows == 0


@pytest.fixture
def small_disk(tmp_path):
    """A real file system that is soon full."""
    folder = tmp_path / "small"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(options, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        pytest.skip(f"no mount here: {error}")
    if done.returncode:
        pytest.skip(f"mount is not permitted: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_loses_nothing(small_disk):
    (small_disk / "ballast").write_bytes(os.urandom(60_000))
    rig = Rig(small_disk, "g1", disk=LocalDisk("g1"))
    assert rig.disk.free_bytes(small_disk / "not" / "there") < 8192
    assert rig.chunk({"A": [trade(n, price=n * n % 2999.0) for n in range(3000)]}) is None
    assert rig.storage.rows == 3000
    assert "No space left" in str(rig.happenings[0])
    (small_disk / "ballast").unlink()
    flush(rig)
    assert chunks(small_disk) == [list(range(3000))]
    assert [name for name in files(small_disk) if name.endswith(".tmp")] == []
