import errno
import json
import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.errors import StorageError
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept, alive, delete_generation, stale
from argus.storage.merge import Merged
from argus.storage.tiers import Tiers
from argus.telemetry import FileSetAside, MergeFailed
from tests.storage.facts import (
    MIDNIGHT,
    SECOND,
    Crash,
    FailingDisk,
    Rig,
    files,
    lake,
    partition,
    table_of,
    trade,
    trades,
)

BEFORE, AFTER = "2023-11-14", "2023-11-15"


def merged_of(data, symbol, date=AFTER):
    path = data / partition(symbol, date).path
    return json.loads(pq.ParquetFile(path).metadata.metadata[b"argus.merged"])


def test_flush_creates_the_date_file_and_splits_at_midnight(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"B": trades(range(-3, 3)), "A": trades(range(-2, 1))})
    rig.flusher.flush("A", "g1")
    assert lake(tmp_path) == {("A", BEFORE): [-2, -1], ("A", AFTER): [0]}
    rig.flusher.flush("B", "g1")
    assert lake(tmp_path) == {
        ("A", BEFORE): [-2, -1],
        ("A", AFTER): [0],
        ("B", BEFORE): [-3, -2, -1],
        ("B", AFTER): [0, 1, 2],
    }


def test_values_reach_the_lake_unchanged(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    facts = [trade(1, price=0.1 + 0.2), trade(2, ts=MIDNIGHT + 123_456_789)]
    rig.chunk({"A": facts})
    rig.flusher.flush_all()
    rows = table_of(tmp_path, partition("A", AFTER))
    assert rows["price"].to_pylist() == [0.1 + 0.2, 100.25]
    assert rows["ts_event"].cast("int64").to_pylist() == [fact.ts_event for fact in facts]
    assert rows["ts_recv"].cast("int64").to_pylist() == [fact.ts_recv for fact in facts]
    assert rows["side"].to_pylist() == ["buy", "sell"]
    assert rows["trade_type"].to_pylist() == ["MARKET", None]
    assert rows["origin"].to_pylist() == ["live", "live"]


def test_chunk_stays_while_another_symbol_waits(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([0]), "B": trades([0])})
    rig.chunk({"A": trades([1]), "B": trades([1])})
    assert rig.flusher.flush("A", "g1") == Merged(
        partitions=1, rows=2, size_bytes=(tmp_path / partition("A", AFTER).path).stat().st_size
    )
    assert merged_of(tmp_path, "A") == {"g1": 2}
    assert len(list(tmp_path.glob("temp/*/*/*/*.parquet"))) == 2
    assert rig.flusher.flush("A", "g1") == Merged()
    assert rig.flusher.flush("B", "g1").chunks_deleted == 2
    assert lake(tmp_path) == {("A", AFTER): [0, 1], ("B", AFTER): [0, 1]}


