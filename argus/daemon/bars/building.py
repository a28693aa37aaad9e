"""Pure. The bars of one symbol: trades in, news out, and the states from which it can go back.

A building is a series of all profiles, and what was told of them. It knows nothing of where trades
come from; whoever feeds it says when it has caught up and what time it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from argus.bars import Bars, Profile, Series, Trades
from argus.bars.rows import ROW
from argus.bars.state import NONE
from argus.daemon.bars.told import Told, type_of_rows
from argus.events import Gap
from argus.storage.ledger import GapEntry


@dataclass(frozen=True, slots=True)
class Standing:
    """A building at one trade. Nobody changes its series and rows.

    Attributes:
        after: id of the last trade that all profiles have seen; None before the first.
        ts: venue time of that trade, 0 before the first.
        series: the state of all profiles.
        last: the last bar of each profile, in their order; a sequence of 0 stands for none.
        until: id of the trade that came next, if ids have jumped there.
    """

    after: int | None
    ts: int
    series: Series
    last: type_of_rows
    until: int | None = None


type_of_gap = Gap | GapEntry
type_of_jump = tuple[int, int]
"""The id before a jump, and that behind it."""

JUMPS_MAX = 1000
"""So many are told apart; of more, the oldest become one."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept of a symbol: where it stands, and where it stood before jumps of the ids.

    Attributes:
        at: where it stands.
        kept: where it stood before jumps, in their order.
        forgotten: the ids on both sides of jumps of which that is not kept any more.
    """

    at: Standing
    kept: tuple[Standing, ...] = ()
    forgotten: tuple[type_of_jump, ...] = ()


def beginning(profiles: Sequence[Profile]) -> Standing:
    """Return the standing before the first trade."""
    return Standing(None, 0, Series(profiles), np.zeros(len(profiles), ROW))


class Building:
    """Builds the bars of one symbol.

    Args:
        saved: where it begins, and can go back to.
        kept_max: before how many jumps of the ids the state is kept.

    Attributes:
        built: bars that were closed since it was made.
        raised: how often the revision of a profile was raised.
    """

    def __init__(self, saved: Saved, *, kept_max: int = 8) -> None:
        self._kept_max = kept_max
        self._kept, self._forgotten = list(saved.kept), list(saved.forgotten)
        self.built = self.raised = 0
        self._stand(saved.at)

    def _stand(self, at: Standing) -> None:
        self._series, self._last = at.series.copy(), at.last.copy()
        self.after, self._ts = at.after, at.ts
        self._names = [profile.name for profile in self._series.profiles]
        self._told = [Told(self._series.revision(name)) for name in self._names]
        self._ts_shown, self._pending = NONE, b""

    @property
    def ts(self) -> int:
        """Return the venue time of the last trade, 0 before the first."""
        return self._ts

    @property
    def ts_told(self) -> int:
        """Return the first instant of which has to be known what was published (venue time)."""
        closed = self._last["ts_event"][self._last["sequence"] > 0]
        return int(min(self._ts, closed.min(initial=self._ts)))

    def saved(self) -> Saved:
        """Return where it stands, to go on from there later or elsewhere."""
        return Saved(self._standing(), tuple(self._kept), tuple(self._forgotten))

    def _standing(self) -> Standing:
        return Standing(self.after, self._ts, self._series.copy(), self._last.copy())

    def sequences(self) -> Mapping[str, int]:
        """Return the number of the last bar of each profile."""
        return {name: self._series.sequence(name) for name in self._names}

    def tell(self, rows: Mapping[str, Sequence[type_of_rows]]) -> None:
        """Note what was published, by profile, from `ts_told` on."""
        for name, told in zip(self._names, self._told, strict=True):
            if name in rows:
                told.learn(rows[name], self._series.sequence(name))
                self._series.set_revision(name, told.revision)

    def feed(self, trades: Trades) -> list[Bars]:
        """Add trades, in the order of their ids; return the bars that are news."""
        found = []
        for part in self._parts(trades):
            bars = self._series.feed(part)
            self.after, self._ts = int(part.trade_id[-1]), int(part.ts_event[-1])
            if len(bars):
                found.append(self._news(bars))
        return [bars for bars in found if len(bars)]

    def _parts(self, trades: Trades) -> Iterator[Trades]:
        """Cut trades at jumps of their ids; the state before each is kept."""
        ids = trades.trade_id
        if not len(ids):
            return
        before = int(ids[0]) - 1 if self.after is None else self.after
        if int(ids[-1]) - before != len(ids):
            jumps = np.flatnonzero(np.diff(ids, prepend=before) > 1).tolist()
            begin = 0
            for jump in jumps:
                if jump > begin:
                    yield trades[begin:jump]
                if self.after is not None:
                    self._keep(int(ids[jump]))
                begin = jump
            trades = trades[begin:]
        yield trades

    def _keep(self, until: int) -> None:
        self._kept.append(replace(self._standing(), until=until))
        if len(self._kept) > self._kept_max:
            self._forgotten.append(_jump(self._kept.pop(0)))
        if len(self._forgotten) > JUMPS_MAX:
            (before, _), (_, behind) = self._forgotten[:2]
            self._forgotten[:2] = [(before, behind)]

    def _news(self, bars: Bars) -> Bars:
        rows, found = bars.rows, []
        numbers = rows["profile"]
        self.built += len(rows)
        for at in np.unique(numbers).tolist():
            own = rows[numbers == at]
            found.append(self._told_anew(at, own))
            self._last[at] = own[-1]
            self._told[at].drop(int(own["sequence"][-1]))
        return Bars(bars.profiles, np.concatenate(found))

    def _told_anew(self, at: int, own: type_of_rows) -> type_of_rows:
        told = self._told[at]
        before = told.revision
        news = told.news(own)
        if told.revision != before:
            self._raise(at)
        return news

    def _raise(self, at: int) -> None:
        self._series.set_revision(self._names[at], self._told[at].revision)
        self.raised += 1
        self._ts_shown, self._pending = NONE, b""  # What was shown of it counts no more.

    def show(self, ts: int) -> list[Bars]:
        """Return time bars that end at or before an instant, though no trade has closed them.

        They are told as they stand. Once a trade closes them they come again only if one that came
        late has changed them.
        """
        found = self._shown(ts)
        if self._ts_shown == NONE:
            # A revision was raised: those behind it that were shown before count no more.
            found += self._shown(ts)
        return found

    def _shown(self, ts: int) -> list[Bars]:
        pending = self._series.pending(ts, self._ts_shown)
        if not len(pending):
            return []
        is_known = pending.rows.tobytes() == self._pending
        self._ts_shown, self._pending = ts, pending.rows.tobytes()  # before they are taken back
        if is_known:
            return []  # The usual case of a silence.
        numbers, found = pending.rows["profile"], []
        for at in np.unique(numbers).tolist():
            news = self._told_anew(at, pending.rows[numbers == at])
            if len(news):
                self._told[at].add([news])
                found.append(Bars(pending.profiles, news))
        return found

    def finish(self, ts: int) -> list[Bars]:
        """Note that it has caught up; return what puts aside bars that do not stand any more.

        A bar that was told, with later ones, may not be closed yet as the trades are now. The last
        one that is closed is told again with a higher revision: none of the old ones counts then.

        Args:
            ts: time bars that end at or before this instant stand, closed or not.
        """
        shown, found = self._series.pending(ts), []
        for at, told in enumerate(self._told):
            sequence = self._series.sequence(self._names[at])
            own = shown.rows[shown.rows["profile"] == at]
            if sequence and told.is_stale(sequence, own):
                told.raise_revision()
                self._raise(at)
                last = self._last[at : at + 1].copy()
                last["revision"], last["profile"] = told.revision, at
                if last["sequence"][0] == sequence:
                    found.append(Bars(self._series.profiles, last))
        return found

    def back(self, gap: type_of_gap) -> bool:
        """Go back to before a gap that is filled now; the trades after it come again.

        Returns:
            Whether it did: not so if it has seen no jump there, for then it has seen the trades.
        """
        places = [number for number, at in enumerate(self._kept) if _is_before(at, gap)]
        if any(_is_in(jump, gap) for jump in self._forgotten):
            self.back_to(None)
        elif places:
            at = self._kept[places[0]]
            del self._kept[places[0] :]
            self._stand(at)
        else:
            return False
        return True

    def back_to(self, saved: Saved | None) -> None:
        """Go back to where it stood, None for the beginning; the trades after it come again."""
        saved = saved or Saved(beginning(self._series.profiles))
        self._kept, self._forgotten = list(saved.kept), list(saved.forgotten)
        self._stand(saved.at)


def _is_before(at: Standing, gap: type_of_gap) -> bool:
    """Say whether trades of a gap were missing behind a standing."""
    if gap.first_missing_id is None or gap.last_missing_id is None:
        return gap.ts_from <= at.ts <= gap.ts_until
    return _is_in(_jump(at), gap)


def _jump(at: Standing) -> type_of_jump:
    assert at.after is not None
    assert at.until is not None
    return at.after, at.until


def _is_in(jump: type_of_jump, gap: type_of_gap) -> bool:
    """Say whether trades of a gap were missing at a jump, by their ids."""
    first, last = gap.first_missing_id, gap.last_missing_id
    return first is not None and last is not None and first < jump[1] and last > jump[0]
