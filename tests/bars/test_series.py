"""A series goes on from where it stands: after any cut, any restart, any change of its profiles."""

import pytest

from argus.bars import NAMES, Profile, Series, Trades, profile
from argus.errors import ProfileError
from tests.bars.tape import tape

TAPE = Trades.of(tape(0.55, 6000))
PROFILES = [*map(profile, NAMES), profile("1s")]


def test_trades_that_are_known_are_ignored():
    series = Series(PROFILES)
    whole = list(series.feed(TAPE))
    assert series.last_trade_id == 6000
    assert list(series.feed(TAPE)) == []
    assert whole


def test_rows_that_are_full_are_taken_in_turns():
    tick = Profile.of("each", "tick", size=1)
    assert [bar.sequence for bar in Series([tick]).feed(TAPE)] == list(range(1, 6001))
    two = Series([tick, profile("1s")]).feed(TAPE)
    assert [bar.profile for bar in two] == ["each"] * 6000 + ["1s"] * 59


def test_copy_has_nothing_in_common():
    series = Series(PROFILES)
    series.feed(TAPE[:3000])
    twin = series.copy()
    expected = list(series.feed(TAPE[3000:]))
    assert list(twin.feed(TAPE[3000:])) == expected


def test_profile_that_changed_starts_anew_and_its_sequence_goes_on():
    series = Series([profile("tib_small"), profile("1s")])
    before = list(series.feed(TAPE[:3000]))
    series.set_revision("tib_small", 4)
    changed = profile("tib_small", expected_ticks_initial=50)
    again = Series.from_bytes([changed, profile("1s")], series.to_bytes())
    after = [bar for bar in again.feed(TAPE) if bar.profile == "tib_small"]
    old = [bar for bar in before if bar.profile == "tib_small"]
    alone = list(Series([changed]).feed(TAPE[3000:]))
    assert [bar.sequence for bar in after] == [len(old) + bar.sequence for bar in alone]
    assert [bar.total_ticks for bar in after] == [bar.total_ticks for bar in alone]
    assert {bar.revision for bar in after} == {4}


def test_profile_that_was_left_out_goes_on_counting():
    series = Series([profile("1s"), profile("5s")])
    series.feed(TAPE[:3000])
    without = Series.from_bytes([profile("5s")], series.to_bytes())
    again = Series.from_bytes([profile("1s"), profile("5s")], without.to_bytes())
    assert again.sequence("1s") == series.sequence("1s") == 29
    assert again.last_trade_id_of("1s") == 3000


def test_new_profile_begins_with_what_it_is_given():
    series = Series([profile("1s")])
    series.feed(TAPE[:3000])
    more = Series.from_bytes([profile("1s"), profile("5s")], series.to_bytes())
    assert more.last_trade_id_of("5s") is None
    assert more.last_trade_id == 3000
    assert {bar.gap for bar in more.feed(TAPE[3000:])} == {False}


def test_names_differ():
    with pytest.raises(ProfileError, match="profiles named 1s twice"):
        Series([profile("1s"), profile("1s")])


def test_unknown_name_is_no_key():
    with pytest.raises(KeyError):
        Series([]).sequence("1s")
    assert Series([]).last_trade_id is None


def test_revision_is_on_the_bars():
    series = Series([profile("1s")])
    series.set_revision("1s", 2)
    assert series.revision("1s") == 2
    assert {bar.revision for bar in series.feed(TAPE)} == {2}


class TestPending:
    def at(self, seconds: float) -> int:
        return 1_700_000_000_000_000_000 + int(seconds * 10**9)

    def test_interval_that_is_over_is_shown_and_nothing_changes(self):
        series = Series([profile("1s"), profile("tib_small")])
        series.feed(TAPE[:150])
        state = series.to_bytes()
        assert list(series.pending(self.at(1.999))) == []
        shown = list(series.pending(self.at(2)))
        assert series.to_bytes() == state
        assert series.feed(TAPE[200:])[0].sequence == shown[0].sequence == 2
        assert shown[0].total_ticks == 50

    def test_silence_gives_empty_bars_if_they_are_wanted(self):
        series = Series([profile("1s", empty=True)])
        series.feed(TAPE[:150])
        shown = list(series.pending(self.at(5)))
        assert [bar.total_ticks for bar in shown] == [50, 0, 0, 0]
        assert [bar.sequence for bar in shown] == [2, 3, 4, 5]
        late = [(1.0, 1.0, 1, self.at(5.5), 151)]
        assert list(series.feed(Trades.of(late))) == shown

    def test_empty_bars_that_were_shown_are_left_out(self):
        series = Series([profile("1s", empty=True)])
        series.feed(TAPE[:150])
        shown = list(series.pending(self.at(5)))
        assert list(series.pending(self.at(5), after=self.at(4))) == [shown[0], shown[3]]
        assert list(series.pending(self.at(3000), after=self.at(2999)))[1].sequence == 3000
        assert len(series.pending(self.at(3000))) == 2999


def test_open_bars_are_shown_as_they_stand():
    series = Series([profile("1m"), profile("tib_small")])
    assert list(series.open_bars()) == []
    series.feed(TAPE[:100])
    assert [bar.total_ticks for bar in series.open_bars()] == [100, 100]
