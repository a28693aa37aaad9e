"""What a store takes of the rows that it is given."""

from argus.bars.sinks.postgres import batch
from argus.bars.sinks.postgres.tables import BAR_TABLES
from tests.bars.sinks.postgres.rows import bar, kline, table

BARS = [bar(1), bar(2, profile="1m", rule="time"), bar(3, profile="vpin", rule="vpin")]


def test_candles_are_wanted_when_they_are_final():
    rows = table([kline(1), kline(2, closed=False)])
    assert batch.wanted("kline", rows, ()).num_rows == 1


def test_bars_are_wanted_by_profile():
    rows = table(BARS)
    assert batch.wanted("bar", rows, ()).num_rows == 3
    kept = batch.wanted("bar", rows, ("1m", "vpin", "none"))
    assert kept.column("profile").to_pylist() == ["1m", "vpin"]


def test_rows_that_no_table_should_have_are_told_by_place_and_reason():
    rows = table([bar(1), bar(2, open=float("nan")), bar(3, high=float("inf"))])
    found = batch.refused("bar", rows)
    assert found == batch.Refusal((1, 2), "open is nan, expected a finite number")
    assert batch.without(rows, found.places).column("sequence").to_pylist() == [1]
    assert batch.refused("bar", table(BARS)) is None


def test_interval_is_the_profile_or_the_length_of_the_candle():
    assert batch.intervals("bar", table(BARS)).to_pylist() == ["tib_small", "1m", "vpin"]
    rows = table([kline(1), kline(1, interval="1h")])
    assert batch.intervals("kline", rows).to_pylist() == ["kline_1m", "kline_1h"]


def test_each_row_has_its_table():
    places, names = batch.targets("bar", table(BARS))
    assert names == BAR_TABLES
    assert [names[place] for place in places] == ["fact__tick_imbalance", "fact__bar", "fact__vpin"]
    places, names = batch.targets("kline", table([kline(1), kline(2)]))
    assert [names[place] for place in places] == ["fact__kline", "fact__kline"]
