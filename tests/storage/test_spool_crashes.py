"""A death at any step on the disk, between sealing and the store: nothing is missing afterwards."""

from contextlib import suppress
from pathlib import Path

import pytest

from argus.daemon.sinks.again import rows_again
from argus.storage.disk import LocalDisk
from argus.storage.generation import accept
from argus.storage.intake import Intake
from argus.storage.spool import Spool, Wanted
from tests.storage.facts import Crash, FailingDisk, Happenings, Rig, lake, trades

STEPS_MAX = 400
LIMITS = {"plenty": 10**9, "none": 0}


class Run:
    """A recorder that seals, merges and feeds, until it dies or is through."""

    def __init__(self, data: Path, name: str, disk: LocalDisk, size_bytes_max: int) -> None:
        self.data, self.disk = data, disk
        accept(data, name, disk=disk)
        wanted = Wanted(("trade",), size_bytes_max)
        self.spool = Spool(data, "db", disk=disk, report=Happenings(), wanted=wanted)
        self.intake = Intake(data, [self.spool])
        self.rig = Rig(data, name, disk=disk)
        self.rig.flusher._before_delete = self.intake.before_delete

    def feed(self, store: set[tuple[str, int]]) -> None:
        while (spooled := self.spool.oldest()) is not None:
            for table in self.spool.read(spooled):
                store |= set(_facts(table))
            self.spool.remove(spooled)
        while (found := self.spool.noted()) is not None:
            note, turns = found
            for _, table in rows_again(self.data, note, frozenset(turns)):
                store |= set(_facts(table))
            for symbol, turn in turns.items():
                self.spool.read_again(note, symbol, turn)


def _facts(table):
    return zip(table["symbol"].to_pylist(), table["trade_id"].to_pylist(), strict=True)


def live(run: Run, store: set[tuple[str, int]]) -> None:
    """Seal and look, seal, merge, feed, and seal once more."""
    run.rig.chunk({"BTCUSDT": trades([-1, 1]), "ETHUSDT": trades([2])})
    run.intake.look()
    run.rig.chunk({"BTCUSDT": trades([3])})
    run.rig.flusher.flush_all()
    run.feed(store)
    run.rig.chunk({"ETHUSDT": trades([4])})


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("limit", LIMITS)
def test_store_has_what_the_lake_has_after_a_death_at_any_step(tmp_path: Path, limit: str):
    for step in range(STEPS_MAX):
        data, store = tmp_path / str(step), set[tuple[str, int]]()
        data.mkdir()
        disk = FailingDisk("one", fails_at=step)
        with suppress(Crash):  # That is what is tried.
            live(Run(data, "one", disk, LIMITS[limit]), store)
        if disk.steps <= step:
            assert step > 40
            return
        after = Run(data, "two", LocalDisk("two", is_durable=False), LIMITS[limit])
        accept(data, "one", disk=after.disk)
        after.intake.look()
        after.rig.flusher.flush_all()
        after.feed(store)
        held = {(symbol, n) for (symbol, _), ids in lake(data).items() for n in ids}
        assert store == held, step
        assert after.spool.state().chunks == after.spool.state().notes == 0
    raise AssertionError("it never got through")
