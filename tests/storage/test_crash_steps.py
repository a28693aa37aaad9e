"""Death at every step of flush, merge, bump and removal: each fact is in the lake exactly once.

What a process had promised, a chunk that `flush` returned, is never lost; what was in memory may
be. No fact ever comes twice, none out of order, and no file of the lake is ever unreadable.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from argus.errors import StorageError
from argus.storage.disk import LocalDisk
from argus.storage.generation import delete_generation, generations, stale
from argus.storage.recorder import Flushed
from tests.storage.facts import Crash, Rig, delta, files, lake, trades
from tests.storage.power import Death, Platter, PowerDisk

# A process that died has closed nothing: its files are collected here, and not in a later test.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.collect()


BEFORE, AFTER = "2023-11-14", "2023-11-15"
EVERY_DEATH = pytest.mark.parametrize("death", list(Death))

type_of_ids = dict[str, list[int]]


class Life:
    """What one process takes, and what of it was promised to be durable, by symbol."""

    def __init__(self, data: Path, disk: LocalDisk) -> None:
        self.data = data
        self.disk = disk
        self.taken: dict[str, set[int]] = {}
        self.promised: dict[str, set[int]] = {}

    def rig(self, generation: str, data_type: str = "trade") -> Rig:
        return Rig(self.data, generation, disk=self.disk, data_type=data_type)

    def chunk(self, rig: Rig, facts: dict[str, range]) -> Flushed | None:
        for symbol, ids in facts.items():
            self.taken.setdefault(symbol, set()).update(ids)
            rig.storage.take(symbol, trades(ids))
        flushed = asyncio.run(rig.storage.flush())
        for symbol, ids in facts.items():
            self.promised.setdefault(symbol, set()).update(ids)
        return flushed


def new_files(life: Life) -> None:
    """A first chunk, of two days and two symbols."""
    rig = life.rig("g1")
    rig.flusher.bump_all("g1")
    life.chunk(rig, {"A": range(-3, 3), "B": range(2)})
    rig.flusher.flush_all()


def grown_files(life: Life) -> None:
    """Chunks that go on where date files end, and one that belongs in between."""
    rig = life.rig("g1")
    rig.flusher.bump_all("g1")
    life.chunk(rig, {"A": range(-3, 3), "B": range(2)})
    rig.flusher.flush_all()
    rig.flusher.bump_all("g1")
    life.chunk(rig, {"A": range(6, 9), "B": range(2, 4)})
    rig.flusher.flush("A", "g1")
    life.chunk(rig, {"A": range(-9, -5), "B": range(4, 5)})
    life.chunk(rig, {"A": range(3, 7)})
    rig.flusher.flush_all()


def two_generations(life: Life) -> None:
    """A hand-over: the chunks of the next generation count from its bump on."""
    old, new = life.rig("g1"), life.rig("g2")
    old.flusher.bump_all("g1")
    life.chunk(old, {"A": range(5), "B": range(3)})
    life.chunk(new, {"A": range(3, 8), "B": range(2, 6)})
    old.flusher.flush("A", "g1")
    new.flusher.bump("B", "g2")
    new.flusher.flush_all()
    new.flusher.bump_all("g2")
    new.flusher.flush_all()


SCRIPTS = (new_files, grown_files, two_generations)


def deaths(
    script: Callable[[Life], None], folder: Path, death: Death, disk: type[PowerDisk] = PowerDisk
) -> Iterator[tuple[int, Life]]:
    """Let a script die at each of its steps in turn; at last let it live to its end."""
    for step in range(10_000):
        platter = Platter(folder / f"{script.__name__}-{step}", fails_at=step)
        life = Life(platter.folder, disk(platter, "g1"))
        try:
            script(life)
        except Crash:
            platter.end(death)
            yield step, life
        else:
            platter.end(death)
            yield step, life
            assert step > 20
            return


def found(data: Path) -> type_of_ids:
    """The ids of each symbol, file after file, as they stand there."""
    ids: type_of_ids = {}
    for (symbol, _), values in lake(data).items():
        ids.setdefault(symbol, []).extend(values)
    return ids


def restarted(data: Path, generation: str = "g9") -> None:
    rig = Rig(data, generation)
    for name in {"g1", *generations(data)}:
        if (data / "temp" / name).is_dir():
            rig.flusher.bump_all(name)
    rig.flusher.flush_all()
    rig.flusher.flush_all()


@EVERY_DEATH
@pytest.mark.parametrize("script", SCRIPTS)
def test_each_fact_is_in_the_lake_once_after_a_death_at_any_step(
    tmp_path: Path, script, death: Death
):
    """What was promised is there; and when the journal brings all of it again, all is there."""
    whole = Life(tmp_path / "whole", LocalDisk("g1", is_durable=False))
    script(whole)
    for step, life in deaths(script, tmp_path, death):
        assert_readable(life.data, step)
        restarted(life.data)
        ids = found(life.data)
        for symbol, promised in life.promised.items():
            values = ids.get(symbol, [])
            assert values == sorted(set(values)), (step, symbol)
            assert promised <= set(values) <= life.taken[symbol], (step, symbol)
        again = Rig(life.data, "g5")
        again.chunk({symbol: trades(sorted(ids)) for symbol, ids in whole.taken.items()})
        restarted(life.data)
        assert found(life.data) == {s: sorted(ids) for s, ids in whole.taken.items()}, step
        left = [f for f in files(life.data) if not f.startswith("lake/") and "torn" not in f]
        assert [f for f in left if not f.endswith("accepted")] == [], step


def assert_readable(data: Path, step: int) -> None:
    for path in data.glob("lake/**/*"):
        if path.is_file():
            assert path.name == "data.parquet", step
            assert pq.ParquetFile(path).read().num_rows > 0, step


@EVERY_DEATH
def test_dying_again_and_again_while_merging_changes_nothing(tmp_path: Path, death: Death):
    """Each process gets a step further than the one before it."""
    platter = Platter(tmp_path / "data")
    life = Life(platter.folder, PowerDisk(platter, "g1"))
    for generation, begin in (("g1", 0), ("g2", 3)):
        rig = life.rig(generation)
        rig.flusher.bump_all(generation)
        for first in range(begin, begin + 9, 3):
            life.chunk(rig, {"A": range(first - 5, first), "B": range(first, first + 3)})
    deaths = 0
    for fails_at in range(10_000):
        platter = platter.end(death)
        platter.fails_at = fails_at
        merging = Rig(platter.folder, f"m{fails_at}", disk=PowerDisk(platter, f"m{fails_at}"))
        try:
            merging.flusher.flush_all()
        except Crash:
            deaths += 1
            continue
        break
    assert deaths > 10
    assert found(platter.folder) == {s: sorted(ids) for s, ids in life.promised.items()}


@EVERY_DEATH
def test_generation_of_which_the_removal_died_is_still_a_persons_to_delete(
    tmp_path: Path, death: Death
):
    """A stale generation goes by command; a death in between leaves the rest to be deleted."""

    def script(life: Life) -> None:
        rig = life.rig("g1")
        rig.flusher.bump_all("g1")
        life.chunk(rig, {"A": range(3)})
        stray = life.rig("g2")
        life.chunk(stray, {"B": range(3)})
        life.chunk(stray, {"B": range(3, 6)})
        delete_generation(life.data, "g2", disk=life.disk)
        rig.flusher.flush_all()

    for step, life in deaths(script, tmp_path, death):
        disk = LocalDisk("g9", is_durable=False)
        if (life.data / "temp/g2").is_dir():
            assert {s.hash for s in stale(life.data)} <= {"g1", "g2"}, step
            delete_generation(life.data, "g2", disk=disk)
        with pytest.raises(StorageError, match="found no generation g2"):
            delete_generation(life.data, "g2", disk=disk)
        restarted(life.data)
        assert found(life.data).keys() <= {"A"}, step
        assert set(found(life.data).get("A", [])) >= life.promised.get("A", set()), step


@EVERY_DEATH
def test_books_are_stored_once_whichever_step_is_the_last(tmp_path: Path, death: Death):
    """Levels are the largest values, and written in several columns."""

    def script(life: Life) -> None:
        rig = life.rig("g1", "book_delta")
        rig.flusher.bump_all("g1")
        for first in (0, 3, 6):
            rig.chunk({"A": [delta(n, levels=4) for n in range(first, first + 3)]})
            life.promised["A"] = set(range(first + 3))
            rig.flusher.flush_all()
            rig.flusher.bump_all("g1")

    for step, life in deaths(script, tmp_path, death):
        rig = Rig(life.data, "g9", data_type="book_delta")
        rig.flusher.bump_all("g1")
        rig.flusher.flush_all()
        ids = [i for values in lake(life.data, "last_update_id").values() for i in values]
        assert ids == sorted(set(ids)), step
        assert set(ids) >= life.promised.get("A", set()), step
        rows = [row for path in sorted(life.data.glob("lake/**/*.parquet"))
                for row in pq.ParquetFile(path).read()["bids"].to_pylist()]  # fmt: skip
        assert rows == [[{"price": 100.0 + i, "size": 0.5 * i} for i in range(4)]] * len(ids)


def test_a_rename_that_is_not_made_durable_is_found_out(tmp_path: Path):
    """What these tests are worth: a disk that forgets one duty fails them."""

    class Careless(PowerDisk):
        def sync_folder(self, folder: Path) -> None:
            if folder.name != "trade":
                super().sync_folder(folder)

    lost: set[int] = set()
    for _, life in deaths(new_files, tmp_path, Death.POWER, Careless):
        restarted(life.data)
        lost |= life.promised.get("A", set()) - set(found(life.data).get("A", []))
    assert lost == set(range(-3, 3))