def test_nothing_is_merged_before_it_is_accepted(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.chunk({"A": trades([0, 1]), "B": trades([0])})
    assert rig.flusher.flush("A", "g1") == Merged()
    assert rig.flusher.flush_all() == Merged()
    rig.flusher.bump("A", "g1")
    assert rig.flusher.flush_all().rows == 2
    assert lake(tmp_path) == {("A", AFTER): [0, 1]}
    rig.flusher.bump_all("g1")
    rig.flusher.flush_all()
    assert lake(tmp_path) == {("A", AFTER): [0, 1], ("B", AFTER): [0]}


def test_acceptance_survives_the_process_and_goes_with_the_folder(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump("A", "g1")
    rig.chunk({"A": trades([0])})
    Rig(tmp_path, "g2").flusher.flush_all()
    assert files(tmp_path) == [str(partition("A", AFTER).path)]
    assert not (tmp_path / "temp/g1").exists()


def test_folder_of_a_living_generation_stays(tmp_path):
    rig = Rig(tmp_path, "g1")
    (tmp_path / "temp/g1").mkdir(parents=True)
    with alive(tmp_path, "g1") as is_held:
        assert is_held
        rig.flusher.bump_all("g1")
        rig.chunk({"A": trades([0])})
        rig.flusher.flush_all()
        assert (tmp_path / "temp/g1/accepted").exists()
        with pytest.raises(StorageError, match="found g1 alive"):
            delete_generation(tmp_path, "g1", disk=rig.disk)
    rig.flusher.flush_all()
    assert not (tmp_path / "temp/g1").exists()


def test_stale_generations_are_listed_and_deleted_on_command_only(tmp_path):
    rig = Rig(tmp_path, "g1")
    first = rig.chunk({"A": trades([5, 6])})
    second = rig.chunk({"A": trades([7]), "B": trades([4])})
    Rig(tmp_path, "g2").flusher.flush_all()
    (found,) = stale(tmp_path)
    assert (found.hash, found.sources, found.files) == ("g1", ("venue_spot",), 2)
    assert found.bytes == first.size_bytes + second.size_bytes
    assert (found.oldest, found.newest) == (MIDNIGHT + 4 * SECOND, MIDNIGHT + 7 * SECOND)
    assert not found.is_live
    delete_generation(tmp_path, "g1", disk=rig.disk)
    assert stale(tmp_path) == []
    assert files(tmp_path) == []


def test_a_journal_that_nobody_accepted_is_stale_and_deleted_on_command(tmp_path):
    journal = tmp_path / "journal/g1/venue_spot/00000001.log"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"1 {}\n")
    (found,) = stale(tmp_path)
    assert (found.hash, found.sources, found.files) == ("g1", ("venue_spot",), 0)
    assert (found.journal_files, found.journal_bytes) == (1, 5)
    disk = Rig(tmp_path, "g2").disk
    accept(tmp_path, "g1", disk=disk)
    assert stale(tmp_path) == []
    with pytest.raises(StorageError, match="accepted and not merged"):
        delete_generation(tmp_path, "g1", disk=disk)
    (tmp_path / "temp/g1/accepted").unlink()
    delete_generation(tmp_path, "g1", disk=disk)
    assert not (tmp_path / "journal/g1").exists()
    with pytest.raises(StorageError, match="found no generation g1"):
        delete_generation(tmp_path, "g1", disk=disk)


def test_accepted_chunks_are_not_deleted_by_command(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.chunk({"A": trades([5])})
    rig.flusher.bump_all("g1")
    assert stale(tmp_path) == []
    with pytest.raises(StorageError, match="accepted and not merged"):
        delete_generation(tmp_path, "g1", disk=rig.disk)
    with pytest.raises(StorageError, match="found no generation g7, expected one of: g1"):
        delete_generation(tmp_path, "g7", disk=rig.disk)


def test_overlapping_generations_merge_to_each_fact_once(tmp_path):
    old, new = Rig(tmp_path, "zz"), Rig(tmp_path, "aa")
    old.flusher.bump_all("zz")
    old.chunk({"A": trades(range(5))})
    new.chunk({"A": trades(range(3, 8))})
    old.chunk({"A": trades(range(5, 10))})
    old.flusher.flush_all()
    new.chunk({"A": trades(range(8, 12))})
    new.flusher.bump_all("aa")
    assert new.flusher.flush_all().repeats == 7
    assert lake(tmp_path) == {("A", AFTER): list(range(12))}
    assert merged_of(tmp_path, "A") == {"aa": 2, "zz": 2}


def test_chunk_that_is_merged_already_is_only_deleted(tmp_path):
    """What a crash between replacing the date file and deleting the chunk leaves behind."""
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    flushed = rig.chunk({"A": trades(range(5))})
    path = tmp_path / flushed.chunk.path
    kept = path.read_bytes()
    rig.flusher.flush_all()
    path.parent.mkdir(parents=True)
    path.write_bytes(kept)
    rig.flusher.bump_all("g1")
    assert Rig(tmp_path, "g2").flusher.flush_all() == Merged(chunks_deleted=1)
    assert lake(tmp_path) == {("A", AFTER): list(range(5))}


def test_torn_chunk_is_set_aside_and_blocks_nothing(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([0])})
    torn = tmp_path / rig.chunk({"A": trades([1])}).chunk.path
    rig.chunk({"A": trades([2])})
    torn.write_bytes(torn.read_bytes()[:-20])
    rig.flusher.flush_all()
    assert lake(tmp_path) == {("A", AFTER): [0, 2]}
    (aside,) = (h for h in rig.happenings if isinstance(h, FileSetAside))
    assert aside.file == f"{torn}.torn"
    assert [name for name in files(tmp_path) if name.endswith(".torn")] == [
        torn.relative_to(tmp_path).as_posix() + ".torn"
    ]


def test_chunk_with_a_broken_page_is_set_aside_too(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(10)), "B": trades([0])})
    broken = tmp_path / rig.chunk({"A": trades(range(10, 500))}).chunk.path
    rig.chunk({"A": trades(range(500, 510))})
    with pq.ParquetFile(broken) as file:
        prices = file.metadata.row_group(0).column(file.schema_arrow.names.index("trade_id"))
        at = prices.data_page_offset + prices.total_compressed_size - 10
    content = bytearray(broken.read_bytes())
    content[at] ^= 0xFF
    broken.write_bytes(content)
    rig.flusher.flush_all()
    assert lake(tmp_path) == {("A", AFTER): [*range(10), *range(500, 510)], ("B", AFTER): [0]}
    assert broken.with_name(broken.name + ".torn").exists()


