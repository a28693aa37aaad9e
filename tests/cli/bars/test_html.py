import json

import pytest

from argus.cli.bars.html import figure, write_html
from argus.cli.bars.png import GAP
from tests.cli.bars.charts import chart_of, imbalances, minutes, vpins
from tests.lake.bar_facts import bar


def traces(chart):
    """The traces of a figure as its JSON has them, by kind and name."""
    return {(t["type"], t["name"]): t for t in json.loads(figure(chart).to_json())["data"]}


@pytest.mark.parametrize("chart", [minutes(40), imbalances(30), vpins(20)])
def test_there_is_one_candle_per_bar_each_at_a_place_of_its_own(chart):
    candle = traces(chart)["candlestick", chart.profile]
    assert len(candle["x"]) == len(set(candle["x"])) == len(chart)


def test_candles_have_the_values_of_the_bars():
    made = figure(minutes(3)).data[0]
    assert made.open.tolist() == minutes(3)["open"].tolist()
    assert made.close.tolist() == minutes(3)["close"].tolist()
    assert made.x[2] == "2023-11-15 00:02:00"
    assert made.text[0] == (
        "bar 1: 2023-11-15 00:00:01 to 2023-11-15 00:00:59<br>5 trades, 3 buys, 2 sells"
    )


def test_panel_shows_theta_with_its_threshold_or_vpin():
    assert {("bar", "theta"), ("scatter", "threshold")} <= traces(imbalances(9)).keys()
    assert ("scatter", "VPIN") in traces(vpins(9))
    assert ("bar", "theta") not in traces(minutes(9))


def test_clamped_and_revised_bars_are_marked_and_gaps_shaded():
    found = traces(imbalances(9))
    assert len(found["scatter", "clamped"]["x"]) == 2
    assert len(found["scatter", "revised"]["x"]) == 3
    (shade,) = figure(imbalances(9)).layout.shapes
    assert (shade.x0, shade.x1, shade.fillcolor) == (0.5, 1.5, GAP)


def test_gap_of_a_bar_of_time_is_shaded_at_its_time():
    (shade,) = figure(chart_of(bar(1), bar(2, gap=True))).layout.shapes
    assert (shade.x0[:19], shade.x1[:19]) == ("2023-11-15T00:00:30", "2023-11-15T00:01:30")


def test_volume_is_of_buyers_and_sellers_where_they_are_known():
    assert {("bar", "bought"), ("bar", "sold")} <= traces(minutes(3)).keys()
    assert ("bar", "volume") in traces(vpins(3))
    assert ("bar", "of unknown side") in traces(chart_of(bar(1, volume=9.0)))


def test_page_needs_nothing_else(tmp_path):
    path = tmp_path / "a.html"
    write_html(chart_of(bar(1), profile="<b>"), path)
    text = path.read_text("utf-8")
    assert "<title>A · &lt;b&gt; · venue_spot</title>" in text
    assert "Plotly.newPlot" in text
    assert '<script src="http' not in text
