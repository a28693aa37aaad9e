"""One symbol: whatever happens, the bars that count are those of a fresh build."""

from random import Random

import pytest
from msgspec.structs import replace

from argus.bars import Profile, profile
from argus.bars.trades import Trades
from argus.daemon.bars.building import Building, Saved, beginning
from argus.events import Gap, GapReason, GapState, Origin
from tests.daemon.bars.shelf import SECOND, TS, Shelf, trades_of

PROFILES = (
    Profile.of("ticks", "tick", size=5),
    Profile.of("tib", "tick_imbalance", expected_ticks_initial=4.0, ticks_max=12.0, ticks_min=2.0),
    Profile.of("bucket", "vpin", bucket_size=900.0, buckets=3, sigma_window=2),
    profile("1s"),
    profile("5s", empty=True),
)
SPARSE = (profile("1s", empty=True), Profile.of("ticks", "tick", size=4))


def gap(first: int | None, last: int | None) -> Gap:
    at = TS + ((first or 1) - 1) * SECOND // 4
    row = Gap(at, at, Origin.LIVE, "trade", at, at, first, last, None, GapReason.CUT, GapState.OPEN)
    return replace(row, ts_until=at + 20 * SECOND, state=GapState.FILLED)


class Life:
    """A building, what it has published, and the trades that are on the disk."""

    def __init__(
        self,
        profiles=PROFILES,
        *,
        kept_max: int = 3,
        late: frozenset[int] = frozenset(),
        pause: int = 10**9,
    ):
        self.pause = pause
        self.profiles, self.kept_max, self.late = profiles, kept_max, late
        self.shelf = Shelf(profiles)
        self.there: list[int] = []
        self.building = Building(Saved(beginning(profiles)), kept_max=kept_max)
        self.ts_shown = 0
        self.ledger: list[Gap] = []
        self.saved = self.building.saved()

    @property
    def kept(self) -> list[int | None]:
        return [at.after for at in self.building.saved().kept]

    def come(self, *ids: int) -> None:
        self.there += ids
        self.shelf.put(self.building.feed(self.trades(ids)))

    def trades(self, ids) -> Trades:
        return trades_of(ids, late=self.late, pause=self.pause)

    def everything(self) -> Trades:
        return self.trades(sorted(self.there))

    def show(self, ts: int) -> None:
        self.ts_shown = max(ts, self.ts_shown)
        self.shelf.put(self.building.show(self.ts_shown))

    def save(self) -> None:
        self.saved = self.building.saved()

    def restart(self) -> None:
        self.building = Building(self.saved, kept_max=self.kept_max)
        for filled in self.ledger:
            self.building.back(filled)
        self.catch_up()

    def catch_up(self, *, batch: int = 7) -> None:
        self.building.tell(self.shelf.told())
        after = -1 if self.building.after is None else self.building.after
        left = [number for number in sorted(self.there) if number > after]
        for start in range(0, len(left), batch):
            self.shelf.put(self.building.feed(self.trades(left[start : start + batch])))
        self.shelf.put(self.building.finish(self.ts_shown))

    def fill(self, first: int, last: int) -> bool:
        self.there += range(first, last + 1)
        self.ledger.append(gap(first, last))
        return self.building.back(self.ledger[-1])

    def differing(self, ts: int = 0) -> list[str]:
        return self.shelf.differing(self.everything(), ts)


def test_uninterrupted_bars_are_told_once():
    life = Life()
    for start in range(0, 300, 7):
        life.come(*range(start, start + 7))
    assert life.differing() == []
    assert len(life.shelf.rows) == life.building.built
    assert (life.shelf.rows["revision"] == 0).all()
    assert life.building.after == 300
    assert TS + 270 * SECOND // 4 < life.building.ts_told <= TS + 300 * SECOND // 4
    assert life.building.sequences()["ticks"] == 60
    assert life.kept == []
    assert life.building.feed(life.trades([])) == []


def test_restart_tells_nothing_twice():
    life = Life()
    life.come(*range(50))
    life.save()
    life.come(*range(50, 90))
    before = len(life.shelf.rows)
    life.restart()
    assert len(life.shelf.rows) == before
    life.there += range(90, 120)  # recorded while nobody built
    life.restart()
    life.come(*range(120, 200))
    assert life.differing() == []
    assert (life.shelf.rows["revision"] == 0).all()


def test_restart_without_a_state_tells_nothing_twice():
    life = Life()
    life.come(*range(100))
    before = len(life.shelf.rows)
    life.restart()
    assert (len(life.shelf.rows), life.building.raised) == (before, 0)


def test_filled_gap_raises_the_revision_from_the_first_bar_that_differs():
    life = Life()
    life.come(*range(40))
    life.come(*range(60, 100))
    assert life.kept == [39]
    assert life.fill(40, 59)
    life.catch_up()
    assert life.differing() == []
    assert life.kept == []
    ticks = life.shelf.counting(0)
    assert ticks["revision"].tolist() == [0] * 8 + [1] * 12
    assert life.building.raised == len(PROFILES)
    life.come(*range(100, 130))
    assert life.differing() == []


def test_gap_that_was_filled_before_it_was_seen_changes_nothing():
    life = Life()
    life.come(*range(40))
    assert not life.fill(20, 25)
    assert not life.building.back(gap(None, None))


def test_gap_without_ids_is_found_by_its_time():
    life = Life()
    life.come(*range(40))
    life.come(*range(60, 100))
    life.there += range(40, 60)
    assert life.building.back(replace(gap(40, 59), first_missing_id=None))
    life.catch_up()
    assert life.differing() == []