def test_torn_date_file_goes_out_of_the_lake_and_recording_goes_on(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([0])})
    rig.flusher.flush_all()
    path = tmp_path / partition("A", AFTER).path
    path.write_bytes(path.read_bytes()[:100])
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([1])})
    rig.flusher.flush_all()
    assert lake(tmp_path) == {("A", AFTER): [1]}
    assert (tmp_path / "torn").is_dir()


def test_foreign_files_are_left_alone_and_reported_once(tmp_path):
    rig = Rig(tmp_path, "g1")
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([0]), "B": trades([0])})
    foreign = tmp_path / partition("A", AFTER).path
    foreign.parent.mkdir(parents=True)
    pq.write_table(pq.read_table(next(tmp_path.glob("temp/g1/*/*/*"))).drop_columns(
        ["symbol"]).replace_schema_metadata({}), foreign)  # fmt: skip
    note = next(tmp_path.glob("temp/g1/*/*")) / "notes.txt"
    note.write_text("mine")
    content = foreign.read_bytes()
    for _ in range(2):
        rig.flusher.flush_all()
    assert foreign.read_bytes() == content
    assert note.read_text() == "mine"
    assert lake(tmp_path)["B", AFTER] == [0]
    assert len(list(tmp_path.glob("temp/g1/*/*/*.parquet"))) == 1
    reported = [h.file for h in rig.happenings if isinstance(h, FileSetAside)]
    assert sorted(reported) == sorted([str(foreign), str(note)])
    foreign.unlink()
    rig.flusher.flush_all()
    assert lake(tmp_path) == {("A", AFTER): [0], ("B", AFTER): [0]}


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_merge_that_fails_loses_nothing_and_is_tried_again(tmp_path, error):
    disk = FailingDisk("g1")
    rig = Rig(tmp_path, "g1", disk=disk)
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(5)), "B": trades([0])})
    disk.fails_at, disk.error = disk.steps, error
    rig.flusher.flush_all()
    assert lake(tmp_path) == {}
    assert [type(h) for h in rig.happenings[1:]] == [MergeFailed, MergeFailed]
    disk.fails_at = None
    rig.flusher.flush_all()
    assert lake(tmp_path) == {("A", AFTER): list(range(5)), ("B", AFTER): [0]}
    assert [f for f in files(tmp_path) if f.endswith(".tmp")] == []


def test_merge_waits_until_it_is_worth_it(tmp_path):
    tiers = Tiers(ratio=1.0, size_bytes_min=5_000, age_max_s=3600, grace_s=60)
    rig = Rig(tmp_path, "g1", tiers=tiers)
    rig.flusher.bump_all("g1")
    rig.chunk({"A": [trade(n, price=n * n % 997.0) for n in range(2000)]})
    assert rig.flusher.merge(MIDNIGHT + 2000 * SECOND).rows == 2000
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades([2000])})
    assert rig.flusher.merge(MIDNIGHT + 2001 * SECOND) == Merged()
    assert rig.flusher.merge(MIDNIGHT + 5000 * SECOND) == Merged()
    assert rig.flusher.merge(MIDNIGHT + 5601 * SECOND).rows == 1


def test_more_than_fits_into_memory_is_merged_in_rounds(tmp_path):
    rig = Rig(tmp_path, "g1", tiers=Tiers(rows_max=10))
    rig.flusher.bump_all("g1")
    for begin in range(0, 60, 6):
        rig.chunk({s: trades(range(begin, begin + 6)) for s in "AB"})
    assert rig.flusher.flush_all().rows == 120
    assert lake(tmp_path) == {(s, AFTER): list(range(60)) for s in "AB"}


