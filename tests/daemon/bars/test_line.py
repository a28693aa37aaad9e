"""One symbol's bars: what is published when it has caught up."""

from argus.agora.agora import Agora
from argus.agora.path import Path
from argus.bars import Series, Trades, profile
from argus.daemon.bars.building import Building, Saved, beginning
from argus.daemon.bars.line import Line
from argus.events import Bar
from tests.daemon.recorder import Notes

MINUTE = 60_000_000_000
PATH = Path("binance_spot", "trade", "BTCUSDT")
PROFILES = [profile("1m")]


def trades(*numbers: int) -> Trades:
    return Trades.of([(100.0 + n, 1.0, 1, n * 1_000_000_000, n) for n in numbers])


def test_bar_that_the_clock_had_closed_is_told_anew_once_its_missing_trades_are_there():
    """No trade has closed a bar yet, so what was told of the first one is all there is to mend."""
    earlier = Series(PROFILES)
    earlier.feed(trades(1, 2, 3, 9))
    shown = earlier.pending(MINUTE).rows

    agora = Agora({"": 64})
    news = agora.subscribe("*/bar/*")
    building = Building(Saved(beginning(PROFILES)))
    building.tell({"1m": [shown]})
    line = Line(agora, PATH, building, Notes())
    assert building.feed(trades(*range(1, 10))) == []
    line.caught_up(MINUTE)
    (told,) = [fact for one in news.poll() for fact in one.facts if isinstance(fact, Bar)]
    assert (told.sequence, told.revision, told.total_ticks, told.gap) == (1, 1, 9, False)
    line.caught_up(MINUTE)
    assert list(news.poll()) == []


def test_bar_that_stands_as_it_was_told_is_not_told_again():
    earlier = Series(PROFILES)
    earlier.feed(trades(1, 2, 3))
    agora = Agora({"": 64})
    news = agora.subscribe("*/bar/*")
    building = Building(Saved(beginning(PROFILES)))
    building.tell({"1m": [earlier.pending(MINUTE).rows]})
    line = Line(agora, PATH, building, Notes())
    building.feed(trades(1, 2, 3))
    line.caught_up(MINUTE)
    assert list(news.poll()) == []
