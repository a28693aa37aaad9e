import pytest
from rich.cells import cell_len

from argus.cli.bars.candles import DOWN, HEIGHT, UP, VOLUME_HEIGHT, candles
from tests.cli.bars.charts import chart_of, imbalances, minutes
from tests.lake.bar_facts import bar


def drawn(chart, *, width=60, is_coloured=False, height=HEIGHT):
    return candles(chart, width=width, is_coloured=is_coloured, height=height)


def plain(chart, **kwargs):
    return [line.plain for line in drawn(chart, **kwargs)]


def test_candles_by_value():
    chart = chart_of(
        bar(1, open=4.0, close=8.0, high=9.0, low=1.0, volume=8.0),
        bar(2, open=8.0, close=4.0, high=8.0, low=4.0, volume=4.0),
    )
    # Five lines are ten halves, from 9 at the top to 1 at the bottom.
    assert plain(chart, height=5) == [
        "A · 1m · venue_spot",
        "2023-11-15 00:00:00 to 00:01:59 UTC, 2 bars",
        "╽ ▄  8.2",
        "┃ █",
        "┃ █",
        "╿ ▀  3.4",
        "│",
        "█    8",
        "█ ▄",
        "█ █",
        "00:00",
    ]


@pytest.mark.parametrize("width", [30, 61, 100, 240])
@pytest.mark.parametrize("count", [1, 7, 300])
def test_no_line_is_wider_than_there_is_room(width, count):
    lines = plain(imbalances(count), width=width)
    assert max(map(cell_len, lines)) <= width
    assert len(lines) >= HEIGHT + VOLUME_HEIGHT + 3


def test_bars_that_do_not_fit_are_told():
    lines = plain(minutes(300), width=80)
    assert "the first 228 do not fit" in lines[1]
    assert lines[-1].startswith("03:48")


def test_colour_says_what_rose():
    chart = chart_of(bar(1, open=1.0, close=2.0), bar(2, open=2.0, close=1.0))
    lines = drawn(chart, is_coloured=True)
    bodies = {span.style for line in lines[2:-1] for span in line.spans} - {"", "bright_black"}
    assert bodies == {UP, DOWN}
    assert not {"█", "▀", "▄"} & set("".join(line.plain for line in lines[2 : 2 + HEIGHT]))


def test_without_colour_bars_that_fell_are_blocks():
    text = "".join(plain(chart_of(bar(1, open=2.0, close=1.0, high=3.0, low=0.0)))[2 : 2 + HEIGHT])
    assert "█" in text
    assert "┃" not in text


def test_marks_say_gap_clamped_and_revised():
    lines = plain(imbalances(9))
    assert "! = gap, ^ = clamped, * = revised" in " ".join(lines[:4])
    assert "  ! ^ ^     * * *" in lines


def test_prices_that_do_not_move_are_drawn():
    chart = chart_of(bar(1, open=5.0, close=5.0, high=5.0, low=5.0, volume=0.0))
    assert any("╻" in line or "╹" in line for line in plain(chart)[2:])