def recorded(data, disk):
    """Two overlapping generations, flushed in parts: what the crash test runs into."""
    old, new = Rig(data, "g1", disk=disk), Rig(data, "g2", disk=disk)
    old.flusher.bump_all("g1")
    old.chunk({"A": trades(range(-4, 4)), "B": trades(range(3))})
    old.chunk({"A": trades(range(4, 8)), "B": trades(range(3, 6))})
    old.flusher.flush("A", "g1")
    new.chunk({"A": trades(range(6, 12)), "B": trades(range(4, 9))})
    new.flusher.bump("B", "g2")
    new.flusher.flush_all("g2")
    new.flusher.bump_all("g2")
    new.flusher.flush_all()


WHOLE = {
    ("A", BEFORE): [-4, -3, -2, -1],
    ("A", AFTER): list(range(12)),
    ("B", AFTER): list(range(9)),
}


def steps():
    with tempfile.TemporaryDirectory() as folder:
        disk = FailingDisk("g1")
        recorded(Path(folder), disk)
        assert lake(Path(folder)) == WHOLE
        return disk.steps


def test_each_fact_is_in_the_lake_once_after_a_crash_at_any_step(tmp_path):
    """What was in memory comes again (from the journal) in another generation, all of it."""
    for step in range(steps()):
        data = tmp_path / str(step)
        with pytest.raises(Crash):
            recorded(data, FailingDisk("g1", fails_at=step))
        for values in lake(data).values():
            assert values == sorted(set(values))
        again = Rig(data, "g3")
        again.chunk({"A": trades(range(-4, 12)), "B": trades(range(9))})
        for generation in ("g1", "g2", "g3"):
            again.flusher.bump_all(generation)
        again.flusher.flush_all()
        assert lake(data) == WHOLE, step
        again.flusher.flush_all()
        left = [f for f in files(data) if not f.startswith("lake/") and "accepted" not in f]
        assert left == [], step


numbers = st.integers(-30, 30)
chunks = st.tuples(
    st.sampled_from(["g1", "g2", "g3"]),
    st.dictionaries(st.sampled_from("ABC"), st.lists(numbers, min_size=1, max_size=9), min_size=1),
)
commands = st.one_of(
    chunks,
    st.tuples(st.just("flush"), st.sampled_from("ABC"), st.sampled_from(["g1", "g2", "g3"])),
    st.tuples(st.just("bump"), st.sampled_from("ABC"), st.sampled_from(["g1", "g2", "g3"])),
    st.tuples(st.just("bump_all"), st.sampled_from(["g1", "g2", "g3"])),
    st.just(("flush_all",)),
)


@settings(max_examples=60)
@given(script=st.lists(commands, max_size=14), rows_max=st.integers(1, 40))
def test_any_chunking_of_any_generations_merges_to_each_fact_once(
    tmp_path_factory, script, rows_max
):
    data = tmp_path_factory.mktemp("data")
    rigs = {g: Rig(data, g, tiers=Tiers(rows_max=rows_max)) for g in ("g1", "g2", "g3")}
    wanted: dict[tuple[str, str], set[int]] = {}
    for name, *rest in script:
        if name in rigs:
            rigs[name].chunk({symbol: trades(ids) for symbol, ids in rest[0].items()})
            for symbol, ids in rest[0].items():
                for i in ids:
                    wanted.setdefault((symbol, BEFORE if i < 0 else AFTER), set()).add(i)
        else:
            getattr(rigs["g1"].flusher, name)(*rest)
        for values in lake(data).values():
            assert values == sorted(set(values))
    for generation in rigs:
        rigs["g2"].flusher.bump_all(generation)
    rigs["g3"].flusher.flush_all()
    assert lake(data) == {at: sorted(ids) for at, ids in wanted.items()}
    assert list(data.glob("temp/*/*/*/*.parquet")) == []


def test_two_processes_merge_in_turns(tmp_path):
    """Many handlers at once: the lock lets one at a time rewrite a date file."""
    rigs = [Rig(tmp_path, f"g{i}") for i in range(4)]
    order = list(range(40))
    random.Random(1).shuffle(order)
    for at, number in enumerate(order):
        rigs[at % 4].chunk({"A": trades([number]), "B": trades([number])})
        rigs[at % 4].flusher.bump_all(f"g{at % 4}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda rig: rig.flusher.flush_all(), rigs))
    assert lake(tmp_path) == {(s, AFTER): list(range(40)) for s in "AB"}


def test_durable_disk_writes_the_same(tmp_path):
    rig = Rig(tmp_path, "g1", disk=LocalDisk("g1"))
    rig.flusher.bump_all("g1")
    rig.chunk({"A": trades(range(3))})
    rig.flusher.flush_all()
    assert lake(tmp_path) == {("A", AFTER): [0, 1, 2]}
