"""Charts of bars that were made up."""

from argus.cli.bars.chart import Chart
from argus.events import Bar
from tests.lake.bar_facts import bar
from tests.lake.tables import table_of


def chart_of(*bars: Bar, profile: str = "1m", note: str = "") -> Chart:
    return Chart("venue_spot", "A", profile, table_of(Bar, bars), note)


def minutes(count: int) -> Chart:
    return chart_of(*(bar(n) for n in range(1, count + 1)))


def imbalances(count: int) -> Chart:
    """Bars of an imbalance with a gap, clamped ones and revised ones."""
    bars = [
        bar(
            n, int(n > count - 3), profile="tib_small", rule="tick_imbalance",
            theta=40.0 * (-1) ** n, threshold=39.0, gap=n == 2, clamped=n in {3, 4},
        )
        for n in range(1, count + 1)
    ]  # fmt: skip
    return chart_of(*bars, profile="tib_small")


def vpins(count: int) -> Chart:
    bars = [
        bar(n, profile="vpin", rule="vpin", vpin=0.01 * n, theta=0.01 * n)
        for n in range(1, count + 1)
    ]
    return chart_of(*bars, profile="vpin")
