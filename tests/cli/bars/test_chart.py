import numpy as np
import pytest

from argus.cli.bars.chart import instant_text, stamps
from tests.cli.bars.charts import chart_of, imbalances, minutes, vpins
from tests.lake.bar_facts import bar
from tests.storage.facts import MIDNIGHT, SECOND

DAY = 86_400 * SECOND


def test_title_names_symbol_profile_rule_and_source():
    assert minutes(2).title == "A · 1m · venue_spot"
    assert imbalances(9).title == "A · tib_small (tick imbalance) · venue_spot"
    assert vpins(2).title == "A · vpin · venue_spot"


def test_subtitle_says_when_how_many_and_what_is_remarkable():
    assert minutes(1).subtitle == "2023-11-15 00:00:00 to 00:00:59 UTC, 1 bar"
    assert imbalances(9).subtitle == (
        "2023-11-15 00:00:00 to 00:08:59 UTC, 9 bars, 1 with a gap, 2 clamped, 3 revised"
    )
    later = bar(2, ts_last=MIDNIGHT + DAY)
    assert chart_of(bar(1), later, note="built now").subtitle == (
        "2023-11-15 00:00:00 to 2023-11-16 00:00:00 UTC, 2 bars, built now"
    )


@pytest.mark.parametrize(
    ("chart", "panel"), [(minutes(3), ""), (imbalances(9), "theta"), (vpins(3), "vpin")]
)
def test_panel_shows_what_the_rule_gathers(chart, panel):
    assert chart.panel == panel


def test_columns_are_numbers_with_nan_for_null():
    chart = chart_of(bar(1, vpin=None), bar(2, vpin=0.5))
    assert np.isnan(chart["vpin"][0])
    assert chart["ts_open"].tolist() == [MIDNIGHT, MIDNIGHT + 60 * SECOND]
    assert chart["rule"].tolist() == ["time", "time"]
    assert chart["gap"].tolist() == [False, False]


def test_bars_of_time_leave_room_for_silence():
    assert minutes(3).places.tolist() == [0, 1, 2]
    assert chart_of(bar(1), bar(2), bar(4)).places.tolist() == [0, 1, 3]
    # A long silence would leave nothing to see of the bars.
    assert chart_of(bar(1), bar(2), bar(400)).places.tolist() == [0, 1, 2]
    assert imbalances(9).places.tolist() == list(range(9))


def test_last_bars_are_a_chart_of_their_own():
    assert minutes(9).last(2)["sequence"].tolist() == [8, 9]
    assert len(minutes(2).last(9)) == 2


def test_stamps_have_the_parts_that_tell_them_apart():
    ts = np.array([MIDNIGHT, MIDNIGHT + 60 * SECOND])
    assert stamps(ts) == ["00:00", "00:01"]
    assert stamps(ts + SECOND) == ["00:00:01", "00:01:01"]
    assert stamps(np.array([MIDNIGHT, MIDNIGHT + DAY])) == ["11-15 00:00", "11-16 00:00"]
    assert instant_text(MIDNIGHT + 3) == "2023-11-15 00:00:00"