def test_gap_filled_in_part_is_still_a_gap():
    life = Life()
    life.come(*range(40))
    life.come(*range(60, 100))
    assert life.fill(50, 59)
    assert not life.building.back(gap(60, 70))
    life.catch_up()
    assert life.differing() == []
    assert life.kept == [39]


def test_gaps_beyond_what_is_kept_are_built_from_the_beginning():
    life = Life(kept_max=2)
    for start in (0, 20, 40, 60):
        life.come(*range(start, start + 10))
    assert life.kept == [29, 49]
    assert life.building.back(gap(10, 19))
    life.there += range(10, 20)
    assert life.building.after is None
    life.catch_up()
    assert life.differing() == []
    assert life.kept == [29, 49]


def test_gap_that_was_filled_is_not_filled_again_by_a_restart():
    life = Life(kept_max=2)
    life.come(*range(10))
    life.come(*range(12, 20))
    assert life.fill(10, 11)
    life.catch_up()
    for start in (25, 35, 45, 55):
        life.come(*range(start, start + 5))
    life.save()
    assert life.saved.forgotten == ((19, 25), (29, 35))
    life.building = Building(life.saved, kept_max=2)
    assert not life.building.back(life.ledger[0])
    assert life.building.after == 59
    assert life.building.back(gap(30, 34))
    assert life.building.after is None


def test_jumps_beyond_what_is_told_apart_become_one(monkeypatch):
    monkeypatch.setattr("argus.daemon.bars.building.JUMPS_MAX", 2)
    life = Life(kept_max=1)
    for start in (0, 20, 40, 60, 80):
        life.come(*range(start, start + 10))
    assert life.building.saved().forgotten == ((9, 40), (49, 60))
    life.there += range(10, 20)
    assert life.building.back(gap(10, 19))
    life.catch_up()
    assert life.differing() == []


def test_silent_time_bars_come_once():
    life = Life(SPARSE, pause=10)
    life.come(*range(10))
    quiet = TS + 20 * SECOND
    for seconds in range(3, 21):
        life.show(TS + seconds * SECOND)
    shown = len(life.shelf.rows)
    assert life.differing(quiet) == []
    life.show(quiet)
    life.restart()
    life.catch_up()
    assert len(life.shelf.rows) == shown
    life.come(*range(10, 30))
    assert life.differing() == []
    assert (life.shelf.rows["revision"] == 0).all()


def test_late_trade_revises_what_was_shown():
    life = Life((profile("1s"), *SPARSE[1:]), late=frozenset({6}))
    life.come(*range(6))  # a second has passed, and half of the next
    life.show(TS + 3 * SECOND)
    assert life.shelf.counting(0)["total_ticks"].tolist() == [4, 2]
    life.come(6)
    life.show(TS + 3 * SECOND)
    assert life.shelf.counting(0)["total_ticks"].tolist() == [4, 3]
    assert life.shelf.counting(0)["revision"].tolist() == [0, 1]
    life.come(*range(20, 40))
    assert life.differing() == []


def test_bar_that_does_not_stand_any_more_is_put_aside():
    """A lost tail: what was published of it is on the disk, its trades are not."""
    life = Life()
    life.come(*range(50))
    life.save()
    life.come(*range(50, 80))
    del life.there[52:]
    life.restart()
    assert life.differing() == []
    life.come(*range(90, 130))
    assert life.differing() == []
    assert life.fill(52, 89)
    life.catch_up()
    assert life.differing() == []


def test_symbol_goes_back_to_where_it_was_saved():
    life = Life()
    life.come(*range(40))
    life.save()
    life.come(*range(60, 80))
    life.building.back_to(life.saved)
    assert (life.building.after, life.kept) == (39, [])
    life.catch_up()
    assert life.differing() == []
    life.building.back_to(None)
    life.catch_up()
    assert (life.differing(), life.building.after) == ([], 79)


class Fate:
    """What may befall a life, drawn at random."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        late = frozenset(random.sample(range(600), 60))
        self.life = Life(kept_max=random.choice([1, 3, 8]), late=late)
        self.number = 0
        self.holes: list[tuple[int, int]] = []

    def come(self) -> None:
        burst = self.random.choice([1, 2, 9, 30])
        self.life.come(*range(self.number, self.number + burst))
        self.number += burst

    def jump(self) -> None:
        hole = self.random.choice([1, 5, 20])
        if self.number:
            self.holes.append((self.number, self.number + hole - 1))
            self.number += hole

    def fill(self) -> None:
        life = self.life
        if not self.holes or self.holes[-1][1] >= (life.building.after or 0):
            return
        first, last = self.holes.pop(self.random.randrange(len(self.holes)))
        if life.fill(self.random.choice([first, first, (first + last) // 2]), last):
            life.catch_up()

    def save(self) -> None:
        self.life.save()

    def kill(self) -> None:
        life, saved = self.life, self.life.saved.at.after
        if self.random.random() < 0.5 and saved is not None:
            # Trades behind the state that nobody had made durable.
            first_lost = max(saved + 1, self.number - self.random.randrange(4))
            life.there = [number for number in life.there if number < first_lost]
        life.restart()

    def show(self) -> None:
        ts = TS + (self.number + self.random.randrange(20)) * SECOND // 4
        self.life.show(ts)
        self.life.show(ts)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_what_counts_is_a_fresh_build(seed):
    fate = Fate(seed)
    what = [fate.come, fate.come, fate.come, fate.jump, fate.fill, fate.save, fate.kill, fate.show]
    for _ in range(40):
        fate.random.choice(what)()
    fate.life.come(*range(fate.number + 100, fate.number + 200))
    assert fate.life.differing() == []
