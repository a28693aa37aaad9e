"""Shell. The bars of one symbol of a running recorder: its building, its tail, where they go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.bars import Bars, Trades
from argus.daemon.bars.building import Building, Saved, type_of_gap
from argus.daemon.tail import Tail
from argus.errors import ArgusError
from argus.events import AggTrade, Bar, Event, Gap, GapReason, GapState, Trade
from argus.telemetry import BarsFailed, BarsRevised, BarsRewound, Report

RETRY_S = 30.0
UNSTORED = (GapReason.DISK, GapReason.DEAD_LETTER, GapReason.OVERRUN)
"""Why facts that were published are not stored."""
FAILURES = (
    *(ArgusError, ArithmeticError, AssertionError),
    *(LookupError, RuntimeError, TypeError, ValueError),
)
"""What a symbol's trades may do to a rule: it stays with that symbol."""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a batch that was read from the disk.

    Attributes:
        news: the bars to publish.
        saved: where the building stands behind it.
        error: why it went wrong; None if it did not.
    """

    news: list[Bar]
    saved: Saved
    error: Exception | None = None


class Line:
    """The bars of one symbol.

    While it is behind, its building belongs to the thread that reads the disk.

    Args:
        agora: where trades come from and bars go.
        path: the path of its trades.
        building: builds them.
        report: telemetry.

    Attributes:
        saved: where it stood when that was saved last; None before.
        is_restored: whether it began where an earlier run had saved it.
        marked: what is about to be saved; None if it has gone back since.
        is_behind: whether what is on the disk has to be read first.
        is_blank: whether it is not known what was published after its state.
        ts_retry: nothing is done before (monotonic ns).
        bars: bars published since the start.
        error: what went wrong last; empty if it has gone on since.
    """

    def __init__(self, agora: Agora, path: Path, building: Building, report: Report) -> None:
        self.path = path
        self.building = building
        self.tail = Tail(agora, path, after=building.after)
        self.saved: Saved | None = None
        self.is_restored = False
        self.marked: Saved | None = None
        self.is_behind = self.is_blank = True
        self.ts_retry = 0
        self.bars = 0
        self.error = ""
        self._agora = agora
        self._report = report
        self._safe = building.saved()
        self._heard: list[Gap] = []
        self._raised = 0
        self._is_broken = False

    def mark(self) -> Saved:
        """Return where it stands with all that it has published."""
        self.marked = self._safe if self.is_behind else self.building.saved()
        return self.marked

    def was_saved(self, at: Saved) -> None:
        """Note that what was marked is saved; it may have gone back meanwhile."""
        if self.marked is at:
            self.saved = at

    def add(self, table: pa.Table) -> Step:
        """Add trades from the disk; called in a thread. After an error it adds nothing more."""
        if self._is_broken:
            return Step([], self._safe)
        try:
            news = events(self.building.feed(Trades.of_table(table)))
        except FAILURES as error:
            self._is_broken = True
            return Step([], self._safe, error)
        return Step(news, self.building.saved())

    def took(self, step: Step) -> None:
        """Publish what came of a step."""
        self._publish(step.news)
        self._safe = step.saved

    def caught_up(self, ts: int) -> None:
        """Go on with the trades that come; `ts` is an instant that time bars are closed at."""
        self.is_behind = False
        self.error = ""
        self._publish(events(self.building.finish(ts)))
        heard, self._heard = self._heard, []
        for gap in heard:
            self.hear(gap)
        if not self.is_behind:
            # What the clock had closed before may have changed: that is told at once.
            self.show(ts)

    def advance(self) -> int:
        """Build bars of what has come; return how many trades that was."""
        facts = cast("list[Trade | AggTrade]", self.tail.take())
        if facts:
            self._publish(events(self.building.feed(Trades.of(facts))))
        if not self.tail.is_attached:
            self._fall_behind()
        return len(facts)

    def show(self, ts: int) -> None:
        """Publish time bars that end at or before an instant, though no trade has come."""
        self._publish(events(self.building.show(ts)))

    def hear(self, gap: Gap) -> None:
        """Build anew what is concerned by a gap that was filled, or by what was not stored."""
        if self.is_behind:
            self._heard.append(gap)
        elif gap.state == GapState.FILLED:
            if gap.of_data_type == self.path.data_type:
                self.fill(gap)
        elif gap.reason in UNSTORED and gap.of_data_type in {self.path.data_type, "bar"}:
            self.back_to_saved(gap.reason)

    def fill(self, gap: type_of_gap) -> None:
        """Build anew from before a gap, unless its trades were there before it was built."""
        if self.building.back(gap):
            self.saved = self.building.saved()
            self._rewound("filled")

    def back_to_saved(self, reason: str) -> None:
        """Begin again where it was saved last."""
        self.building.back_to(self.saved)
        self._rewound(reason)

    def _rewound(self, reason: str) -> None:
        """Read again what follows the state that the building has gone back to."""
        self._is_broken = False
        self.marked = None
        self.tail.rewind(self.building.after)
        self._fall_behind()
        self.is_blank = True
        self._report(BarsRewound(str(self.path), reason, self.building.after))

    def _fall_behind(self) -> None:
        self._safe = self.building.saved()
        self.is_behind = True

    def fail(self, error: Exception, now_ns: int) -> None:
        """Try again later."""
        self.error = f"{type(error).__name__}: {error}"
        self.ts_retry = now_ns + int(RETRY_S * 1e9)
        self._report(BarsFailed(str(self.path), self.error, RETRY_S))
        self.back_to_saved("failed")

    def _publish(self, news: list[Bar]) -> None:
        if news:
            publish: Callable[[Event], object]
            publish = self._agora.publisher(Path(self.path.source, "bar", self.path.symbol)).publish
            for bar in news:
                publish(bar)
            self.bars += len(news)
        raised = self.building.raised - self._raised
        if raised:
            self._raised += raised
            self._report(BarsRevised(str(self.path), raised))


def events(found: Iterable[Bars]) -> list[Bar]:
    """Return bars as the facts that are published."""
    return [bar for bars in found for bar in bars]
