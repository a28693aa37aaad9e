"""Death at every step of recording with a journal, and at every step of the recovery after it."""

import asyncio
import gc
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path as FilePath

import pytest

from argus.agora.path import Path
from argus.daemon import replay
from argus.daemon.recorded import lines, open_recording
from argus.telemetry import FileSetAside
from tests.daemon.lives import (
    Life,
    diff,
    fact_of,
    gaps,
    ids,
    key,
    look_back,
    merge,
    restarted,
    trade,
)
from tests.daemon.recorder import Notes
from tests.storage.facts import Crash
from tests.storage.power import Death, Platter

# A process that died has closed nothing: its files are collected here, and not in a later test.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.collect()


TWO_DEATHS = pytest.mark.parametrize("death", [Death.KILL, Death.POWER_AND_DELETED])
TRADES, OTHERS = (Path("binance_spot", "trade", s) for s in ("BTCUSDT", "ETHUSDT"))
DIFFS = Path("binance_spot", "book_delta", "BTCUSDT")
DOWN = ("trade", 4, 9, "process_down", "open")
"""Trades 4 to 9 came while nobody recorded."""

ENOUGH = 10_000


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a recovery write a chunk now and then, not only at its end."""
    monkeypatch.setattr(replay, "DRAIN_LINES", 5)


def earlier(folder: FilePath) -> Platter:
    """A lake with what a run before has recorded, which ended well."""
    platter = Platter(folder)

    async def main() -> None:
        life = Life(platter, "before")
        life.take(trade(1), trade(2), trade(3), diff(1))
        await life.flush()
        await life.journaling.stop(is_all_durable=True)
        await merge(platter, "before")

    asyncio.run(main())
    assert (ids(folder, TRADES), ids(folder, DIFFS)) == ([1, 2, 3], [19])
    return Platter(folder)


async def record(life: Life, *, is_told: bool) -> None:
    """Record a while: segments begin, end and go; the last facts are in no chunk."""
    life.take(trade(10), trade(11), diff(2), trade(7, "ETHUSDT"))
    life.write()
    if is_told:
        last = {TRADES: fact_of(trade(3)), DIFFS: fact_of(diff(1))}
        life.downtime.learn(last)
    life.take(trade(12))
    life.write()
    life.sync()
    life.take(trade(13), diff(3))
    await life.flush()
    life.take(trade(14), trade(8, "ETHUSDT"))
    life.write()
    life.take(trade(15))
    await life.flush()
    life.take(trade(16), diff(4))
    life.write()
    life.sync()
    life.take(trade(17), trade(9, "ETHUSDT"))
    life.write()


def lives(
    before: Platter, death: Death, *, is_told: bool, keep_days: float = 0
) -> Iterator[tuple[int, Life, Platter]]:
    """Let a run die at each of its steps in turn; at last at its end."""
    for step in range(ENOUGH):
        folder = before.folder.with_name(f"run-{step}")
        shutil.copytree(before.folder, folder)
        platter = Platter(folder, fails_at=step)
        life = None
        with suppress(Crash):  # the death that was asked for
            life = Life(platter, "run", is_known=is_told, keep_days=keep_days)
            asyncio.run(record(life, is_told=is_told))
        platter_left = platter.end(death)
        if life is not None:
            yield step, life, platter_left
        if not platter.is_dead:
            assert step > 30
            return
        shutil.rmtree(folder)


PREVIOUS = {TRADES: [1, 2, 3], DIFFS: [19]}


def assert_kept(life: Life, death: Death, step: int) -> None:
    """Each path holds what came first of it, once and in order, and no less than was promised."""
    promised = life.handed if death is Death.KILL else life.synced
    for path, given in life.given.items():
        found = ids(life.data, path)
        before = PREVIOUS.get(path, [])
        count = len(found) - len(before)
        assert found == before + given[:count], (step, path)
        assert count >= promised.get(path, 0), (step, path)


@pytest.mark.parametrize(
    ("death", "is_told"),
    [*((death, True) for death in Death), (Death.KILL, False), (Death.POWER, False)],
)
def test_what_was_handed_over_is_in_the_lake_once(tmp_path: FilePath, death: Death, is_told: bool):
    """Whether or not the run got round to telling what was missed before it, the gap is told."""
    for step, life, platter in lives(earlier(tmp_path / "data"), death, is_told=is_told):
        last = restarted(platter)
        assert_kept(life, death, step)
        for path in life.given:
            found = ids(life.data, path)
            assert [key(path, last[path])] == found[-1:] if found else path not in last, step
        is_after = 10 in ids(life.data, TRADES)
        assert gaps(life.data) == [DOWN] * is_after, step
        assert gaps(life.data, "ETHUSDT") == [], step
        assert left(platter.folder) == [], step


def left(data: FilePath) -> list[str]:
    """Files that should have gone; locks stay, and so may what a folder of them needs."""
    files = [p.relative_to(data) for p in data.rglob("*") if p.is_file()]
    return [
        str(f)
        for f in files
        if f.parts[0] not in {"lake", "raw"}
        and ".runs" not in f.parts
        and not f.name.endswith(("lock", "accepted", ".live"))
    ]


@TWO_DEATHS
def test_raw_archive_holds_each_line_that_was_handed_over(tmp_path: FilePath, death: Death):
    for step, life, platter in lives(earlier(tmp_path / "data"), death, is_told=True, keep_days=1):
        restarted(platter, is_kept=True)
        assert_kept(life, death, step)
        assert left(platter.folder) == [], step
        frames = archived(platter.folder)
        numbers = [t for name, t in frames if name == b"btcusdt@trade"]
        assert numbers == sorted(set(numbers)), step
        promised = (life.handed if death is Death.KILL else life.synced).get(TRADES, 0)
        assert numbers[:promised] == life.given.get(TRADES, [])[:promised], step


def archived(data: FilePath) -> list[tuple[bytes, int]]:
    """The stream and the receive time of each line of the archive that is a trade's."""
    found = []
    for path in sorted(data.glob("raw/*/*/*.zst"), key=lambda p: p.name):
        with open_recording(path) as file:
            for _, frame in lines(file, torn=lambda: None, is_strict=True):
                if b'"t":' in frame:
                    number = frame.partition(b'"t":')[2].partition(b",")[0]
                    found.append((frame.split(b'"')[3], int(number)))
    return found


def died(folder: FilePath, death: Death, *, is_told: bool = False, keep_days: float = 0) -> Life:
    """A run that has died at its end, on top of what was before."""
    platter = earlier(folder)
    life = Life(platter, "run", is_known=is_told, keep_days=keep_days)
    asyncio.run(record(life, is_told=is_told))
    platter.end(death)
    return life


@pytest.mark.parametrize(
    ("death", "is_told", "is_kept"),
    [
        *((death, False, False) for death in Death),
        (Death.KILL, True, False),
        (Death.KILL, False, True),
        (Death.POWER_AND_DELETED, False, True),
    ],
)
def test_recovery_that_dies_at_any_step_is_begun_anew(
    tmp_path: FilePath, death: Death, is_told: bool, is_kept: bool
):
    life = died(tmp_path / "data", death, is_told=is_told)
    promised = life.handed if death is Death.KILL else life.synced
    wanted = {p: PREVIOUS.get(p, []) + n[: promised[p]] for p, n in life.given.items()}
    for step in range(ENOUGH):
        folder = tmp_path / f"recovery-{step}"
        shutil.copytree(life.data, folder)
        platter = Platter(folder, fails_at=step)
        with suppress(Crash):  # the death that was asked for
            asyncio.run(look_back(platter, "second", is_kept=is_kept))
        again = platter.end(death)
        last = restarted(again, "third", is_kept=is_kept)
        assert {p: ids(folder, p) for p in life.given} == wanted, step
        assert {p: [key(p, last[p])] for p in life.given} == {
            p: n[-1:] for p, n in wanted.items()
        }, step
        assert gaps(folder) == [DOWN], step
        assert left(folder) == [], step
        if is_kept and not is_told:
            trades = [n for name, n in archived(folder) if name == b"btcusdt@trade"]
            assert trades == wanted[TRADES][3:], step
        if not platter.is_dead:
            assert step > 30
            break
        shutil.rmtree(folder)


@TWO_DEATHS
def test_dying_again_and_again_while_recovering_loses_nothing(tmp_path: FilePath, death: Death):
    """Each process gets a step further than the one before it."""
    life = died(tmp_path / "data", death)
    promised = life.handed if death is Death.KILL else life.synced
    deaths = 0
    for step in range(ENOUGH):
        platter = Platter(life.data, fails_at=step)
        try:
            asyncio.run(look_back(platter, f"again{step}"))
        except Crash:
            deaths += 1
        platter.end(death)
        if not platter.is_dead:
            break
    assert deaths > 30
    restarted(Platter(life.data))
    for path, given in life.given.items():
        assert ids(life.data, path) == PREVIOUS.get(path, []) + given[: promised[path]]
    assert gaps(life.data) == [DOWN]


def test_two_runs_that_died_are_recovered_in_their_order(tmp_path: FilePath):
    """The second died before it could recover the first; what lies between them is told."""
    life = died(tmp_path / "data", Death.KILL)
    platter = Platter(life.data)
    second = Life(platter, "a-later", is_known=False)
    second.take(trade(20), trade(21), diff(7))
    second.write()
    platter.end(Death.KILL)
    last = restarted(Platter(life.data))
    assert ids(life.data, TRADES) == [1, 2, 3, *range(10, 18), 20, 21]
    assert key(TRADES, last[TRADES]) == 21
    between = ("trade", 18, 19, "process_down", "open")
    assert [g for g in gaps(life.data) if g[0] == "trade"] == [DOWN, between]
    assert [g[1:3] for g in gaps(life.data) if g[0] == "book_delta"] == [(50, 69)]


def test_nothing_of_a_recovery_is_set_aside(tmp_path: FilePath):
    life = died(tmp_path / "data", Death.POWER)
    notes = Notes()
    asyncio.run(look_back(Platter(life.data), "next", notes=notes))
    assert notes.of(FileSetAside) == []
